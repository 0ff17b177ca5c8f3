package bench

import (
	"context"
	"errors"
	"fmt"
	"regexp"
	"time"

	"golang.org/x/sync/errgroup"

	"baogong/delivery"
	"baogong/dispatch/desk"
	"baogong/dispatch/notice"
	"baogong/dispatch/shift"
	"baogong/dispatch/verbs"
)

// The sizes of what the team does together.
const (
	desks          = 32
	waitingCalls   = 7000
	onDuty         = 150
	dutyBuildings  = 26
	dutyOrders     = 100
	noticeHomes    = 3700
	noticeBuilding = 26
)

// people measures the phone desk, checking in, and notices.
func people(ctx context.Context, b *bench) ([]Figure, error) {
	out, err := b.calls(ctx)
	if err != nil {
		return nil, err
	}
	team, buildings, homes := b.scaled(onDuty, 2), b.scaled(dutyBuildings, 2), b.scaled(noticeHomes, 4)
	for _, row := range []chainRow{
		{what: fmt.Sprintf("%d members checked in by one call, who become reachable: members", team), code: "duty", calls: 1, prepare: checkIns,
			plan:    plan{buildings: buildings, households: 2 * buildings, orders: b.scaled(dutyOrders, 2), supply: team, off: true},
			changed: []string{"volunteers", "shift_members", "incidents"}},
		{what: fmt.Sprintf("a notice published to %s households: households", grouped(int64(homes))), code: "notices", calls: 1, prepare: publishes, shared: true,
			plan: plan{buildings: b.scaled(noticeBuilding, 2), households: homes}, added: []string{"notice_reach", "notices"}},
	} {
		f, err := b.chainRow(ctx, row)
		if err != nil {
			return nil, fmt.Errorf("%s: %w", row.what, err)
		}
		out = append(out, f...)
	}
	return out, nil
}

const (
	takeEnquiry  = `mutation ($in: TakeEnquiryInput!) { takeEnquiry(input: $in) { enquiry { id state } userErrors { code } } }`
	closeEnquiry = `mutation ($in: CloseEnquiryInput!) { closeEnquiry(input: $in) { enquiry { state } userErrors { code } } }`
)

// calls measures taking enquiries from one queue and closing them, each desk one enquiry after the other.
func (b *bench) calls(ctx context.Context) ([]Figure, error) {
	many := b.scaled(desks, 2)
	p := plan{buildings: 2, households: 20, desk: many}
	ours, theirs := p, p
	ours.code, theirs.code = "desks", "desk-rows"
	scenes, err := b.estates(ctx, ours, theirs)
	if err != nil {
		return nil, err
	}
	for _, e := range scenes {
		if err := b.ring(ctx, e, b.scaled(waitingCalls, 50*many)); err != nil {
			return nil, err
		}
	}
	b.progress.expect(2 * b.Rounds)
	pg, err := b.pgbenchCalls(ctx, scenes[1])
	if err != nil {
		return nil, err
	}
	if pg != nil {
		defer pg.close()
	}
	var got, same []float64
	for range b.Rounds {
		rate, err := b.httpCalls(ctx, scenes[0])
		if err != nil {
			return nil, err
		}
		got = append(got, rate)
		b.progress.step()
		if pg != nil {
			rate, err := pg.rate(ctx, many, b.lasting(moveFor), pg.files...)
			if err != nil {
				return nil, err
			}
			same = append(same, rate)
		}
		b.progress.step()
	}
	return noted(pg, figure(fmt.Sprintf("enquiries of one queue taken and closed over HTTP, %d desks", many), "/s", Goal{MinRatio: 0.5}, got,
		"pgbench, the same statements", same)), nil
}

// ring logs n enquiries, which wait in the queue.
func (b *bench) ring(ctx context.Context, e *scene, n int) error {
	group, ctx := errgroup.WithContext(ctx)
	group.SetLimit(4)
	for i := range n {
		group.Go(func() error {
			p, err := b.founder.Desk.LogEnquiry(ctx, e.commander, desk.LogEnquiryInput{CommunityID: e.id, Kind: delivery.EnquiryQuestion, Way: delivery.WayPhone,
				HouseholdID: new(e.homes[i%len(e.homes)].ID()), Phone: "13800001000", Text: "团购的菜什么时候到？"})
			return firstRefusal(err, func() []*delivery.Error { return p.UserErrors })
		})
	}
	return group.Wait()
}

// requeue puts closed enquiries back into the queue.
func (b *bench) requeue(ctx context.Context, e *scene) error {
	if _, err := b.db.Pool().ExecContext(ctx, `
		update enquiries
		   set state = 'WAITING', taken_by = null, lease_until = null, next_at = null, outcome = null, answer = '', closed_at = null, closed_by_role = null, closed_by_id = null
		 where community_id = $1 and state <> 'WAITING'`, e.id.Community); err != nil {
		return err
	}
	_, err := b.db.Pool().ExecContext(ctx, "vacuum analyze enquiries")
	return err
}

// takenID finds the id of the enquiry that was taken.
var takenID = regexp.MustCompile(`"enquiry":\{"id":"([^"]+)","state":"TAKEN"\}`)

