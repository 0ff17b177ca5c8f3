package address_test

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"baogong/reading/address"
)

// estate is an invented estate of testdata/estates.json.
type estate struct {
	words  address.Words
	doors  []address.Door
	phones map[string][]int
}

func (e *estate) book() *address.Book {
	return address.NewBook(e.words, e.doors, e.phones, nil)
}

// door returns the index of a door by its text, such as E6-1-1203.
func (e *estate) door(text string) int {
	return slices.IndexFunc(e.doors, func(d address.Door) bool { return d.String() == text })
}

// estates returns the three estates of the test data: units in DCXY, a lane in LB, four doors to each building in BJ.
func estates() map[string]*estate {
	b, err := os.ReadFile(filepath.Join("testdata", "estates.json"))
	if err != nil {
		panic(err)
	}
	var read map[string]struct {
		Name, Lane             string
		Aliases, Noise         []string
		BuildingNames          map[string]string `json:"building_names"`
		Landmarks              []string
		Phones                 map[string]string
		Style, Buildings, Room string
	}
	if err := json.Unmarshal(b, &read); err != nil {
		panic(err)
	}
	out := map[string]*estate{}
	for code, r := range read {
		e := &estate{
			words:  address.Words{Name: r.Name, Lane: r.Lane, Names: r.Aliases, Noise: r.Noise, BuildingNames: r.BuildingNames, Landmarks: r.Landmarks},
			phones: map[string][]int{},
		}
		switch code {
		case "DCXY":
			for n := 1; n <= 26; n++ {
				units := 1
				if n == 1 || n%3 == 0 && n <= 24 {
					units = 2
				}
				e.add(fmt.Sprintf("E%d", n), units, 27, 4)
			}
		case "LB":
			for n := 1; n <= 158; n++ {
				e.add(fmt.Sprint(n), 1, 6, 3)
			}
		case "BJ":
			for n := 1; n <= 12; n++ {
				e.add(fmt.Sprint(n), 4, 6, 3)
			}
		}
		for door, phone := range r.Phones {
			e.phones[phone] = append(e.phones[phone], e.door(door))
		}
		out[code] = e
	}
	return out
}

func (e *estate) add(building string, units, floors, perFloor int) {
	for u := 1; u <= units; u++ {
		for f := 1; f <= floors; f++ {
			for d := 1; d <= perFloor; d++ {
				if f == 27 && d > 2 {
					continue
				}
				e.doors = append(e.doors, address.Door{Building: building, Unit: fmt.Sprint(u), Room: fmt.Sprintf("%d%02d", f, d)})
			}
		}
	}
}

// said writes a reading as the expected results do: MATCH E6-1-1203 EXACT, or REVIEW UNIT_MISSING E6-1-1203 E6-2-1203.
func said(r address.Reading) string {
	if r.Status == address.Match {
		return fmt.Sprintf("%s %s %s", r.Status, r.Door, r.By)
	}
	var doors strings.Builder
	for _, d := range r.Doors {
		doors.WriteString(" " + d.String())
	}
	return fmt.Sprintf("%s %s%s", r.Status, r.Why, doors.String())
}

// TestRead reads every set of spellings in testdata.
func TestRead(t *testing.T) {
	t.Parallel()
	all := estates()
	files, err := filepath.Glob("testdata/[0-9]*.json")
	if err != nil || len(files) == 0 {
		t.Fatalf("no test data: %v", err)
	}
	for _, file := range files {
		var set struct {
			Estate  string
			Context struct{ Building, Phone string }
			Cases   []struct {
				Text   string
				Expect struct {
					Status     address.Status
					Address    string
					By         address.By
					Reason     address.Why
					Candidates []string
				}
			}
		}
		b, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		if err := json.Unmarshal(b, &set); err != nil {
			t.Fatal(err)
		}
		t.Run(filepath.Base(file), func(t *testing.T) {
			t.Parallel()
			book := all[set.Estate].book()
			for _, c := range set.Cases {
				want := fmt.Sprintf("%s %s %s", c.Expect.Status, c.Expect.Address, c.Expect.By)
				if c.Expect.Status == address.Review {
					want = strings.Join(append([]string{"REVIEW", string(c.Expect.Reason)}, c.Expect.Candidates...), " ")
				}
				if got := said(book.Read(c.Text, address.Context{Building: set.Context.Building, Phone: set.Context.Phone})); got != want {
					t.Errorf("%q\n got %s\nwant %s", c.Text, got, want)
				}
			}
		})
	}
}

// estateOf returns one of the estates.
func estateOf(code string) *estate { return estates()[code] }
