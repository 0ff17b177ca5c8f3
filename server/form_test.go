package server

import (
	"encoding/json"
	"strings"
	"testing"

	"github.com/99designs/gqlgen/graphql"
)

// reads returns the form and the arguments of a subscription, as open computes them.
func (b *bench) reads(t *testing.T, query, variables string) (form, string) {
	t.Helper()
	params := &graphql.RawParams{Query: query}
	if err := json.Unmarshal([]byte(variables), &params.Variables); err != nil {
		t.Fatal(err)
	}
	op, errs := b.server.exec.CreateOperationContext(graphql.StartOperationTrace(t.Context()), params)
	if len(errs) > 0 {
		t.Fatalf("%s: %v", query, errs)
	}
	return b.server.form(op), b.server.arguments(op)
}

// Documents with equal answers have one form: they share an execution, or at least a plan.
func TestRelativesHaveOneForm(t *testing.T) {
	t.Parallel()
	b := setup(t, func(o *Options) {
		o.Personal, o.Limits.Complexity, o.Limits.Depth = map[string]bool{"Item.mine": true}, 1<<29, 30
	})
	const plain = `subscription($of:[String!],$a:String){item(of:$of,after:$a){name children(first:2){name} kin{...on Item{name}...on Shop{name}}}}`
	want, arguments := b.reads(t, plain, `{"of":["x"]}`)
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
		got, args := b.reads(t, c.query, c.variables)
		if got.shape != want.shape || args != arguments || got.personal {
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
		if got, args := b.reads(t, c.query, c.variables); got.shape == want.shape && args == arguments {
			t.Errorf("%s: got the same form %s %s", claim, got.shape, args)
		} else if got.personal != strings.Contains(c.query, "mine") {
			t.Errorf("%s: got personal %v", claim, got.personal)
		}
	}
	huge := "subscription{item{...f0}}" // 3^9 fields under names of their own
	for i := range 9 {
		huge += " fragment f" + itoa(i) + " on Item{"
		for j := range 3 {
			huge += "a" + itoa(j) + ":children(first:1){...f" + itoa(i+1) + "} "
		}
		huge += "}"
	}
	huge += " fragment f9 on Item{name}"
	if f, _ := b.reads(t, huge, "{}"); !f.personal || f.plan != nil || len(f.shape) > 2*len(huge) {
		t.Errorf("got a form of %d bytes for %d, shared %v: a form that is too large must not be shared", len(f.shape), len(huge), !f.personal)
	}
}
