package db_test

import (
	"context"
	"fmt"
	"reflect"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"baogong/db"
	"baogong/delivery"
)

// unscoped names the methods of DB that are no reads.
var unscoped = []string{"Close", "InTx", "Lead", "NewNotifier", "Ping", "Pool", "Silences", "Statements", "QueueStats"}

func TestEveryReadTakesAScope(t *testing.T) {
	t.Parallel()
	var taking []string
	typ := reflect.TypeFor[*db.DB]()
	for m := range typ.Methods() {
		if slices.Contains(unscoped, m.Name) {
			continue
		}
		if m.Type.In(1) != reflect.TypeFor[context.Context]() {
			t.Errorf("%s does not take a context first", m.Name)
		}
		scoped := m.Type.NumIn() > 2 && m.Type.In(2) == reflect.TypeFor[delivery.Scope]()
		if scoped == strings.HasPrefix(m.Name, "Unscoped") {
			t.Errorf("%s must either take a scope right after its context or be called Unscoped", m.Name)
		}
		if scoped {
			taking = append(taking, m.Name)
		}
	}
	for _, name := range taking {
		if reads[name] == nil {
			t.Errorf("%s is not compared with Scope.Sees or Scope.SeesCommunity in this file", name)
		}
	}
	if len(reads) != len(taking) {
		t.Errorf("got %d reads in this file, want the %d of DB", len(reads), len(taking))
	}
}

// read asks for as much as it can under a scope and names what it got and what it should have got.
type read func(ctx context.Context, w *town, s delivery.Scope, c int32) (got, want []string, err error)

var everything = db.Range{Limit: 10_000, Count: true}

// entered is what a read of a whole community gives that fails with NOT_FOUND unless the scope enters the community.
func entered(s delivery.Scope, c int32, err error) (got, want []string, _ error) {
	switch {
	case err == nil:
		got = append(got, strconv.Itoa(int(c)))
	case delivery.CodeOf(err) == delivery.CodeNotFound:
		err = nil
	}
	if s.SeesCommunity(c) {
		want = append(want, strconv.Itoa(int(c)))
	}
	return got, want, err
}

// homesByBuilding is how many households of a kind the scope sees in each building of the community, archived ones left out.
func homesByBuilding(w *town, s delivery.Scope, c int32, is func(*delivery.Household) bool) (out []string) {
	homes := map[delivery.UUID]int{}
	for _, h := range of(w.households, c) {
		if h.ArchivedAt == nil && s.Sees(h.Keys()) && is(h) {
			homes[h.BuildingUUID]++
		}
	}
	for building, n := range homes {
		out = append(out, fmt.Sprint(building, " ", n))
	}
	return out
}

