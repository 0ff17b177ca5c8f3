package api_test

import (
	"encoding/json"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"baogong/e2e/house"
)

// squads prepares the estate for a page of docs/squads, and returns the variables that the page begins with, beside those of every page:
// $community, $supplier (caiban) and $soon.
var squads = map[string]func(e *house.Estate) obj{
	"gate": func(e *house.Estate) obj {
		first, missing := e.Place("E6-1-1103"), e.Place("E6-1-1203")
		e.Announce(first, missing)
		return obj{"label": fmt.Sprint("#", e.Order(e.As("D01"), first).Number), "missing": missing}
	},
	"leads": func(e *house.Estate) obj {
		now := e.Clock.Now()
		return obj{"order": e.Place("E6-1-1103"), "now": now, "evening": now.Add(8 * time.Hour), "today": now.In(time.FixedZone("Asia/Shanghai", 8*60*60)).Format(time.DateOnly),
			"tomorrow": now.In(time.FixedZone("Asia/Shanghai", 8*60*60)).AddDate(0, 0, 1).Format(time.DateOnly), "zhao": e.Team["S01"], "wu": e.Team["S07"], "qian": e.Team["P01"]}
	},
	"city": func(e *house.Estate) obj { return obj{"order": e.Place("E6-1-1103")} },
	"commander": func(e *house.Estate) obj {
		e.Place("E6-1-1103")
		now := e.Clock.Now()
		return obj{"building": e.Buildings["E6"], "since": now.Add(-24 * time.Hour), "yesterday": now.AddDate(0, 0, -1).Format(time.DateOnly)}
	},
	"patrol": func(e *house.Estate) obj {
		now := e.Clock.Now()
		return obj{"home": e.Homes["E6-1-1103"], "today": now.Format(time.DateOnly), "tomorrow": now.Add(24 * time.Hour).Format(time.DateOnly)}
	},
	"phone-desk": func(e *house.Estate) obj {
		e.Desk()
		pack, window := e.Sell("caiban", obj{"stock": "20", "phoneReserve": "5"})
		return obj{"building": e.Buildings["E6"], "grandmother": e.Homes["E6-2-1103"], "caller": e.Homes["E7-1-1103"], "me": e.Team["Q00"], "since": e.Clock.Now().Add(-time.Hour), "package": pack, "window": window}
	},
	"errand-volunteer": func(e *house.Estate) obj {
		return obj{"grandmother": e.Homes["E6-1-1103"], "groceries": e.PlaceAs(e.As("S01"), obj{"householdId": e.Homes["E6-1-1103"], "channel": "BUY_FOR",
			"lines": []obj{{"item": "鲜牛奶", "quantity": "2", "unit": "盒", "unitPriceFen": 1200, "substitute": "ANY"}}})}
	},
	"sorting": func(e *house.Estate) obj {
		order, other := e.Place("E6-1-1103"), e.Place("E7-1-1103")
		e.Bring(order, "AT_GATE")
		e.Bring(other, "AT_GATE")
		label := func(id string) string { return fmt.Sprint("#", e.Order(e.As("C01"), id).Number) }
		return obj{"order": order, "label": label(order), "other": label(other), "building": e.Buildings["E6"], "bin": e.DefaultBin("E6")}
	},
	"transport": func(e *house.Estate) obj {
		bag, missing, other := e.Place("E6-1-1103"), e.Place("E6-1-1203"), e.Place("E7-1-1103")
		for _, id := range []string{bag, missing, other} {
			e.Bring(id, "SORTED")
		}
		return obj{"bin": e.DefaultBin("E6"), "building": e.Buildings["E6"], "missing": missing, "other": other}
	},
	"volunteer": func(e *house.Estate) obj {
		first, second, medicine := e.Place("E6-1-1103"), e.Place("E6-1-1203"), e.Place("E6-1-1403", obj{"marks": []string{"MEDICINE"}})
		for _, id := range []string{first, second, medicine} {
			e.Bring(id, "SORTED")
		}
		e.CarryTo("E6", first, second, medicine)
		return obj{"unit": e.Units["E6-1"], "first": first, "second": second, "medicine": medicine}
	},
	"supplier": func(e *house.Estate) obj {
		return obj{"first": e.Place("E6-1-1103"), "second": e.Place("E6-1-1203"), "home": e.Homes["E6-1-1103"], "now": e.Clock.Now()}
	},
}

