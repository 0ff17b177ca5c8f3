package dispatch_test

import (
	"fmt"
	"slices"
	"testing"
	"time"

	"golang.org/x/sync/errgroup"

	"baogong/db"
	"baogong/delivery"
	"baogong/dispatch/estate"
	"baogong/dispatch/incident"
	"baogong/dispatch/notice"
)

// publish publishes a plain notice to all households unless the change says otherwise, and returns its id or the refusal.
func (e *house) publish(a delivery.Actor, change func(*notice.PublishNoticeInput)) (*delivery.ID, *delivery.Error) {
	e.t.Helper()
	in := notice.PublishNoticeInput{CommunityID: e.community, Kind: delivery.NoticePlain, Title: "停水通知", Body: "今晚六点停水。", Households: true}
	if change != nil {
		change(&in)
	}
	p := must(e.d.Notice.PublishNotice(e.t.Context(), a, in))
	if len(p.UserErrors) > 0 {
		return nil, p.UserErrors[0]
	}
	return p.NoticeID, nil
}

// closing makes the notice one of closure at a level, from an instant on.
func closing(level delivery.ClosureLevel, from time.Time) func(*notice.PublishNoticeInput) {
	return func(in *notice.PublishNoticeInput) {
		in.Kind, in.ClosureLevel, in.EffectiveAt = delivery.NoticeClosure, &level, &from
	}
}

func reopening(from time.Time) func(*notice.PublishNoticeInput) {
	return func(in *notice.PublishNoticeInput) { in.Kind, in.EffectiveAt = delivery.NoticeReopening, &from }
}

// told marks households as told and returns the first refusal.
func (e *house) told(a delivery.Actor, id delivery.ID, homes ...delivery.ID) *delivery.Error {
	e.t.Helper()
	p := must(e.d.Notice.MarkNoticeTold(e.t.Context(), a, notice.MarkNoticeToldInput{NoticeID: id, HouseholdIds: homes}))
	if len(p.UserErrors) > 0 {
		return p.UserErrors[0]
	}
	for _, r := range p.Results {
		if len(r.UserErrors) > 0 {
			return r.UserErrors[0]
		}
	}
	return nil
}

// saw marks a notice as seen by the actor's household and returns the refusal.
func (e *house) saw(a delivery.Actor, id delivery.ID) *delivery.Error {
	e.t.Helper()
	p := must(e.d.Notice.MarkNoticesSeen(e.t.Context(), a, notice.MarkNoticesSeenInput{NoticeIds: []delivery.ID{id}}))
	if len(p.UserErrors) > 0 {
		return p.UserErrors[0]
	}
	if len(p.Results[0].UserErrors) > 0 {
		return p.Results[0].UserErrors[0]
	}
	return nil
}

// notice is the row as it is.
func (e *house) notice(id delivery.ID) *delivery.Notice {
	e.t.Helper()
	return must(e.db.NoticesByID(e.t.Context(), e.admin.Scope(), []delivery.ID{id}))[0]
}

// level is how strictly the community is closed now, empty if it is not.
func (e *house) level() delivery.ClosureLevel {
	e.t.Helper()
	rows := must(e.db.ClosuresOf(e.t.Context(), e.admin.Scope(), []delivery.ID{e.community}, e.time()))
	if len(rows) == 0 {
		return ""
	}
	return rows[0].Level
}

