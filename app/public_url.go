package app

import (
	"errors"
	"fmt"
	"net"
	"net/netip"
	"net/url"
	"regexp"
	"strings"

	"baogong/server"
)

// publicURL returns the URL at which people reach a server, without a trailing slash: --public-url, else the address that it
// listens at. A wildcard address becomes localhost. It has a path if a proxy serves the server below one.
func publicURL(setting, addr, port string, https bool) (string, error) {
	if setting != "" {
		return checkPublicURL(setting)
	}
	host, _, err := splitAddr(addr, "--addr")
	if err != nil {
		return "", err
	}
	if ip, err := netip.ParseAddr(host); host == "" || err == nil && ip.IsUnspecified() {
		host = "localhost"
	}
	scheme, usual := "http", "80"
	if https {
		scheme, usual = "https", "443"
	}
	if port != usual {
		return scheme + "://" + net.JoinHostPort(host, port), nil
	}
	if strings.Contains(host, ":") {
		host = "[" + host + "]"
	}
	return scheme + "://" + host, nil
}

// checkPublicURL returns a --public-url in normal form. It fails if links cannot begin with it.
func checkPublicURL(setting string) (string, error) {
	const form = "--public-url must be http:// or https:// and a host, such as https://baogong.example; got %q"
	u, err := url.Parse(setting)
	switch {
	case err != nil || u.Scheme != "http" && u.Scheme != "https" || u.Hostname() == "" || u.Opaque != "":
		return "", fmt.Errorf(form, setting)
	case u.User != nil || u.RawQuery != "" || u.ForceQuery || u.Fragment != "" || strings.HasSuffix(setting, "#"):
		return "", fmt.Errorf("--public-url must have no user, query or fragment; got %q", u.Redacted())
	case u.Port() == "" && strings.HasSuffix(u.Host, ":"):
		return "", fmt.Errorf(form, setting)
	}
	if err := checkPort(u.Port()); u.Port() != "" && err != nil {
		return "", fmt.Errorf("--public-url has a port that %w; got %q", err, setting)
	}
	if strings.ContainsAny(u.Hostname(), " \t\n<>\"'`{}|\\^") {
		return "", fmt.Errorf(form, setting)
	}
	path := strings.TrimRight(u.EscapedPath(), "/")
	if !plainPath.MatchString(path) || dots.MatchString(path) {
		return "", fmt.Errorf("--public-url has a path that is more than names of letters, digits, - . _ and ~, such as https://street.example/baogong; got %q", setting)
	}
	host, err := server.ParseOrigin(u.Scheme + "://" + u.Host) // https://保供.example in Punycode, as browsers send it
	if err != nil {
		return "", fmt.Errorf(form, setting)
	}
	return host + path, nil
}

// plainPath is a path that proxies and browsers pass on as it is. dots are the names in it that browsers resolve.
var (
	plainPath = regexp.MustCompile(`^(/[A-Za-z0-9._~-]+)*$`)
	dots      = regexp.MustCompile(`/\.\.?(/|$)`)
)

// pathOf returns the path of a public URL, without a trailing slash: "" at the root of its host.
func pathOf(public string) string {
	u, err := url.Parse(public)
	if err != nil { // cannot happen: it was checked
		return ""
	}
	return strings.TrimSuffix(u.Path, "/")
}

// inTheClear reports whether tokens cross a network unencrypted on the way to a public URL.
func inTheClear(public string) bool {
	return strings.HasPrefix(public, "http://") && !onlyHere(public)
}

// onlyHere reports whether a public URL works on this machine only.
func onlyHere(public string) bool {
	u, err := url.Parse(public)
	if err != nil {
		return false
	}
	host := strings.TrimSuffix(u.Hostname(), ".")
	ip, err := netip.ParseAddr(host)
	return host == "localhost" || strings.HasSuffix(host, ".localhost") || err == nil && (ip.IsLoopback() || ip.IsUnspecified())
}

// splitAddr splits an address to listen at. Its error names the setting.
func splitAddr(addr, setting string) (host, port string, err error) {
	host, port, err = net.SplitHostPort(addr)
	if err != nil {
		return "", "", fmt.Errorf("%s must be host:port, such as localhost:8080; got %q", setting, addr)
	}
	if err := checkPort(port); err != nil {
		return "", "", fmt.Errorf("%s has a port that %w; got %q", setting, err, addr)
	}
	return host, port, nil
}

// checkPort fails if a text is not a TCP port number.
func checkPort(port string) error {
	n := 0
	for _, r := range port {
		if r < '0' || r > '9' || n > 65535 {
			n = 65536
			break
		}
		n = 10*n + int(r-'0')
	}
	if port == "" || n > 65535 {
		return errors.New("is no number from 0 to 65535")
	}
	return nil
}
