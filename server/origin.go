package server

import (
	"fmt"
	"net/http"
	"net/netip"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"github.com/rs/cors"
	"golang.org/x/net/idna"

	"baogong/delivery"
)

// fromHere reports whether a request to /graphql has an allowed origin: none (programs other than pages), the same
// origin, loopback, or one of Options.Origins. Browsers omit Origin for images and links, but mark those of another site
// in Sec-Fetch-Site.
func (s *Server) fromHere(r *http.Request) bool {
	origin := r.Header.Get("Origin")
	switch {
	case origin == "":
		return r.Header.Get("Sec-Fetch-Site") != "cross-site"
	case s.allowed(origin):
		return true
	}
	u, err := url.Parse(origin)
	return err == nil && u.Host != "" && strings.EqualFold(withoutPort(u.Host, u.Scheme), withoutPort(r.Host, u.Scheme))
}

// allowed reports whether pages of another origin may ask: those of Options.Origins and of loopback.
func (s *Server) allowed(origin string) bool {
	if slices.Contains(s.opt.Origins, origin) {
		return true
	}
	u, err := url.Parse(origin)
	if err != nil {
		return false
	}
	if isLoopback(u.Hostname()) {
		return true
	}
	same, err := ParseOrigin(origin) // programs other than browsers may write it differently
	return err == nil && slices.Contains(s.opt.Origins, same)
}

// hosts converts a host name to the form that browsers send: lower case, and Punycode for non-ASCII labels.
var hosts = idna.New(idna.MapForLookup(), idna.BidiRule(), idna.CheckHyphens(false), idna.StrictDomainName(false))

// ParseOrigin returns an origin in the form that browsers send: scheme, host in lower case and Punycode, and a port that
// is not the scheme's default. It fails with a sentence that names the fault.
func ParseOrigin(text string) (string, error) {
	text = strings.TrimSpace(text)
	u, err := url.Parse(text)
	switch {
	case text == "*", err == nil && strings.Contains(u.Host, "*"):
		return "", fmt.Errorf("an origin must name one host in full; got %q", text)
	case err != nil || u.Scheme != "http" && u.Scheme != "https" || u.Hostname() == "" || u.Opaque != "":
		return "", fmt.Errorf("an origin must be http:// or https:// and a host, such as https://board.example; got %q", text)
	case u.User != nil || u.Path != "" && u.Path != "/" || u.RawQuery != "" || u.ForceQuery || strings.Contains(text, "#"):
		return "", fmt.Errorf("an origin must have nothing behind its host and port; got %q", text)
	}
	host := u.Hostname()
	if address, err := netip.ParseAddr(host); err == nil {
		host = address.String()
	} else if host, err = hosts.ToASCII(host); err != nil || strings.ContainsAny(host, " \t%<>\"'`{}|\\^,;:") {
		return "", fmt.Errorf("%q is no host's name, in the origin %q", u.Hostname(), text)
	}
	if strings.Contains(host, ":") {
		host = "[" + host + "]"
	}
	if u.Port() == "" {
		return u.Scheme + "://" + host, nil
	}
	port, err := strconv.ParseUint(u.Port(), 10, 16)
	if err != nil || port == 0 {
		return "", fmt.Errorf("a port must be 1 to 65535; got %q", text)
	}
	return u.Scheme + "://" + withoutPort(fmt.Sprint(host, ":", port), u.Scheme), nil
}

// withoutPort returns a host without its scheme's default port.
func withoutPort(host, scheme string) string {
	if scheme == "https" {
		return strings.TrimSuffix(host, ":443")
	}
	return strings.TrimSuffix(host, ":80")
}

// crossOrigin answers preflights and lets allowed pages read the answers. It wraps no ResponseWriter, and upgrades
// pass it by: the handshake checks the Origin itself.
func (s *Server) crossOrigin(next http.HandlerFunc, methods ...string) http.Handler {
	shared := cors.New(cors.Options{
		AllowOriginFunc: s.allowed,
		AllowedMethods:  append([]string{http.MethodGet, http.MethodPost}, methods...),
		AllowedHeaders:  []string{"*"}, // clients add many tracing headers, and no cookies need protection
		ExposedHeaders:  []string{"Retry-After"},
		MaxAge:          600,
	}).Handler(next)
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if strings.EqualFold(r.Header.Get("Upgrade"), "websocket") {
			next(w, r)
			return
		}
		shared.ServeHTTP(w, r)
	})
}

// reasonForeignOrigin refuses pages of other sites.
var reasonForeignOrigin = delivery.NewReason("FOREIGN_ORIGIN", delivery.CodeForbidden,
	"Pages of other sites may not send requests here.",
	"不允许其他网站的页面访问。")

// foreign returns the refusal of a request from a page of another origin.
func foreign() *failure {
	return &failure{status: http.StatusForbidden, err: delivery.Refuse(reasonForeignOrigin)}
}