// reads are the reads of DB by name. Every one of them is asked for one community, or for the rows of both.
var reads = map[string]read{
	"Communities": func(ctx context.Context, w *town, s delivery.Scope, _ int32) ([]string, []string, error) {
		rows, err := w.db.Communities(ctx, s, everything)
		return whole(rows, err, w.communities, func(r *delivery.Community) bool { return s.SeesNumbersOf(r.CommunityID) })
	},
	"CityBoard": func(ctx context.Context, w *town, s delivery.Scope, _ int32) ([]string, []string, error) {
		b, err := w.db.CityBoard(ctx, s, w.start)
		if err != nil {
			return nil, nil, err
		}
		var rows []*delivery.Community
		for _, c := range b.Communities {
			rows = append(rows, c.Community)
		}
		return listed(rows, nil, w.communities, func(r *delivery.Community) bool { return s.SeesNumbersOf(r.CommunityID) })
	},
	"CityDay": func(ctx context.Context, w *town, s delivery.Scope, _ int32) ([]string, []string, error) {
		b, err := w.db.CityDay(ctx, s, "2020-02-17", w.start)
		if err != nil {
			return nil, nil, err
		}
		var rows []*delivery.Community
		for _, c := range b.Communities {
			rows = append(rows, c.Community)
		}
		return listed(rows, nil, w.communities, func(r *delivery.Community) bool { return s.SeesNumbersOf(r.CommunityID) })
	},
	"CommunitiesByID": func(ctx context.Context, w *town, s delivery.Scope, _ int32) ([]string, []string, error) {
		rows, err := w.db.CommunitiesByID(ctx, s, ids(w.communities))
		return listed(rows, err, w.communities, func(r *delivery.Community) bool { return s.SeesCommunity(r.CommunityID) })
	},
	"Buildings": func(ctx context.Context, w *town, s delivery.Scope, c int32) ([]string, []string, error) {
		rows, err := w.db.Buildings(ctx, s, c, true, everything)
		return whole(rows, err, of(w.buildings, c), func(r *delivery.Building) bool { return w.seesBuilding(s, r) })
	},
	"BuildingsByID": func(ctx context.Context, w *town, s delivery.Scope, _ int32) ([]string, []string, error) {
		rows, err := w.db.BuildingsByID(ctx, s, ids(w.buildings))
		return listed(rows, err, w.buildings, func(r *delivery.Building) bool { return w.seesBuilding(s, r) })
	},
	"UnitsByID": func(ctx context.Context, w *town, s delivery.Scope, _ int32) ([]string, []string, error) {
		rows, err := w.db.UnitsByID(ctx, s, ids(w.units))
		return listed(rows, err, w.units, func(r *delivery.Unit) bool { return s.SeesDirectory(r.CommunityID) })
	},
	"UnitsOfBuildings": func(ctx context.Context, w *town, s delivery.Scope, _ int32) ([]string, []string, error) {
		rows, err := w.db.UnitsOfBuildings(ctx, s, ids(w.buildings))
		return listed(rows, err, w.units, func(r *delivery.Unit) bool { return s.SeesDirectory(r.CommunityID) })
	},
	"Households": func(ctx context.Context, w *town, s delivery.Scope, c int32) ([]string, []string, error) {
		rows, err := w.db.Households(ctx, s, c, db.HouseholdFilter{Archived: true}, everything)
		return whole(rows, err, of(w.households, c), func(r *delivery.Household) bool { return s.Sees(r.Keys()) })
	},
	"HouseholdsByID": func(ctx context.Context, w *town, s delivery.Scope, _ int32) ([]string, []string, error) {
		rows, err := w.db.HouseholdsByID(ctx, s, ids(w.households))
		return listed(rows, err, w.households, func(r *delivery.Household) bool { return s.Sees(r.Keys()) })
	},
	"Volunteers": func(ctx context.Context, w *town, s delivery.Scope, c int32) ([]string, []string, error) {
		rows, err := w.db.Volunteers(ctx, s, c, db.VolunteerFilter{Archived: true}, everything)
		return whole(rows, err, of(w.volunteers, c), func(*delivery.Volunteer) bool { return s.SeesDirectory(c) })
	},
	"VolunteersByID": func(ctx context.Context, w *town, s delivery.Scope, _ int32) ([]string, []string, error) {
		rows, err := w.db.VolunteersByID(ctx, s, ids(w.volunteers))
		return listed(rows, err, w.volunteers, func(r *delivery.Volunteer) bool { return s.SeesDirectory(r.CommunityID) })
	},
	"Suppliers": func(ctx context.Context, w *town, s delivery.Scope, c int32) ([]string, []string, error) {
		rows, err := w.db.Suppliers(ctx, s, c, true, everything)
		return whole(rows, err, of(w.suppliers, c), func(*delivery.Supplier) bool { return s.SeesDirectory(c) })
	},
	"RevealCounts": func(ctx context.Context, w *town, s delivery.Scope, c int32) ([]string, []string, error) {
		counts, err := w.db.RevealCounts(ctx, s, c, w.start, w.start, 10_000)
		var rows []*delivery.Volunteer
		for _, x := range counts {
			rows = append(rows, x.Volunteer)
		}
		return listed(rows, err, of(w.volunteers, c), func(r *delivery.Volunteer) bool {
			return r.ArchivedAt == nil && s.Sees(delivery.Keys{Community: c})
		})
	},
	"Exports": func(ctx context.Context, w *town, s delivery.Scope, c int32) ([]string, []string, error) {
		rows, err := w.db.Exports(ctx, s, c, 10_000)
		var got, want []string
		for _, x := range rows {
			got = append(got, string(x.UUID))
		}
		for _, x := range w.exports {
			if x.CommunityID == c && s.Sees(delivery.Keys{Community: c}) {
				want = append(want, string(x.UUID))
			}
		}
		return got, want, err
	},
	"DailyReport": func(ctx context.Context, w *town, s delivery.Scope, c int32) ([]string, []string, error) {
		report, err := w.db.DailyReport(ctx, s, c, w.start, w.start.Add(24*time.Hour))
		if delivery.CodeOf(err) == delivery.CodeNotFound {
			err = nil
		}
		var got, want []string
		if report != nil {
			got = append(got, strconv.Itoa(int(report.CommunityID)))
		}
		if s.SeesCommunity(c) {
			want = append(want, strconv.Itoa(int(c)))
		}
		return got, want, err
	},
	"DayFacts": func(ctx context.Context, w *town, s delivery.Scope, c int32) ([]string, []string, error) {
		facts, err := w.db.DayFacts(ctx, s, c, w.start, w.start.Add(24*time.Hour), w.start)
		if delivery.CodeOf(err) == delivery.CodeNotFound {
			err = nil
		}
		var got, want []string
		if facts != nil {
			got = append(got, strconv.Itoa(int(c)))
		}
		if s.SeesCommunity(c) {
			want = append(want, strconv.Itoa(int(c)))
		}
		return got, want, err
	},
	"DayRows": func(ctx context.Context, w *town, s delivery.Scope, c int32) ([]string, []string, error) {
		_, err := w.db.DayRows(ctx, s, c, w.start, w.start.Add(24*time.Hour), w.start)
		return entered(s, c, err)
	},
	"StepFacts": func(ctx context.Context, w *town, s delivery.Scope, c int32) ([]string, []string, error) {
		_, err := w.db.StepFacts(ctx, s, c, w.start, w.start.Add(24*time.Hour))
		return entered(s, c, err)
	},
	"RestFacts": func(ctx context.Context, w *town, s delivery.Scope, c int32) ([]string, []string, error) {
		_, err := w.db.RestFacts(ctx, s, c, w.start, w.start.Add(24*time.Hour))
		return entered(s, c, err)
	},
	"DeliveredOn": func(ctx context.Context, w *town, s delivery.Scope, c int32) ([]string, []string, error) {
		_, err := w.db.DeliveredOn(ctx, s, c, w.start, w.start.Add(24*time.Hour))
		got, _, err := entered(s, c, err)
		if !s.SeesPlan(c) {
			return got, nil, err
		}
		return got, []string{strconv.Itoa(int(c))}, err
	},
	"LeftOutOrders": func(ctx context.Context, w *town, s delivery.Scope, c int32) ([]string, []string, error) {
		_, err := w.db.LeftOutOrders(ctx, s, c)
		got, _, err := entered(s, c, err)
		if !s.SeesPlan(c) {
			return got, nil, err
		}
		return got, []string{strconv.Itoa(int(c))}, err
	},
	"CityPlans": func(ctx context.Context, w *town, s delivery.Scope, c int32) ([]string, []string, error) {
		rows, err := w.db.CityPlans(ctx, s, []int32{c}, w.start)
		var got, want []string
		for _, r := range rows {
			got = append(got, strconv.Itoa(int(r.CommunityID)))
		}
		if s.SeesNumbersOf(c) {
			want = append(want, strconv.Itoa(int(c)))
		}
		return got, want, err
	},
	"Plans": func(ctx context.Context, w *town, s delivery.Scope, c int32) ([]string, []string, error) {
		rows, err := w.db.Plans(ctx, s, c, "2020-02-17", "2020-02-18")
		var got, want []string
		for _, r := range rows {
			got = append(got, strconv.Itoa(int(r.CommunityID)))
		}
		if s.SeesPlan(c) {
			want = append(want, strconv.Itoa(int(c)))
		}
		return got, want, err
	},
	"Demand": func(ctx context.Context, w *town, s delivery.Scope, c int32) ([]string, []string, error) {
		_, err := w.db.Demand(ctx, s, c, delivery.DemandAll, "2020-02-18", "2020-02-18")
		return entered(s, c, err)
	},
	"Forecasts": func(ctx context.Context, w *town, s delivery.Scope, c int32) ([]string, []string, error) {
		_, err := w.db.Forecasts(ctx, s, c, "2020-02-18")
		return entered(s, c, err)
	},
	"Gap": func(ctx context.Context, w *town, s delivery.Scope, c int32) (got, want []string, _ error) {
		of := of(w.windows, c)[0]
		rows, err := w.db.Gap(ctx, s, of, w.start)
		if delivery.CodeOf(err) == delivery.CodeNotFound {
			err = nil
		}
		for _, r := range rows {
			got = append(got, string(r.PackageUUID))
		}
		for _, o := range w.offers {
			if o.WindowID() == of.ID() && s.SeesDirectory(c) {
				want = append(want, string(o.PackageUUID))
			}
		}
		return got, want, err
	},
	"Reach": func(ctx context.Context, w *town, s delivery.Scope, c int32) (got, want []string, _ error) {
		rows, err := w.db.Reach(ctx, s, c, w.start)
		if delivery.CodeOf(err) == delivery.CodeNotFound {
			err = nil
		}
		for _, r := range rows {
			got = append(got, fmt.Sprint(r.BuildingUUID, " ", r.Households))
		}
		return got, homesByBuilding(w, s, c, func(*delivery.Household) bool { return true }), err
	},
	"HouseholdNeeds": func(ctx context.Context, w *town, s delivery.Scope, c int32) (got, want []string, _ error) {
		facts, err := w.db.HouseholdNeeds(ctx, s, c)
		if delivery.CodeOf(err) == delivery.CodeNotFound {
			return nil, nil, nil
		}
		if err != nil {
			return nil, nil, err
		}
		for _, n := range facts.Counts {
			if n.BuildingUUID != nil && n.Need == nil {
				got = append(got, fmt.Sprint(*n.BuildingUUID, " ", n.Households))
			}
		}
		want = homesByBuilding(w, s, c, func(h *delivery.Household) bool { return len(h.Needs) > 0 })
		for _, m := range facts.Medicines {
			got = append(got, string(m.OrderUUID))
		}
		for _, o := range of(w.orders, c) {
			if o.Marks.Has(delivery.MarkMedicine) && !o.Stage.Final() && s.Sees(o.Keys()) {
				want = append(want, string(o.UUID))
			}
		}
		return got, want, nil
	},
	"Unmet": func(ctx context.Context, w *town, s delivery.Scope, c int32) ([]string, []string, error) {
		_, _, err := w.db.Unmet(ctx, s, c, w.start, w.start.Add(24*time.Hour))
		return entered(s, c, err)
	},
	"SuppliersByID": func(ctx context.Context, w *town, s delivery.Scope, _ int32) ([]string, []string, error) {
		rows, err := w.db.SuppliersByID(ctx, s, ids(w.suppliers))
		return listed(rows, err, w.suppliers, func(r *delivery.Supplier) bool { return s.SeesDirectory(r.CommunityID) })
	},
	"PackagesOf": func(ctx context.Context, w *town, s delivery.Scope, c int32) ([]string, []string, error) {
		supplier := of(w.packages, c)[0].SupplierID()
		rows, err := w.db.PackagesOf(ctx, s, supplier, false)
		return listed(rows, err, of(w.packages, c), func(p *delivery.Package) bool { return !p.Archived() && s.SeesDirectory(c) })
	},
	"PackagesByID": func(ctx context.Context, w *town, s delivery.Scope, _ int32) ([]string, []string, error) {
		rows, err := w.db.PackagesByID(ctx, s, ids(w.packages))
		return listed(rows, err, w.packages, func(p *delivery.Package) bool { return s.SeesDirectory(p.CommunityID) })
	},
	"Scenarios": func(ctx context.Context, w *town, s delivery.Scope, c int32) ([]string, []string, error) {
		rows, err := w.db.Scenarios(ctx, s, c, true)
		return listed(rows, err, of(w.scenarios, c), func(*delivery.SavedScenario) bool { return s.SeesCommunity(c) })
	},
	"ScenariosByID": func(ctx context.Context, w *town, s delivery.Scope, _ int32) ([]string, []string, error) {
		rows, err := w.db.ScenariosByID(ctx, s, ids(w.scenarios))
		return listed(rows, err, w.scenarios, func(r *delivery.SavedScenario) bool { return s.SeesCommunity(r.CommunityID) })
	},
	"Webhooks": func(ctx context.Context, w *town, s delivery.Scope, c int32) ([]string, []string, error) {
		rows, err := w.db.Webhooks(ctx, s, c, nil, false)
		return listed(rows, err, of(w.webhooks, c), func(r *delivery.Webhook) bool { return s.Sees(r.Keys()) })
	},
	"WebhooksByID": func(ctx context.Context, w *town, s delivery.Scope, _ int32) ([]string, []string, error) {
		rows, err := w.db.WebhooksByID(ctx, s, ids(w.webhooks))
		return listed(rows, err, w.webhooks, func(r *delivery.Webhook) bool { return s.Sees(r.Keys()) })
	},
	"WaitingOfWebhooks": func(ctx context.Context, w *town, s delivery.Scope, _ int32) (got, want []string, _ error) {
		rows, err := w.db.WaitingOfWebhooks(ctx, s, ids(w.webhooks))
		for _, r := range rows {
			got = append(got, fmt.Sprint(r.WebhookID(), r.Events))
		}
		for _, r := range w.webhooks {
			if s.Sees(r.Keys()) {
				want = append(want, fmt.Sprint(r.ID(), w.waiting(r)))
			}
		}
		return got, want, err
	},
	"OrderWindows": func(ctx context.Context, w *town, s delivery.Scope, c int32) ([]string, []string, error) {
		rows, err := w.db.OrderWindows(ctx, s, c, "", nil)
		return listed(rows, err, of(w.windows, c), func(*delivery.OrderWindow) bool { return s.SeesDirectory(c) })
	},
	"WindowsByID": func(ctx context.Context, w *town, s delivery.Scope, _ int32) ([]string, []string, error) {
		rows, err := w.db.WindowsByID(ctx, s, ids(w.windows))
		return listed(rows, err, w.windows, func(o *delivery.OrderWindow) bool { return s.SeesDirectory(o.CommunityID) })
	},
	"OffersOfWindows": func(ctx context.Context, w *town, s delivery.Scope, _ int32) (got, want []string, _ error) {
		rows, err := w.db.OffersOfWindows(ctx, s, ids(w.windows))
		for _, o := range rows {
			got = append(got, o.WindowID().String()+o.PackageID().String())
		}
		for _, o := range w.offers {
			if s.SeesDirectory(o.CommunityID) {
				want = append(want, o.WindowID().String()+o.PackageID().String())
			}
		}
		return got, want, err
	},
	"OrdersCalledOff": func(ctx context.Context, w *town, s delivery.Scope, c int32) ([]string, []string, error) {
		n, err := w.db.OrdersCalledOff(ctx, s, of(w.windows, c)[0].ID())
		return make([]string, n), nil, err // the town calls none off
	},
	"Bins": func(ctx context.Context, w *town, s delivery.Scope, c int32) ([]string, []string, error) {
		rows, err := w.db.Bins(ctx, s, c, true, everything)
		return whole(rows, err, of(w.bins, c), func(*delivery.Bin) bool { return seesTeam(s, c) })
	},
	"BinsByID": func(ctx context.Context, w *town, s delivery.Scope, _ int32) ([]string, []string, error) {
		rows, err := w.db.BinsByID(ctx, s, ids(w.bins))
		return listed(rows, err, w.bins, func(b *delivery.Bin) bool { return seesTeam(s, b.CommunityID) })
	},
	"BinsOfBuildings": func(ctx context.Context, w *town, s delivery.Scope, _ int32) ([]string, []string, error) {
		rows, err := w.db.BinsOfBuildings(ctx, s, ids(w.buildings))
		return listed(rows, err, w.bins, func(b *delivery.Bin) bool { return !b.Archived() && seesTeam(s, b.CommunityID) })
	},
	"ContentsOfBins": func(ctx context.Context, w *town, s delivery.Scope, _ int32) ([]string, []string, error) {
		rows, err := w.db.ContentsOfBins(ctx, s, ids(w.bins))
		var got, want []string
		for _, r := range rows {
			got = append(got, fmt.Sprint(r.UUID, r.Orders, r.Bags, r.OldestSince.UTC()))
		}
		for _, b := range w.bins {
			var in delivery.BinContents
			for _, o := range w.orders {
				if o.BinUUID == nil || *o.BinUUID != b.UUID || !seesTeam(s, o.CommunityID) || !s.Sees(o.Keys()) {
					continue
				}
				in.Orders++
				if in.Bags += o.BagsIn; o.BagsIn == 0 {
					in.Bags += o.Bags()
				}
				if in.OldestSince == nil || o.StageSince.Before(*in.OldestSince) {
					in.OldestSince = &o.StageSince
				}
			}
			if in.Orders > 0 {
				want = append(want, fmt.Sprint(b.UUID, in.Orders, in.Bags, in.OldestSince.UTC()))
			}
		}
		return got, want, err
	},
	"LookUpOrders": func(ctx context.Context, w *town, s delivery.Scope, c int32) ([]string, []string, error) {
		number := w.numbers[c]
		rows, err := w.db.LookUpOrders(ctx, s, c, delivery.Label{Number: number}, "")
		return listed(rows, err, of(w.orders, c), func(o *delivery.Order) bool { return o.Number == number && s.Sees(o.Keys()) })
	},
	"ManifestOrders": func(ctx context.Context, w *town, s delivery.Scope, c int32) ([]string, []string, error) {
		rows, err := w.db.ManifestOrders(ctx, s, c, db.ManifestFilter{})
		rows = slices.DeleteFunc(rows, func(o *delivery.Order) bool { return o.Stage == delivery.Placed }) // those that are announced
		return listed(rows, err, of(w.orders, c), func(o *delivery.Order) bool { return toSort(o) && s.Sees(o.Keys()) })
	},
	"SortingProgress": func(ctx context.Context, w *town, s delivery.Scope, c int32) ([]string, []string, error) {
		p, err := w.db.SortingProgress(ctx, s, c)
		if delivery.CodeOf(err) == delivery.CodeNotFound && !seesTeam(s, c) {
			return nil, nil, nil
		}
		if err != nil {
			return nil, nil, err
		}
		var atGate, sorted int
		for _, o := range of(w.orders, c) {
			if s.Sees(o.Keys()) && o.Stage == delivery.AtGate {
				atGate++
			}
			if s.Sees(o.Keys()) && o.Stage == delivery.Sorted {
				sorted++
			}
		}
		return []string{fmt.Sprint(p.AtGate, p.Sorted)}, []string{fmt.Sprint(atGate, sorted)}, nil
	},
	"ServicesOfBuildings": func(ctx context.Context, w *town, s delivery.Scope, _ int32) ([]string, []string, error) {
		rows, err := w.db.ServicesOfBuildings(ctx, s, ids(w.buildings))
		return w.served(rows), w.served(w.serving(), s), err
	},
	"ServicesOfVolunteers": func(ctx context.Context, w *town, s delivery.Scope, _ int32) ([]string, []string, error) {
		rows, err := w.db.ServicesOfVolunteers(ctx, s, ids(w.volunteers))
		return w.served(rows), w.served(w.serving(), s), err
	},
	"Roster": func(ctx context.Context, w *town, s delivery.Scope, c int32) ([]string, []string, error) {
		r, err := w.db.Roster(ctx, s, c)
		if err != nil {
			return refused(err, s, c)
		}
		var got, want []string
		for id := range r.Reachable {
			got = append(got, string(id))
		}
		for _, v := range of(w.volunteers, c) {
			if v.Reachable && v.ArchivedAt == nil {
				want = append(want, string(v.UUID))
			}
		}
		return got, want, nil
	},
	"FeedEnd": func(ctx context.Context, w *town, s delivery.Scope, c int32) ([]string, []string, error) {
		p, err := w.db.FeedEnd(ctx, s, c)
		if err != nil {
			return refused(err, s, c)
		}
		return []string{fmt.Sprint(p.Community, p.Seq)}, []string{fmt.Sprint(c, len(w.events[c]))}, nil
	},
	"Board": func(ctx context.Context, w *town, s delivery.Scope, c int32) ([]string, []string, error) {
		b, err := w.db.Board(ctx, s, c, w.start, w.start, w.start)
		if err != nil {
			return refused(err, s, c)
		}
		open := 0
		for _, o := range of(w.orders, c) {
			if !o.Stage.Final() && s.Sees(o.Keys()) {
				open++
			}
		}
		trouble, uncovered := 0, map[delivery.UUID]bool{}
		for _, i := range of(w.incidents, c) {
			if !i.Resolved() && s.Sees(i.Keys()) {
				trouble++
				if i.Kind == delivery.IncidentUncovered && i.BuildingUUID != nil {
					uncovered[*i.BuildingUUID] = true
				}
			}
		}
		for _, row := range of(w.buildings, c) { // archived ones are on no board without orders
			if row.ArchivedAt != nil && !slices.ContainsFunc(b.Buildings, func(x *delivery.BoardBuilding) bool { return x.BuildingUUID == row.UUID }) {
				delete(uncovered, row.UUID)
			}
		}
		got := []string{fmt.Sprint(b.CommunityID, b.Position.Seq, b.Open, b.Incidents, len(b.Uncovered))}
		return got, []string{fmt.Sprint(c, len(w.events[c]), open, trouble, len(uncovered))}, nil
	},
	"Orders": func(ctx context.Context, w *town, s delivery.Scope, c int32) ([]string, []string, error) {
		rows, err := w.db.Orders(ctx, s, c, db.OrderFilter{}, db.SortNumber, false, everything)
		if err != nil {
			return refused(err, s, c)
		}
		return whole(rows.Rows, err, of(w.orders, c), func(o *delivery.Order) bool { return s.Sees(o.Keys()) })
	},
	"OrdersByID": func(ctx context.Context, w *town, s delivery.Scope, _ int32) ([]string, []string, error) {
		rows, err := w.db.OrdersByID(ctx, s, ids(w.orders))
		return listed(rows, err, w.orders, func(o *delivery.Order) bool { return s.Sees(o.Keys()) })
	},
	"LinesOfOrders": func(ctx context.Context, w *town, s delivery.Scope, _ int32) ([]string, []string, error) {
		rows, err := w.db.LinesOfOrders(ctx, s, ids(w.orders))
		return listed(rows, err, w.lines, func(l *delivery.Line) bool { return s.Sees(w.keysOf(l.OrderUUID)) })
	},
	"HoldsByID": func(ctx context.Context, w *town, s delivery.Scope, _ int32) ([]string, []string, error) {
		rows, err := w.db.HoldsByID(ctx, s, ids(w.holds))
		return listed(rows, err, w.holds, func(h *delivery.Hold) bool { return w.seesHold(s, h) })
	},
	"OpenHolds": func(ctx context.Context, w *town, s delivery.Scope, _ int32) ([]string, []string, error) {
		rows, err := w.db.OpenHolds(ctx, s, slices.Concat(ids(w.orders), ids(w.buildings), ids(w.households), ids(w.suppliers)))
		return listed(rows, err, w.holds, func(h *delivery.Hold) bool { return h.Open() && h.ArrivalUUID == nil && w.seesHold(s, h) })
	},
	"ArrivalsByID": func(ctx context.Context, w *town, s delivery.Scope, _ int32) ([]string, []string, error) {
		rows, err := w.db.ArrivalsByID(ctx, s, ids(w.arrivals))
		return listed(rows, err, w.arrivals, func(a *delivery.Arrival) bool { return s.Sees(a.Keys()) })
	},
	"Arrivals": func(ctx context.Context, w *town, s delivery.Scope, c int32) ([]string, []string, error) {
		rows, err := w.db.Arrivals(ctx, s, c, w.start.AddDate(0, 0, -9), w.start.AddDate(0, 0, 9), true)
		return listed(rows, err, of(w.arrivals, c), func(a *delivery.Arrival) bool { return s.Sees(a.Keys()) })
	},
	"ArrivalsOfOrders": func(ctx context.Context, w *town, s delivery.Scope, _ int32) (got, want []string, err error) {
		rows, err := w.db.ArrivalsOfOrders(ctx, s, ids(w.orders))
		for _, r := range rows {
			got = append(got, fmt.Sprint(r.OrderUUID, r.Number))
		}
		newest := map[delivery.UUID]int64{}
		for _, a := range w.arrivals {
			for _, x := range w.brought {
				if x.ArrivalUUID == a.UUID && s.Sees(a.Keys()) {
					newest[x.OrderUUID] = max(newest[x.OrderUUID], a.Number)
				}
			}
		}
		for order, number := range newest {
			want = append(want, fmt.Sprint(order, number))
		}
		return got, want, err
	},
	"OrdersOfArrivals": func(ctx context.Context, w *town, s delivery.Scope, _ int32) (got, want []string, err error) {
		rows, err := w.db.OrdersOfArrivals(ctx, s, ids(w.arrivals))
		for _, r := range rows {
			got = append(got, fmt.Sprint(r.ArrivalUUID, r.OrderUUID, r.Announced, *r.Received))
		}
		for _, a := range w.arrivals {
			for _, x := range w.brought {
				if x.ArrivalUUID == a.UUID && s.Sees(a.Keys()) {
					want = append(want, fmt.Sprint(x.ArrivalUUID, x.OrderUUID, x.Announced, *x.Received))
				}
			}
		}
		return got, want, err
	},
	"ArrivalHoldsOf": func(ctx context.Context, w *town, s delivery.Scope, _ int32) (got, want []string, err error) {
		rows, err := w.db.ArrivalHoldsOf(ctx, s, ids(w.orders))
		for _, r := range rows {
			got = append(got, fmt.Sprint(r.OrderUUID, *r.ArrivalUUID))
		}
		for _, x := range w.brought {
			if s.Sees(w.keysOf(x.OrderUUID)) {
				want = append(want, fmt.Sprint(x.OrderUUID, x.ArrivalUUID))
			}
		}
		return got, want, err
	},
	"StraysByID": func(ctx context.Context, w *town, s delivery.Scope, _ int32) ([]string, []string, error) {
		rows, err := w.db.StraysByID(ctx, s, ids(w.strays))
		return listed(rows, err, w.strays, func(x *delivery.Stray) bool { return s.Sees(x.Keys()) })
	},
	"Strays": func(ctx context.Context, w *town, s delivery.Scope, c int32) ([]string, []string, error) {
		rows, err := w.db.Strays(ctx, s, c, []delivery.StrayState{delivery.StrayOpen})
		return listed(rows, err, of(w.strays, c), func(x *delivery.Stray) bool { return x.State == delivery.StrayOpen && s.Sees(x.Keys()) })
	},
	"Imports": func(ctx context.Context, w *town, s delivery.Scope, c int32) ([]string, []string, error) {
		rows, err := w.db.Imports(ctx, s, c, everything)
		return whole(rows, err, of(w.imports, c), func(i *delivery.Import) bool { return seesImport(s, i) })
	},
	"ImportsByID": func(ctx context.Context, w *town, s delivery.Scope, _ int32) ([]string, []string, error) {
		rows, err := w.db.ImportsByID(ctx, s, ids(w.imports))
		return listed(rows, err, w.imports, func(i *delivery.Import) bool { return seesImport(s, i) })
	},
	"ImportRows": func(ctx context.Context, w *town, s delivery.Scope, c int32) (got, want []string, _ error) {
		rows, err := w.db.ImportRows(ctx, s, c, db.ImportRowFilter{}, everything)
		if err != nil {
			return nil, nil, err
		}
		for _, r := range rows.Items {
			got = append(got, string(r.UUID))
		}
		for _, i := range of(w.imports, c) {
			for _, r := range w.imported[i.UUID] {
				if s.Class == delivery.SeesSupplier && i.ByRole != delivery.RoleSupplier { // the team sent it
					continue
				}
				k := delivery.Keys{Community: c, Supplier: i.SupplierUUID}
				if r.BuildingUUID != nil {
					k.Building = *r.BuildingUUID
				}
				if s.Sees(k) {
					want = append(want, string(r.UUID))
				}
			}
		}
		return got, want, nil
	},
	"Runs": func(ctx context.Context, w *town, s delivery.Scope, c int32) ([]string, []string, error) {
		rows, err := w.db.Runs(ctx, s, c, false, everything)
		return whole(rows, err, of(w.runs, c), func(r *delivery.Run) bool { return w.seesRun(s, r) })
	},
	"RunsByID": func(ctx context.Context, w *town, s delivery.Scope, _ int32) ([]string, []string, error) {
		rows, err := w.db.RunsByID(ctx, s, ids(w.runs))
		return listed(rows, err, w.runs, func(r *delivery.Run) bool { return w.seesRun(s, r) })
	},
	"OpenRuns": func(ctx context.Context, w *town, s delivery.Scope, c int32) ([]string, []string, error) {
		rows, err := w.db.OpenRuns(ctx, s, c)
		return listed(rows, err, of(w.runs, c), func(r *delivery.Run) bool { return r.Open() && w.seesRun(s, r) })
	},
	"ReadyBins": func(ctx context.Context, w *town, s delivery.Scope, c int32) (got, want []string, _ error) {
		rows, err := w.db.ReadyBins(ctx, s, c)
		if delivery.CodeOf(err) == delivery.CodeNotFound && !seesTeam(s, c) {
			return nil, nil, nil
		}
		for _, r := range rows {
			got = append(got, fmt.Sprint(r.BinUUID, r.Orders, r.Bags, r.Heavy, r.Cold, r.OldestSince.UTC(), r.Held))
		}
		for _, b := range of(w.bins, c) {
			var in delivery.ReadyBin
			for _, o := range w.orders {
				switch {
				case o.BinUUID == nil || *o.BinUUID != b.UUID || !s.Sees(o.Keys()):
				case o.Held():
					in.Held++
				default:
					if in.Orders == 0 || o.StageSince.Before(in.OldestSince) {
						in.OldestSince = o.StageSince
					}
					in.Orders++
					in.Bags += o.CarriedBags()
					if o.Marks.Has(delivery.MarkHeavy) {
						in.Heavy++
					}
					if o.Marks.Has(delivery.MarkCold) {
						in.Cold++
					}
				}
			}
			if in.Orders > 0 {
				want = append(want, fmt.Sprint(b.UUID, in.Orders, in.Bags, in.Heavy, in.Cold, in.OldestSince.UTC(), in.Held))
			}
		}
		return got, want, err
	},
	"RoundOf": func(ctx context.Context, w *town, s delivery.Scope, c int32) ([]string, []string, error) {
		var rows []*delivery.Round
		for _, v := range of(w.volunteers, c) {
			r, err := w.db.RoundOf(ctx, s, c, v.UUID)
			if err != nil {
				return nil, nil, err
			}
			if r != nil {
				rows = append(rows, r)
			}
		}
		return listed(rows, nil, of(w.rounds, c), func(r *delivery.Round) bool { return r.Open() && r.VolunteerUUID != nil && w.seesRound(s, r) })
	},
	"OrdersToTake": func(ctx context.Context, w *town, s delivery.Scope, c int32) (got, want []string, _ error) {
		for _, v := range of(w.volunteers, c) {
			rows, err := w.db.OrdersToTake(ctx, s, c, v.UUID)
			if err != nil {
				return nil, nil, err
			}
			for _, o := range rows {
				got = append(got, fmt.Sprint(v.UUID, o.UUID))
			}
			for _, o := range of(w.orders, c) {
				serves := slices.ContainsFunc(w.services, func(x *delivery.Service) bool { return x.VolunteerUUID == v.UUID && x.BuildingUUID == o.BuildingUUID })
				if serves && o.Stage == delivery.AtBuilding && !o.Held() && s.Sees(o.Keys()) {
					want = append(want, fmt.Sprint(v.UUID, o.UUID))
				}
			}
		}
		return got, want, nil
	},
	"Pace": func(ctx context.Context, w *town, s delivery.Scope, c int32) ([]string, []string, error) {
		p, err := w.db.Pace(ctx, s, c, w.start)
		if err != nil {
			return refused(err, s, c)
		}
		got, want := 0, 0
		for _, b := range p.Buildings {
			if b.Stage != delivery.Delivered {
				got += b.Orders
			}
		}
		for _, o := range of(w.orders, c) {
			if o.Stage.PastTheGate() && !o.Held() {
				want++
			}
		}
		return []string{fmt.Sprint(got)}, []string{fmt.Sprint(want)}, nil
	},
	"AheadOfOrders": func(ctx context.Context, w *town, s delivery.Scope, _ int32) (got, want []string, _ error) {
		rows, err := w.db.AheadOfOrders(ctx, s, ids(w.orders))
		inRound := func(id delivery.UUID) bool {
			return slices.ContainsFunc(w.orders, func(o *delivery.Order) bool { return o.UUID == id && o.Stage == delivery.OutForDelivery })
		}
		for _, r := range rows {
			if inRound(r.UUID) {
				r.Ahead = -1 // by doors: TestEstimates
			}
			got = append(got, fmt.Sprint(r.UUID, r.Ahead))
		}
		for _, o := range w.orders {
			if !o.Stage.PastTheGate() || !s.Sees(o.Keys()) {
				continue
			}
			ahead := 0
			for _, x := range w.orders {
				post := x.CommunityID == o.CommunityID && x.Stage == o.Stage && (o.Stage == delivery.AtGate || x.BuildingUUID == o.BuildingUUID)
				first := x.StageSince.Before(o.StageSince) || x.StageSince.Equal(o.StageSince) && x.Number < o.Number
				if post && first && !x.Held() {
					ahead++
				}
			}
			if o.Stage == delivery.OutForDelivery {
				ahead = -1
			}
			want = append(want, fmt.Sprint(o.UUID, ahead))
		}
		return got, want, err
	},
	"Shifts": func(ctx context.Context, w *town, s delivery.Scope, c int32) ([]string, []string, error) {
		rows, err := w.db.Shifts(ctx, s, c, w.start, w.start.Add(24*time.Hour), nil)
		return listed(rows, err, of(w.shifts, c), func(f *delivery.Shift) bool {
			return seesTeam(s, c) && f.CancelledAt == nil && f.StartsAt.Equal(w.start)
		})
	},
	"ShiftsByID": func(ctx context.Context, w *town, s delivery.Scope, _ int32) ([]string, []string, error) {
		rows, err := w.db.ShiftsByID(ctx, s, ids(w.shifts))
		return listed(rows, err, w.shifts, func(f *delivery.Shift) bool { return seesTeam(s, f.CommunityID) })
	},
	"MembersOfShifts": func(ctx context.Context, w *town, s delivery.Scope, _ int32) (got, want []string, _ error) {
		rows, err := w.db.MembersOfShifts(ctx, s, ids(w.shifts))
		for _, m := range rows {
			got = append(got, m.ShiftID().String()+m.VolunteerID().String())
		}
		for _, m := range w.members {
			if seesTeam(s, m.CommunityID) {
				want = append(want, m.ShiftID().String()+m.VolunteerID().String())
			}
		}
		return got, want, err
	},
	"ShiftsOfVolunteers": func(ctx context.Context, w *town, s delivery.Scope, _ int32) (got, want []string, _ error) {
		rows, err := w.db.ShiftsOfVolunteers(ctx, s, ids(w.volunteers))
		for _, f := range rows {
			got = append(got, f.ID().String())
		}
		for _, m := range w.members {
			if m.State == delivery.ShiftOn && seesTeam(s, m.CommunityID) {
				want = append(want, m.ShiftID().String())
			}
		}
		return got, want, err
	},
	"Presence": func(ctx context.Context, w *town, s delivery.Scope, c int32) (got, want []string, _ error) {
		rows, err := w.db.Presence(ctx, s, c, w.start, w.start.Add(24*time.Hour))
		for _, p := range rows {
			got = append(got, fmt.Sprint(p.Squad, p.On, p.Planned, p.Absent))
		}
		if seesTeam(s, c) {
			want = []string{fmt.Sprint(delivery.SquadSupply, 1, 1, 0)}
		}
		return got, want, err
	},
	"Assignments": func(ctx context.Context, w *town, s delivery.Scope, c int32) (got, want []string, _ error) {
		found, err := w.db.Assignments(ctx, s, c, w.start, w.start, w.start.Add(24*time.Hour))
		if err != nil {
			return refused(err, s, c)
		}
		for _, v := range found.Volunteers {
			got = append(got, fmt.Sprint(v.UUID, v.Present))
		}
		for _, v := range of(w.volunteers, c) {
			if v.Squad == delivery.SquadSupply && !v.Archived() {
				want = append(want, fmt.Sprint(v.UUID, slices.ContainsFunc(w.members, func(m *delivery.ShiftMember) bool {
					return m.VolunteerUUID == v.UUID && m.StartsAt.Equal(w.start) && (m.State == delivery.ShiftPlanned || v.Reachable)
				})))
			}
		}
		return got, want, nil
	},
	"Rounds": func(ctx context.Context, w *town, s delivery.Scope, c int32) ([]string, []string, error) {
		rows, err := w.db.Rounds(ctx, s, c, false, "", everything)
		return whole(rows, err, of(w.rounds, c), func(r *delivery.Round) bool { return w.seesRound(s, r) })
	},
	"RoundsByID": func(ctx context.Context, w *town, s delivery.Scope, _ int32) ([]string, []string, error) {
		rows, err := w.db.RoundsByID(ctx, s, ids(w.rounds))
		return listed(rows, err, w.rounds, func(r *delivery.Round) bool { return w.seesRound(s, r) })
	},
	"OrdersOfRounds": func(ctx context.Context, w *town, s delivery.Scope, _ int32) ([]string, []string, error) {
		rows, err := w.db.OrdersOfRounds(ctx, s, ids(w.rounds))
		out := make([]*delivery.Order, len(rows))
		for i, o := range rows {
			out[i] = &o.Order
		}
		return listed(out, err, w.orders, func(o *delivery.Order) bool { return o.RoundUUID != nil && s.Sees(o.Keys()) })
	},
	"PursesOfOrders": func(ctx context.Context, w *town, s delivery.Scope, _ int32) ([]string, []string, error) {
		rows, err := w.db.PursesOfOrders(ctx, s, ids(w.orders))
		return belonging(w, s, rows, err, w.purses)
	},
	"EntriesOfOrders": func(ctx context.Context, w *town, s delivery.Scope, _ int32) ([]string, []string, error) {
		rows, err := w.db.EntriesOfOrders(ctx, s, ids(w.orders))
		got, _, err := belonging(w, s, rows, err, nil)
		_, want, _ := belonging(w, s, nil, nil, w.purses)
		return got, want, err
	},
	"MoneyBetween": func(ctx context.Context, w *town, s delivery.Scope, c int32) (got, want []string, _ error) {
		sum, err := w.db.MoneyBetween(ctx, s, c, w.start, w.start.Add(time.Second))
		if err != nil {
			return refused(err, s, c)
		}
		_, seen, _ := belonging(w, s, nil, nil, slices.DeleteFunc(slices.Clone(w.purses), func(p *delivery.Purse) bool { return p.CommunityID != c }))
		n := len(seen)
		return []string{fmt.Sprint(*sum)}, []string{fmt.Sprint(db.DayMoney{InFen: 500 * int64(n), OpenPurses: n, OpenInHand: 500 * int64(n), OpenOwed: -500 * int64(n)})}, nil
	},
	"ErrandsOfOrders": func(ctx context.Context, w *town, s delivery.Scope, _ int32) ([]string, []string, error) {
		rows, err := w.db.ErrandsOfOrders(ctx, s, ids(w.orders))
		return belonging(w, s, rows, err, w.errands)
	},
	"DocumentsOfOrders": func(ctx context.Context, w *town, s delivery.Scope, _ int32) ([]string, []string, error) {
		rows, err := w.db.DocumentsOfOrders(ctx, s, ids(w.orders))
		return belonging(w, s, rows, err, w.documents)
	},
	"OrdersToShop": func(ctx context.Context, w *town, s delivery.Scope, c int32) ([]string, []string, error) {
		taker := of(w.volunteers, c)[1].UUID
		rows, err := w.db.OrdersToShop(ctx, s, c, taker, nil, 1000)
		return listed(rows, err, of(w.orders, c), func(o *delivery.Order) bool {
			runs := o.TakerUUID
			if o.HolderVolunteer != nil {
				runs = o.HolderVolunteer
			}
			return o.Channel.RunByVolunteer() && (o.Stage == delivery.Placed || o.Stage == delivery.Dispatched) && runs != nil && *runs == taker && s.Sees(o.Keys())
		})
	},
	"ProofsOfOrders": func(ctx context.Context, w *town, s delivery.Scope, _ int32) (got, want []string, _ error) {
		rows, err := w.db.ProofsOfOrders(ctx, s, ids(w.orders))
		for _, p := range rows {
			got = append(got, p.OrderID().String())
		}
		for _, o := range w.orders {
			if s.Sees(o.Keys()) {
				want = append(want, o.ID().String())
			}
		}
		return got, want, err
	},
	"DoorSecrets": func(ctx context.Context, w *town, s delivery.Scope, _ int32) (got, want []string, _ error) {
		rows, err := w.db.DoorSecrets(ctx, s, ids(w.orders))
		for _, p := range rows {
			got = append(got, p.OrderID().String())
		}
		for _, o := range w.orders {
			if !o.Stage.Final() && s.Sees(o.Keys()) {
				want = append(want, o.ID().String())
			}
		}
		return got, want, err
	},
	"TargetsOf": func(ctx context.Context, w *town, s delivery.Scope, _ int32) (got, want []string, _ error) {
		rows, err := w.db.TargetsOf(ctx, s, ids(w.communities))
		for _, r := range rows {
			got = append(got, fmt.Sprint(r.CommunityID, r.Stage, r.Mark, r.Minutes, r.TimeOfDay() != nil, r.Version))
		}
		for _, r := range w.targets {
			if s.SeesCommunity(r.CommunityID) {
				want = append(want, fmt.Sprint(r.CommunityID, r.Stage, r.Mark, r.Minutes, r.Clock != nil, r.Version))
			}
		}
		slices.Sort(got)
		slices.Sort(want)
		return got, want, err
	},
	"DropsOfRuns": func(ctx context.Context, w *town, s delivery.Scope, _ int32) (got, want []string, _ error) {
		rows, err := w.db.DropsOfRuns(ctx, s, ids(w.runs))
		for _, d := range rows {
			got = append(got, d.RunID().String()+d.BuildingID().String())
		}
		for _, o := range w.orders {
			if o.RunUUID != nil && (s.Class == delivery.SeesAll || s.Class == delivery.SeesBuildings) && s.Sees(o.Keys()) {
				want = append(want, delivery.ID{Kind: delivery.KindRun, Community: o.CommunityID, UUID: *o.RunUUID}.String()+o.BuildingID().String())
			}
		}
		slices.Sort(want)
		return got, slices.Compact(want), err
	},
	"Incidents": func(ctx context.Context, w *town, s delivery.Scope, c int32) ([]string, []string, error) {
		rows, err := w.db.Incidents(ctx, s, c, db.IncidentFilter{}, everything)
		return whole(rows, err, of(w.incidents, c), func(i *delivery.Incident) bool { return s.Sees(i.Keys()) })
	},
	"IncidentsByID": func(ctx context.Context, w *town, s delivery.Scope, _ int32) ([]string, []string, error) {
		rows, err := w.db.IncidentsByID(ctx, s, ids(w.incidents))
		return listed(rows, err, w.incidents, func(i *delivery.Incident) bool { return s.Sees(i.Keys()) })
	},
	"IncidentsOfOrders": func(ctx context.Context, w *town, s delivery.Scope, _ int32) ([]string, []string, error) {
		rows, err := w.db.IncidentsOfOrders(ctx, s, ids(w.orders))
		return listed(rows, err, w.incidents, func(i *delivery.Incident) bool { return i.OrderUUID != nil && s.Sees(i.Keys()) })
	},
	"OpenIncidents": func(ctx context.Context, w *town, s delivery.Scope, c int32) ([]string, []string, error) {
		rows, err := w.db.OpenIncidents(ctx, s, c, delivery.LevelLead)
		return listed(rows, err, of(w.incidents, c), func(i *delivery.Incident) bool {
			return !i.Resolved() && i.Level != delivery.LevelCommand && s.Sees(i.Keys())
		})
	},
	"Tasks": func(ctx context.Context, w *town, s delivery.Scope, c int32) ([]string, []string, error) {
		rows, err := w.db.Tasks(ctx, s, c, db.TaskFilter{}, everything)
		return whole(rows, err, of(w.tasks, c), s.SeesTask)
	},
	"TasksByID": func(ctx context.Context, w *town, s delivery.Scope, _ int32) ([]string, []string, error) {
		rows, err := w.db.TasksByID(ctx, s, ids(w.tasks))
		return listed(rows, err, w.tasks, s.SeesTask)
	},
	"TasksToDo": func(ctx context.Context, w *town, s delivery.Scope, c int32) ([]string, []string, error) {
		rows, err := w.db.TasksToDo(ctx, s, c, delivery.SquadPatrol)
		return listed(rows, err, of(w.tasks, c), func(k *delivery.Task) bool {
			return k.Squad == delivery.SquadPatrol && k.State == delivery.TaskToDo && s.SeesTask(k)
		})
	},
	"Enquiries": func(ctx context.Context, w *town, s delivery.Scope, c int32) ([]string, []string, error) {
		rows, err := w.db.Enquiries(ctx, s, c, db.EnquiryFilter{}, everything)
		return whole(rows, err, of(w.enquiries, c), func(e *delivery.Enquiry) bool { return seesEnquiry(s, e) })
	},
	"EnquiriesByID": func(ctx context.Context, w *town, s delivery.Scope, _ int32) ([]string, []string, error) {
		rows, err := w.db.EnquiriesByID(ctx, s, ids(w.enquiries))
		return listed(rows, err, w.enquiries, func(e *delivery.Enquiry) bool { return seesEnquiry(s, e) })
	},
	"CallQueue": func(ctx context.Context, w *town, s delivery.Scope, c int32) ([]string, []string, error) {
		q, err := w.db.CallQueue(ctx, s, c, w.start.AddDate(1, 0, 0))
		if err != nil {
			return nil, nil, err
		}
		if q.Waiting+q.Taken != len(q.Enquiries) || q.Due != q.Waiting {
			return nil, nil, fmt.Errorf("counted %+v of %d enquiries", q, len(q.Enquiries))
		}
		return listed(q.Enquiries, nil, of(w.enquiries, c), func(e *delivery.Enquiry) bool { return e.State != delivery.EnquiryClosed && seesEnquiry(s, e) })
	},
	"Unheard": func(ctx context.Context, w *town, s delivery.Scope, c int32) ([]string, []string, error) {
		rows, err := w.db.Unheard(ctx, s, c, w.start.AddDate(9, 0, 0), everything)
		return whole(rows, err, of(w.households, c), func(h *delivery.Household) bool { return !h.Archived() && s.Sees(h.Keys()) })
	},
	"Notices": func(ctx context.Context, w *town, s delivery.Scope, c int32) ([]string, []string, error) {
		rows, err := w.db.Notices(ctx, s, c, nil, time.Time{}, everything)
		return whole(rows, err, of(w.notices, c), func(n *delivery.Notice) bool { return s.SeesNotice(n, w.homeOf(s)) })
	},
	"NoticesByID": func(ctx context.Context, w *town, s delivery.Scope, _ int32) ([]string, []string, error) {
		rows, err := w.db.NoticesByID(ctx, s, ids(w.notices))
		return listed(rows, err, w.notices, func(n *delivery.Notice) bool { return s.SeesNotice(n, w.homeOf(s)) })
	},
	"NoticesInForce": func(ctx context.Context, w *town, s delivery.Scope, c int32) ([]string, []string, error) {
		rows, err := w.db.NoticesInForce(ctx, s, c, w.start)
		return listed(rows, err, of(w.notices, c), func(n *delivery.Notice) bool { return s.SeesNotice(n, w.homeOf(s)) })
	},
	"ClosuresOf": func(ctx context.Context, w *town, s delivery.Scope, _ int32) ([]string, []string, error) {
		rows, err := w.db.ClosuresOf(ctx, s, ids(w.communities), w.start)
		return make([]string, len(rows)), nil, err // the town has none
	},
	"OwnReach": func(ctx context.Context, w *town, s delivery.Scope, _ int32) (got, want []string, _ error) {
		rows, err := w.db.OwnReach(ctx, s, ids(w.notices))
		for _, r := range rows {
			got = append(got, fmt.Sprint(r.NoticeUUID, r.HouseholdUUID, r.SeenAt != nil))
		}
		for _, r := range w.reach {
			if s.Class == delivery.SeesHousehold && s.Sees(r.HouseholdKeys()) {
				want = append(want, fmt.Sprint(r.NoticeUUID, r.HouseholdUUID, r.SeenAt != nil))
			}
		}
		return got, want, err
	},
	"RevealsOfHouseholds": func(ctx context.Context, w *town, s delivery.Scope, _ int32) ([]string, []string, error) {
		found, err := w.db.RevealsOfHouseholds(ctx, s, ids(w.households), everything)
		var got, want []string
		for id, rows := range found {
			if rows.Total != len(rows.Items) || rows.More {
				return nil, nil, fmt.Errorf("counted %d, more %v, of %d rows", rows.Total, rows.More, len(rows.Items))
			}
			for _, r := range rows.Items {
				got = append(got, fmt.Sprint(id, r.UUID))
			}
		}
		for _, r := range w.reveals {
			if h := w.household(r.HouseholdUUID); s.Sees(h.Keys()) {
				want = append(want, fmt.Sprint(h.ID(), r.UUID))
			}
		}
		return got, want, err
	},
	"EventsOfOrders": func(ctx context.Context, w *town, s delivery.Scope, _ int32) ([]string, []string, error) {
		rows, err := w.db.EventsOfOrders(ctx, s, ids(w.orders), db.WholeHistory)
		return w.seen(rows), w.seen(slices.Concat(w.events[1], w.events[2]), s), err
	},
	"Codes": func(ctx context.Context, w *town, s delivery.Scope, c int32) ([]string, []string, error) {
		rows, err := w.db.Codes(ctx, s, c, db.CodeFilter{Ended: true}, w.start, everything)
		return whole(rows, err, of(w.cards, c), func(*delivery.AccessCode) bool { return s.Sees(delivery.Keys{Community: c}) })
	},
	"CodesByID": func(ctx context.Context, w *town, s delivery.Scope, _ int32) ([]string, []string, error) {
		rows, err := w.db.CodesByID(ctx, s, ids(w.cards))
		return listed(rows, err, w.cards, func(r *delivery.AccessCode) bool { return s.Sees(delivery.Keys{Community: r.CommunityID}) })
	},
	"NotesOfOrders": func(ctx context.Context, w *town, s delivery.Scope, _ int32) ([]string, []string, error) {
		rows, err := w.db.NotesOfOrders(ctx, s, ids(w.orders), db.WholeHistory)
		got, want := []string{}, []string{}
		for _, n := range rows {
			got = append(got, fmt.Sprint(n.CommunityID, n.OrderUUID, n.Version, n.Note))
		}
		for _, e := range slices.Concat(w.events[1], w.events[2]) {
			if e.Note != "" && s.SeesEvent(e) {
				want = append(want, fmt.Sprint(e.CommunityID, *e.OrderUUID, e.Order.Version, e.Note))
			}
		}
		return got, want, err
	},
	"Events": func(ctx context.Context, w *town, s delivery.Scope, c int32) ([]string, []string, error) {
		rows, err := w.db.Events(ctx, s, c, delivery.EventFilter{}, 0, 1<<40, 10_000)
		return w.seen(rows), w.seen(w.events[c], s), err
	},
}

