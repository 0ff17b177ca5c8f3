package coding

import "testing"

func TestAccepts(t *testing.T) {
	t.Parallel()
	for accept, want := range map[string]bool{
		"":                      false,
		"gzip":                  true,
		"br, GZIP;q=0.5":        true,
		"gzip;q=0":              false,
		"gzip; q=0.000, *":      false,
		"gzip;q=0.001":          true,
		"*":                     true,
		"*;q=0":                 false,
		"identity;q=1, *;q=0.5": true,
		"deflate, br":           false,
		"*;q=0, x-gzip":         true,
		";;;,,,gzip":            true,
		"gzipped":               false,
		"q=0":                   false,
		"gzip;q=":               true,
	} {
		if got := Accepts(accept, "gzip"); got != want {
			t.Errorf("%q: got %v, want %v", accept, got, want)
		}
	}
	for accept, want := range map[string]bool{"": false, "br": true, "gzip, deflate, br": true, "br;q=0, *": false, "gzip": false, "brotli": false} {
		if got := Accepts(accept, "br"); got != want {
			t.Errorf("%q: got %v, want %v", accept, got, want)
		}
	}
}
