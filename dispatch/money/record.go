package money

import (
	"cmp"
	"context"
	"strconv"
	"time"

	"baogong/db"
	"baogong/delivery"
	"baogong/dispatch"
)

// ReasonReversalRepeats refuses a reversal that gives a kind, party or amount of its own.
var ReasonReversalRepeats = delivery.NewReason("REVERSAL_REPEATS", delivery.CodeBadUserInput,
	"An entry that reverses another takes its kind, party and amount from that one; leave them out.",
	"冲销沿用原记录的类别、对象和金额，请不要填写。")

// RecordMoney adds entries to the purse of an order, with a result per entry. A settled purse is open again.
func (v *Verbs) RecordMoney(ctx context.Context, a delivery.Actor, in RecordMoneyInput) (*RecordMoneyPayload, error) {
	community := in.OrderID.Community
	c := dispatch.Call{Actor: a, Mutation: "recordMoney", Community: community, ID: in.ClientMutationID, Input: in}
	return dispatch.Run(ctx, v.Engine, c, func(t *db.Tx, _ time.Time, out *RecordMoneyPayload) (bool, error) {
		reversed, bad := in.check()
		if bad != nil {
			return false, bad
		}
		o, err := in.lock(ctx, t, a)
		if err != nil {
			return false, err
		}
		photos, err := v.LockFiles(ctx, t, community, in.photos())
		if err != nil {
			return false, err
		}
		purses, err := t.LockPurses(ctx, community, []delivery.UUID{o.UUID})
		if err != nil {
			return false, err
		}
		known, err := t.EntriesByUUID(ctx, in.OrderID, reversed)
		if err != nil {
			return false, err
		}
		at := v.BusinessTime() // others may have recorded entries while this call waited for the locks
		p := cmp.Or(purses[o.UUID], delivery.NewPurse(in.OrderID, at))
		r := &recording{in: &in, order: &o.OrderSnapshot, purse: p, known: known, photos: photos, at: at}
		entries, refused := r.judge(a, out)
		if in.Atomic && refused {
			dispatch.Undo(out.Results, "entries")
			return false, nil
		}
		if len(entries) == 0 {
			return false, nil
		}
		if err := t.Decided(); err != nil {
			return false, err
		}
		t.Spend(delivery.QuotaRows, len(entries))
		out.OrderID = &in.OrderID
		p.Version++
		if err := photos.Save(ctx, t); err != nil {
			return false, err
		}
		if err := t.SavePurse(ctx, p); err != nil {
			return false, err
		}
		if err := t.InsertEntries(ctx, entries); err != nil {
			return false, err
		}
		return true, t.Append(ctx, community, []*delivery.Event{o.Recorded(a, len(entries), at)})
	})
}

// check returns the entries that are to be reversed, or the refusal of the whole call.
func (in *RecordMoneyInput) check() (reversed []delivery.UUID, _ *delivery.Error) {
	if refusal := dispatch.CheckID(in.OrderID, delivery.KindOrder, 0); refusal != nil {
		return nil, refusal.At("orderId")
	}
	switch n := len(in.Entries); {
	case n == 0:
		return nil, delivery.Refuse(dispatch.ReasonEmptyList).At("entries")
	case n > delivery.MaxEntries:
		return nil, delivery.Refuse(dispatch.ReasonTooMany, delivery.MaxEntries, n).At("entries").With(delivery.Details{Limit: delivery.MaxEntries})
	}
	for i, e := range in.Entries {
		if e.Reverses == nil {
			continue
		}
		if refusal := dispatch.CheckID(*e.Reverses, delivery.KindMoneyEntry, in.OrderID.Community); refusal != nil {
			return nil, refusal.At("entries", strconv.Itoa(i), "reverses")
		}
		reversed = append(reversed, e.Reverses.UUID)
	}
	return reversed, nil
}

// photos are the photos that the entries name.
func (in *RecordMoneyInput) photos() (ids []delivery.ID) {
	for _, e := range in.Entries {
		if e.ReceiptPhotoID != nil {
			ids = append(ids, *e.ReceiptPhotoID)
		}
	}
	return ids
}