func toSort(o *delivery.Order) bool {
	return o.Stage == delivery.Dispatched || o.Stage == delivery.AtGate || o.Stage == delivery.Sorted
}

// seesTeam reports whether rows of the community's team alone may be shown.
func seesTeam(s delivery.Scope, community int32) bool {
	return s.Sight().Team && s.SeesCommunity(community)
}

func TestReadsReturnWhatTheScopeSees(t *testing.T) {
	t.Parallel()
	w := newTown(t).fill(seeded(1), 20, 6, 30)
	rapid.Check(t, func(rt *rapid.T) {
		d := rapidDice{rt}
		if oneIn(d, 3) {
			c := pick(d, w.communities).CommunityID
			w.order(d, c)
			w.hold(d, c)
			w.event(d, c)
		}
		s := w.scope(d)
		c := int32(1 + d.IntN(2))
		for name, read := range reads {
			got, want, err := read(t.Context(), w, s, c)
			if err != nil {
				rt.Fatalf("%s of %d by %+v: %v", name, c, s, err)
			}
			slices.Sort(got)
			slices.Sort(want)
			if !slices.Equal(got, want) {
				rt.Fatalf("%s of %d by %+v:\ngot  %q\nwant %q", name, c, s, got, want)
			}
		}
	})
}

func TestTheZeroScopeSeesNothing(t *testing.T) {
	t.Parallel()
	w := newTown(t).fill(seeded(2), 5, 2, 5)
	for name, read := range reads {
		got, _, err := read(t.Context(), w, delivery.Scope{}, 1)
		if err != nil || len(got) != 0 && got[0] != noSuch {
			t.Errorf("%s: got %q and error %v, want nothing", name, got, err)
		}
	}
}

