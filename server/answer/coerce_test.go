package answer

import (
	"strings"
	"testing"

	"github.com/99designs/gqlgen/graphql"
	"github.com/vektah/gqlparser/v2"
	"github.com/vektah/gqlparser/v2/ast"

	"baogong/delivery"
	"baogong/server/limit"
)

var typed = gqlparser.MustLoadSchema(&ast.Source{Input: `
	enum Stage { PLACED DISPATCHED }
	scalar Decimal
	input Deep { stages: [Stage!], one: Stage, at: Int! = 1, flag: Boolean, deeper: Deep, list: [[Int!]!], text: String, id: ID, f: Float, d: Decimal }
	type Query {
		i(v: Int): Int
		f(v: Float): Int
		s(v: String): Int
		b(v: Boolean): Int
		id(v: ID): Int
		e(v: Stage): Int
		d(v: Decimal): Int
		es(v: [Stage!]!): Int
		ids(v: [ID!]!): Int
		deep(v: Deep): Int
		must(v: Boolean! = true): Int
	}
`})

type typedSchema struct{ graphql.ExecutableSchema }

func (typedSchema) Schema() *ast.Schema { return typed }

// given prepares a document with variables as prepare does, and returns the error's message, or "".
func given(t *testing.T, document, variables string) string {
	t.Helper()
	return givenIn(t, delivery.English, document, variables)
}

func givenIn(t *testing.T, locale delivery.Locale, document, variables string, adapt ...func(*Options)) string {
	t.Helper()
	limits := limit.Limits{Tokens: 1500, Complexity: 1500}
	e := &Executor{schema: typedSchema{}, opt: Options{Limits: &limits, Rules: Rules{Scalars: map[string]func(any) (any, bool){
		"Decimal": func(v any) (any, bool) { _, ok := v.(bool); return v, !ok },
	}}}}
	for _, f := range adapt {
		f(&e.opt)
	}
	doc, errs := e.parse(document, locale)
	if len(errs) > 0 {
		return errs[0].Message
	}
	r, err := Decode([]byte(`{"query": "{i}", "variables": ` + variables + `}`))
	if err != nil {
		return err.Error()
	}
	c, op := e.coercer(locale), doc.Operations[0]
	usages, wrong := c.usagesOf(doc.QueryDocument, op)
	if wrong != nil {
		return wrong.Message
	}
	coerced, wrong := c.variables(op, r.Variables)
	if wrong == nil {
		wrong = c.check(usages, coerced)
	}
	if wrong != nil {
		return wrong.Message
	}
	return ""
}