// httpCalls returns how many enquiries per second are taken and closed at a fresh server.
func (b *bench) httpCalls(ctx context.Context, e *scene) (float64, error) {
	if err := b.requeue(ctx, e); err != nil {
		return 0, err
	}
	s, err := b.product(ctx)
	if err != nil {
		return 0, err
	}
	defer b.endAll()
	takes := make([][]byte, len(e.desks))
	for i, a := range e.desks {
		takes[i] = s.request(a.Name+"@"+e.code, takeEnquiry, map[string]any{"in": map[string]any{"communityId": e.id}})
	}
	ask := func(nth int, c *client) error {
		text, err := c.ask(takes[nth])
		if err != nil {
			return err
		}
		taken := takenID.FindSubmatch(text)
		if taken == nil {
			return fmt.Errorf("got %.300s, want an enquiry", text)
		}
		return c.do(s.request(e.desks[nth].Name+"@"+e.code, closeEnquiry,
			map[string]any{"in": map[string]any{"enquiryId": string(taken[1]), "outcome": delivery.OutcomeAnswered, "answer": "下午四点到北门"}}), `"state":"CLOSED"`)
	}
	// Each connection of the server plans each statement for its first five executions. pgbench is past that in its first second, the server
	// with its 40 connections and half of the calls is not, so it is warmed up for as long as it is measured.
	if _, err := s.rate(ctx, len(e.desks), b.lasting(moveFor), ask); err != nil {
		return 0, err
	}
	return s.rate(ctx, len(e.desks), b.lasting(moveFor), ask)
}

// pgbenchCalls prepares pgbench to send the statements with which each desk takes an enquiry and closes it, or returns nil if there is no pgbench.
// The statements name the recorded enquiries, so the queue keeps its length.
func (b *bench) pgbenchCalls(ctx context.Context, e *scene) (*pgbenchRun, error) {
	if b.Pgbench == "" {
		return nil, nil
	}
	heard, err := b.eavesdrop(ctx)
	if err != nil {
		return nil, err
	}
	defer func() { _ = heard.close() }()
	var s script
	for i, a := range append(e.desks[:1:1], e.desks...) {
		var like []statement
		if len(s.clients) > 0 {
			like = s.clients[0]
		}
		sent, err := agreed(like, func() ([]statement, error) {
			return heard.of(ctx, func(d *verbs.All) error {
				p, err := d.Desk.TakeEnquiry(ctx, a, desk.TakeEnquiryInput{CommunityID: e.id})
				if err := firstRefusal(err, func() []*delivery.Error { return p.UserErrors }); err != nil {
					return err
				}
				if p.EnquiryID == nil {
					return errors.New("no enquiry is due")
				}
				closed, err := d.Desk.CloseEnquiry(ctx, a, desk.CloseEnquiryInput{EnquiryID: *p.EnquiryID, Outcome: delivery.OutcomeAnswered, Answer: "下午四点到北门"})
				return firstRefusal(err, func() []*delivery.Error { return closed.UserErrors })
			})
		})
		if err != nil {
			return nil, err
		}
		if i > 0 { // the first prepares the statements
			s.clients = append(s.clients, sent)
		}
	}
	return b.preparePgbench(ctx, s)
}

// checkIns prepares a shift that begins soon and the call that checks in all its members.
func checkIns(ctx context.Context, b *bench, e *scene) (*job, error) {
	at := time.Now().Truncate(time.Second)
	p, err := b.founder.Shift.PlanShifts(ctx, e.commander, shift.PlanShiftsInput{CommunityID: e.id, Shifts: []*shift.ShiftInput{
		{Squad: new(delivery.SquadSupply), Station: new("各楼栋"), StartsAt: new(at.Add(time.Minute)), EndsAt: new(at.Add(8 * time.Hour)), Needed: new(len(e.members)), VolunteerIds: e.members}}})
	if err := firstRefusal(err, func() []*delivery.Error { return p.UserErrors }); err != nil {
		return nil, err
	}
	for _, r := range p.Results {
		if len(r.UserErrors) > 0 {
			return nil, r.UserErrors[0]
		}
	}
	id := p.Results[0].ShiftID
	return &job{e: e, size: len(e.members),
		asks: []asked{{`mutation ($in: CheckInInput!) { checkIn(input: $in) { results { state } userErrors { code } } }`,
			map[string]any{"in": map[string]any{"shiftId": id, "volunteerIds": e.members}}, `"state":"ON"`}},
		calls: []func(context.Context, *verbs.All) error{func(ctx context.Context, d *verbs.All) error {
			p, err := d.Shift.CheckIn(ctx, e.commander, shift.CheckInInput{ShiftID: id, VolunteerIds: e.members})
			return firstRefusal(err, func() []*delivery.Error { return p.UserErrors })
		}}}, nil
}

// publishes prepares a notice to all households.
func publishes(_ context.Context, _ *bench, e *scene) (*job, error) {
	const title, body = "明早核酸", "请各户按楼栋顺序下楼，保持两米距离。"
	return &job{e: e, size: len(e.homes),
		asks: []asked{{`mutation ($in: PublishNoticeInput!) { publishNotice(input: $in) { notice { reach { audience } } userErrors { code } } }`,
			map[string]any{"in": map[string]any{"communityId": e.id, "kind": delivery.NoticePlain, "title": title, "body": body}}, fmt.Sprintf(`"audience":%d}`, len(e.homes))}},
		calls: []func(context.Context, *verbs.All) error{func(ctx context.Context, d *verbs.All) error {
			p, err := d.Notice.PublishNotice(ctx, e.commander, notice.PublishNoticeInput{CommunityID: e.id, Kind: delivery.NoticePlain, Title: title, Body: body, Households: true})
			return firstRefusal(err, func() []*delivery.Error { return p.UserErrors })
		}}}, nil
}
