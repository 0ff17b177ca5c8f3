package delivery

import (
	"encoding/json"
	"reflect"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"
)

// whole is a body with a value in every member, also those of its snapshot.
func whole(t testing.TB) EventBody {
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
			for i := range v.NumField() {
				fill(v.Field(i))
			}
		default:
			t.Fatalf("what is a %s?", v.Type())
		}
	}
	var b EventBody
	fill(reflect.ValueOf(&b).Elem())
	return b
}

// written is a body as we write it, and as PostgreSQL gives it back.
func written(t testing.TB, b EventBody) (ours, theirs string) {
	t.Helper()
	text, err := json.Marshal(b)
	if err != nil {
		t.Fatal(err)
	}
	return string(text), strings.NewReplacer(`":`, `": `, `,"`, `, "`).Replace(string(text))
}

// TestPlainBodies checks that readPlain reads every member that a body can have. It fails for a new member that readPlain
// does not know.
func TestPlainBodies(t *testing.T) {
	t.Parallel()
	for _, b := range []EventBody{whole(t), {V: 1}, {V: 1, Order: &OrderSnapshot{}}} {
		ours, theirs := written(t, b)
		for _, text := range []string{ours, theirs} {
			var plain EventBody
			if !plain.readPlain(text) {
				t.Errorf("%s is not read plainly", text)
			} else if !reflect.DeepEqual(plain, b) {
				t.Errorf("%s: got %+v, want %+v", text, plain, b)
			}
		}
	}
}

// TestPlainBodiesAreJSON changes bodies at random: if readPlain accepts a body, encoding/json reads the same.
func TestPlainBodiesAreJSON(t *testing.T) {
	t.Parallel()
	ours, theirs := written(t, whole(t))
	pieces := append(strings.SplitAfter(theirs, " "), strings.SplitAfter(ours, ",")...)
	pieces = append(pieces, "{", "}", "{}", ",", ":", `"`, `"v":1`, `"V":1`, `"order": null`, "null", "0", "00", "-1", "1.0", "1e3", "9223372036854775807",
		"2147483648", `"\u0041"`, "\n", "\t", "é", "\xff", `\`, "true", "[]")
	read := 0
	rapid.Check(t, func(t *rapid.T) {
		text := rapid.SampledFrom([]string{ours, theirs, `{"v": 1}`, `{"v": 1, "order": {"number": 7}}`}).Draw(t, "body")
		for range rapid.IntRange(0, 2).Draw(t, "changes") {
			from := rapid.IntRange(0, len(text)).Draw(t, "from")
			to := rapid.IntRange(from, min(from+3, len(text))).Draw(t, "to")
			text = text[:from] + rapid.SampledFrom(append(pieces, "")).Draw(t, "piece") + text[to:]
		}
		var plain, want EventBody
		if !plain.readPlain(text) {
			if plain != (EventBody{}) {
				t.Fatalf("%q: not read, but it is %+v", text, plain)
			}
			return
		}
		read++
		if err := json.Unmarshal([]byte(text), &want); err != nil || !reflect.DeepEqual(plain, want) {
			t.Fatalf("%q: got %+v, want %+v, %v", text, plain, want, err)
		}
	})
	if read == 0 {
		t.Error("nothing was read")
	}
}

// BenchmarkBody compares the reading of a body by readPlain and by encoding/json.
func BenchmarkBody(b *testing.B) {
	_, text := written(b, whole(b))
	b.Run("plain", func(b *testing.B) {
		for b.Loop() {
			if !new(EventBody).readPlain(text) {
				b.Fatal("not read")
			}
		}
	})
	b.Run("encoding/json", func(b *testing.B) {
		for b.Loop() {
			if err := json.Unmarshal([]byte(text), new(EventBody)); err != nil {
				b.Fatal(err)
			}
		}
	})
}
