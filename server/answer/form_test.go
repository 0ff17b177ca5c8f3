package answer

import (
	"context"
	"encoding/json"
	"log/slog"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/99designs/gqlgen/graphql"
	"github.com/vektah/gqlparser/v2"
	"github.com/vektah/gqlparser/v2/ast"
	"github.com/vektah/gqlparser/v2/gqlerror"

	"baogong/delivery"
	"baogong/server/limit"
)

var shaped = gqlparser.MustLoadSchema(&ast.Source{Input: `
	type Query { hello: String }
	type Item { name: String!, children(first: Int): [Item!]!, kin: Kin, mine: String }
	type Shop { name: String!, sells: String }
	union Kin = Item | Shop
	type Subscription { item(of: [String!], after: String): Item! }
`})

// shapedSchema is the schema of the documents that TestRelativesHaveOneForm compares. Nothing is executed.
type shapedSchema struct{ graphql.ExecutableSchema }

func (shapedSchema) Schema() *ast.Schema { return shaped }

// shapedContract gives it to an Executor.
type shapedContract struct{ BaseSchema }

func (shapedContract) Schema() graphql.ExecutableSchema { return shapedSchema{} }

func (shapedContract) Present(_ context.Context, err error) *gqlerror.Error {
	return gqlerror.Wrap(err)
}

func (shapedContract) WithActor(ctx context.Context, _ delivery.Actor) context.Context { return ctx }

func (shapedContract) WithLocale(ctx context.Context, _ delivery.Locale) context.Context { return ctx }

func (shapedContract) WithView(ctx, _ context.Context, _ delivery.Scope) context.Context {
	return ctx
}

// reads returns the form and the arguments of a subscription, as Open computes them.
func reads(t *testing.T, e *Executor, query, variables string) (form, string) {
	t.Helper()
	params := &graphql.RawParams{Query: query}
	if err := json.Unmarshal([]byte(variables), &params.Variables); err != nil {
		t.Fatal(err)
	}
	op, errs := e.exec.CreateOperationContext(graphql.StartOperationTrace(t.Context()), params)
	if len(errs) > 0 {
		t.Fatalf("%s: %v", query, errs)
	}
	return e.form(op), e.arguments(op)
}

