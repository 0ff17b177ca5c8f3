package bench

import (
	"context"
	"fmt"
	"time"

	"baogong/rehearsal"
)

// otherEngine is what 60 replications of the day took with the engine that the assumptions were tried with: a program in Python on a
// machine of two cores. It is not measured here.
const otherEngine = 1.0 / 60 // seconds for a replication

// rehearsals measures rehearsing a day of an estate, without the days that are compared with it.
func rehearsals(ctx context.Context, b *bench) ([]Figure, error) {
	var out []Figure
	b.progress.expect(2 * b.Rounds)
	for _, n := range []struct {
		replications int
		most         float64
	}{{100, 0.3}, {1000, 2}} {
		var took, theirs []float64
		for range b.Rounds {
			s := rehearsal.Assumed()
			s.OneMore, s.WhatIfs, s.Replications = false, false, b.scaled(n.replications, 1)
			began := time.Now()
			if _, err := rehearsal.Rehearse(ctx, s); err != nil {
				return nil, err
			}
			took = append(took, time.Since(began).Seconds())
			theirs = append(theirs, otherEngine*float64(s.Replications))
			b.progress.step()
		}
		out = append(out, figure(fmt.Sprintf("模拟一天 %d 次 rehearsing a day of 1,232 orders, %[1]d replications", n.replications), "s", Goal{Max: n.most}, took, "1/60 s 每次 a replication, Python, not measured here", theirs))
	}
	return out, nil
}
