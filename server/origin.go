package server

import (
	"net/http"
	"net/url"
	"slices"
	"strings"

	"github.com/rs/cors"

	"baogong/delivery"
)

// fromHere reports whether a request to /graphql may come from where it says: programs that are no page, the same
// origin, loopback and Options.Origins. A browser that leaves the Origin out, as it does for images and links, still
// says when they are on another site.
func (s *Server) fromHere(r *http.Request) bool {
	origin := r.Header.Get("Origin")
	switch {
	case origin == "":
		return r.Header.Get("Sec-Fetch-Site") != "cross-site"
	case s.allowed(origin):
		return true
	}
	u, err := url.Parse(origin)
	return err == nil && u.Host != "" && strings.EqualFold(u.Host, r.Host)
}

// allowed reports whether pages of another origin may ask: those of Options.Origins and of loopback.
func (s *Server) allowed(origin string) bool {
	if slices.Contains(s.opt.Origins, origin) {
		return true
	}
	u, err := url.Parse(origin)
	return err == nil && isLoopback(u.Hostname())
}

// crossOrigin answers preflights and lets allowed pages read the answers. It wraps no ResponseWriter, and upgrades
// pass it by: the handshake checks the Origin itself.
func (s *Server) crossOrigin(next http.HandlerFunc) http.Handler {
	shared := cors.New(cors.Options{
		AllowOriginFunc: s.allowed,
		AllowedMethods:  []string{http.MethodGet, http.MethodPost},
		AllowedHeaders:  []string{"Accept", "Accept-Language", "Authorization", "Content-Type", "Last-Event-ID"},
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

// foreign is the refusal of a request from a page that may not ask.
func foreign() *failure {
	return &failure{http.StatusForbidden, delivery.Refuse(delivery.ReasonForeignOrigin)}
}