func TestNotices(t *testing.T) {
	t.Parallel()
	e := newEstate(t)
	far := e.another()
	all, refused := e.publish(e.commander, nil)
	if refused != nil {
		t.Fatal(refused)
	}
	one, _ := e.publish(e.commander, func(in *notice.PublishNoticeInput) { in.BuildingIds = e.buildings[:1] })
	shops, _ := e.publish(e.commander, func(in *notice.PublishNoticeInput) { in.Households, in.Suppliers = false, true })
	squad, _ := e.publish(e.lead, func(in *notice.PublishNoticeInput) {
		in.Households, in.Squads = false, []delivery.Squad{delivery.SquadSupply}
	})

	t.Run("each sees what addresses them", func(t *testing.T) {
		for who, want := range map[string][]delivery.ID{"E6-1-1103": {*one, *all}, "E7-1-1103": {*all}, "caiban": {*shops}, "P01": {*squad, *shops, *one, *all}, "C01": {*squad, *shops, *one, *all}} {
			a := e.actor(who)
			for way, rows := range map[string][]*delivery.Notice{"list": must(e.db.Notices(t.Context(), a.Scope(), e.community.Community, nil, e.time(), db.Range{Limit: 10})).Items,
				"stream": must(e.db.NoticesInForce(t.Context(), a.NoticeScope(), e.community.Community, e.time()))} {
				var got []delivery.ID
				for _, n := range rows {
					got = append(got, n.ID())
				}
				if !slices.Equal(got, want) {
					t.Errorf("%s, %s: got %v, want %v", who, way, got, want)
				}
			}
		}
	})
	t.Run("refusals of publishing", func(t *testing.T) {
		now := e.time()
		for _, c := range []struct {
			want string
			by   delivery.Actor
			in   func(*notice.PublishNoticeInput)
		}{
			{"NOT_YOURS at ", e.lead, nil},
			{"NOT_YOURS at ", e.supply, nil},
			{"NOT_YOURS at ", e.resident, nil},
			{"NOT_YOURS at ", e.lead, func(in *notice.PublishNoticeInput) {
				in.Households, in.Squads = false, []delivery.Squad{delivery.SquadPatrol}
			}},
			{"NO_SUCH at communityId", far.commander, nil},
			{"MISSING at title", e.commander, func(in *notice.PublishNoticeInput) { in.Title = " " }},
			{"LEVEL_OF_CLOSURE at closureLevel", e.commander, func(in *notice.PublishNoticeInput) { in.Kind = delivery.NoticeClosure }},
			{"TO_ALL_HOUSEHOLDS at households", e.commander, func(in *notice.PublishNoticeInput) {
				closing(delivery.ClosureSealed, now)(in)
				in.BuildingIds = e.buildings
			}},
			{"NO_RECIPIENTS at households", e.commander, func(in *notice.PublishNoticeInput) { in.Households = false }},
			{"NOTICE_TOO_FAR at effectiveAt", e.commander, reopening(now.Add(61 * 24 * time.Hour))},
			{"TWO_COMMUNITIES at buildingIds.0", e.commander, func(in *notice.PublishNoticeInput) { in.BuildingIds = far.buildings }},
			{"NO_SUCH at replacesId", e.commander, func(in *notice.PublishNoticeInput) {
				in.ReplacesID = &delivery.ID{Kind: delivery.KindNotice, Community: e.community.Community, UUID: e.homes[0].UUID}
			}},
			{"NOT_YOURS at replacesId", e.lead, func(in *notice.PublishNoticeInput) {
				in.Households, in.Squads, in.ReplacesID = false, []delivery.Squad{delivery.SquadSupply}, all
			}},
		} {
			if _, refused := e.publish(c.by, c.in); refused == nil || reasonAt(refused) != c.want {
				t.Errorf("got %v, want %s", refused, c.want)
			}
		}
	})
	t.Run("reach", func(t *testing.T) {
		for _, c := range []struct {
			want string
			got  *delivery.Error
		}{
			{"", e.told(e.supply, *all, e.homes[0], e.homes[4])},
			{"", e.told(e.duty, *all, e.homes[0], e.homes[1])},                      // the first was told before
			{"NOT_ADDRESSED at householdIds.0", e.told(e.backup, *all, e.homes[5])}, // of a building that they do not serve
			{"NOT_ADDRESSED at householdIds.0", e.told(e.commander, *one, e.homes[5])},
			{"NOT_YOURS at ", e.told(e.resident, *all, e.homes[0])},
			{"NOT_YOURS at ", e.told(e.shop, *all, e.homes[0])},
			{"NO_SUCH at noticeId", e.told(far.commander, *all, e.homes[0])},
			{"", e.saw(e.resident, *all)},
			{"", e.saw(e.resident, *all)},
			{"", e.saw(e.neighbour, *all)},
			{"NO_SUCH at noticeIds.0", e.saw(e.neighbour, *one)},
			{"NOT_YOURS at ", e.saw(e.commander, *all)},
		} {
			got := ""
			if c.got != nil {
				got = reasonAt(c.got)
			}
			if got != c.want {
				t.Errorf("got %q, want %q", got, c.want)
			}
		}
		if got := e.notice(*all).Reach; got != (delivery.Reach{Audience: 8, Seen: 2, Told: 1}) || got.Unreached() != 5 {
			t.Errorf("got %+v, want 8 addressed, 2 seen, 1 told, 5 unreached", got)
		}
		if rows := must(e.db.Households(t.Context(), e.backup.Scope(), e.community.Community, db.HouseholdFilter{Unreached: all.UUID}, db.Range{Limit: 10, Count: true})); rows.Total != 2 {
			t.Errorf("got %d unreached households of E6, want 2", rows.Total)
		}
	})
	t.Run("a household that came later is not addressed", func(t *testing.T) {
		home := saved(t, must(e.d.Estate.CreateHouseholds(t.Context(), e.commander, estate.CreateHouseholdsInput{CommunityID: e.community,
			Households: []*estate.NewHouseholdInput{{UnitID: e.units[0], Room: "1503", Floor: 15, People: 1}}})).BulkOutcome)[0]
		if refused := e.saw(e.actor("E6-1-1503"), *all); refused == nil || reasonAt(refused) != "NOT_ADDRESSED at noticeIds.0" {
			t.Errorf("got %v for %v, want NOT_ADDRESSED", refused, home)
		}
	})
	t.Run("a notice takes the place of another", func(t *testing.T) {
		next, refused := e.publish(e.commander, func(in *notice.PublishNoticeInput) { in.ReplacesID = all })
		if refused != nil || e.notice(*all).EndedAt == nil {
			t.Fatalf("got %v and %+v", refused, e.notice(*all))
		}
		e.pass(-time.Minute) // on a server whose clock is behind
		if _, refused := e.publish(e.commander, func(in *notice.PublishNoticeInput) { in.ReplacesID = all }); refused == nil || reasonAt(refused) != "NOT_REPLACEABLE at replacesId" {
			t.Errorf("got %v for %v", refused, next)
		}
		e.pass(time.Minute)
	})
	e.checkRounds()
}

