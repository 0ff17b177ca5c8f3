package server

import (
	"net"
	"net/http"
	"net/netip"
	"strings"

	"baogong/delivery"
)

// onlyLoopback refuses requests that name another host than this machine, or that a proxy forwards for another client, if
// Options.Loopback asks for it. A page whose own name was pointed here (DNS rebinding) passes for the same origin, and only
// the Host it sends tells. A proxy that runs here may keep that Host, and only what it adds tells.
func (s *Server) onlyLoopback(next http.Handler) http.Handler {
	if !s.opt.Loopback {
		return next
	}
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if !isLoopback(hostname(r.Host)) || s.forwarded(r) {
			s.refuse(w, r, refused(http.StatusForbidden, delivery.ReasonForeignHost))
			return
		}
		next.ServeHTTP(w, r)
	})
}

// forwarded reports whether a proxy says that it forwards the request for another client. A proxy in Options.Proxies may.
func (s *Server) forwarded(r *http.Request) bool {
	if peer, ok := parseAddress(r.RemoteAddr); ok && s.proxied(peer) {
		return false
	}
	for _, name := range forwarding {
		if len(r.Header.Values(name)) > 0 {
			return true
		}
	}
	return false
}

// hostname is a Host header's value without its port and brackets.
func hostname(host string) string {
	if name, _, err := net.SplitHostPort(host); err == nil {
		return name
	}
	return strings.TrimSuffix(strings.TrimPrefix(host, "["), "]")
}

// isLoopback reports whether a host's name leads nowhere but to the machine of whoever uses it.
func isLoopback(name string) bool {
	if strings.EqualFold(name, "localhost") {
		return true
	}
	address, err := netip.ParseAddr(name)
	return err == nil && address.IsLoopback()
}