// Documents with equal answers have one form: they share an execution, or at least a plan.
func TestRelativesHaveOneForm(t *testing.T) {
	t.Parallel()
	limits := limit.Limits{Complexity: 1 << 29, Depth: 30}
	limits.Fill()
	var refusals limit.Refusals
	rates := limit.NewRates(limits, &refusals, time.Now)
	defer rates.Close()
	e, err := New(Options{Schema: shapedContract{}, Rules: Rules{PerViewer: map[string]bool{"Item.mine": true}}, Limits: &limits, Rates: rates,
		Now: time.Now, Log: slog.New(slog.DiscardHandler)})
	if err != nil {
		t.Fatal(err)
	}
	const plain = `subscription($of:[String!],$a:String){item(of:$of,after:$a){name children(first:2){name} kin{...on Item{name}...on Shop{name}}}}`
	want, arguments := reads(t, e, plain, `{"of":["x"]}`)
	for claim, c := range map[string]struct{ query, variables string }{
		"the document again":            {plain, `{"of":["x"]}`},
		"another place to go on":        {plain, `{"of":["x"],"a":"c1"}`},
		"a literal":                     {`subscription{item(of:["x"],after:"c2"){name children(first:2){name} kin{...on Item{name}...on Shop{name}}}}`, `{}`},
		"a name":                        {strings.Replace(plain, "subscription", "subscription Other", 1), `{"of":["x"]}`},
		"another name of a variable":    {strings.ReplaceAll(plain, "$of", "$other"), `{"other":["x"]}`},
		"a default value":               {strings.Replace(plain, "[String!]", `[String!]=["x"]`, 1), `{}`},
		"a default value that is given": {strings.Replace(plain, "[String!]", `[String!]=["y"]`, 1), `{"of":["x"]}`},
		"spaces, commas and comments":   {strings.ReplaceAll(plain, "name", "\n# so\n name,,"), `{"of":["x"]}`},
		"an alias that is the name":     {strings.Replace(plain, "{name ", "{name:name ", 1), `{"of":["x"]}`},
		"fields twice":                  {strings.Replace(plain, "{name ", "{name children(first:2){name} name ", 1), `{"of":["x"]}`}, // in the order of the first
		"the root twice":                {strings.Replace(plain, "{item", "{item(of:$of,after:$a){name} item", 1), `{"of":["x"]}`},
		"an inert include":              {strings.Replace(plain, "{name ", "{name @include(if:true) ", 1), `{"of":["x"]}`},
		"an inert skip":                 {strings.Replace(plain, "{name ", "{name @skip(if:false) ", 1), `{"of":["x"]}`},
		"both":                          {strings.Replace(plain, "{name ", "{name @skip(if:false) @include(if:true) ", 1), `{"of":["x"]}`},
		"one by a variable": {strings.Replace(strings.Replace(plain, "{name ", "{name @include(if:$yes) ", 1), "$a:", "$yes:Boolean!,$a:", 1),
			`{"of":["x"],"yes":true}`},
		"one by a default value": {strings.Replace(strings.Replace(plain, "{name ", "{name @skip(if:$no) ", 1), "$a:", "$no:Boolean!=false,$a:", 1),
			`{"of":["x"]}`},
		"one at the root":          {strings.Replace(plain, "after:$a)", "after:$a) @include(if:true)", 1), `{"of":["x"]}`},
		"one at a fragment":        {strings.Replace(plain, "{name ", "{...on Item @include(if:true){name} ", 1), `{"of":["x"]}`},
		"one at a fragment's use":  {strings.Replace(plain, "{name ", "{...n @skip(if:false) ", 1) + " fragment n on Item{name}", `{"of":["x"]}`},
		"what is skipped":          {strings.Replace(plain, "{name ", "{mine @skip(if:true) name ", 1), `{"of":["x"]}`},
		"a fragment that is left":  {strings.Replace(plain, "{name ", "{...n @include(if:false) name ", 1) + " fragment n on Item{mine}", `{"of":["x"]}`},
		"a fragment of no type":    {strings.Replace(plain, "{name ", "{...{name} ", 1), `{"of":["x"]}`},
		"fragments within others":  {strings.Replace(plain, "{name ", "{...n ", 1) + " fragment n on Item{...m} fragment m on Item{name}", `{"of":["x"]}`},
		"a union in another order": {strings.Replace(plain, "...on Item{name}...on Shop{name}", "...on Shop{name}...on Item{name}", 1), `{"of":["x"]}`},
		"an argument by a variable": {strings.Replace(strings.Replace(plain, "first:2", "first:$n", 1), "$a:", "$n:Int,$a:", 1),
			`{"of":["x"],"n":2}`},
	} {
		got, args := reads(t, e, c.query, c.variables)
		if got.shape != want.shape || args != arguments || got.perViewer {
			t.Errorf("%s: got %s %s, want %s %s", claim, got.shape, args, want.shape, arguments)
		}
	}
	for claim, c := range map[string]struct{ query, variables string }{
		"another filter":         {plain, `{"of":["y"]}`},
		"another alias":          {strings.Replace(plain, "{name ", "{n:name ", 1), `{"of":["x"]}`},
		"another alias of all":   {strings.Replace(plain, "{item", "{i:item", 1), `{"of":["x"]}`},
		"another order":          {strings.Replace(plain, "{name children(first:2){name}", "{children(first:2){name} name", 1), `{"of":["x"]}`},
		"a field more":           {strings.Replace(plain, "{name ", "{name __typename ", 1), `{"of":["x"]}`},
		"a field that is left":   {strings.Replace(plain, "{name ", "{name @skip(if:true) ", 1), `{"of":["x"]}`},
		"another page":           {strings.Replace(plain, "first:2", "first:3", 1), `{"of":["x"]}`},
		"one type of the union":  {strings.Replace(plain, "...on Shop{name}", "...on Shop{sells}", 1), `{"of":["x"]}`},
		"fields of the viewer":   {strings.Replace(plain, "{name ", "{name mine ", 1), `{"of":["x"]}`},
		"that within a fragment": {strings.Replace(plain, "{name ", "{name ...m ", 1) + " fragment m on Item{mine}", `{"of":["x"]}`},
	} {
		if got, args := reads(t, e, c.query, c.variables); got.shape == want.shape && args == arguments {
			t.Errorf("%s: got the same form %s %s", claim, got.shape, args)
		} else if got.perViewer != strings.Contains(c.query, "mine") {
			t.Errorf("%s: got personal %v", claim, got.perViewer)
		}
	}
	huge := "subscription{item{...f0}}" // 3^9 fields under names of their own
	for i := range 9 {
		huge += " fragment f" + strconv.Itoa(i) + " on Item{"
		for j := range 3 {
			huge += "a" + strconv.Itoa(j) + ":children(first:1){...f" + strconv.Itoa(i+1) + "} "
		}
		huge += "}"
	}
	huge += " fragment f9 on Item{name}"
	if f, _ := reads(t, e, huge, "{}"); !f.perViewer || f.plan != nil || len(f.shape) > 2*len(huge) {
		t.Errorf("got a form of %d bytes for %d, shared %v: a form that is too large must not be shared", len(f.shape), len(huge), !f.perViewer)
	}
}