// seesEnquiry reports whether the scope sees an enquiry: as its keys say, and the phone desk also those of unknown callers.
func seesEnquiry(s delivery.Scope, e *delivery.Enquiry) bool {
	return s.Sees(e.Keys()) || s.Class == delivery.SeesBuildings && s.Squad == delivery.SquadPersuasion && s.Community == e.CommunityID && e.HouseholdUUID == nil
}

// homeOf is the building of the scope's household, if it has one in its community.
func (w *town) homeOf(s delivery.Scope) delivery.UUID {
	for _, h := range w.households {
		if s.Class == delivery.SeesHousehold && h.UUID == s.UUID && h.CommunityID == s.Community {
			return h.BuildingUUID
		}
	}
	return ""
}

// scope draws one of any class, also senseless ones.
func (w *town) scope(d dice) delivery.Scope {
	s := delivery.Scope{Community: int32(d.IntN(3)), Class: pick(d, []delivery.Class{delivery.SeesNothing, delivery.SeesAll, delivery.SeesBuildings,
		delivery.SeesHousehold, delivery.SeesSupplier, delivery.SeesOrder, delivery.SeesNumbers, "TOMORROW"})}
	if s.Class == delivery.SeesNumbers || oneIn(d, 8) {
		for _, c := range some(d, w.communities) {
			s.Communities = append(s.Communities, c.CommunityID)
		}
		if oneIn(d, 4) {
			s.Communities = append(s.Communities, 0)
		}
	}
	if s.Class == delivery.SeesBuildings || oneIn(d, 8) {
		for _, b := range some(d, w.buildings) {
			s.Buildings = append(s.Buildings, b.UUID)
		}
		s.Squad = pick(d, delivery.Squads)
	}
	switch {
	case oneIn(d, 8):
	case s.Class == delivery.SeesHousehold:
		s.UUID = pick(d, w.households).UUID
	case s.Class == delivery.SeesSupplier:
		s.UUID = pick(d, w.suppliers).UUID
	default:
		s.UUID = pick(d, w.orders).UUID
	}
	return s
}

