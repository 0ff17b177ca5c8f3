package repository_test

import (
	"encoding/json"
	"go/ast"
	"go/parser"
	"go/token"
	"os"
	"path"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"baogong/delivery"
	_ "baogong/reading/jielong"   // declares refusals
	_ "baogong/reading/orderfile" // declares refusals, as the packages that it reads with do
	_ "baogong/rehearsal"         // declares refusals
)

// refusal is a reason as the source declares it.
type refusal struct {
	at       token.Position
	variable string // with its package
	name     string
	code     string // of the source
	en, zh   string
	worded   bool
}

// file is one file of the source: the reasons that it declares, the places that declare one otherwise than as a package variable
// with texts, and the variables that it names, with their packages.
type file struct {
	refusals  []refusal
	misplaced []token.Position
	names     map[string]bool
	words     map[string]string // that NewWord declares
}

// refusalsOf reads the file at a path, or the text if there is one, of the package in a folder.
func refusalsOf(t *testing.T, folder, name string, text any) file {
	t.Helper()
	files := token.NewFileSet()
	f, err := parser.ParseFile(files, name, text, parser.SkipObjectResolution)
	if err != nil {
		t.Fatal(err)
	}
	out := file{names: map[string]bool{}, words: map[string]string{}}
	pkg := path.Base(filepath.ToSlash(folder))
	good := map[*ast.CallExpr]bool{}
	declared := map[*ast.Ident]bool{}
	for _, d := range f.Decls {
		d, ok := d.(*ast.GenDecl)
		if !ok || d.Tok != token.VAR {
			continue
		}
		for _, spec := range d.Specs {
			spec := spec.(*ast.ValueSpec)
			for i, value := range spec.Values {
				call, maker := makes(value)
				var texts []string
				for _, arg := range append([]ast.Expr{}, call...) {
					if text, ok := arg.(*ast.BasicLit); ok && text.Kind == token.STRING {
						s, err := strconv.Unquote(text.Value)
						if err != nil {
							t.Fatal(err)
						}
						texts = append(texts, s)
					}
				}
				switch {
				case maker == "NewWord" && len(texts) == 2:
					out.words[texts[0]] = texts[1]
				case (maker == "NewReason" || maker == "NewWordedReason") && len(call) == 4 && len(texts) == 3:
					declared[spec.Names[i]] = true
					out.refusals = append(out.refusals, refusal{files.Position(value.Pos()), pkg + "." + spec.Names[i].Name, texts[0], lastName(call[1]), texts[1], texts[2], maker == "NewWordedReason"})
				default:
					continue
				}
				good[value.(*ast.CallExpr)] = true
			}
		}
	}
	ast.Inspect(f, func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.CallExpr:
			if _, maker := makes(n); maker != "" && !good[n] {
				out.misplaced = append(out.misplaced, files.Position(n.Pos()))
			}
		case *ast.SelectorExpr:
			if of, ok := n.X.(*ast.Ident); ok {
				out.names[of.Name+"."+n.Sel.Name] = true
			}
		case *ast.Ident:
			if !declared[n] {
				out.names[pkg+"."+n.Name] = true
			}
		}
		return true
	})
	return out
}

// makes returns the arguments and the name of a call that declares a reason or a word.
func makes(e ast.Expr) (args []ast.Expr, maker string) {
	call, ok := e.(*ast.CallExpr)
	if !ok {
		return nil, ""
	}
	switch name := lastName(call.Fun); name {
	case "NewReason", "NewWordedReason", "NewWord":
		return call.Args, name
	}
	return nil, ""
}

// lastName is the name of an identifier, without its package.
func lastName(e ast.Expr) string {
	switch e := e.(type) {
	case *ast.Ident:
		return e.Name
	case *ast.SelectorExpr:
		return e.Sel.Name
	}
	return ""
}

// source returns the files of our packages, by folder and name.
func source(t *testing.T) map[string]file {
	t.Helper()
	out := map[string]file{}
	for _, p := range packages(t) {
		if p.place() == "graph" {
			continue
		}
		for _, name := range p.GoFiles {
			out[path.Join(p.place(), name)] = refusalsOf(t, path.Join("baogong", p.place()), filepath.Join(p.Dir, name), nil)
		}
	}
	return out
}

// shared is the file of the reasons that no one rule owns.
const shared = "delivery/error.go"

