package server

import (
	"net/http"
	"net/netip"
	"strings"
)

// address is where a request comes from, as limits count it: IPv6 by /64, because a household has as many. Behind
// Options.Proxies it is the last hop of X-Forwarded-For that is not one of them; what stands before that hop is
// hearsay, and so is the whole header when somebody else sends it.
func (s *Server) address(r *http.Request) string {
	peer, ok := parseAddress(r.RemoteAddr)
	if !ok {
		return r.RemoteAddr
	}
	if s.proxied(peer) {
		hops := strings.Join(r.Header.Values("X-Forwarded-For"), ",")
		for more := true; more && s.proxied(peer); {
			var last string
			hops, last, more = cutLast(hops, ",")
			hop, ok := parseAddress(strings.TrimSpace(last))
			if !ok {
				break
			}
			peer = hop
		}
	}
	return network(peer)
}

// network returns the key under which limits count an address.
func network(peer netip.Addr) string {
	if peer.Is6() {
		net, _ := peer.Prefix(64) // 64 is within what IPv6 has
		return net.String()
	}
	return peer.String()
}

// cutLast splits a text at its last separator without scanning the part before it; more reports whether there was one.
func cutLast(text, separator string) (before, last string, more bool) {
	i := strings.LastIndex(text, separator)
	if i < 0 {
		return "", text, false
	}
	return text[:i], text[i+len(separator):], true
}

func (s *Server) proxied(peer netip.Addr) bool {
	for _, net := range s.opt.Proxies {
		if net.Contains(peer) {
			return true
		}
	}
	return false
}

// parseAddress reads an address that may have a port.
func parseAddress(text string) (netip.Addr, bool) {
	if both, err := netip.ParseAddrPort(text); err == nil {
		return both.Addr().Unmap().WithZone(""), true
	}
	a, err := netip.ParseAddr(strings.Trim(text, "[]"))
	return a.Unmap().WithZone(""), err == nil
}
