package jielong_test

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"baogong/delivery"
	"baogong/reading"
	"baogong/reading/address"
	"baogong/reading/jielong"
)

// book returns the address book of DCXY, as reading/address/testdata/estates.json describes it.
func book() *address.Book {
	var doors []address.Door
	phones := map[string][]int{}
	households := map[string]string{"E6-1-1203": "13800001203", "E6-2-1203": "13800002203", "E2-1-801": "13800000801", "E9-2-1502": "13800001502"}
	for n := 1; n <= 26; n++ {
		units := 1
		if n == 1 || n%3 == 0 && n <= 24 {
			units = 2
		}
		for u := 1; u <= units; u++ {
			for f := 1; f <= 27; f++ {
				for d := 1; d <= 4; d++ {
					if f == 27 && d > 2 {
						continue
					}
					door := address.Door{Building: fmt.Sprintf("E%d", n), Unit: fmt.Sprint(u), Room: fmt.Sprintf("%d%02d", f, d), Index: len(doors)}
					if phone := households[door.String()]; phone != "" {
						phones[phone] = append(phones[phone], door.Index)
					}
					doors = append(doors, door)
				}
			}
		}
	}
	return address.NewBook(address.Words{
		Name: "东辰心语", Names: []string{"东辰心语小区", "东辰小区", "东辰"}, Noise: []string{"湖北省", "宜昌市", "宜昌", "伍家岗区"},
		BuildingNames: map[string]string{"小白楼": "E13"}, Landmarks: []string{"南门保安室", "东门", "快递柜", "物业"},
	}, doors, phones, nil)
}

var dcxy = book()

// said writes an entry in one line: its number, its door or why it waits, the phone, the goods, the problems, what it asks, and the note.
func said(e *reading.Entry) string {
	var out strings.Builder
	fmt.Fprintf(&out, "%s|", e.Number)
	if e.Address.Status == address.Match {
		fmt.Fprintf(&out, "%s %s", e.Address.Door, e.Address.By)
	} else {
		fmt.Fprint(&out, e.Address.Why)
		for _, d := range e.Address.Doors {
			fmt.Fprintf(&out, " %s", d)
		}
	}
	fmt.Fprintf(&out, "|%s|", e.Phone)
	for i, g := range e.Goods {
		if i > 0 {
			out.WriteString(", ")
		}
		fmt.Fprintf(&out, "%s %s%s", g.Item, g.Quantity, g.Unit)
		if g.Substitute != "" {
			fmt.Fprintf(&out, " %s", g.Substitute)
		}
	}
	out.WriteString("|")
	for i, p := range e.Problems {
		if i > 0 {
			out.WriteString(" ")
		}
		out.WriteString(string(p))
	}
	fmt.Fprintf(&out, "|%s", e.Asks)
	if e.Note != "" {
		fmt.Fprintf(&out, "|%s", e.Note)
	}
	return out.String()
}

// expected is what a file of testdata says about a list.
type expected struct {
	Context struct {
		Building string
		Menu     []jielong.Choice
	}
	Entries []struct {
		N       int
		Address struct {
			Status     address.Status
			Address    string
			By         address.By
			Reason     address.Why
			Candidates []string
		}
		Phone string
		Lines []struct {
			Item     string
			Quantity string
			Unit     string
		}
		Flags  []string
		Result string
	}
}

func readExpected(t *testing.T, list string) (string, expected) {
	t.Helper()
	text, err := os.ReadFile(list)
	if err != nil {
		t.Fatal(err)
	}
	b, err := os.ReadFile(strings.TrimSuffix(list, ".txt") + ".expected.json")
	if err != nil {
		t.Fatal(err)
	}
	var want expected
	if err := json.Unmarshal(b, &want); err != nil {
		t.Fatal(err)
	}
	return string(text), want
}