func TestClosureNotices(t *testing.T) {
	t.Parallel()
	e := newEstate(t)
	now := e.time()
	publish := func(change func(*notice.PublishNoticeInput)) delivery.ID {
		t.Helper()
		id, refused := e.publish(e.commander, change)
		if refused != nil {
			t.Fatal(refused)
		}
		e.checkRounds()
		return *id
	}
	publish(closing(delivery.ClosureSealed, now.Add(-48*time.Hour)))
	if got := e.level(); got != delivery.ClosureSealed {
		t.Errorf("got %q, want SEALED", got)
	}
	// The next closure begins tonight: until then the present one stays. A third one comes before it.
	publish(closing(delivery.ClosurePrecaution, now.Add(12*time.Hour)))
	publish(closing(delivery.ClosureControlled, now.Add(6*time.Hour)))
	for hours, want := range map[int]delivery.ClosureLevel{5: delivery.ClosureSealed, 7: delivery.ClosureControlled, 13: delivery.ClosureControlled} {
		rows := must(e.db.ClosuresOf(t.Context(), e.admin.Scope(), []delivery.ID{e.community}, now.Add(time.Duration(hours)*time.Hour)))
		if len(rows) != 1 || rows[0].Level != want {
			t.Errorf("in %d hours: got %v, want %s", hours, rows, want)
		}
	}
	// A reopening in the past starts the countdown to the purge now, not then.
	publish(reopening(now.Add(-90 * 24 * time.Hour)))
	if c := e.itself(); c.ClosureEndedAt == nil || !c.ClosureEndedAt.Equal(now) || e.level() != "" {
		t.Fatalf("got the closure ended at %v and %q, want now and no level", c.ClosureEndedAt, e.level())
	}
	// A second reopening does not move it.
	e.pass(time.Hour)
	version := e.itself().Version
	publish(reopening(e.time()))
	if c := e.itself(); !c.ClosureEndedAt.Equal(now) || c.Version != version {
		t.Errorf("got %v at version %d, want it unchanged", c.ClosureEndedAt, c.Version)
	}
	// Closing again ends the countdown, and no reopening is in force beside the closure.
	publish(closing(delivery.ClosureSealed, e.time()))
	if rows := must(e.db.NoticesInForce(t.Context(), e.resident.NoticeScope(), e.community.Community, e.time())); len(rows) != 1 || rows[0].Kind != delivery.NoticeClosure {
		t.Errorf("got %d notices in force, want the closure alone", len(rows))
	}
	if c := e.itself(); c.ClosureEndedAt != nil || e.level() != delivery.ClosureSealed {
		t.Errorf("got %v and %q, want no end and SEALED", c.ClosureEndedAt, e.level())
	}
	// A reopening that is announced ends nothing before it takes effect: buildings are still covered, and people who live alone are called.
	publish(reopening(e.time().AddDate(0, 0, 3)))
	if e.level() != delivery.ClosureSealed {
		t.Errorf("got %q before the reopening, want SEALED", e.level())
	}
	saved(t, must(e.d.Estate.UpdateHouseholds(t.Context(), e.commander, estate.UpdateHouseholdsInput{Households: []*estate.HouseholdPatchInput{{ID: e.homes[0],
		Needs: []delivery.Need{delivery.NeedWelfareCall}}}})).BulkOutcome)
	e.reach("S01", false)
	e.reach("S03", false)
	open := func() []string {
		t.Helper()
		e.tick()
		e.pass(incident.CoverEvery)
		e.tick()
		return e.column(`select kind from incidents where state <> 'RESOLVED' union all select kind from enquiries order by kind`)
	}
	if got := open(); !slices.Equal(got, []string{"UNCOVERED", "WELFARE"}) {
		t.Errorf("got %v before the reopening, want UNCOVERED and WELFARE", got)
	}
	e.pass(3 * 24 * time.Hour)
	if got := open(); !slices.Equal(got, []string{"WELFARE"}) {
		t.Errorf("got %v after the reopening, want only the call that waits", got)
	}
	publish(closing(delivery.ClosureSealed, e.time()))
	// An end that the commander sets by hand ends the level too.
	if refused := e.close(e.commander, estate.CommunityPatchInput{ClosureEndedAt: new(e.time())}); refused != nil || e.level() != "" {
		t.Errorf("got %v and %q", refused, e.level())
	}
}