// A value is accepted, or refused with a message that quotes it, as a literal, as a variable and as a variable's default.
func TestValuesAreCoercedAsTheSpecificationSays(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		field, typ string
		good, bad  []string // as JSON and as GraphQL
	}{
		{"i", "Int", []string{"0", "-1", "2147483647", "-2147483648", "null"},
			[]string{"2147483648", "-2147483649", "99999999999999999999", `"2"`, "2.5", "1.0", "1e1", "true", "{}", "[1,2]"}},
		{"f", "Float", []string{"0", "2147483648", "1.5", "1e3", "null"}, []string{`"1"`, "true", "1e999", "{}"}},
		{"s", "String", []string{`""`, `"a"`, `"\uD83D\uDE00"`, "null"}, []string{"1", "1203.0", "true", "{}", `["a","b"]`, `"\uD83D"`, `"\uDE00"`, `"\ud83d\ud83d"`}},
		{"b", "Boolean", []string{"true", "false", "null"}, []string{"1", "0", `"true"`, `""`, "{}"}},
		{"id", "ID", []string{`"a"`, "1", "null"}, []string{"1.0", "1.5", "1e3", "true", "{}"}},
		{"d", "Decimal", []string{"1e1", "1.50", `"x"`, "null"}, []string{"true"}},
	} {
		ways := func(value string) map[string]string {
			return map[string]string{
				"a literal":  given(t, "{"+c.field+"(v:"+value+")}", "{}"),
				"a variable": given(t, "query($v:"+c.typ+"){"+c.field+"(v:$v)}", `{"v":`+value+`}`),
				"a default":  given(t, "query($v:"+c.typ+"="+value+"){"+c.field+"(v:$v)}", `{}`),
			}
		}
		for _, value := range c.good {
			for where, said := range ways(value) {
				if said != "" {
					t.Errorf("%s of %s as %s: got %q, want it taken", value, c.typ, where, said)
				}
			}
		}
		for _, value := range c.bad {
			for where, said := range ways(value) {
				if said == "" {
					t.Errorf("%s of %s as %s is taken", value, c.typ, where)
				} else if plain := strings.Trim(value, `"`); !strings.ContainsAny(plain, `{[\`) && !strings.Contains(said, plain) {
					t.Errorf("%s of %s as %s: %q does not name the value", value, c.typ, where, said)
				}
			}
		}
	}
}

// A wrong name of an enum value or of an input's field gets the same help in a variable as in a document, unless introspection is
// closed or the search would be long.
func TestSimilarNames(t *testing.T) {
	t.Parallel()
	const stages, deep = "query($v:[Stage!]!){es(v:$v)}", "query($v:Deep){deep(v:$v)}"
	long := strings.Repeat("a", longestName+1)
	for _, c := range []struct{ document, variables, english, chinese string }{
		{stages, `{"v":["placed"]}`, `$v[0] must be Stage; got "placed". Did you mean "PLACED"?`, `$v[0] 的类型应为 Stage，收到的是 "placed"。是否想写“PLACED”？`},
		{stages, `{"v":["DELIVERED"]}`, `$v[0] must be Stage; got "DELIVERED".`, `$v[0] 的类型应为 Stage，收到的是 "DELIVERED"。`},
		{stages, `{"v":[null]}`, `$v[0] must be Stage!; got null.`, `$v[0] 的类型应为 Stage!，收到的是 null。`},
		{stages, `{"v":[7]}`, `$v[0] must be Stage; got 7.`, `$v[0] 的类型应为 Stage，收到的是 7。`},
		{stages, `{"v":["` + delivery.NewToken().Reveal() + `"]}`, `$v[0] must be Stage; got "bgt_…".`, `$v[0] 的类型应为 Stage，收到的是 "bgt_…"。`},
		{stages, `{"v":[[]]}`, `$v[0] must be Stage; got a list of 0.`, `$v[0] 的类型应为 Stage，收到的是 含 0 项的列表。`},
		{deep, `{"v":{"stage":1}}`, `$v.stage is not a field of Deep. Did you mean "stages" or "flag"?`, `$v.stage 不是 Deep 的字段。是否想写“stages”或“flag”？`},
		{deep, `{"v":{"` + long + `":1}}`, `$v.` + long + ` is not a field of Deep.`, `$v.` + long + ` 不是 Deep 的字段。`},
		{"{e(v:placed)}", `{}`, `Value "placed" does not exist in "Stage" enum. Did you mean the enum value "PLACED"?`, `“placed”不是枚举“Stage”的值。是否想写“PLACED”？`},
		{`{s(v:` + strings.ReplaceAll(delivery.NewToken().Reveal(), "-", "a") + `)}`, `{}`, `String cannot represent a non string value: bgt_…`, `String 类型不能取值 bgt_…。`},
	} {
		for locale, want := range map[delivery.Locale]string{delivery.English: c.english, delivery.Chinese: c.chinese} {
			if got := givenIn(t, locale, c.document, c.variables); got != want {
				t.Errorf("%s with %s: got %s, want %s", c.document, c.variables, got, want)
			}
		}
	}
	got := givenIn(t, delivery.English, stages, `{"v":["placed"]}`, func(o *Options) { o.Rules.NoIntrospection = true })
	if want := `$v[0] must be Stage; got "placed".`; got != want {
		t.Errorf("without introspection: got %s, want %s", got, want)
	}
	for hint, want := range map[string]string{
		didYouMean + `"a", "b", or "c"?`:                      "是否想写“a”、“b”或“c”？",
		didYouMean + `"name { ... }"?`:                        "是否想写“name { ... }”？",
		didYouMean + `the enum value RED or GREEN?`:           "是否想写“RED”或“GREEN”？",
		didYouMean + `to use an inline fragment on "A", "B"?`: "是否想用内联片段“A”或“B”？",
	} {
		if got := hintInChinese(hint); got != want {
			t.Errorf("%s: got %s, want %s", hint, got, want)
		}
	}
}

// Enums match exactly, and null is accepted only in nullable positions, at every depth.
func TestEnumsAndNullsAtEveryDepth(t *testing.T) {
	t.Parallel()
	const deep = "query($v:Deep){deep(v:$v)}"
	for _, c := range []struct{ document, variables string }{
		{"query($v:Stage){e(v:$v)}", `{"v":"placed"}`},
		{"query($v:Stage){e(v:$v)}", `{"v":"Placed"}`},
		{"query($v:Stage){e(v:$v)}", `{"v":"PLACED "}`},
		{"query($v:Stage){e(v:$v)}", `{"v":0}`},
		{"query($v:Stage){e(v:$v)}", `{"v":["PLACED"]}`},
		{"query($v:Stage=placed){e(v:$v)}", `{}`},
		{"query($v:Stage=placed){e(v:$v)}", `{"v":"PLACED"}`},
		{"{e(v:placed)}", `{}`},
		{`{e(v:"PLACED")}`, `{}`},
		{"{e(v:{})}", `{}`},
		{"{e(v:{a:1})}", `{}`},
		{"{e(v:[])}", `{}`},
		{"{s(v:{a:1})}", `{}`},
		{"{s(v:[])}", `{}`},
		{"{s(v:PLACED)}", `{}`},
		{"{d(v:PLACED)}", `{}`},
		{"query($v:Decimal=PLACED){d(v:$v)}", `{}`},
		{"{b(v:[true])}", `{}`},
		{"{id(v:{})}", `{}`},
		{"{deep(v:[{at:1}])}", `{}`},
		{"{deep(v:{deeper:{text:{}}})}", `{}`},
		{"{deep(v:{deeper:{one:{}}})}", `{}`},
		{"{deep(v:{list:[[[1]]]})}", `{}`},
		{"query($v:Float=2147483648,$i:Int=2147483648){f(v:$v)i(v:$i)}", `{}`},
		{`query($v:[ID!]={}){ids(v:$v)}`, `{}`},
		{`query($v:[ID!]=[null]){ids(v:$v)}`, `{}`},
		{`query($v:[Stage!]=[PLACED,placed]){es(v:$v)}`, `{}`},
		{`query($v:Deep={nope:1}){deep(v:$v)}`, `{}`},
		{`query($v:Deep={at:null}){deep(v:$v)}`, `{}`},
		{`query($v:Deep={deeper:{d:true}}){deep(v:$v)}`, `{}`},
		{"query($v:[Stage!]!){es(v:$v)}", `{"v":["PLACED","dispatched"]}`},
		{"query($v:[Stage!]!){es(v:$v)}", `{"v":"placed"}`},
		{"query($v:[Stage!]!){es(v:$v)}", `{"v":null}`},
		{"query($v:[Stage!]!){es(v:$v)}", `{"v":[null]}`},
		{"query($v:[Stage!]!){es(v:$v)}", `{}`},
		{"query($v:[Stage!]!=[PLACED]){es(v:$v)}", `{"v":null}`},
		{"query($v:[Stage!]=[PLACED]){es(v:$v)}", `{"v":null}`},
		{"query($v:Stage=PLACED){es(v:[$v])}", `{"v":null}`},
		{"query($v:[ID!]!){ids(v:$v)}", `{"v":["a",null]}`},
		{"query($v:[ID!]=[]){ids(v:$v)}", `{"v":null}`},
		{deep, `{"v":{"stages":["PLACED","placed"]}}`},
		{deep, `{"v":{"one":"placed"}}`},
		{deep, `{"v":{"deeper":{"deeper":{"one":"placed"}}}}`},
		{deep, `{"v":{"deeper":{"stages":[null]}}}`},
		{deep, `{"v":{"at":null}}`},
		{deep, `{"v":{"deeper":{"at":null}}}`},
		{deep, `{"v":{"at":2147483648}}`},
		{deep, `{"v":{"list":[[1,null]]}}`},
		{deep, `{"v":{"list":[null]}}`},
		{deep, `{"v":{"nope":1}}`},
		{deep, `{"v":{"At":1}}`},
		{deep, `{"v":[]}`},
		{deep, `{"v":"x"}`},
		{"query($v:Int=1){deep(v:{at:$v})}", `{"v":null}`},
		{"query($v:Int=1){deep(v:{deeper:{at:$v}})}", `{"v":null}`},
		{"query($v:Int=1){...f} fragment f on Query{deep(v:{list:[[$v]]})}", `{"v":null}`},
		{"query($v:Boolean=true){__typename @skip(if:$v)}", `{"v":null}`},
		{"query($v:Boolean=true){...@include(if:$v){__typename}}", `{"v":null}`},
		{"query($v:Boolean=true){...f @include(if:$v)} fragment f on Query{__typename}", `{"v":null}`},
		{"query($v:Boolean=true){...f} fragment f on Query{__typename @include(if:$v)}", `{"v":null}`},
		{"query($v:Boolean){must(v:$v)}", `{"v":null}`},
		{"query($v:Boolean=null){must(v:$v)}", `{}`},
		{"{must(v:null)}", `{}`},
	} {
		if given(t, c.document, c.variables) == "" {
			t.Errorf("%s with %s is taken", c.document, c.variables)
		}
	}
	for _, c := range []struct{ document, variables string }{
		{"query($v:Stage){e(v:$v)}", `{"v":"PLACED"}`},
		{"query($v:[Stage!]!){es(v:$v)}", `{"v":"PLACED"}`},
		{"query($v:Boolean=true){__typename @skip(if:$v)}", `{}`},
		{"query($v:Boolean){must(v:$v)}", `{}`},
		{`query($v:[ID!]="a"){ids(v:$v)}`, `{}`},
		{"query($v:[Stage!]=PLACED){es(v:$v)}", `{}`},
		{"query($v:Float=2147483648){f(v:$v)}", `{}`},
		{"query($v:[[Int!]!]=1){deep(v:{list:$v})}", `{}`},
		{deep, `{"v":{"deeper":{"one":null,"stages":"PLACED","list":[1]}}}`},
		{deep, `{"v":{}}`},
		{"query($v:Boolean){must(v:$v)}", `{"v":true,"unknown":1}`},
		{"{deep(v:{deeper:{list:1 stages:PLACED d:{a:[1]}}})}", `{}`},
	} {
		if said := given(t, c.document, c.variables); said != "" {
			t.Errorf("%s with %s: got %q", c.document, c.variables, said)
		}
	}
}

// Block strings have no escapes: \uD83D in one is six characters.
func TestBlockStringsHaveNoEscapes(t *testing.T) {
	t.Parallel()
	for text, good := range map[string]bool{`{s(v:"""\uD83D""")}`: true, `{s(v:"""a"b\"""c""")}`: true, `{s(v:"\\uD83D")}`: true, `{s(v:"\\\uD83D")}`: false,
		`{s(v:"a") #"\uD83D"` + "\n}": true, `{s(v:"""""") b:s(v:"\uD83D")}`: false, `{s(v:"") b:s(v:"\uD83D")}`: false, `{s(v:"a\"\uD83D")}`: false} {
		if said := given(t, text, "{}"); (said == "") != good {
			t.Errorf("%s: got %q", text, said)
		}
	}
}

// Members are matched by their exact names. The last of two equal members counts.
func TestMembersOfARequest(t *testing.T) {
	t.Parallel()
	for _, body := range []string{`{"Query":"{hello}"}`, `{"QUERY":"{hello}"}`, `null`, `[]`, `{"query":"{hello}","variables":[]}`, `{"query":"{hello}","query":1}`} {
		if r, err := Decode([]byte(body)); err == nil {
			t.Errorf("%s is taken as %+v", body, r)
		}
	}
	r, err := Decode([]byte(`{"query":"{hello}","Variables":{"a":1},"OperationName":"x","DocumentId":"y","Extensions":{"persistedQuery":{"sha256Hash":"z"}}}`))
	if err != nil || r.Variables != nil || r.OperationName != "" || r.Document != "" || r.Extensions != nil {
		t.Errorf("got %+v, %v: members of other names are others'", r, err)
	}
	r, err = Decode([]byte(`{"query":"{me}","query":"{hello}","variables":{"a":1,"o":{"x":1}},"variables":{"b":2,"o":{"y":1},"o":{"z":1}}}`))
	if err != nil || r.Query != "{hello}" || len(r.Variables) != 2 || len(r.Variables["o"].(map[string]any)) != 1 {
		t.Errorf("got %+v, %v, want the last of each", r, err)
	}
}