func TestRefusals(t *testing.T) {
	t.Parallel()
	all := source(t)
	t.Run("are declared where they are raised", func(t *testing.T) {
		t.Parallel()
		declaredWhereRaised(t, all)
	})
	t.Run("are tested", func(t *testing.T) {
		t.Parallel()
		tested(t, all)
	})
	t.Run("have their sentences", func(t *testing.T) {
		t.Parallel()
		haveSentences(t, all)
	})
	t.Run("are Chinese in Chinese", func(t *testing.T) {
		t.Parallel()
		inChinese(t, all)
	})
}

// tested checks that a test names each reason of the rules and the verbs, by its name or its variable.
func tested(t *testing.T, all map[string]file) {
	var tests strings.Builder
	for _, p := range packages(t) {
		for _, name := range slices.Concat(p.TestGoFiles, p.XTestGoFiles) {
			text, err := os.ReadFile(filepath.Join(p.Dir, name))
			if err != nil {
				t.Fatal(err)
			}
			tests.Write(text)
		}
	}
	named := map[string]bool{}
	for _, word := range regexp.MustCompile(`[A-Za-z_]+`).FindAllString(tests.String(), -1) {
		named[word] = true
	}
	n := 0
	for at, f := range all {
		if top, _, _ := strings.Cut(at, "/"); top != "delivery" && top != "dispatch" {
			continue
		}
		for _, r := range f.refusals {
			n++
			if _, variable, _ := strings.Cut(path.Base(r.variable), "."); !named[r.name] && !named[variable] {
				t.Errorf("%s: no test names %s", r.at, r.name)
			}
		}
	}
	if n < 100 {
		t.Errorf("found %d reasons, want all", n)
	}
}

// declaredWhereRaised checks that each reason is declared once, as a package variable, in a file that raises it; or with the
// shared ones, if several packages raise it. Every reason of the program is found that way.
func declaredWhereRaised(t *testing.T, all map[string]file) {
	places := map[string]string{} // of the names of reasons
	for at, f := range all {
		for _, m := range f.misplaced {
			t.Errorf("%s: declare it as a package variable, with its texts as literals", m)
		}
		for _, r := range f.refusals {
			if before := places[r.name]; before != "" {
				t.Errorf("%s: %s is declared in %s too", r.at, r.name, before)
			}
			places[r.name] = at
			users := map[string]bool{}
			for other, g := range all {
				if g.names[r.variable] {
					users[path.Dir(other)] = true
				}
			}
			switch {
			case at == shared && len(users) < 2:
				t.Errorf("%s: %s is used by %d packages; declare it where it is raised", r.at, r.name, len(users))
			case at != shared && !f.names[r.variable]:
				t.Errorf("%s: %s is not raised in this file; declare it where it is", r.at, r.name)
			}
		}
	}
	var known []string
	for _, r := range delivery.Reasons() {
		known = append(known, r.String())
		if places[r.String()] == "" {
			t.Errorf("%s is declared where this test does not look", r)
		}
	}
	for name, at := range places {
		if !slices.Contains(known, name) {
			t.Errorf("%s: the program lacks %s", at, name)
		}
	}
	if len(known) < 100 {
		t.Errorf("got %d reasons", len(known))
	}
	const example = `package p
var a, b = delivery.NewReason("A", delivery.CodeHeld, "No.", "不。"), delivery.NewWordedReason("B", delivery.CodeHeld, "No.", "不。")
var c = delivery.NewReason("C", delivery.CodeHeld, no, "不。")
func f() { delivery.NewReason("D", delivery.CodeHeld, "No.", "不。"); g(a) }`
	f := refusalsOf(t, "p", "example.go", example)
	if len(f.refusals) != 2 || !f.names["p.a"] || f.names["p.b"] || len(f.misplaced) != 2 || f.misplaced[0].Line != 3 || f.misplaced[1].Line != 4 {
		t.Errorf("got %+v of the example", f)
	}
}

var (
	reasonName = regexp.MustCompile(`^[A-Z]+(_[A-Z]+)*$`)
	verb       = regexp.MustCompile(`%[^%]`)
)

// haveSentences checks that a reason has a name, a code and full sentences in both languages, which fill in the same.
func haveSentences(t *testing.T, all map[string]file) {
	for _, f := range all {
		for _, r := range f.refusals {
			if !reasonName.MatchString(r.name) || !strings.HasPrefix(r.code, "Code") {
				t.Errorf("%s: got the name %q and the code %s", r.at, r.name, r.code)
			}
			if !strings.HasSuffix(r.en, ".") || !strings.HasSuffix(r.zh, "。") {
				t.Errorf("%s: %q and %q are not full sentences", r.at, r.en, r.zh)
			}
			quoted := strings.NewReplacer("%q", "%s", "“%s”", "%s") // what English quotes, Chinese puts between its own marks
			if en, zh := verb.FindAllString(quoted.Replace(r.en), -1), verb.FindAllString(quoted.Replace(r.zh), -1); !slices.Equal(en, zh) || strings.Contains(r.zh, "%q") {
				t.Errorf("%s: %q and %q fill in %s and %s", r.at, r.en, r.zh, en, zh)
			}
		}
	}
}

