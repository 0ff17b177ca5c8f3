package api_test

import (
	"maps"
	"slices"
	"strings"
	"testing"
	"time"

	"baogong/delivery"
	"baogong/e2e/house"
)

// TestRefusalDetails reads the details of many refusals: a detail that does not apply is null, never "" or 0.
func TestRefusalDetails(t *testing.T) {
	t.Parallel()
	e := house.NewEstate(t)
	placed, held, open, gone := e.Place("E6-1-1103"), e.Place("E6-1-1103"), e.Place("E6-1-1103"), e.Place("E6-1-1103")
	const refused = `userErrors { reason details { stage version movedBy { role } movedAt heldUntil holdReason limit conflictingId } }`
	const hold = `mutation ($in: PlaceHoldInput!) { it: placeHold(input: $in) { ` + refused + ` results { ` + refused + ` } } }`
	const move = `mutation ($in: AdvanceOrdersInput!) { it: advanceOrders(input: $in) { ` + refused + ` results { ` + refused + ` } } }`
	const place = `mutation ($in: PlaceOrderInput!) { it: placeOrder(input: $in) { ` + refused + ` } }`
	const correct = `mutation ($in: UpdateBuildingsInput!) { it: updateBuildings(input: $in) { ` + refused + ` results { ` + refused + ` } } }`

	ask := func(query string, in obj) (all []map[string]any) {
		var got struct {
			It struct {
				UserErrors []map[string]any
				Results    []struct{ UserErrors []map[string]any }
			}
		}
		e.Must("C01", query, obj{"in": in}, &got)
		all = got.It.UserErrors
		for _, r := range got.It.Results {
			all = append(all, r.UserErrors...)
		}
		return all
	}
	ask(hold, obj{"subjectIds": []string{held}, "reason": "TESTING", "until": e.Clock.Now().Add(time.Hour)})
	ask(hold, obj{"subjectIds": []string{open}, "reason": "SEALED"})
	e.AdvanceAs("C01", obj{"to": "CANCELLED", "orders": []obj{{"orderId": gone}}, "reason": "UNPAID"})

	where := []string{"stage", "version", "movedBy", "movedAt"}
	building := func(change obj) obj {
		patch := obj{"id": e.Buildings["E6"]}
		maps.Copy(patch, change)
		return obj{"buildings": []obj{patch}}
	}
	for name, c := range map[string]struct {
		query  string
		in     obj
		reason string
		told   []string
	}{
		"a jump":               {move, house.MoveTo("DELIVERED", placed), "ILLEGAL_MOVE", where},
		"another version":      {move, obj{"to": "DISPATCHED", "orders": []obj{{"orderId": placed, "expectedVersion": 9}}}, "VERSION_CHANGED", where},
		"a final stage":        {move, house.MoveTo("AT_GATE", gone), "FINAL_STAGE", where},
		"held until":           {move, house.MoveTo("DISPATCHED", held), "HELD", append([]string{"heldUntil", "holdReason"}, where...)},
		"held open":            {move, house.MoveTo("DISPATCHED", open), "HELD_OPEN", append([]string{"holdReason"}, where...)},
		"too many":             {move, house.MoveTo("DISPATCHED", slices.Repeat([]string{placed}, delivery.MaxBulk+1)...), "TOO_MANY", []string{"limit"}},
		"a long call id":       {move, obj{"to": "DISPATCHED", "orders": []obj{{"orderId": placed}}, "clientMutationId": strings.Repeat("x", 65)}, "TOO_MANY_BYTES", []string{"limit"}},
		"a missing reason":     {move, house.MoveTo("CANCELLED", placed), "NEEDS_REASON", nil},
		"another kind":         {move, house.MoveTo("CANCELLED", e.Buildings["E6"]), "WRONG_KIND", nil},
		"no supplier":          {place, obj{"householdId": e.Homes["E6-1-1103"], "channel": "APP", "lines": house.Goods}, "NO_SUPPLIER", nil},
		"a building's version": {correct, building(obj{"expectedVersion": 99}), "VERSION_CHANGED", []string{"version"}},
		"a code that is taken": {correct, building(obj{"code": "E2"}), "TAKEN", []string{"conflictingId"}},
		"a hold on the past":   {hold, obj{"subjectIds": []string{placed}, "reason": "OTHER", "until": "2019-01-01T00:00:00Z"}, "NOT_FUTURE", nil},
	} {
		all := ask(c.query, c.in)
		if len(all) != 1 || all[0]["reason"] != c.reason {
			t.Errorf("%s: got %v, want %s", name, all, c.reason)
			continue
		}
		details, _ := all[0]["details"].(map[string]any)
		var told []string
		for field, v := range details {
			if v != nil {
				told = append(told, field)
			}
			if v == "" || v == 0.0 {
				t.Errorf("%s: got %s %#v, want null or a value", name, field, v)
			}
		}
		slices.Sort(told)
		slices.Sort(c.told)
		if !slices.Equal(told, c.told) {
			t.Errorf("%s: got %v, want %v", name, told, c.told)
		}
		if stage := details["stage"]; stage != nil && !slices.Contains(delivery.Stages, delivery.Stage(stage.(string))) {
			t.Errorf("%s: got stage %q", name, stage)
		}
		if why := details["holdReason"]; why != nil && !slices.Contains(delivery.HoldReasons, delivery.HoldReason(why.(string))) {
			t.Errorf("%s: got a hold for %q", name, why)
		}
	}
}
