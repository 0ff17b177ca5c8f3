package server

import (
	"net"
	"net/http"
	"net/netip"
	"strings"

	"baogong/delivery"
	"baogong/server/limit"
)

// reasonForeignHost refuses requests from elsewhere while development actors are accepted.
var reasonForeignHost = delivery.NewReason("FOREIGN_HOST", delivery.CodeForbidden,
	"Development actors are on, so only this machine is served: as localhost, and not through a proxy.",
	"此服务已启用开发身份，只接受本机以 localhost 直接访问，不接受代理转发。")

// onlyLoopback refuses requests for another host than this machine, and requests that a proxy forwards for another client,
// if Options.Loopback is set. Host reveals a page whose name was pointed here (DNS rebinding), which counts as the same
// origin. The forwarding headers reveal a proxy on this machine that keeps Host.
func (s *Server) onlyLoopback(next http.Handler) http.Handler {
	if !s.opt.Loopback {
		return next
	}
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if !isLoopback(hostname(r.Host)) || s.forwarded(r) {
			s.refuse(w, r, refused(http.StatusForbidden, reasonForeignHost))
			return
		}
		next.ServeHTTP(w, r)
	})
}

// forwarded reports whether the headers show a proxy that is not in Options.Proxies.
func (s *Server) forwarded(r *http.Request) bool {
	if peer, ok := limit.ParseAddress(r.RemoteAddr); ok && s.opt.Proxies.Contain(peer) {
		return false
	}
	for _, name := range forwarding {
		if len(r.Header.Values(name)) > 0 {
			return true
		}
	}
	return false
}

// hostname returns a Host header's value without its port and brackets.
func hostname(host string) string {
	if name, _, err := net.SplitHostPort(host); err == nil {
		return name
	}
	return strings.TrimSuffix(strings.TrimPrefix(host, "["), "]")
}

// isLoopback reports whether a host name always names the machine on which it is used.
func isLoopback(name string) bool {
	if strings.EqualFold(name, "localhost") {
		return true
	}
	address, err := netip.ParseAddr(name)
	return err == nil && address.IsLoopback()
}
