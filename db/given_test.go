package db

import (
	"testing"

	"github.com/lib/pq"
)

// TestArrayText compares the texts with those of the driver.
func TestArrayText(t *testing.T) {
	t.Parallel()
	texts := []string{"", "SORTED", `a "quoted" \ text, {with} 上海青`, "null", "NULL", "\n\t"}
	pointers := make([]*string, len(texts)+1)
	for i := range texts {
		pointers[i] = &texts[i]
	}
	for _, c := range []struct {
		name      string
		got       string
		driver    any
		otherwise string // the driver writes truth values in a shorter form
	}{
		{name: "texts", got: arrayText(texts), driver: texts},
		{name: "texts that may be null", got: arrayText(pointers), driver: pointers},
		{name: "numbers", got: arrayText([]int64{1, -2, 1 << 62}), driver: []int64{1, -2, 1 << 62}},
		{name: "truth values", got: arrayText([]bool{true, false}), driver: []bool{true, false}, otherwise: "{true,false}"},
		{name: "none", got: arrayText([]string(nil)), driver: []string{}},
	} {
		want, err := pq.Array(c.driver).Value()
		if err != nil {
			t.Fatal(err)
		}
		if c.otherwise != "" {
			want = c.otherwise
		}
		if c.got != want {
			t.Errorf("%s: got %s, want %s", c.name, c.got, want)
		}
	}
}
