package page_test

import (
	"fmt"
	"slices"
	"testing"
	"time"

	"golang.org/x/sync/errgroup"

	"baogong/dispatch/city"
	"baogong/dispatch/incident"
	"baogong/e2e/house"
)

func TestBoardInABrowser(t *testing.T) {
	inFull(t)
	t.Parallel()
	e := house.NewEstate(t)
	hostile := `<img src=x onerror="document.title='hit'">`
	first, second, other := e.Place("E6-1-1103", obj{"note": hostile, "lines": []obj{{"item": hostile, "quantity": 1, "unit": "袋"}}}), e.Place("E6-2-1203"), e.Place("E7-1-1103")
	arrival := e.Gate(e.As("caiban"), "announceArrival", obj{"supplierId": e.Suppliers["caiban"], "expectedAt": e.Clock.Now().Add(30 * time.Minute),
		"vehicle": `<b>鄂E`, "orders": []obj{{"orderId": second, "bags": 2}}}).Arrival
	e.Report(e.As("S01"), obj{"kind": "BAD_ADDRESS", "subjectId": first, "note": hostile, "severity": "HIGH"})
	admin, _, err := e.Verbs.Access.InviteAdmin(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	e.Plan(11)
	browse(t, func(what string) {
		switch what {
		case "deliver":
			e.Bring(other, "DELIVERED")
		case "away":
			var got struct {
				UpdateVolunteers struct {
					Results []struct{ UserErrors []house.UserError }
				}
			}
			e.Must(e.As("C01"), `mutation ($v: ID!) { updateVolunteers(input: { volunteers: [{ id: $v, reachable: false }] }) { results { userErrors { `+house.RefusalFields+` } } } }`, obj{"v": e.Team["S07"]}, &got)
			if len(got.UpdateVolunteers.Results[0].UserErrors) > 0 {
				t.Error(got.UpdateVolunteers.Results[0].UserErrors)
			}
			e.Clock.Pass(2 * incident.CoverEvery)
		case "pass":
			e.Clock.Pass(2 * incident.CoverEvery)
		case "dispatch":
			e.Advance(e.As("C01"), "DISPATCHED", second)
		}
	}, "board.mjs", e.BaseURL(), e.Invite(e.Team["C01"]), e.Invite(e.Team["S00"]), e.Invite(e.Team["S01"]), admin, e.Buildings["E2"], e.Team["S07"], first, arrival.ID)

	o := e.Order(e.As("C01"), first)
	if o.Stage != "CANCELLED" || o.Held {
		t.Errorf("got %s, held %t; want CANCELLED, not held", o.Stage, o.Held)
	}
	if got := e.Text(`select count(*) || ' ' || count(ended_at) || ' ' || min(note) from holds`); got != "1 1 "+hostile {
		t.Errorf("got %s, want one hold, which has ended, with its note", got)
	}
	if got := e.Text(`select v.code from incidents i join volunteers v on v.id = i.owner_id`); got != "C01" {
		t.Errorf("got %s as the owner of the incident, want C01", got)
	}
	if got := e.Text(`select v.code from services s join volunteers v on v.id = s.volunteer_id join buildings b on b.id = s.building_id where b.code = 'E2' and s.duty = 'PRIMARY'`); got != "S07" {
		t.Errorf("got %s in charge of E2, want S07", got)
	}
	if got := e.Text(`select string_agg(s.duty || ' ' || v.reachable, ', ' order by s.duty desc) from services s join volunteers v on v.id = s.volunteer_id join buildings b on b.id = s.building_id where b.code = 'E7'`); got != "PRIMARY false, BACKUP true" {
		t.Errorf("got %s for E7, want a backup while S07 is away", got)
	}
}

// The board keeps up with 300 events a second: the page is sent each of them once, draws at most once a frame, and at the end all its numbers are
// those of the tables.
func TestBoardUnderLoadInABrowser(t *testing.T) {
	inFull(t)
	t.Parallel()
	e := house.NewEstate(t)
	ids := e.Fill(600)
	const perSecond, perCall, moved = 300, 10, 2 // the version of an order that has moved once
	events := loadSeconds*perSecond + 200
	move := func(second int, ids []string) (err error) { // out in one second, and back in the next
		if second%2 == 0 {
			_, err = e.TryAdvance(e.As("C01"), house.MoveTo("DISPATCHED", ids...))
			return err
		}
		back := house.Each(ids, func(id string) obj { return obj{"orderId": id, "expectedVersion": moved + second - 1} })
		_, err = e.Try(e.As("C01"), `mutation ($in: UndoMoveInput!) { undoMove(input: $in) { results { moved } } }`, obj{"in": obj{"orders": back}})
		return err
	}
	browse(t, func(string) {
		began := time.Now()
		beat := time.NewTicker(time.Second * perCall / perSecond)
		defer beat.Stop()
		for second := range loadSeconds {
			var group errgroup.Group
			for some := range slices.Chunk(ids[:perSecond], perCall) {
				<-beat.C
				group.Go(func() error { return move(second, some) })
			}
			if err := group.Wait(); err != nil {
				t.Error(err)
				break
			}
		}
		rate := loadSeconds * perSecond / time.Since(began).Seconds()
		t.Logf("%.0f events/s for %d s", rate, loadSeconds)
		if rate < leastRate {
			t.Errorf("the load reached %.0f events/s, want %d", rate, leastRate)
		}
		e.Advance(e.As("C01"), "DISPATCHED", ids[:200]...)
	}, "board-load.mjs", e.BaseURL(), e.Invite(e.Team["C01"]), e.Community, fmt.Sprint(events))
}

func TestCityInABrowser(t *testing.T) {
	inFull(t)
	t.Parallel()
	e := house.NewEstate(t)
	other := e.Program.Estate("XILING", e.Clock)
	e.PlaceMany(12)
	e.Place("E7-1-1103")
	other.Place("E6-1-1103")
	code, _, err := e.Verbs.Access.InviteCity(t.Context(), nil)
	if err != nil {
		t.Fatal(err)
	}
	browse(t, func(string) { // the day ends
		e.Clock.Pass(city.ReleaseEvery)
		house.WaitFor(t, "the orders are counted", func() bool {
			return e.Text(`select cast(count(*) as text) from city_releases where figures ->> 'open' = '13'`) == "1"
		})
		e.Clock.Pass(16 * time.Hour)
		house.WaitFor(t, "the day is stored of both communities", func() bool { return e.Text(`select cast(count(distinct community_id) as text) from city_days`) == "2" })
	}, "city.mjs", e.BaseURL(), code, e.Invite(e.Team["C01"]), e.Community, other.Community)
}
