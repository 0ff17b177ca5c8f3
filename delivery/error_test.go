package delivery

import (
	"encoding/json"
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"slices"
	"strings"
	"testing"
	"time"
)

// reasons are the constants of type Reason, read from the source so that none can be forgotten.
func reasons(t *testing.T) []Reason {
	t.Helper()
	file, err := parser.ParseFile(token.NewFileSet(), "reason.go", nil, 0)
	if err != nil {
		t.Fatal(err)
	}
	var out []Reason
	ast.Inspect(file, func(n ast.Node) bool {
		if v, ok := n.(*ast.ValueSpec); ok {
			if of, ok := v.Type.(*ast.Ident); ok && of.Name == "Reason" {
				out = append(out, Reason(strings.Trim(v.Values[0].(*ast.BasicLit).Value, `"`)))
			}
		}
		return true
	})
	return out
}

func TestEveryReasonHasItsSentences(t *testing.T) {
	t.Parallel()
	all := reasons(t)
	if len(all) < 40 || len(all) != len(sentences) {
		t.Errorf("got %d sentences for %d reasons", len(sentences), len(all))
	}
	for _, r := range all {
		s, ok := sentences[r]
		if !ok || s.code == "" || s.en == "" || s.zh == "" {
			t.Errorf("%s: got %+v, want a code and two sentences", r, s)
		}
		if !strings.HasSuffix(s.en, ".") || !strings.HasSuffix(s.zh, "。") {
			t.Errorf("%s: %q and %q are not full sentences", r, s.en, s.zh)
		}
		if strings.Count(s.en, "%") != strings.Count(s.zh, "%") {
			t.Errorf("%s: %q and %q fill in different facts", r, s.en, s.zh)
		}
	}
}

func TestError(t *testing.T) {
	t.Parallel()
	t.Run("reads the same after it was stored", func(t *testing.T) {
		t.Parallel()
		at := time.Date(2020, 2, 18, 4, 0, 0, 123000, time.UTC)
		other := ID{KindBuilding, 7, "00000000-0000-7000-8000-000000000001"}
		for _, e := range []*Error{
			Refuse(ReasonVersionChanged, int64(9_007_199_254_740_993)).At("orders", "3"),
			Refuse(ReasonTooLong, MaxNote, 501),
			Refuse(ReasonOutOfRange, 0, MaxTotalFen),
			Refuse(ReasonIllegalMove, Placed, Delivered).With(Details{Stage: Placed, Version: 3, MovedBy: &Ref{Role: RoleLead, Community: 7}, MovedAt: &at}),
			Refuse(ReasonTaken, "E6").With(Details{ConflictingID: &other, Limit: 5}),
			Refuse(ReasonMissing),
		} {
			b, err := json.Marshal(e)
			if err != nil {
				t.Fatal(err)
			}
			var again Error
			if err := json.Unmarshal(b, &again); err != nil {
				t.Fatal(err)
			}
			for _, l := range []Locale{English, Chinese} {
				if got, want := again.Message(l), e.Message(l); got != want || strings.Contains(got, "%!") {
					t.Errorf("got %q, want %q", got, want)
				}
			}
			if again.Code() != e.Code() || !slices.Equal(again.Field, e.Field) {
				t.Errorf("got %+v, want %+v", again, *e)
			}
			if b2, _ := json.Marshal(&again); string(b2) != string(b) {
				t.Errorf("got %s, want %s", b2, b)
			}
		}
	})
	t.Run("is found behind what was being done", func(t *testing.T) {
		t.Parallel()
		e := Refuse(ReasonHeld, "noon")
		wrapped := fmt.Errorf("move order 7: %w", e)
		if AsError(wrapped) != e || CodeOf(wrapped) != CodeHeld {
			t.Errorf("got %v, %s", AsError(wrapped), CodeOf(wrapped))
		}
		if internal := fmt.Errorf("broken pipe"); AsError(internal) != nil || CodeOf(internal) != CodeInternal {
			t.Error("an internal error passes for a refusal")
		}
	})
	t.Run("of an unknown reason says no more than that something went wrong", func(t *testing.T) {
		t.Parallel()
		if got := (&Error{Reason: "FROM_THE_FUTURE"}).Error(); got != "Something went wrong." {
			t.Errorf("got %q", got)
		}
	})
	t.Run("paths grow outwards and leave the original as it is", func(t *testing.T) {
		t.Parallel()
		e := Refuse(ReasonMissing).At("room")
		if got := e.At("households", "2").Field; !slices.Equal(got, []string{"households", "2", "room"}) || len(e.Field) != 1 {
			t.Errorf("got %v from %v", got, e.Field)
		}
	})
}

func TestParseLocale(t *testing.T) {
	t.Parallel()
	for in, want := range map[string]Locale{"": English, "zh-CN,zh;q=0.9,en;q=0.8": Chinese, "en-US,en;q=0.9,zh;q=0.8": English,
		"fr, zh-Hans;q=0.5": Chinese, "ZH": Chinese, ";;,,": English, "en;q=0.5, zh;q=0.8": Chinese, "zh;q=0.5, en;q=0.8": English, "zh;q=0": English,
		"zh;q=0, en": English, "zh;q=0.0,*": English, "zh;q=0.000": English, "zh;Q=0": English, "zh ; q = 0 , en;q=0.1": English, "en;q=0": Chinese, "en;q=0, fr": Chinese,
		"en;q=0, zh;q=0": English, "zh;q=0, zh-CN;q=0.2": Chinese, "*": English, "*;q=0.5, en;q=0.1": Chinese, "*;q=0.5, zh;q=0.1": English, "en, zh": English, "zh, en": Chinese,
		"zh;q=0.001": Chinese, "zh;q=0.0001": Chinese, "zh;q=2": English, "zh;q=x": English, "zh;q=NaN, en": English, "zh;q=inf": English, "zh;q=1e0": English, "zh;q=-1": English,
		"zh_CN": Chinese, "zhx": English, "fr;q=1, zh;q=1.000, en;q=0.999": Chinese, "zh;q=0.9;x=y, en;q=0.8": Chinese, "zh;q=1.1, en;q=0.1": English} {
		if got := ParseLocale(in); got != want {
			t.Errorf("%q: got %s, want %s", in, got, want)
		}
	}
}