// filled returns what fills in the sentences of a reason, each time with other words of ours. It returns nothing for a reason
// that it does not know.
func filled(r refusal, words []string) (out [][]any) {
	kinds := []string{delivery.Kind(0).String()}
	for k := delivery.Kind(1); k.String() != kinds[0]; k++ {
		kinds = append(kinds, k.String())
	}
	var reasons, lists []string
	for _, list := range delivery.MoveReasons {
		var names []string
		for _, reason := range list {
			names = append(names, string(reason))
		}
		reasons, lists = append(reasons, names...), append(lists, strings.Join(names, ", "))
	}
	each := func(texts []string) {
		for _, text := range texts {
			out = append(out, []any{text})
		}
	}
	switch r.name {
	case "SOLD_OUT", "RESERVED_FOR_PHONE", "OVER_CAP":
		each([]string{"1.5"})
	case "WINDOW_DECIDED":
		each([]string{string(delivery.WindowConfirmed), string(delivery.WindowCalledOff)})
	case "NO_SUCH":
		each(kinds)
	case "WRONG_KIND":
		for _, k := range kinds {
			out = append(out, []any{k, delivery.KindOrder.String()})
		}
	case "PROOF_NEEDED":
		var kinds []string
		for _, kind := range delivery.ProofKinds {
			kinds = append(kinds, string(kind))
		}
		each([]string{strings.Join(kinds, ", ")})
	case "QUIET_HOURS":
		out = append(out, []any{"22:00", "07:00"})
	case "FINAL_STAGE", "STAGE_CHANGED", "NOT_IN_A_BIN", "NOT_HERE", "NOT_CONFIRMABLE":
		for _, s := range delivery.Stages {
			out = append(out, []any{s})
		}
	case "ILLEGAL_MOVE", "NOT_YOUR_MOVE":
		for _, from := range delivery.Stages {
			for _, to := range delivery.Stages {
				out = append(out, []any{from, to})
			}
		}
	case "WRONG_REASON":
		each(reasons)
	case "NEEDS_REASON":
		each(lists)
	case "BELOW_LEVEL":
		for _, level := range delivery.EscalationLevels {
			out = append(out, []any{level})
		}
	case "ARRIVAL_STATE":
		for _, state := range delivery.ArrivalStates {
			out = append(out, []any{state})
		}
	case "STRAY_CLOSED":
		for _, state := range delivery.StrayStates[1:] {
			out = append(out, []any{state})
		}
	case "TASK_OVER":
		for _, state := range delivery.TaskStates[1:] {
			out = append(out, []any{state})
		}
	case "SLOT_TAKEN":
		each([]string{"04-12 09:20, 04-12 09:40, 04-12 10:00"})
	case "SCENARIO_NO_HANDS":
		each([]string{"the gate", "sorting", "the carts", "the doors"})
	case "ON_ANOTHER_SHIFT":
		out = append(out, []any{"02-18 10:00", "02-18 14:00"})
	case "BAD_BODY":
		each(words)
	case "BAD_MEMBER":
		each([]string{"query", "operationName", "variables", "extensions"})
	case "QUOTA":
		for _, q := range delivery.Quotas {
			out = append(out, []any{int64(30), q})
		}
	case "TAKEN":
		each([]string{"E6-1-1203"})
	case "WRONG_BIN":
		out = append(out, []any{"E7", "E7-2"})
	case "HELD":
		each([]string{time.Date(2020, 2, 18, 4, 0, 0, 0, time.UTC).Format(time.RFC3339)})
	case "NOTHING_IN_HAND":
		each([]string{delivery.Yuan(1250)})
	case "NOT_EVEN":
		out = append(out, []any{delivery.Yuan(1650), delivery.Yuan(-1650), delivery.Yuan(0), delivery.Yuan(0)})
	case "WRONG_PARTY":
		for _, kind := range delivery.MoneyKinds {
			var parties []string
			for _, p := range delivery.MoneyParties[kind] {
				parties = append(parties, string(p))
			}
			out = append(out, []any{kind, strings.Join(parties, ", ")})
		}
	case "OUT_OF_RANGE":
		out = append(out, []any{0, delivery.MaxTotalFen})
	case "BAD_PAGE":
		out = append(out, []any{"first", delivery.MaxPage, 500})
	case "ONE_OF":
		out = append(out, []any{"householdIds", "buildingId"})
	case "HEADERS_UNKNOWN":
		each([]string{"姓名 | 手机号"})
	case "NO_SUCH_OPERATION":
		each([]string{"订单"})
	default: // numbers, and between quotation marks what a user wrote
		var args []any
		for _, v := range verb.FindAllString(r.en, -1) {
			switch v {
			case "%d":
				args = append(args, 7)
			case "%q":
				args = append(args, "王秀英")
			default:
				return nil
			}
		}
		if r.worded {
			return nil
		}
		out = append(out, args)
	}
	return out
}