// TestRead reads every list in testdata.
func TestRead(t *testing.T) {
	t.Parallel()
	lists, err := filepath.Glob("testdata/*.txt")
	if err != nil || len(lists) == 0 {
		t.Fatalf("no test data: %v", err)
	}
	for _, file := range lists {
		t.Run(filepath.Base(file), func(t *testing.T) {
			t.Parallel()
			text, want := readExpected(t, file)
			got, err := jielong.Read(text, dcxy, jielong.Sale{Building: want.Context.Building, Menu: want.Context.Menu})
			if err != nil {
				t.Fatal(err)
			}
			if len(got.Entries) != len(want.Entries) {
				t.Errorf("got %d entries, want %d", len(got.Entries), len(want.Entries))
			}
			for i := range min(len(got.Entries), len(want.Entries)) {
				w, g := want.Entries[i], got.Entries[i]
				door := w.Address.Address + " " + string(w.Address.By)
				if w.Address.Status == address.Review {
					door = strings.Join(append([]string{string(w.Address.Reason)}, w.Address.Candidates...), " ")
				}
				var lines []string
				for _, l := range w.Lines {
					lines = append(lines, l.Item+" "+l.Quantity+l.Unit)
				}
				asks := map[string]reading.Ask{"ORDER": reading.Place, "CANCEL": reading.Cancel, "REVIEW": reading.Review}[w.Result]
				line := fmt.Sprintf("%d|%s|%s|%s|%s|%s", w.N, door, w.Phone, strings.Join(lines, ", "), strings.Join(w.Flags, " "), asks)
				g.Note = "" // the expected results say nothing about notes
				if got := said(&g); got != line {
					t.Errorf("entry %d\n got %s\nwant %s", i+1, got, line)
				}
			}
		})
	}
}

func TestDifference(t *testing.T) {
	t.Parallel()
	var lists [2]jielong.List
	for i, file := range []string{"testdata/08a-evening.txt", "testdata/08b-later-the-same-list.txt"} {
		text, want := readExpected(t, file)
		var err error
		if lists[i], err = jielong.Read(text, dcxy, jielong.Sale{Menu: want.Context.Menu}); err != nil {
			t.Fatal(err)
		}
	}
	b, err := os.ReadFile("testdata/08-difference.expected.json")
	if err != nil {
		t.Fatal(err)
	}
	var want struct {
		Unchanged, Gone, New []string
		Changed              []struct{ Address, Item, Was, Now string }
	}
	if err := json.Unmarshal(b, &want); err != nil {
		t.Fatal(err)
	}
	d := jielong.Difference(lists[0].Entries, lists[1].Entries)
	for name, pair := range map[string][2][]string{"unchanged": {names(d.Unchanged), want.Unchanged}, "gone": {names(d.Gone), want.Gone}, "new": {names(d.New), want.New}} {
		if got, want := strings.Join(pair[0], " "), strings.Join(pair[1], " "); got != want {
			t.Errorf("%s: got %s, want %s", name, got, want)
		}
	}
	if len(d.Changed) != len(want.Changed) {
		t.Fatalf("got %d changes, want %d", len(d.Changed), len(want.Changed))
	}
	for i, c := range d.Changed {
		if w := want.Changed[i]; c.Door.String() != w.Address || c.Item != w.Item || c.Was.String() != w.Was || c.Now.String() != w.Now {
			t.Errorf("got %+v, want %+v", c, w)
		}
	}
	if again := jielong.Difference(lists[1].Entries, lists[1].Entries); len(again.Unchanged) != 4 || len(again.New)+len(again.Gone)+len(again.Changed) > 0 {
		t.Errorf("the same list again: got %+v", again)
	}
}

func names(doors []address.Door) []string {
	var out []string
	for _, d := range doors {
		out = append(out, d.String())
	}
	return out
}

func TestRefusedLists(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]delivery.Reason{
		"":                                    jielong.ReasonListEmpty,
		"#接龙\n明天的馒头，接龙":                       jielong.ReasonListEmpty,
		strings.Repeat("好", jielong.MaxBytes): jielong.ReasonListTooLong,
		strings.Repeat("1. E6-1-1203 2份\n", jielong.MaxEntries+1): jielong.ReasonListTooMany,
	} {
		_, err := jielong.Read(text, dcxy, jielong.Sale{Menu: []jielong.Choice{{Item: "馒头", Unit: "份"}}})
		if got := delivery.AsError(err); got == nil || got.Reason != want {
			t.Errorf("%.40q: got %v, want %v", text, err, want)
		}
	}
}