const noSuch = "NO_SUCH"

// refused is what a read that answers with one thing says of a community that the scope does not enter.
func refused(err error, s delivery.Scope, c int32) (got, want []string, _ error) {
	refusal := delivery.AsError(err)
	if refusal == nil {
		return nil, nil, err
	}
	if !s.SeesCommunity(c) {
		want = []string{noSuch}
	}
	return []string{refusal.Reason.String()}, want, nil
}

// whole compares a page that holds the whole list, and its count.
func whole[T any, P interface {
	*T
	row
}](rows *db.Rows[T], err error, all []P, sees func(P) bool) ([]string, []string, error) {
	if err != nil {
		return nil, nil, err
	}
	if rows.Total != len(rows.Items) || rows.More {
		return nil, nil, fmt.Errorf("counted %d, more %v, of %d rows", rows.Total, rows.More, len(rows.Items))
	}
	items := make([]P, len(rows.Items))
	for i, r := range rows.Items {
		items[i] = r
	}
	return listed(items, nil, all, sees)
}

// belonging lists the orders of rows that belong to orders, as they were read and as the scope sees them.
func belonging[T interface{ OrderID() delivery.ID }](w *town, s delivery.Scope, rows []T, err error, all []T) (got, want []string, _ error) {
	for _, r := range rows {
		got = append(got, r.OrderID().String())
	}
	for _, r := range all {
		if s.Sees(w.keys(r.OrderID())) {
			want = append(want, r.OrderID().String())
		}
	}
	return got, want, err
}

