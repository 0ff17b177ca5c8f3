package walk

import (
	"fmt"

	"baogong/delivery"
	"baogong/dispatch/desk"
)

func (w *Walker) logEnquiry() *Act {
	home := choose(w, w.homes...)
	in := &desk.LogEnquiryInput{CommunityID: w.community, Kind: choose(w, delivery.EnquiryKinds...), Way: choose(w, delivery.EnquiryWays...), HouseholdID: &home, Text: "想问一下", Urgent: w.some(5)}
	by := w.by(w.commander, choose(w, w.takers...), w.residents[home.UUID])
	if w.residents[home.UUID] == by {
		in.Way, in.Urgent = delivery.WayApp, false
	} else if in.Way == delivery.WayApp {
		in.Way = delivery.WayPhone
	}
	if w.some(5) {
		in.HouseholdID, in.Phone = nil, "0717-6012345"
	}
	if w.some(6) {
		in.DueAt = w.in(30)
	}
	if w.some(6) {
		in.Answer = "可以"
	}
	return &Act{By: by, Input: in}
}

func (w *Walker) takeEnquiry() *Act {
	in := &desk.TakeEnquiryInput{CommunityID: w.community}
	if id, ok := w.one(delivery.KindEnquiry, "enquiries where state <> 'CLOSED' order by number"); ok && w.some(3) {
		in.EnquiryID = &id
	}
	return &Act{By: w.desk(), Input: in}
}

// desk returns a caller who may take enquiries.
func (w *Walker) desk() string { return w.by(append([]string{w.commander}, w.desks...)...) }

// call returns an enquiry that was taken, and who took it last.
func (w *Walker) call() (id delivery.ID, by string, ok bool) {
	if id, ok = w.one(delivery.KindEnquiry, "enquiries where state <> 'CLOSED' and handler_id is not null order by number"); !ok {
		return id, "", false
	}
	return id, w.by(w.Column("select v.code from enquiries e join volunteers v on v.id = e.handler_id where e.id = $1", string(id.UUID))[0]), true
}

func (w *Walker) postponeEnquiry() *Act {
	id, by, ok := w.call()
	if !ok {
		return nil
	}
	in := &desk.PostponeEnquiryInput{EnquiryID: id, Unreachable: true}
	if w.some(2) {
		in.Until, in.Unreachable = w.in(30), false
	}
	return &Act{By: by, Input: in}
}

func (w *Walker) closeEnquiry() *Act {
	id, by, ok := w.call()
	if !ok {
		return nil
	}
	in := &desk.CloseEnquiryInput{EnquiryID: id, Outcome: choose(w, delivery.EnquiryOutcomes...), Answer: "已告知"}
	if in.Outcome == delivery.OutcomeOrdered {
		of := w.ids(1, delivery.KindOrder, fmt.Sprintf("orders where household_id = coalesce((select household_id from enquiries where id = '%s'), household_id) order by number", id.UUID))
		if len(of) == 0 {
			return nil
		}
		in.OrderID = &of[0]
	}
	return &Act{By: by, Input: in}
}
