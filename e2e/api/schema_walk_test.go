package api_test

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"

	"github.com/vektah/gqlparser/v2/ast"

	"baogong/delivery"
	"baogong/e2e/house"
)

// walker writes operations that select every field there is, in fragments named by type and depth. Every field has an
// alias of its own, so that fields of several types stand beside each other.
type walker struct {
	schema    *ast.Schema
	fragments map[string]string
}

// everything is a field's selection of all below it, as many objects deep as depth, and the fragments that it needs.
func everything(s *ast.Schema, f *ast.FieldDefinition, depth int) (selection, fragments string) {
	w := &walker{schema: s, fragments: map[string]string{}}
	selection = w.below(f.Type, depth)
	return selection, strings.Join(slices.Sorted(maps.Values(w.fragments)), "\n")
}

// mergeable is how many selections a document may have with its fragments written out: the server visits each up to ten times
// (server/answer), and refuses a document after 50,000 visits.
const mergeable = 5_000

// deepest is everything at the greatest depth, most or less, at which the server takes the document.
func deepest(s *ast.Schema, f *ast.FieldDefinition, most int) (selection, fragments string) {
	w := &walker{schema: s}
	for w.size(f.Type, most) > mergeable {
		most--
	}
	return everything(s, f, most)
}

// size is how many selections below has with its fragments written out.
func (w *walker) size(typ *ast.Type, depth int) int {
	d := w.schema.Types[typ.Name()]
	if d.IsLeafType() {
		return 0
	}
	n := 1
	for _, possible := range w.schema.GetPossibleTypes(d) {
		n += 2
		for _, f := range possible.Fields {
			if w.schema.Types[f.Type.Name()].IsLeafType() || depth > 0 {
				n += 1 + w.size(f.Type, depth-1)
			}
			if n > mergeable {
				return n
			}
		}
	}
	return n
}

// below is the selection of a type, empty for a leaf.
func (w *walker) below(typ *ast.Type, depth int) string {
	d := w.schema.Types[typ.Name()]
	if d.IsLeafType() {
		return ""
	}
	var spreads []string
	for _, possible := range w.schema.GetPossibleTypes(d) {
		spreads = append(spreads, "..."+w.fragment(possible, depth))
	}
	slices.Sort(spreads)
	return " { __typename " + strings.Join(spreads, " ") + " }"
}

func (w *walker) fragment(d *ast.Definition, depth int) string {
	name := fmt.Sprint(d.Name, depth)
	if w.fragments[name] != "" {
		return name
	}
	w.fragments[name] = name // comes again only at another depth
	text := fmt.Sprintf("fragment %s on %s { __typename", name, d.Name)
	for _, f := range d.Fields {
		leaf := w.schema.Types[f.Type.Name()].IsLeafType()
		if strings.HasPrefix(f.Name, "__") || (!leaf && depth == 0) {
			continue
		}
		args := ""
		if f.Arguments.ForName("first") != nil {
			args = "(first: 5)"
		}
		text += fmt.Sprintf(" %s_%s: %s%s%s", d.Name, f.Name, f.Name, args, w.below(f.Type, depth-1))
	}
	w.fragments[name] = text + " }"
	return name
}

