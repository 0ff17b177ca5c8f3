package app

import (
	"strings"
	"testing"
)

func TestPublicURL(t *testing.T) {
	t.Parallel()
	t.Run("follows the address listened at", func(t *testing.T) {
		t.Parallel()
		for _, c := range []struct {
			addr, port string
			https      bool
			want       string
			onlyHere   bool
		}{
			{"localhost:8080", "8080", false, "http://localhost:8080", true},
			{"localhost:0", "40123", false, "http://localhost:40123", true},
			{"127.0.0.1:9", "9", true, "https://127.0.0.1:9", true},
			{":9000", "9000", false, "http://localhost:9000", true},
			{"0.0.0.0:9000", "9000", false, "http://localhost:9000", true},
			{"[::]:9000", "9000", false, "http://localhost:9000", true},
			{"[::1]:9000", "9000", false, "http://[::1]:9000", true},
			{"192.0.2.7:80", "80", false, "http://192.0.2.7", false},
			{"192.0.2.7:443", "443", true, "https://192.0.2.7", false},
			{"[2001:db8::1]:443", "443", true, "https://[2001:db8::1]", false},
			{"dongchen.example:80", "80", true, "https://dongchen.example:80", false},
		} {
			got, err := publicURL("", c.addr, c.port, c.https)
			if got != c.want || err != nil || onlyHere(got) != c.onlyHere {
				t.Errorf("%s: got %q, %v, only here: %v, want %q, %v", c.addr, got, err, onlyHere(got), c.want, c.onlyHere)
			}
		}
	})
	t.Run("is --public-url in normal form", func(t *testing.T) {
		t.Parallel()
		for setting, want := range map[string]string{
			"https://baogong.example":            "https://baogong.example",
			"HTTPS://BaoGong.Example/":           "https://baogong.example",
			"http://baogong.example:8443//":      "http://baogong.example:8443",
			"http://[2001:DB8::1]:80":            "http://[2001:db8::1]",
			"https://保供.Example/":                "https://xn--vsq0f.example",
			"https://street.example/Estates/dc/": "https://street.example/Estates/dc",
			"http://Street.example:80/~dc.1_a-b": "http://street.example/~dc.1_a-b",
			"https://ｂａｏｇｏｎｇ.example:443":        "https://baogong.example",
		} {
			if got, err := publicURL(setting, "localhost:8080", "8080", false); got != want || err != nil {
				t.Errorf("%s: got %q, %v, want %q", setting, got, err, want)
			}
		}
	})
	t.Run("has a path or not", func(t *testing.T) {
		t.Parallel()
		for url, want := range map[string]string{"https://baogong.example": "", "http://localhost:8080": "", "https://street.example/Estates/dc": "/Estates/dc"} {
			if got := pathOf(url); got != want {
				t.Errorf("%s: got %q, want %q", url, got, want)
			}
		}
	})
	t.Run("tells where tokens cross a network unencrypted", func(t *testing.T) {
		t.Parallel()
		for url, want := range map[string]bool{"http://baogong.example": true, "http://192.0.2.7:8080": true, "https://baogong.example": false, "http://localhost:8080": false, "http://[::1]": false, "http://street.example/dc": true, "http://localhost/dc": false} {
			if got := inTheClear(url); got != want {
				t.Errorf("%s: got %v, want %v", url, got, want)
			}
		}
	})
	t.Run("refuses URLs with which no link can begin", func(t *testing.T) {
		t.Parallel()
		for _, setting := range []string{"dongchen.example", "dongchen.example:8080", "localhost:8080", "//dongchen.example", "/estate", "ftp://dongchen.example", "http:dongchen.example",
			"https://dongchen.example/%2F", "https://dongchen.example//x", "https://dongchen.example/a//b", "https://dongchen.example/../a", "https://dongchen.example/a/.", "https://dongchen.example/保供",
			"https://dongchen.example/a b", "https://dongchen.example/a;b", "https://dongchen.example/%61",
			"https://", "https:///path", "http://:8080", "https://dongchen.example:", "https://dongchen.example:99999", "https://a b.example", "https://dongchen.example?x=1", "https://dongchen.example?",
			"https://dongchen.example#x", "https://dongchen.example#", "https://user:geheim@dongchen.example", "javascript:alert(1)", " https://dongchen.example", "https://dongchen.example\n", "%"} {
			got, err := publicURL(setting, "localhost:8080", "8080", false)
			if err == nil || !strings.HasPrefix(err.Error(), "--public-url ") || strings.Contains(err.Error(), "geheim") {
				t.Errorf("%q: got %q, %v, want a refusal that names the setting", setting, got, err)
			}
		}
	})
	t.Run("the error of an unusable address names its setting", func(t *testing.T) {
		t.Parallel()
		for _, addr := range []string{"foo", "", "8080", "localhost", "::1", "localhost:http!", "localhost:", "localhost:65536", "localhost:-1", "localhost:99999999999999999999"} {
			if _, _, err := splitAddr(addr, "--metrics-addr"); err == nil || !strings.HasPrefix(err.Error(), "--metrics-addr ") {
				t.Errorf("%q: got %v, want a refusal that names the setting", addr, err)
			}
		}
	})
}