// lock locks the order, if the actor keeps its purse.
func (in *RecordMoneyInput) lock(ctx context.Context, t *db.Tx, a delivery.Actor) (*delivery.Order, error) {
	orders, err := t.LockOrders(ctx, a.Scope(), in.OrderID.Community, []delivery.UUID{in.OrderID.UUID}, nil)
	switch {
	case err != nil:
		return nil, err
	case len(orders) == 0:
		return nil, delivery.Refuse(delivery.ReasonNoSuch, delivery.KindOrder.String()).At("orderId")
	}
	if refusal := a.CheckPurse(&orders[0].OrderSnapshot); refusal != nil {
		return nil, refusal.At("orderId")
	}
	return orders[0], nil
}

// recording holds what the entries of a call are judged by.
type recording struct {
	in     *RecordMoneyInput
	order  *delivery.OrderSnapshot
	purse  *delivery.Purse
	known  map[delivery.UUID]*delivery.MoneyEntry // those to be reversed
	photos *dispatch.Attaching
	at     time.Time
}

// judge adds the entries to the purse one after the other, and returns those that were not refused.
func (r *recording) judge(a delivery.Actor, out *RecordMoneyPayload) (entries []*delivery.MoneyEntry, refused bool) {
	for i, e := range r.in.Entries {
		result := &MoneyResult{}
		m, refusal := r.entry(a, e)
		if refusal != nil {
			refused = true
			result.Refuse("entries", i, refusal)
		} else {
			result.EntryID = new(m.ID())
			entries = append(entries, m)
		}
		out.Results = append(out.Results, result)
	}
	return entries, refused
}

// entry judges one entry.
func (r *recording) entry(a delivery.Actor, e *MoneyInput) (*delivery.MoneyEntry, *delivery.Error) {
	m := &delivery.MoneyEntry{CommunityID: r.order.CommunityID, UUID: dispatch.NewUUID(), OrderUUID: r.order.UUID, Method: delivery.MethodCash}
	var was *delivery.MoneyEntry
	if e.Reverses != nil {
		if was = r.known[e.Reverses.UUID]; was == nil {
			return nil, delivery.Refuse(delivery.ReasonNoSuch, delivery.KindMoneyEntry.String()).At("reverses")
		}
		if e.Kind != nil || e.Party != nil || e.AmountFen != nil || e.Method != nil {
			return nil, delivery.Refuse(ReasonReversalRepeats).At("reverses")
		}
	} else if refusal := e.read(m); refusal != nil {
		return nil, refusal
	}
	before := *r.purse
	if refusal := r.purse.Add(a, m, was, r.at); refusal != nil {
		return nil, refusal
	}
	if e.ReceiptPhotoID == nil {
		return m, nil
	}
	seen := delivery.Keys{Community: r.order.CommunityID, Building: r.order.BuildingUUID, Household: r.order.HouseholdUUID}
	if refusal := r.photos.Attach(a, *e.ReceiptPhotoID, seen); refusal != nil {
		*r.purse = before
		if was != nil {
			was.Reversed = false
		}
		return nil, refusal.At("receiptPhotoId")
	}
	m.FileUUID = &e.ReceiptPhotoID.UUID
	return m, nil
}

// read reads an entry that reverses none.
func (e *MoneyInput) read(m *delivery.MoneyEntry) *delivery.Error {
	missing := func(field string) *delivery.Error { return delivery.Refuse(delivery.ReasonMissing).At(field) }
	switch {
	case e.Kind == nil:
		return missing("kind")
	case e.Party == nil:
		return missing("party")
	case e.AmountFen == nil:
		return missing("amountFen")
	case *e.AmountFen < 1 || *e.AmountFen > delivery.MaxEntryFen:
		return delivery.Refuse(dispatch.ReasonOutOfRange, 1, delivery.MaxEntryFen).At("amountFen")
	}
	m.Kind, m.Party, m.AmountFen = *e.Kind, *e.Party, *e.AmountFen
	if e.Method != nil {
		m.Method = *e.Method
	}
	return nil
}
