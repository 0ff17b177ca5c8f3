package answer

import (
	"strings"
	"testing"
)

// Additions are charged for arguments that are given, also for members of an input.
func TestAdditions(t *testing.T) {
	t.Parallel()
	prices := map[string]int{"Mutation.send": 100, "Mutation.send(input.text)[]": 3, "Mutation.send(input.file)": 5000, "Mutation.send(input.kind:LONG)": 40}
	p := pricedSchema{points: prices, additions: additionsOf(prices)}
	for _, c := range []struct {
		about string
		input map[string]any
		want  int
	}{
		{"nothing is given", nil, 100},
		{"a null", map[string]any{"text": nil, "file": nil}, 100},
		{"a value that costs", map[string]any{"kind": "LONG"}, 140},
		{"another value", map[string]any{"kind": "SHORT"}, 100},
		{"an id", map[string]any{"file": "x"}, 5100},
		{"a line", map[string]any{"text": "1. 1203"}, 103},
		{"three lines", map[string]any{"text": "1\n2\n3"}, 109},
		{"many entries on one line", map[string]any{"text": strings.Repeat("①1203 2份", 200)}, 100 + 3*12},
		{"more lines than are charged", map[string]any{"text": strings.Repeat("\n", 5000)}, 1000},
	} {
		if got := p.extra("Mutation", "send", map[string]any{"input": c.input}); got != c.want {
			t.Errorf("%s: got %d points, want %d", c.about, got, c.want)
		}
	}
}
