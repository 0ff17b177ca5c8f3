package resolvers

import (
	"fmt"
	"regexp"
	"strconv"
	"strings"
	"testing"

	"rsc.io/qr"

	"baogong/delivery"
	"baogong/dispatch/access"
)

var run = regexp.MustCompile(`M(\d+) (\d+)h(\d+)v1H\d+z`)

// TestQR reads the drawing back, module by module.
func TestQR(t *testing.T) {
	t.Parallel()
	r := codeResultResolver{&Resolver{Options: Options{PublicURL: "https://baogong.example/estate"}}}
	secret := "7K2QM-0XH4D-R9TAE-5WBNC"
	for kind, want := range map[delivery.Kind]string{
		delivery.KindHousehold: "https://baogong.example/estate/sign-in#" + secret,
		delivery.KindOrder:     "https://baogong.example/estate/track/" + secret,
	} {
		svg, err := r.QR(t.Context(), &access.CodeResult{SubjectID: delivery.ID{Kind: kind}, Secret: &secret})
		if err != nil || svg == nil {
			t.Fatalf("got %v, %v", svg, err)
		}
		code, err := qr.Encode(want, qr.M)
		if err != nil {
			t.Fatal(err)
		}
		black := map[string]bool{}
		for _, m := range run.FindAllStringSubmatch(*svg, -1) {
			x, _ := strconv.Atoi(m[1])
			y, _ := strconv.Atoi(m[2])
			n, _ := strconv.Atoi(m[3])
			for i := range n {
				black[fmt.Sprint(x+i-quiet, y-quiet)] = true
			}
		}
		for y := range code.Size {
			for x := range code.Size {
				if black[fmt.Sprint(x, y)] != code.Black(x, y) {
					t.Fatalf("%s: the module at %d, %d is wrong", want, x, y)
				}
			}
		}
		if len(black) == 0 || strings.Contains(*svg, secret) || len(*svg) > 12_000 {
			t.Errorf("got %d modules in %d bytes", len(black), len(*svg))
		}
	}
	if svg, err := r.QR(t.Context(), &access.CodeResult{}); svg != nil || err != nil {
		t.Errorf("of what was refused: got %v, %v, want nothing", svg, err)
	}
}