func listed[T row](rows []T, err error, all []T, sees func(T) bool) (got, want []string, _ error) {
	for _, r := range rows {
		got = append(got, r.ID().String())
	}
	for _, r := range all {
		if sees(r) {
			want = append(want, r.ID().String())
		}
	}
	return got, want, err
}

// seesImport: the team sees all imports, and a supplier its own.
func seesImport(s delivery.Scope, i *delivery.Import) bool {
	if s.Class == delivery.SeesSupplier {
		return s.Sees(delivery.Keys{Community: i.CommunityID, Supplier: i.SupplierUUID})
	}
	return seesTeam(s, i.CommunityID)
}

func (w *town) keysOf(order delivery.UUID) delivery.Keys {
	return w.orders[slices.IndexFunc(w.orders, func(o *delivery.Order) bool { return o.UUID == order })].Keys()
}

// seesBuilding reports whether the scope sees a building: any of the directory's, or the one of the order that it sees.
func (w *town) seesBuilding(s delivery.Scope, b *delivery.Building) bool {
	if s.Class != delivery.SeesOrder {
		return s.SeesDirectory(b.CommunityID)
	}
	return slices.ContainsFunc(w.orders, func(o *delivery.Order) bool { return o.BuildingUUID == b.UUID && s.Sees(o.Keys()) })
}

