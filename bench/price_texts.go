package bench

import (
	"context"
	"encoding/json"
	"fmt"
	"strings"
	"time"
)

// Texts whose import is priced: so many lines each, and so many imports and windows that lists of them show.
const (
	textLines   = 300
	saleImports = 10
	saleWindows = 6
	longSale    = 24 * time.Hour
)

// crowdSale is what the crowd's supplier sells, and the doors that order.
type crowdSale struct {
	community, supplier, window string
	doors                       []string
	texts                       int // that were written, whose numbers must differ
}

const importText = `mutation ($in: ImportOrdersInput!) { importOrders(input: $in) { import { id rows placed unchanged inReview } report { rows } userErrors { message } } }`

// sell adds packages, windows and imports to the crowd, so that lists of them are not empty.
func sell(c *client, s *server, community, supplier string) (*crowdSale, error) {
	out := &crowdSale{community: community, supplier: supplier}
	var homes struct {
		Data struct {
			Households struct{ Nodes []struct{ Address string } }
		}
	}
	if err := tell(c, s, `query ($c: ID!) { households(communityId: $c, first: 200) { nodes { address } } }`, map[string]any{"c": community}, &homes); err != nil {
		return nil, err
	}
	for _, h := range homes.Data.Households.Nodes {
		out.doors = append(out.doors, h.Address)
	}
	var packages []map[string]any
	for k := range 8 {
		packages = append(packages, map[string]any{"code": fmt.Sprint("K", k), "name": fmt.Sprint("蔬菜包", k), "unit": "份", "priceFen": 3900})
	}
	var saved struct {
		Data struct {
			SavePackages struct {
				Results []struct{ Package struct{ ID string } }
			}
		}
	}
	if err := tell(c, s, `mutation ($in: SavePackagesInput!) { savePackages(input: $in) { results { package { id } } } }`, map[string]any{"in": map[string]any{"supplierId": supplier, "packages": packages}}, &saved); err != nil {
		return nil, err
	}
	var offers []map[string]any
	for _, r := range saved.Data.SavePackages.Results {
		offers = append(offers, map[string]any{"packageId": r.Package.ID, "stock": "300", "householdCap": "2", "phoneReserve": "60"})
	}
	now := time.Now()
	for range saleWindows {
		var opened struct {
			Data struct {
				OpenWindow struct{ Window struct{ ID string } }
			}
		}
		in := map[string]any{"supplierId": supplier, "name": "明日蔬菜", "opensAt": now, "closesAt": now.Add(longSale), "deliverAt": now.Add(longSale), "offers": offers}
		if err := tell(c, s, `mutation ($in: OpenWindowInput!) { openWindow(input: $in) { window { id } } }`, map[string]any{"in": in}, &opened); err != nil {
			return nil, err
		}
		out.window = opened.Data.OpenWindow.Window.ID
	}
	for range saleImports {
		if err := tell(c, s, importText, out.input(out.lines(20)+out.unclear(10), false), nil); err != nil {
			return nil, err
		}
	}
	return out, nil
}

// tell sends a mutation or a query, and fails if anything is refused.
func tell(c *client, s *server, query string, variables, into any) error {
	text, err := c.answer(s.request("C01@crowd", query, variables))
	if err != nil {
		return err
	}
	if strings.Contains(string(text), `"errors"`) || strings.Contains(string(text), `"message"`) {
		return fmt.Errorf("prepare what is sold: %.300s", text)
	}
	if into == nil {
		return nil
	}
	return json.Unmarshal(text, into)
}

const textHeader = "单号,地址,商品,数量,单位,单价\n"

// lines writes orders with numbers of their own, one on each line.
func (e *crowdSale) lines(n int) string {
	var out strings.Builder
	e.texts++
	for i := range n {
		fmt.Fprintf(&out, "N%d-%d,%s,上海青,1.5,斤,3.5\n", e.texts, i, e.doors[i%len(e.doors)])
	}
	return out.String()
}

// unclear writes orders that name two doors each, on two lines.
func (e *crowdSale) unclear(n int) string {
	var out strings.Builder
	e.texts++
	for i := range n {
		for k := range 2 {
			fmt.Fprintf(&out, "U%d-%d,%s,鸡蛋,%d,板,18\n", e.texts, i, e.doors[(2*i+k)%len(e.doors)], k+1)
		}
	}
	return out.String()
}

func (e *crowdSale) input(lines string, dry bool) map[string]any {
	return map[string]any{"in": map[string]any{"communityId": e.community, "kind": "CSV", "supplierId": e.supplier, "text": textHeader + lines, "dryRun": dry}}
}

// textPrices measures what imports of pasted texts cost.
func (b *bench) textPrices(ctx context.Context, s *server, c *client, e *crowdSale, each float64) ([]Figure, error) {
	n := b.scaled(textLines, 20)
	known := e.lines(n)
	var out []Figure
	for _, w := range []struct {
		about string
		input func() map[string]any
	}{
		{"placed", func() map[string]any { return e.input(e.lines(n), false) }},
		{"unchanged", func() map[string]any { return e.input(known, false) }},
		{"in review", func() map[string]any { return e.input(e.unclear(n/2), false) }},
		{"dry run", func() map[string]any { return e.input(e.lines(n), true) }},
	} {
		var rounds []float64
		points := 0
		for range b.Rounds {
			got, err := b.repeat(ctx, s, func() ([]byte, error) { return c.answer(s.request("C01@crowd", importText, w.input())) })
			if err != nil {
				return nil, fmt.Errorf("import a text, %s: %w", w.about, err)
			}
			points = got.points
			rounds = append(rounds, max(got.cost-each, 0))
		}
		out = append(out, figure(fmt.Sprintf("importOrders, a text of %d lines, %s", n, w.about), "µs CPU", Goal{MaxRatio: 1}, rounds,
			fmt.Sprintf("%s points", grouped(int64(points))), []float64{float64(points * pointCost)}))
		b.progress.step()
	}
	return out, nil
}