// inChinese says every refusal in Chinese, with what the code fills in, fresh and as it comes back from a stored outcome, and
// finds no English word.
func inChinese(t *testing.T, files map[string]file) {
	reasons := map[string]delivery.Reason{}
	for _, r := range delivery.Reasons() {
		reasons[r.String()] = r
	}
	var words []string
	var all []refusal
	for _, f := range files {
		all = append(all, f.refusals...)
		for word := range f.words {
			words = append(words, word)
		}
	}
	// Names of the interface itself, which are the same in every language.
	names := strings.NewReplacer("first", "", "last", "", "feedCursor", "", "clientMutationId", "", "householdIds", "", "buildingId", "", "WebSocket", "", "graphql-transport-ws", "",
		"text/event-stream", "", "application/graphql-response+json", "", "application/json", "", "Content-Encoding", "", "Content-Type", "", "WebP", "", "identity", "", "Asia/Shanghai", "", "@defer", "",
		"“Authorization: Bearer …”", "", "Bearer dev:NAME", "", "Bearer dev:C01", "", "Bearer", "", "?query=", "", "“query”", "", "“operationName”", "", "“variables”", "", "“extensions”", "", "localhost", "", "operationName", "", `\uD83D`, "")
	english := regexp.MustCompile(`[a-z]+|[A-Z]+_[A-Z_]+|%!`)
	for _, r := range all {
		tries := filled(r, words)
		if len(tries) == 0 {
			t.Errorf("%s: what fills in %s is not tried here", r.at, r.name)
		}
		for _, args := range tries {
			e := delivery.Refuse(reasons[r.name], args...).At("orders", "3")
			b, err := json.Marshal(e)
			if err != nil {
				t.Fatal(err)
			}
			var stored delivery.Error
			if err := json.Unmarshal(b, &stored); err != nil {
				t.Fatal(err)
			}
			if stored.Code() != e.Code() || stored.Message(delivery.English) != e.Message(delivery.English) || strings.Contains(e.Error(), "%!") || !slices.Equal(stored.Field, e.Field) {
				t.Errorf("%s: got %s, %q; stored %s, %q", r.name, e.Code(), e, stored.Code(), &stored)
			}
			for _, e := range []*delivery.Error{e, &stored} {
				message := e.Message(delivery.Chinese)
				if word := english.FindString(names.Replace(message)); word != "" {
					t.Errorf("%s: got %q with %q in it", e.Reason, message, word)
				}
				for _, stage := range delivery.Stages {
					if strings.Contains(message, string(stage)) {
						t.Errorf("%s: got %q, want %s in Chinese", e.Reason, message, stage)
					}
				}
			}
		}
	}
}

// TestTextsInRefusals checks that words of ours are translated in sentences and that texts of users are not.
func TestTextsInRefusals(t *testing.T) {
	t.Parallel()
	token := delivery.NewToken().Reveal()
	for _, c := range []struct {
		reason string
		arg    any
		en, zh string
	}{
		{"BAD_BODY", "it is not JSON", "The request body could not be read: it is not JSON.", "无法读取请求内容：不是 JSON。"},
		{"TAKEN", "order", "order is already taken.", "“order”已被使用。"},
		{"UNKNOWN_ACTOR", "supplier", `No person is known by the name "supplier".`, "没有名为“supplier”的人员。"},
		{"UNKNOWN_ACTOR", token, `No person is known by the name "bgt_…".`, "没有名为“bgt_…”的人员。"},
	} {
		i := slices.IndexFunc(delivery.Reasons(), func(r delivery.Reason) bool { return r.String() == c.reason })
		if i < 0 {
			t.Errorf("there is no %s", c.reason)
			continue
		}
		if e := delivery.Refuse(delivery.Reasons()[i], c.arg); e.Message(delivery.English) != c.en || e.Message(delivery.Chinese) != c.zh {
			t.Errorf("got %q and %q, want %q and %q", e.Message(delivery.English), e.Message(delivery.Chinese), c.en, c.zh)
		}
	}
}
