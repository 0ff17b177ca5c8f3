package delivery

import (
	"fmt"
	"maps"
	"slices"
	"strings"
)

// Mark is special handling that the bags of an order need (标记).
type Mark string

// The marks.
const (
	MarkCold     Mark = "COLD"
	MarkHeavy    Mark = "HEAVY"
	MarkMedicine Mark = "MEDICINE"
	MarkFragile  Mark = "FRAGILE"
)

// AllMarks lists every mark, in the order in which an order's marks are kept.
var AllMarks = []Mark{MarkCold, MarkHeavy, MarkMedicine, MarkFragile}

// Marks are an order's marks, each once, in the order of AllMarks; nil if there are none. They are never changed in place.
type Marks []Mark

// NewMarks returns the marks in their order, each once.
func NewMarks(given []Mark) Marks {
	var out Marks
	for _, m := range AllMarks {
		if slices.Contains(given, m) {
			out = append(out, m)
		}
	}
	return out
}

// Has reports whether m is among the marks.
func (m Marks) Has(one Mark) bool { return slices.Contains(m, one) }

// String lists the marks with commas: COLD,MEDICINE.
func (m Marks) String() string {
	words := make([]string, len(m))
	for i, mark := range m {
		words[i] = string(mark)
	}
	return strings.Join(words, ",")
}

// Array is the PostgreSQL text[] literal.
func (m Marks) Array() string { return "{" + m.String() + "}" }

// Scan reads a PostgreSQL text[] literal. Marks are bare words, so no quoting occurs.
func (m *Marks) Scan(src any) error {
	var text string
	switch v := src.(type) {
	case []byte:
		text = string(v)
	case string:
		text = v
	default:
		return fmt.Errorf("scan marks from %T", src)
	}
	*m = nil
	if text = strings.Trim(text, "{}"); text == "" {
		return nil
	}
	for word := range strings.SplitSeq(text, ",") {
		*m = append(*m, Mark(word))
	}
	return nil
}

var markWords = map[Mark]Bilingual{MarkCold: {"冷链", "Cold"}, MarkHeavy: {"重物", "Heavy"}, MarkMedicine: {"药品", "Medicine"}, MarkFragile: {"易碎", "Fragile"}}

// MarkWords returns the name of each mark in both languages.
func MarkWords() map[Mark]Bilingual { return maps.Clone(markWords) }
