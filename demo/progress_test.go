package demo

import (
	"bytes"
	"errors"
	"strings"
	"testing"
)

func TestBarOfAnInterruptedStepIsNotDone(t *testing.T) {
	t.Parallel()
	for _, terminal := range []bool{false, true} {
		for _, err := range []error{nil, errors.New("interrupted")} {
			var out bytes.Buffer
			b := newBar(&out, terminal, "orders")
			b.total(10)
			b.add(3)
			b.end(err)
			said := out.String()
			if done := strings.Contains(said, "orders: 3 (") || strings.Contains(said, "done!"); done != (err == nil) {
				t.Errorf("terminal %v, %v: got %q", terminal, err, said)
			}
		}
	}
}
