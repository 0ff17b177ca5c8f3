package desk

import (
	"context"
	"time"

	"baogong/db"
	"baogong/delivery"
	"baogong/dispatch"
)

// ReasonWhenNeeded refuses to postpone an enquiry without saying until when.
var ReasonWhenNeeded = delivery.NewReason("WHEN_NEEDED", delivery.CodeBadUserInput,
	"Give either the time to call again (until), or unreachable: true if no one answered.",
	"请填写再次致电的时间，或说明无人接听，二者择一。")

// PostponeEnquiry puts an enquiry that the actor has taken back into the queue: until an instant that was agreed, or because no one
// answered.
func (v *Verbs) PostponeEnquiry(ctx context.Context, a delivery.Actor, in PostponeEnquiryInput) (*PostponeEnquiryPayload, error) {
	in.Until = dispatch.Instant(in.Until)
	community := in.EnquiryID.Community
	c := dispatch.Call{Actor: a, Mutation: "postponeEnquiry", Community: community, ID: in.ClientMutationID, Input: in}
	return dispatch.Run(ctx, v.Engine, c, func(t *db.Tx, at time.Time, out *PostponeEnquiryPayload) (bool, error) {
		if (in.Until != nil) == in.Unreachable {
			return false, delivery.Refuse(ReasonWhenNeeded).At("until")
		}
		if in.Until != nil {
			if refusal := checkLater(*in.Until, at); refusal != nil {
				return false, refusal.At("until")
			}
		}
		if !a.Scope().SeesDirectory(community) {
			return false, delivery.Refuse(delivery.ReasonNoSuch, delivery.KindEnquiry.String()).At("enquiryId")
		}
		estate, err := t.LockCommunity(ctx, community, false)
		if err != nil {
			return false, err
		}
		e, err := lockMine(ctx, t, a, in.EnquiryID)
		if err != nil {
			return false, err
		}
		var event *delivery.Event
		visit := false
		if in.Unreachable {
			event, visit = e.NoAnswer(a, estate, at)
		} else {
			event = e.Postpone(a, *in.Until, at)
		}
		if err := t.SaveEnquiry(ctx, e); err != nil {
			return false, err
		}
		events := []*delivery.Event{event}
		if task := e.Visit(at); visit && task != nil {
			created, err := dispatch.CreateTasks(ctx, t, a, at, []*delivery.Task{task})
			if err != nil {
				return false, err
			}
			events = append(events, created...)
		}
		out.of(a, e)
		return true, t.Append(ctx, community, events)
	})
}

// CloseEnquiry closes an enquiry that the actor has taken. A complaint that is passed on opens an incident about it.
func (v *Verbs) CloseEnquiry(ctx context.Context, a delivery.Actor, in CloseEnquiryInput) (*CloseEnquiryPayload, error) {
	community := in.EnquiryID.Community
	c := dispatch.Call{Actor: a, Mutation: "closeEnquiry", Community: community, ID: in.ClientMutationID, Input: in}
	return dispatch.Run(ctx, v.Engine, c, func(t *db.Tx, at time.Time, out *CloseEnquiryPayload) (bool, error) {
		if refusal := dispatch.First(dispatch.Text("answer", in.Answer, delivery.MaxNote, false)); refusal != nil {
			return false, refusal
		}
		e, err := lockMine(ctx, t, a, in.EnquiryID)
		if err != nil {
			return false, err
		}
		o, err := in.order(ctx, t, a)
		if err != nil {
			return false, err
		}
		event, refusal := e.Finish(a, in.Outcome, in.Answer, o, at)
		if refusal != nil {
			return false, refusal
		}
		t.Spend(delivery.QuotaText, len(in.Answer))
		if err := t.SaveEnquiry(ctx, e); err != nil {
			return false, err
		}
		events := []*delivery.Event{event}
		if i := e.Complaint(); i != nil {
			opened, err := dispatch.OpenIncidents(ctx, t, a, at, []*delivery.Incident{i})
			if err != nil {
				return false, err
			}
			if i.Number > 0 { // else one is open about it already
				out.IncidentID = new(i.ID())
			}
			events = append(events, opened...)
		}
		out.of(a, e)
		return true, t.Append(ctx, community, events)
	})
}

// order reads the order that the input names, nil for none. An order's household never changes, so it is not locked.
func (in *CloseEnquiryInput) order(ctx context.Context, t *db.Tx, a delivery.Actor) (*delivery.OrderSnapshot, error) {
	if in.OrderID == nil {
		return nil, nil //nolint:nilnil // most enquiries end without an order
	}
	if refusal := dispatch.CheckID(*in.OrderID, delivery.KindOrder, in.EnquiryID.Community); refusal != nil {
		return nil, refusal.At("orderId")
	}
	o, err := t.PlaceOfOrder(ctx, a.Scope(), *in.OrderID)
	if refusal := delivery.AsError(err); refusal != nil {
		return nil, refusal.At("orderId")
	}
	return o, err
}
