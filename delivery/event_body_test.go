package delivery

import (
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"
)

// whole is an event of the kind with a value in every member of its body, also those of its snapshot.
func whole(t testing.TB, spec *eventSpec) *Event {
	t.Helper()
	var fill func(v reflect.Value)
	fill = func(v reflect.Value) {
		switch at := time.Date(2026, 2, 18, 9, 30, 5, 123456000, time.UTC); {
		case v.Type() == reflect.TypeFor[time.Time]():
			v.Set(reflect.ValueOf(at))
		case v.Kind() == reflect.Pointer:
			v.Set(reflect.New(v.Type().Elem()))
			fill(v.Elem())
		case v.Kind() == reflect.String:
			v.SetString("AT_BUILDING")
		case v.CanInt():
			v.SetInt(1203)
		case v.Kind() == reflect.Struct:
			for _, field := range v.Fields() {
				fill(field)
			}
		case v.Type() == reflect.TypeFor[Marks]():
			v.Set(reflect.ValueOf(Marks{MarkCold, MarkMedicine}))
		default:
			t.Fatalf("what is a %s?", v.Type())
		}
	}
	e := &Event{Kind: spec.kind, Order: &OrderSnapshot{}}
	fill(reflect.ValueOf(e.Order).Elem())
	if spec.body != nil {
		body := reflect.New(spec.body)
		fill(body.Elem())
		e.Body = body.Interface()
	}
	return e
}

// written is a body as we write it, and as PostgreSQL gives it back.
func written(t testing.TB, e *Event) (ours, theirs string) {
	t.Helper()
	text, err := e.MarshalBody()
	if err != nil {
		t.Fatal(err)
	}
	return text, strings.NewReplacer(`":`, `": `, `,"`, `, "`).Replace(text)
}

// TestPlainBodies checks that readPlain reads every member that a body of each kind can have. It fails for a new member that
// readPlain does not know.
func TestPlainBodies(t *testing.T) {
	t.Parallel()
	for _, spec := range eventSpecs {
		for _, want := range []*Event{whole(t, spec), {Kind: spec.kind}, {Kind: spec.kind, Order: &OrderSnapshot{}}} {
			ours, theirs := written(t, want)
			for _, text := range []string{ours, theirs} {
				plain := &Event{Kind: spec.kind}
				if !plain.readPlain(spec, text) {
					t.Errorf("%s: %s is not read plainly", spec.kind, text)
				} else if !reflect.DeepEqual(plain, want) {
					t.Errorf("%s: %s: got %+v, want %+v", spec.kind, text, plain, want)
				}
			}
		}
	}
}

// TestPlainBodiesAreJSON changes bodies at random: if readPlain accepts a body, encoding/json reads the same.
func TestPlainBodiesAreJSON(t *testing.T) {
	t.Parallel()
	type forms struct{ ours, theirs string }
	texts := map[EventKind]forms{}
	var pieces []string
	for kind, spec := range eventSpecs {
		ours, theirs := written(t, whole(t, spec))
		texts[kind] = forms{ours, theirs}
		pieces = append(append(pieces, strings.SplitAfter(theirs, " ")...), strings.SplitAfter(ours, ",")...)
	}
	slices.Sort(pieces)
	pieces = append(slices.Compact(pieces), "{", "}", "{}", ",", ":", `"`, `"v":1`, `"V":1`, `"order": null`, "null", "0", "00", "-1", "1.0", "1e3", "9223372036854775807",
		"2147483648", `"\u0041"`, "\n", "\t", "é", "\xff", `\`, "true", "[]")
	read := 0
	rapid.Check(t, func(t *rapid.T) {
		spec := eventSpecs[rapid.SampledFrom(EventKinds()).Draw(t, "kind")]
		text := rapid.SampledFrom([]string{texts[spec.kind].ours, texts[spec.kind].theirs, `{"v": 1}`, `{"v": 1, "order": {"number": 7}}`}).Draw(t, "body")
		for range rapid.IntRange(0, 2).Draw(t, "changes") {
			from := rapid.IntRange(0, len(text)).Draw(t, "from")
			to := rapid.IntRange(from, min(from+3, len(text))).Draw(t, "to")
			text = text[:from] + rapid.SampledFrom(append(pieces, "")).Draw(t, "piece") + text[to:]
		}
		plain, want := &Event{Kind: spec.kind}, &Event{Kind: spec.kind}
		if !plain.readPlain(spec, text) {
			if plain.Order != nil || plain.Body != nil {
				t.Fatalf("%s %q: not read, but it is %+v", spec.kind, text, plain)
			}
			return
		}
		read++
		if err := want.readJSON(spec, []byte(text)); err != nil || !reflect.DeepEqual(plain, want) {
			t.Fatalf("%s %q: got %+v, want %+v, %v", spec.kind, text, plain, want, err)
		}
	})
	if read == 0 {
		t.Error("nothing was read")
	}
}

// BenchmarkBody compares the reading of a body by readPlain and by encoding/json.
func BenchmarkBody(b *testing.B) {
	spec := eventSpecs[OrderMoved]
	_, text := written(b, whole(b, spec))
	b.Run("plain", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			if !new(Event).readPlain(spec, text) {
				b.Fatal("not read")
			}
		}
	})
	b.Run("encoding/json", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			if err := new(Event).readJSON(spec, []byte(text)); err != nil {
				b.Fatal(err)
			}
		}
	})
}