var (
	operationBlocks = regexp.MustCompile("(?s)```graphql\n(.*?)```")
	directive       = regexp.MustCompile(`(?m)^# (as|keep|refused) (.*)$`)
	declared        = regexp.MustCompile(`\$(\w+): `)
)

// TestSquadPages runs the operations of each page of docs/squads. A block begins with lines of comment: who sends it, what later blocks
// need of its answer (keep NAME = path), and the reason if it is to be refused.
func TestSquadPages(t *testing.T) {
	t.Parallel()
	pages, err := filepath.Glob("docs/squads/*.md")
	if err != nil || len(pages) == 0 {
		t.Fatalf("got %v, %v, want pages", pages, err)
	}
	for _, page := range pages {
		name := strings.TrimSuffix(filepath.Base(page), ".md")
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			text, err := os.ReadFile(page)
			if err != nil {
				t.Fatal(err)
			}
			e := house.NewEstate(t)
			have := obj{"community": e.Community, "supplier": e.Suppliers["caiban"], "soon": e.Clock.Now().Add(time.Hour)}
			if squads[name] == nil {
				t.Fatalf("say in squads what %s begins with", name)
			}
			maps.Copy(have, squads[name](e))
			blocks := operationBlocks.FindAllStringSubmatch(string(text), -1)
			if len(blocks) < 4 {
				t.Errorf("got %d operations, want the morning of a squad", len(blocks))
			}
			for _, b := range blocks {
				runBlock(t, e, b[1], have)
			}
		})
	}
}

func runBlock(t *testing.T, e *house.Estate, block string, have obj) {
	t.Helper()
	actor, refused, keep := "", "", map[string]string{}
	for _, d := range directive.FindAllStringSubmatch(block, -1) {
		switch name, path, _ := strings.Cut(d[2], " = "); d[1] {
		case "as":
			if actor = d[2]; actor != "city" && actor != "admin" { // who belong to no community
				actor = e.As(actor)
			}
		case "refused":
			refused = d[2]
		case "keep":
			keep[name] = path
		}
	}
	in := obj{}
	for _, v := range declared.FindAllStringSubmatch(block, -1) {
		if in[v[1]] = have[v[1]]; have[v[1]] == nil {
			t.Fatalf("nothing says what $%s is in\n%s", v[1], block)
		}
	}
	a := e.Ask(actor, block, in)
	var got any
	if err := json.Unmarshal(a.Data, &got); err != nil || len(a.Errors) > 0 {
		t.Fatalf("%s\n%v %v", block, a.Errors, err)
	}
	reasons := refusals(got)
	if refused == "" && len(reasons) > 0 || refused != "" && !slices.Contains(reasons, refused) {
		t.Errorf("%s\ngot refusals %q, want %q\n%s", block, reasons, refused, a.Data)
	}
	for name, path := range keep {
		if have[name] = at(got, path); have[name] == nil {
			t.Fatalf("%s\nhas nothing at %s: %s", block, path, a.Data)
		}
	}
}

// refusals returns the reasons, or messages, of all userErrors in an answer.
func refusals(v any) (out []string) {
	switch v := v.(type) {
	case []any:
		for _, item := range v {
			out = append(out, refusals(item)...)
		}
	case map[string]any:
		for _, name := range slices.Sorted(maps.Keys(v)) {
			if name != "userErrors" {
				out = append(out, refusals(v[name])...)
				continue
			}
			for _, no := range v[name].([]any) {
				reason, named := no.(map[string]any)["reason"].(string)
				if !named {
					reason = fmt.Sprint(no)
				}
				out = append(out, reason)
			}
		}
	}
	return out
}

// at returns the value at a path of names and indexes.
func at(v any, path string) any {
	for part := range strings.SplitSeq(path, ".") {
		switch now := v.(type) {
		case map[string]any:
			v = now[part]
		case []any:
			i, err := strconv.Atoi(part)
			if err != nil || i >= len(now) {
				return nil
			}
			v = now[i]
		default:
			return nil
		}
	}
	return v
}
