package demo

import (
	"context"
	"time"

	"baogong/db"
	"baogong/delivery"
	"baogong/dispatch/desk"
)

// call is what a household rings the phone desk about.
type call struct {
	kind   delivery.EnquiryKind
	way    delivery.EnquiryWay
	text   string
	urgent bool
}

var calls = []call{
	{kind: delivery.EnquiryQuestion, way: delivery.WayPhone, text: "今天的菜几点到？"},
	{kind: delivery.EnquiryQuestion, way: delivery.WaySMS, text: "核酸在哪里做？"},
	{kind: delivery.EnquiryComplaint, way: delivery.WayPhone, text: "鸡蛋碎了一半"},
	{kind: delivery.EnquiryErrand, way: delivery.WayPhone, text: "想请人代缴电费"},
	{kind: delivery.EnquiryQuestion, way: delivery.WayGate, text: "家里人送的药能放门口吗？"},
	{kind: delivery.EnquiryCallBack, way: delivery.WayPhone, text: "胰岛素只够两天", urgent: true},
	{kind: delivery.EnquiryWelfare, way: delivery.WayPhone, text: "问候独居老人"},
}

// answers are how calls end, by what they are about.
var answers = map[delivery.EnquiryKind]desk.CloseEnquiryInput{
	delivery.EnquiryQuestion:  {Outcome: delivery.OutcomeAnswered, Answer: "下午四点前送到楼下"},
	delivery.EnquiryComplaint: {Outcome: delivery.OutcomePassedOn, Answer: "转保供队核实补发"},
	delivery.EnquiryErrand:    {Outcome: delivery.OutcomePassedOn, Answer: "转楼栋队员代办"},
	delivery.EnquiryCallBack:  {Outcome: delivery.OutcomePassedOn, Answer: "已转药房加急"},
	delivery.EnquiryWelfare:   {Outcome: delivery.OutcomeAnswered, Answer: "一切都好，米油还有一周"},
}

// The phone desk works from deskOpens until deskCloses. So many households call, and one in unanswered of those called back does not answer.
const (
	deskOpens   = 8 * time.Hour
	deskCloses  = 20 * time.Hour
	callsPerDay = 60
	unanswered  = 12
	talks       = 4 * time.Minute // and up to twice as long
)

// planCalls puts the calls of a day on the agenda, and the work of the desk.
func (e *Simulation) planCalls(plan onceAt, soon onceBy, a *agenda, day time.Time) {
	for range callsPerDay {
		plan(day.Add(deskOpens+time.Duration(e.aside.Int64N(int64(deskCloses-deskOpens)))), func(ctx context.Context) error {
			_, err := e.log(ctx, pick(e.aside, calls))
			return err
		})
	}
	for i := range desks - 1 {
		soon(day.Add(deskOpens+time.Duration(i+1)*time.Minute), day.Add(deskCloses), func(ctx context.Context) error { return e.telephone(ctx, a, i, day) })
	}
	// The lead calls a neighbour who does not answer: after three calls a volunteer is to go there.
	var silent *delivery.ID
	for _, at := range []time.Duration{8*time.Hour + 5*time.Minute, 9*time.Hour + 7*time.Minute, 9*time.Hour + 40*time.Minute} {
		plan(day.Add(at), func(ctx context.Context) (err error) {
			if silent == nil {
				if silent, err = e.log(ctx, calls[len(calls)-1]); err != nil || silent == nil {
					return err
				}
			}
			by := e.lead(delivery.SquadPersuasion)
			if taken, err := e.pickUp(ctx, by, silent); err != nil || !taken {
				return err
			}
			return e.noAnswer(ctx, by, *silent)
		})
	}
}

// telephone has a member of the desk end a call and take the next one, until the desk closes.
func (e *Simulation) telephone(ctx context.Context, a *agenda, i int, day time.Time) error {
	now := e.Clock.Now()
	if now.Before(day.Add(deskCloses)) {
		a.add(now.Add(talks+time.Duration(e.aside.Int64N(int64(talks)))), func(ctx context.Context) error { return e.telephone(ctx, a, i, day) })
	}
	if i >= len(e.desks) {
		return nil
	}
	by := e.desks[i]
	held, err := e.DB.Enquiries(ctx, by.Scope(), e.community.Community, db.EnquiryFilter{States: []delivery.EnquiryState{delivery.EnquiryTaken}}, db.Range{Limit: 50})
	if err != nil {
		return err
	}
	for _, c := range held.Items {
		if c.TakenByUUID == nil || *c.TakenByUUID != by.UUID {
			continue
		}
		if e.aside.IntN(unanswered) == 0 {
			err = e.noAnswer(ctx, by, c.ID())
		} else {
			in, known := answers[c.Kind]
			if in.EnquiryID = c.ID(); !known {
				in.Outcome, in.Answer = delivery.OutcomeAnswered, "已答复"
			}
			err = e.hangUp(ctx, by, in)
		}
		if err != nil {
			return err
		}
	}
	if !now.Before(day.Add(deskCloses)) {
		return nil
	}
	_, err = e.pickUp(ctx, by, nil)
	return err
}

// log writes a call down. It returns nil if it was refused.
func (e *Simulation) log(ctx context.Context, c call) (*delivery.ID, error) {
	if len(e.households) == 0 {
		return nil, nil
	}
	p, err := e.Verbs.Desk.LogEnquiry(ctx, e.lead(delivery.SquadPersuasion), desk.LogEnquiryInput{CommunityID: e.community, Kind: c.kind, Way: c.way,
		HouseholdID: new(pick(e.aside, e.households).ID()), Text: c.text, Urgent: c.urgent})
	if err != nil {
		return nil, err
	}
	e.count(false, len(p.UserErrors) > 0)
	return p.EnquiryID, nil
}

// pickUp has a member take a call, the next one if it is nil, and reports whether the member has one now.
func (e *Simulation) pickUp(ctx context.Context, by delivery.Actor, id *delivery.ID) (bool, error) {
	p, err := e.Verbs.Desk.TakeEnquiry(ctx, by, desk.TakeEnquiryInput{CommunityID: e.community, EnquiryID: id})
	if err != nil {
		return false, err
	}
	e.count(false, len(p.UserErrors) > 0)
	return p.EnquiryID != nil, nil
}

func (e *Simulation) hangUp(ctx context.Context, by delivery.Actor, in desk.CloseEnquiryInput) error {
	p, err := e.Verbs.Desk.CloseEnquiry(ctx, by, in)
	if err == nil {
		e.count(false, len(p.UserErrors) > 0)
	}
	return err
}

// noAnswer puts a call back, because the household does not answer.
func (e *Simulation) noAnswer(ctx context.Context, by delivery.Actor, id delivery.ID) error {
	p, err := e.Verbs.Desk.PostponeEnquiry(ctx, by, desk.PostponeEnquiryInput{EnquiryID: id, Unreachable: true})
	if err == nil {
		e.count(false, len(p.UserErrors) > 0)
	}
	return err
}
