package limit

import (
	"net/netip"
	"strings"
)

// Proxies are the networks of proxies whose X-Forwarded-For is believed.
type Proxies []netip.Prefix

// Contain reports whether an address is a proxy's.
func (p Proxies) Contain(peer netip.Addr) bool {
	for _, net := range p {
		if net.Contains(peer) {
			return true
		}
	}
	return false
}

// Address returns where a request comes from, as limits count it. remote is the peer of the connection; forwarded are the
// values of X-Forwarded-For. Behind a proxy the address is the last hop that is not a proxy's. What stands before that hop is
// hearsay, and so is the whole header from any other peer.
func (p Proxies) Address(remote string, forwarded []string) string {
	peer, ok := ParseAddress(remote)
	if !ok {
		return remote
	}
	if p.Contain(peer) {
		hops := strings.Join(forwarded, ",")
		for more := true; more && p.Contain(peer); {
			var last string
			hops, last, more = cutLast(hops, ",")
			hop, ok := ParseAddress(strings.TrimSpace(last))
			if !ok {
				break
			}
			peer = hop
		}
	}
	return Network(peer)
}

// Network returns the key under which limits count an address: IPv6 by /64, because a household has as many.
func Network(peer netip.Addr) string {
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

// ParseAddress reads an address that may have a port. It reports false if the text is not an address.
func ParseAddress(text string) (netip.Addr, bool) {
	if both, err := netip.ParseAddrPort(text); err == nil {
		return both.Addr().Unmap().WithZone(""), true
	}
	a, err := netip.ParseAddr(strings.Trim(text, "[]"))
	return a.Unmap().WithZone(""), err == nil
}
