package demo

import (
	"context"
	"slices"
	"time"

	"baogong/db"
	"baogong/delivery"
)

// A new estate begins at dawn, shortly before the first truck leaves. Its morning is played at full speed until opening, or a little later: until the
// bags of a truck are being counted.
const (
	dawn    = 7*time.Hour + 15*time.Minute
	opening = 9*time.Hour + 50*time.Minute
	latest  = 10*time.Hour + 20*time.Minute
)

// mostLate is how many steps of the early morning in a row may not end in time.
const mostLate = 5

// playMorning passes the early morning, so that all four links have work from the first second that a visitor sees.
func (e *Simulation) playMorning(ctx context.Context, b *bar) error {
	day := e.today()
	speed := e.Clock.set(e.Clock.Now(), 0)
	defer func() { e.Clock.set(e.Clock.Now(), speed) }()
	b.total(int(opening.Minutes() - dawn.Minutes()))
	e.begin()
	e.agenda.add(day.Add(8*time.Hour+40*time.Minute), e.orderForDoor(fresh)) // both are on their way at the opening
	e.agenda.add(day.Add(9*time.Hour), e.orderForDoor(pharmacy))
	e.agenda.add(day.Add(9*time.Hour+33*time.Minute), e.orderForDoor(byTaker)) // the volunteer is out with the insurance card
	late := 0                                                                  // steps in a row that did not end in time
	for {
		next := e.agenda.next()
		if next.at.After(day.Add(latest)) || e.counting > 0 && next.at.After(day.Add(opening)) {
			e.agenda.add(next.at, next.do)
			return e.Clock.wait(ctx, day.Add(opening))
		}
		was := e.Clock.Now()
		if err := e.Clock.wait(ctx, next.at); err != nil {
			return err
		}
		switch err := next.do(ctx); {
		case err == nil:
			late = 0
		case late == mostLate || ctx.Err() != nil || !db.Unavailable(err):
			return err
		default: // on a slow machine a job of the clock may take longer than it has; the next look does it
			late++
			e.Log.Warn("a step of the early morning did not end in time; the next one goes on", "err", err)
		}
		b.add(int(e.Clock.Now().Sub(day).Minutes()) - int(was.Sub(day).Minutes()))
	}
}

// orderForDoor has the household that visitors can act as order from the supplier of the code.
func (e *Simulation) orderForDoor(code string) func(context.Context) error {
	return func(ctx context.Context) error {
		i := slices.IndexFunc(e.households, func(h *delivery.Household) bool { return h.Address == Door })
		if i < 0 { // a small estate has no such floor
			return nil
		}
		return e.place(ctx, e.households[i], code)
	}
}
