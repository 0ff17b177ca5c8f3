package limit

import (
	"net/netip"
	"testing"
)

func TestAddress(t *testing.T) {
	t.Parallel()
	proxies := Proxies{netip.MustParsePrefix("10.0.0.0/8"), netip.MustParsePrefix("2001:db8:1::/48")}
	for _, c := range []struct {
		claim, peer string
		forwarded   []string
		want        string
	}{
		{"a peer is itself", "203.0.113.7:1234", nil, "203.0.113.7"},
		{"IPv6 counts by /64", "[2001:db8:2:3:4:5:6:7]:1", nil, "2001:db8:2:3::/64"},
		{"IPv4 in IPv6 is IPv4", "[::ffff:203.0.113.7]:1", nil, "203.0.113.7"},
		{"a zone does not matter", "[fe80::1%eth0]:1", nil, "fe80::/64"},
		{"a stranger's header is not believed", "203.0.113.7:1", []string{"198.51.100.1"}, "203.0.113.7"},
		{"a proxy's is", "10.0.0.1:1", []string{"198.51.100.1"}, "198.51.100.1"},
		{"only its last hop", "10.0.0.1:1", []string{"1.1.1.1, 198.51.100.1"}, "198.51.100.1"},
		{"proxies in a row", "10.0.0.1:1", []string{"1.1.1.1, 198.51.100.1", "2001:db8:1::5, 10.2.3.4"}, "198.51.100.1"},
		{"with ports", "[2001:db8:1::5]:1", []string{"[2001:db8:2:3::1]:99"}, "2001:db8:2:3::/64"},
		{"nothing but proxies", "10.0.0.1:1", []string{"10.0.0.3"}, "10.0.0.3"},
		{"no header", "10.0.0.1:1", nil, "10.0.0.1"},
		{"rubbish", "10.0.0.1:1", []string{"198.51.100.1, evil"}, "10.0.0.1"},
	} {
		if got := proxies.Address(c.peer, c.forwarded); got != c.want {
			t.Errorf("%s: got %s, want %s", c.claim, got, c.want)
		}
	}
}