// seesRound says that a round is seen by who sees the whole community, or an order that is out with it by its building.
func (w *town) seesRound(s delivery.Scope, r *delivery.Round) bool {
	switch s.Class {
	case delivery.SeesAll:
		return s.SeesCommunity(r.CommunityID)
	case delivery.SeesBuildings:
		return slices.ContainsFunc(w.orders, func(o *delivery.Order) bool { return o.RoundUUID != nil && *o.RoundUUID == r.UUID && s.Sees(o.Keys()) })
	}
	return false
}

// seesRun says that a run is seen by who sees the whole community, or an order that it carries by its building.
func (w *town) seesRun(s delivery.Scope, r *delivery.Run) bool {
	switch s.Class {
	case delivery.SeesAll:
		return s.SeesCommunity(r.CommunityID)
	case delivery.SeesBuildings:
		return slices.ContainsFunc(w.orders, func(o *delivery.Order) bool { return o.RunUUID != nil && *o.RunUUID == r.UUID && s.Sees(o.Keys()) })
	}
	return false
}

// seesHold says that holds on buildings are the directory's and those on orders the orders'.
func (w *town) seesHold(s delivery.Scope, h *delivery.Hold) bool {
	switch {
	case h.OrderUUID != nil:
		return s.Sees(w.keysOf(*h.OrderUUID))
	case h.ArrivalUUID != nil: // for scopes that see all, or an order that it brought
		return s.Sees(delivery.Keys{Community: h.CommunityID}) || slices.ContainsFunc(w.brought, func(x *delivery.ArrivalOrder) bool {
			return x.ArrivalUUID == *h.ArrivalUUID && s.Sees(w.keysOf(x.OrderUUID))
		})
	}
	// The holds of a building, a household or a supplier: for scopes that see it, or an order of it.
	var k delivery.Keys
	switch {
	case h.BuildingUUID != nil:
		k = delivery.Keys{Building: *h.BuildingUUID}
	case h.HouseholdUUID != nil:
		home := w.households[slices.IndexFunc(w.households, func(r *delivery.Household) bool { return r.UUID == *h.HouseholdUUID })]
		k = delivery.Keys{Building: home.BuildingUUID, Household: home.UUID}
	default:
		k = delivery.Keys{Supplier: *h.SupplierUUID}
	}
	k.Community = h.CommunityID
	return s.Sees(k) || slices.ContainsFunc(w.orders, func(o *delivery.Order) bool { return len(o.HoldsAmong([]*delivery.Hold{h})) > 0 && s.Sees(o.Keys()) })
}

