package resolvers

import (
	"context"
	"fmt"
	"strings"

	"rsc.io/qr"

	"baogong/delivery"
	"baogong/dispatch/access"
	"baogong/graph"
)

// quiet is the blank margin that readers of QR codes ask for, in modules.
const quiet = 4

// QR is the URL as a QR code: an SVG with one path, which prints sharply at any size.
func (r codeResultResolver) QR(ctx context.Context, c *access.CodeResult) (*string, error) {
	url, err := r.URL(ctx, c)
	if err != nil || url == nil {
		return nil, err
	}
	svg, err := drawQR(*url)
	return &svg, err
}

type bagLabelResolver struct{ *Resolver }

// BagLabel returns the resolver of BagLabel.
func (r *Resolver) BagLabel() graph.BagLabelResolver { return bagLabelResolver{r} }

// QR is the label's QR code.
func (bagLabelResolver) QR(_ context.Context, l *delivery.BagLabel) (string, error) {
	return drawQR(l.QRText)
}

// drawQR draws a text as a QR code: an SVG with one path.
func drawQR(text string) (string, error) {
	code, err := qr.Encode(text, qr.M)
	if err != nil {
		return "", fmt.Errorf("draw the QR code of %d bytes: %w", len(text), err)
	}
	var path strings.Builder
	for y := range code.Size {
		for x := 0; x < code.Size; x++ {
			from := x
			for x < code.Size && code.Black(x, y) {
				x++
			}
			if x > from {
				fmt.Fprintf(&path, "M%d %dh%dv1H%dz", from+quiet, y+quiet, x-from, from+quiet)
			}
		}
	}
	size := code.Size + 2*quiet
	return fmt.Sprintf(`<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 %d %d" shape-rendering="crispEdges"><path fill="#fff" d="M0 0h%[1]dv%[1]dH0z"/><path d="%[3]s"/></svg>`, size, size, path.String()), nil
}
