//go:build soak

package dispatch_test

import (
	"context"
	"slices"
	"testing"
	"time"

	"baogong/delivery"
	"baogong/dispatch/access"
	"baogong/dispatch/order"
	"baogong/dispatch/team"
)

// Twelve residents who flood the server with refused calls of any kind do not delay a writer of the team: the commander's
// calls take at most 100 ms, nine of ten of them, measured around the verb itself, beside the flood in the same process.
func TestRefusedFloodsKeepNoWriterWaiting(t *testing.T) {
	e := newEstate(t)
	mine := e.place(e.homes[0])
	nowhere := delivery.ID{Kind: delivery.KindOrder, Community: e.community.Community, UUID: "01890000-0000-7000-8000-000000000000"}
	spent := e.invite(e.team["S02"])
	_, _ = e.redeem(spent)
	for name, flood := range map[string]func(context.Context) (any, error){
		"undoMove": does(e.d.Order.UndoMove, e.resident, order.UndoMoveInput{Orders: []*order.OrderUndoInput{{OrderID: nowhere, ExpectedVersion: 1}, {OrderID: mine, ExpectedVersion: 1}}}),
		"redeemCode": func(ctx context.Context) (any, error) {
			return e.d.Access.RedeemCode(ctx, phone, access.RedeemCodeInput{Code: spent})
		},
		"placeOrder": does(e.d.Order.PlaceOrder, e.resident, orderInput(e)),
	} {
		ctx, stop := context.WithCancel(t.Context())
		var all []func()
		for range 12 {
			all = append(all, func() {
				for ctx.Err() == nil {
					if _, err := flood(ctx); err != nil && ctx.Err() == nil {
						t.Error(err)
						return
					}
				}
			})
		}
		var took []time.Duration
		all = append(all, func() {
			defer stop()
			for i := range 40 {
				began := time.Now()
				if _, err := e.d.Team.UpdateVolunteers(ctx, e.commander, team.UpdateVolunteersInput{Volunteers: []*team.VolunteerPatchInput{{ID: e.team["S02"], Reachable: new(i%2 == 0)}}}); err != nil {
					t.Error(err)
					return
				}
				took = append(took, time.Since(began))
			}
		})
		atOnce(all...)
		stop()
		slices.Sort(took)
		median, most, worst := took[len(took)/2], took[len(took)*9/10], took[len(took)-1]
		t.Logf("%s: median %v, nine of ten %v, worst %v", name, median, most, worst)
		if most > 100*time.Millisecond || worst > time.Second {
			t.Errorf("%s: nine of ten of the commander's calls took %v, the worst %v", name, most, worst)
		}
	}
}
