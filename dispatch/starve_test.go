package dispatch_test

import (
	"context"
	"testing"
	"time"

	"baogong/delivery"
	"baogong/dispatch/hold"
	"baogong/dispatch/team"
)

// However many orders come in, a building can be sealed and the team changed.
func TestOrdersStarveNobody(t *testing.T) {
	t.Parallel()
	e := newEstate(t)
	ctx, stop := context.WithCancel(t.Context())
	var all []func()
	for range 10 {
		all = append(all, func() {
			for ctx.Err() == nil {
				if _, err := e.d.Order.PlaceOrder(ctx, e.commander, orderInput(e)); err != nil && ctx.Err() == nil {
					t.Error(err)
					return
				}
			}
		})
	}
	all = append(all, func() {
		defer stop()
		within, cancel := context.WithTimeout(ctx, 15*time.Second)
		defer cancel()
		for i := range 5 {
			began := time.Now()
			if _, err := e.d.Team.UpdateVolunteers(within, e.commander, team.UpdateVolunteersInput{Volunteers: []*team.VolunteerPatchInput{
				{ID: e.team["S02"], Reachable: new(i%2 == 0)}}}); err != nil {
				t.Errorf("change the team: %v", err)
				return
			}
			p, err := e.d.Hold.PlaceHold(within, e.commander, hold.PlaceHoldInput{SubjectIds: e.buildings[1:2], Reason: delivery.HoldSealed})
			if err != nil || len(p.Results) != 1 || p.Results[0].HoldID == nil {
				t.Errorf("seal a building: %v, %v", p, err)
				return
			}
			t.Logf("a change and a hold took %v", time.Since(began).Round(time.Millisecond))
		}
	})
	atOnce(all...)
	e.checkNeverLost()
}
