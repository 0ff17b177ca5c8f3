package dispatch_test

import (
	"bytes"
	"encoding/json"
	"flag"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"baogong/delivery"
	"baogong/dispatch"
	"baogong/dispatch/verbs"
)

// rewrite writes testdata/calls.json again. Only a new verb and a new field of an input may need it.
var rewrite = flag.Bool("rewrite-calls", false, "write testdata/calls.json instead of comparing with it")

// storedCall is what the database keeps of a call: the JSON of its input as a hash, and the JSON of its outcome.
type storedCall struct {
	Input   json.RawMessage `json:"input"`
	Least   json.RawMessage `json:"least"` // the JSON of an input with no fields set. Fields added later must be absent (omitempty).
	Outcome any             `json:"outcome"`
}

// A call that an earlier release stored must still be recognised and read when it comes again: its mutation's name, the JSON of
// its input byte for byte, and the keys of its outcome.
func TestStoredCallsKeepTheirForm(t *testing.T) {
	t.Parallel()
	const file = "testdata/calls.json"
	got := map[string]storedCall{}
	for name, m := range verbMethods() {
		if slices.Contains([]string{"RedeemCode", "RefreshToken", "SignOut"}, name) { // not stored
			continue
		}
		input, outcome := m.In(m.NumIn()-1), m.Out(0)
		var c storedCall
		c.Input = must(json.Marshal(filled(input).Interface()))
		c.Least = must(json.Marshal(least(input).Interface()))
		if err := json.Unmarshal(must(json.Marshal(filled(outcome).Interface())), &c.Outcome); err != nil {
			t.Fatal(err)
		}
		got[strings.ToLower(name[:1])+name[1:]] = c
	}
	var want map[string]storedCall
	if err := json.Unmarshal(must(os.ReadFile(file)), &want); err != nil {
		t.Fatal(err)
	}
	// Checked before rewriting, so that -rewrite-calls cannot change a stored least form.
	for name, w := range want {
		g, known := got[name]
		if !known {
			continue // below
		}
		if got, want := compact(g.Least), compact(w.Least); got != want {
			t.Fatalf("%s: a retry of an input without the new fields has another hash; they need omitempty:\n got %s\nwant %s", name, got, want)
		}
	}
	if *rewrite {
		if err := os.WriteFile(file, append(must(json.MarshalIndent(got, "", "\t")), '\n'), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	clear(want)
	if err := json.Unmarshal(must(os.ReadFile(file)), &want); err != nil {
		t.Fatal(err)
	}
	if got, want := slices.Sorted(maps.Keys(got)), slices.Sorted(maps.Keys(want)); !slices.Equal(got, want) {
		t.Errorf("got the mutations %v, want %v", got, want)
	}
	source := sources(t)
	for name, w := range want {
		if !strings.Contains(source, strconv.Quote(name)) {
			t.Errorf("no verb is stored under the name %q", name)
		}
		g := got[name]
		if got, want := compact(g.Input), compact(w.Input); got != want {
			t.Errorf("%s: the input has another hash:\n got %s\nwant %s", name, got, want)
		}
		if !reflect.DeepEqual(g.Outcome, w.Outcome) {
			t.Errorf("%s: the outcome is stored as\n     %v\nwant %v", name, g.Outcome, w.Outcome)
		}
	}
}

func compact(raw json.RawMessage) string {
	var b bytes.Buffer
	if err := json.Compact(&b, raw); err != nil {
		panic(err)
	}
	return b.String()
}

// sources is the text of the package and those below it, without tests.
func sources(t *testing.T) string {
	var all strings.Builder
	err := filepath.WalkDir(".", func(path string, f fs.DirEntry, err error) error {
		if err == nil && strings.HasSuffix(path, ".go") && !strings.HasSuffix(path, "_test.go") {
			all.Write(must(os.ReadFile(path)))
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return all.String()
}

// verbMethods are the types of the methods of every area that are mutations, by name.
func verbMethods() map[string]reflect.Type {
	out := map[string]reflect.Type{}
	for area := range reflect.TypeFor[verbs.All]().Fields() {
		for m := range area.Type.Methods() {
			if n := m.Type.NumIn(); strings.HasSuffix(m.Type.In(n-1).Name(), "Input") {
				out[m.Name] = m.Type
			}
		}
	}
	return out
}

// least is a value of the type in which nothing is set but one item of each list.
func least(of reflect.Type) reflect.Value {
	v := reflect.New(of).Elem()
	for i := range of.NumField() {
		if of := of.Field(i).Type; of.Kind() == reflect.Slice && of.Elem().Kind() == reflect.Pointer {
			item := reflect.New(of.Elem().Elem())
			item.Elem().Set(least(of.Elem().Elem()))
			v.Field(i).Set(reflect.Append(v.Field(i), item))
		}
	}
	return v
}

// filled is a value of the type in which every part is set.
func filled(of reflect.Type) reflect.Value {
	v := reflect.New(of).Elem()
	switch of {
	case reflect.TypeFor[time.Time]():
		v.Set(reflect.ValueOf(time.Date(2020, 2, 18, 1, 2, 3, 456000, time.UTC)))
		return v
	case reflect.TypeFor[delivery.ID]():
		v.Set(reflect.ValueOf(delivery.ID{Kind: delivery.KindOrder, Community: 7, UUID: "01890000-0000-7000-8000-000000000000"}))
		return v
	case reflect.TypeFor[delivery.Error]():
		v.Set(reflect.ValueOf(delivery.Error{Reason: dispatch.ReasonTaken}))
		return v
	}
	switch of.Kind() {
	case reflect.Pointer:
		v.Set(reflect.New(of.Elem()))
		v.Elem().Set(filled(of.Elem()))
	case reflect.Slice:
		v.Set(reflect.Append(v, filled(of.Elem())))
	case reflect.Struct:
		for i := range of.NumField() {
			if of.Field(i).IsExported() {
				v.Field(i).Set(filled(of.Field(i).Type))
			}
		}
	case reflect.String:
		v.SetString("x")
	case reflect.Bool:
		v.SetBool(true)
	case reflect.Int, reflect.Int32, reflect.Int64:
		v.SetInt(3)
	}
	return v
}