// calls are the ways to ask for a root field: once for each of the ids that it may name. Of the kinds that it refuses it names one id each.
func calls(t *testing.T, f *ast.FieldDefinition, communities, ids []string, start string) (out []string) {
	t.Helper()
	quoted := func(list []string) []string {
		return house.Each(list, func(s string) string { return fmt.Sprintf("%q", s) })
	}
	always, subject, values := []string{}, "", []string{""}
	for _, a := range f.Arguments {
		switch {
		case a.Name == "communityId":
			subject, values = a.Name, quoted(communities)
		case a.Name == "id":
			subject, values = a.Name, quoted(ofKind(ids, f.Type.Name()))
		case a.Name == "arrivalId" && a.Type.NonNull:
			subject, values = a.Name, quoted(ofKind(ids, "Arrival"))
		case a.Name == "supplierId" && a.Type.NonNull:
			subject, values = a.Name, quoted(ofKind(ids, "Supplier"))
		case a.Name == "windowId" && a.Type.NonNull:
			windows := slices.DeleteFunc(slices.Clone(ids), func(text string) bool {
				id, err := delivery.ParseID(text)
				return err != nil || id.Kind != delivery.KindWindow
			})
			if len(windows) == 0 {
				t.Errorf("there is no window for %s", f.Name)
				continue
			}
			always = append(always, fmt.Sprintf("windowId: %q", windows[0]))
		case a.Name == "ids":
			subject, values = a.Name, []string{"[" + strings.Join(quoted(ids), ", ") + "]"}
		case a.Type.Name() == "ScenarioInput" && a.Name == "second":
			always = append(always, "second: "+nineOrders(communities[0]))
		case a.Type.Name() == "ScenarioInput":
			subject, values = a.Name, house.Each(communities, nineOrders)
		case a.Name == "first":
			always = append(always, "first: 10")
		case a.Name == "after" && f.Arguments.ForName("first") == nil: // a cursor of the feed
			always = append(always, fmt.Sprintf("after: %q", start))
		case a.Name == "squad" && a.Type.NonNull:
			always = append(always, "squad: PATROL")
		case a.Name == "since":
			always = append(always, `since: "2020-02-01T00:00:00Z"`)
		case a.Name == "from" || a.Name == "until":
			always = append(always, a.Name+`: "2020-02-18"`)
		case a.Name == "text": // the tail of a phone
			always = append(always, `text: "5678"`)
		case a.Type.NonNull && a.DefaultValue == nil:
			t.Errorf("what is %s(%s)? The walk does not know", f.Name, a.Name)
		}
	}
	for _, v := range values {
		args := always
		if subject != "" {
			args = append([]string{subject + ": " + v}, always...)
		}
		call := f.Name
		if len(args) > 0 {
			call += "(" + strings.Join(args, ", ") + ")"
		}
		out = append(out, call)
	}
	return out
}

// ofKind returns the ids of a type, and one of each other kind. Of an interface it returns all.
func ofKind(ids []string, name string) []string {
	seen := map[delivery.Kind]bool{}
	return slices.DeleteFunc(slices.Clone(ids), func(text string) bool {
		id, err := delivery.ParseID(text)
		if err != nil || name == "Node" || strings.EqualFold(id.Kind.String(), name) {
			return false
		}
		again := seen[id.Kind]
		seen[id.Kind] = true
		return again
	})
}

func TestWalkSelectsEverything(t *testing.T) {
	t.Parallel()
	s := house.SchemaOf(t, `
		type Query { home(id: ID!): Home, all(communityId: ID!, first: Int, after: String, filter: String): [Home!]! }
		interface Node { id: ID! }
		type Home implements Node { id: ID! name: String owner: Owner near(first: Int): Node }
		type Shop implements Node { id: ID! name: Int }
		union Owner = Home | Shop`)
	selection, fragments := everything(s, s.Query.Fields.ForName("home"), 1)
	if shallow, _ := deepest(s, s.Query.Fields.ForName("home"), 40); !strings.Contains(shallow, "...Home") || strings.Contains(shallow, "Home40") {
		t.Errorf("got %q, want a depth that the server takes", shallow)
	}
	if want := " { __typename ...Home1 }"; selection != want {
		t.Errorf("got %q, want %q", selection, want)
	}
	want := "fragment Home0 on Home { __typename Home_id: id Home_name: name }\n" +
		"fragment Home1 on Home { __typename Home_id: id Home_name: name Home_owner: owner { __typename ...Home0 ...Shop0 } Home_near: near(first: 5) { __typename ...Home0 ...Shop0 } }\n" +
		"fragment Shop0 on Shop { __typename Shop_id: id Shop_name: name }"
	if fragments != want {
		t.Errorf("got\n%s\nwant\n%s", fragments, want)
	}
	for field, want := range map[string][]string{"home": {`home(id: "a")`, `home(id: "b")`}, "all": {`all(communityId: "c", first: 10)`}} {
		if got := calls(t, s.Query.Fields.ForName(field), []string{"c"}, []string{"a", "b"}, "start"); !slices.Equal(got, want) {
			t.Errorf("got %q, want %q", got, want)
		}
	}
}

// nineOrders is a scenario of the community.
func nineOrders(community string) string {
	return fmt.Sprintf("{ communityId: %q, orders: 9, replications: 2, compare: false }", community)
}