// served names services; with a scope to judge by, those that it lets through.
func (w *town) served(rows []*delivery.Service, judge ...delivery.Scope) (out []string) {
	for _, r := range rows {
		if len(judge) == 0 || judge[0].SeesDirectory(r.CommunityID) {
			out = append(out, fmt.Sprint(*r))
		}
	}
	return out
}

// serving are the services of volunteers who are still there.
func (w *town) serving() (out []*delivery.Service) {
	for _, s := range w.services {
		i := slices.IndexFunc(w.volunteers, func(v *delivery.Volunteer) bool { return v.UUID == s.VolunteerUUID })
		if w.volunteers[i].ArchivedAt == nil {
			out = append(out, s)
		}
	}
	return out
}

// waiting counts the events that are for an endpoint whose place is before the first.
func (w *town) waiting(r *delivery.Webhook) (n int) {
	scope, filter := r.Follower().Scope(), r.Filter()
	for _, e := range w.events[r.CommunityID] {
		if filter.Shows(&scope, e) {
			n++
		}
	}
	return n
}

// seen names events of orders; with a scope to judge by, those that it lets through.
func (w *town) seen(rows []*delivery.Event, judge ...delivery.Scope) (out []string) {
	for _, e := range rows {
		if len(judge) == 0 || e.OfOrder() && judge[0].SeesEvent(e) {
			out = append(out, fmt.Sprint(e.CommunityID, e.Seq, e.Kind))
		}
	}
	return out
}