// Households see a notice while the desk tells them and the commander publishes closures: the counts stay those of the rows, and one closure is in force.
func TestReachUnderConcurrency(t *testing.T) {
	t.Parallel()
	e := newEstate(t)
	first, _ := e.publish(e.commander, nil)
	second, _ := e.publish(e.commander, nil)
	var residents []delivery.Actor
	for _, at := range []string{"E6-1-1103", "E6-1-1203", "E6-1-1303", "E6-1-1403", "E7-1-1103", "E7-1-1203"} {
		residents = append(residents, e.actor(at))
	}
	now := e.time()
	var g errgroup.Group
	for i, a := range residents {
		g.Go(func() error {
			ids := []delivery.ID{*first, *second}
			if i%2 == 0 {
				slices.Reverse(ids)
			}
			_, err := e.d.Notice.MarkNoticesSeen(t.Context(), a, notice.MarkNoticesSeenInput{NoticeIds: ids})
			return err
		})
		g.Go(func() error {
			_, err := e.d.Notice.MarkNoticeTold(t.Context(), e.commander, notice.MarkNoticeToldInput{NoticeID: *first, HouseholdIds: e.homes})
			return err
		})
		g.Go(func() error {
			in := notice.PublishNoticeInput{CommunityID: e.community, Title: "通告", Households: true}
			if i%3 == 0 {
				reopening(now)(&in)
			} else {
				closing(delivery.ClosureSealed, now)(&in)
			}
			_, err := e.d.Notice.PublishNotice(t.Context(), e.commander, in)
			return err
		})
	}
	if err := g.Wait(); err != nil {
		t.Fatal(err)
	}
	if got := e.notice(*first).Reach; got.Seen != 6 || got.Told != 2 {
		t.Errorf("got %+v, want 6 seen, 2 told", got)
	}
	e.checkRounds()
}

// A call to publish is sent twice at the same moment, as by an impatient client: there is one notice. A household sees it while it is told: it counts as seen.
func TestNoticesOnce(t *testing.T) {
	t.Parallel()
	e := newEstate(t)
	for i := range 6 {
		in := notice.PublishNoticeInput{ClientMutationID: new(fmt.Sprint("tonight ", i)), CommunityID: e.community, Kind: delivery.NoticePlain, Title: "停水通知", Households: true}
		ids := make([]delivery.ID, 3)
		var all []func()
		for k := range ids {
			all = append(all, func() { ids[k] = *must(e.d.Notice.PublishNotice(t.Context(), e.commander, in)).NoticeID })
		}
		atOnce(all...)
		if ids[0] != ids[1] || ids[0] != ids[2] {
			t.Fatalf("got %v, want one notice", ids)
		}
		n := len(e.feed())
		refusals := make([]*delivery.Error, 4)
		atOnce(func() { refusals[0] = e.saw(e.resident, ids[0]) }, func() { refusals[1] = e.told(e.commander, ids[0], e.homes[0]) },
			func() { refusals[2] = e.saw(e.resident, ids[0]) }, func() { refusals[3] = e.told(e.lead, ids[0], e.homes[0]) })
		for _, refused := range refusals {
			if refused != nil {
				t.Error(refused)
			}
		}
		if r := e.notice(ids[0]).Reach; r.Seen != 1 || r.Told != 0 {
			t.Errorf("got %+v, want 1 seen, 0 told", r)
		}
		kinds := e.since(n)
		slices.Sort(kinds)
		if !slices.Equal(kinds, []delivery.EventKind{delivery.NoticeSeen, delivery.NoticeTold}) {
			t.Errorf("got the events %v, want each once", kinds)
		}
	}
	e.expectAll("the notices", e.column("select cast(count(*) as text) from notices"), "6")
	e.checkRounds()
}
