package order

import (
	"context"
	"errors"
	"slices"
	"strconv"
	"time"

	"baogong/db"
	"baogong/delivery"
	"baogong/dispatch"
)

// AdvanceOrders moves orders to a stage, with a result per order.
func (v *Verbs) AdvanceOrders(ctx context.Context, a delivery.Actor, in AdvanceOrdersInput) (*MovePayload, error) {
	in.DeviceTime = dispatch.Instant(in.DeviceTime)
	m := delivery.Move{To: in.To, Note: in.Note, DeviceTime: in.DeviceTime}
	if in.Reason != nil {
		m.Reason = *in.Reason
	}
	return v.moveTo(ctx, dispatch.Call{Actor: a, Mutation: "advanceOrders", ID: in.ClientMutationID, Input: in}, in.Orders, m, in.Atomic)
}

// CancelOrder cancels orders that have not reached the gate, with a result per order.
func (v *Verbs) CancelOrder(ctx context.Context, a delivery.Actor, in CancelOrderInput) (*MovePayload, error) {
	in.DeviceTime = dispatch.Instant(in.DeviceTime)
	m := delivery.Move{To: delivery.Cancelled, Reason: in.Reason, Note: in.Note, DeviceTime: in.DeviceTime}
	return v.moveTo(ctx, dispatch.Call{Actor: a, Mutation: "cancelOrder", ID: in.ClientMutationID, Input: in}, in.Orders, m, in.Atomic)
}

func (v *Verbs) moveTo(ctx context.Context, c dispatch.Call, list []*OrderMoveInput, m delivery.Move, atomic bool) (*MovePayload, error) {
	b := bulkMove{Call: c, ids: dispatch.IDs(list, func(o *OrderMoveInput) delivery.ID { return o.OrderID }), atomic: atomic, refusal: dispatch.CheckNote(m.Note, m.DeviceTime)}
	b.step = func(i int, o *delivery.OrderSnapshot, at time.Time, s *moveContext) (*delivery.Event, *delivery.Error) {
		m := m
		if list[i].ExpectedStage != nil {
			m.ExpectedStage = *list[i].ExpectedStage
		}
		if list[i].ExpectedVersion != nil {
			m.ExpectedVersion = *list[i].ExpectedVersion
		}
		return o.Advance(c.Actor, m, at, s.holdsOn(o), s.roster)
	}
	return v.move(ctx, b)
}

// UndoMove takes back the last event of each order if that was a move, with a result per order.
func (v *Verbs) UndoMove(ctx context.Context, a delivery.Actor, in UndoMoveInput) (*MovePayload, error) {
	b := bulkMove{Call: dispatch.Call{Actor: a, Mutation: "undoMove", ID: in.ClientMutationID, Input: in},
		ids: dispatch.IDs(in.Orders, func(o *OrderUndoInput) delivery.ID { return o.OrderID }), atomic: in.Atomic,
		refusal: dispatch.CheckNote(in.Note, nil), undo: true}
	b.step = func(i int, o *delivery.OrderSnapshot, at time.Time, s *moveContext) (*delivery.Event, *delivery.Error) {
		// An order that leaves a final stage would come under the holds of its building.
		if holds := s.holdsOn(o); len(holds) > 0 && o.Stage.Final() {
			return nil, delivery.Refusal(holds, o.Where())
		}
		if o.Stage.Final() && s.archived(o) {
			return nil, delivery.Refuse(dispatch.ReasonArchived).With(o.Where())
		}
		e, refusal := o.Undo(a, in.Orders[i].ExpectedVersion, s.last[o.UUID], at, s.holdsOn(o), s.roster)
		if e != nil {
			e.Note = in.Note
		}
		return e, refusal
	}
	return v.move(ctx, b)
}

// bulkMove is orders to move in one transaction, each by step.
type bulkMove struct {
	dispatch.Call
	ids     []delivery.ID
	atomic  bool
	refusal *delivery.Error // of what concerns the whole call
	undo    bool            // the steps need the orders' last events, and their buildings' holds
	step    func(i int, o *delivery.OrderSnapshot, at time.Time, s *moveContext) (*delivery.Event, *delivery.Error)

	// What one run leaves to the next. Each run sets read; changed stays.
	read    *delivery.Order // the only order, as the look read it; nil: the orders are to be locked
	changed bool            // an attempt without a lock found that the order or the team had changed
}

// errChanged ends a transaction that moved an order by what it had read without a lock, because that has changed. The
// next attempt locks.
var errChanged = dispatch.MarkRetryable(errors.New("the order or the team has changed"))

func (v *Verbs) move(ctx context.Context, b bulkMove) (*MovePayload, error) {
	var bad *delivery.Error
	b.Community, bad = dispatch.CheckIDs(b.ids, "orders", "orderId", delivery.KindOrder)
	return dispatch.Run(ctx, v.Engine, b.Call, func(t *db.Tx, _ time.Time, out *MovePayload) (bool, error) {
		switch {
		case bad != nil:
			return false, bad
		case b.refusal != nil:
			return false, b.refusal
		}
		orders, s, err := b.lock(ctx, t)
		if err != nil {
			return false, err
		}
		at := v.BusinessTime() // others may have moved the orders while we waited for them
		var events []*delivery.Event
		refused := false
		for i, id := range b.ids {
			e, refusal := (*delivery.Event)(nil), delivery.Refuse(delivery.ReasonNoSuch, delivery.KindOrder.String())
			if o := orders[id.UUID]; o != nil {
				e, refusal = b.step(i, &o.OrderSnapshot, at, s)
			}
			result := &MoveResult{OrderID: id, Moved: e != nil}
			if refusal != nil {
				refused = true
				if !slices.Equal(refusal.Field, []string{"reason"}) { // which is the whole call's and no order's
					refusal = refusal.At("orders", strconv.Itoa(i))
				}
				result.UserErrors = []*delivery.Error{refusal}
			} else {
				events = append(events, e)
			}
			out.Results = append(out.Results, result)
		}
		if b.atomic && refused {
			dispatch.Undo(out.Results, "orders")
			return false, nil
		}
		if b.read != nil && len(events) == 1 {
			return true, b.recordUnlocked(ctx, t, events[0], s.roster)
		}
		return len(events) > 0, dispatch.Record(ctx, t, b.Community, events)
	})
}

// recordUnlocked saves one order's event and appends it, if neither the order nor the team has changed since they were read.
// The update locks the order, so the roster is the one of that moment (docs/decisions/0002).
func (b *bulkMove) recordUnlocked(ctx context.Context, t *db.Tx, e *delivery.Event, read *delivery.Roster) error {
	same, err := t.SaveOrderIfUnchanged(ctx, b.Community, e.Order)
	if err != nil {
		return err
	}
	if same {
		now, err := t.Roster(ctx, b.Community)
		if err != nil {
			return err
		}
		same = now == read
	}
	if !same {
		b.changed = true
		return errChanged
	}
	return t.Append(ctx, b.Community, []*delivery.Event{e})
}

// lock locks the orders that the actor sees and reads their moveContext. A single order that goes on is not locked
// but taken as the look read it: to lock it would cost a round trip and a write, and recordUnlocked finds any change.
func (b *bulkMove) lock(ctx context.Context, t *db.Tx) (map[delivery.UUID]*delivery.Order, *moveContext, error) {
	if b.read != nil && !t.Looking() {
		if roster := t.KnownRoster(b.Community); roster != nil {
			return map[delivery.UUID]*delivery.Order{b.read.UUID: b.read}, &moveContext{roster: roster}, nil
		}
		b.read = nil
	}
	if b.undo && !t.Looking() && b.Actor.Scope().SeesCommunity(b.Community) {
		// A change of the team names the holders of open orders again, and of none that is final now.
		if _, err := t.LockCommunity(ctx, b.Community, false); err != nil && delivery.CodeOf(err) != delivery.CodeNotFound {
			return nil, nil, err // one that is not there has no orders
		}
		buildings, err := t.BuildingsOfOrders(ctx, b.Actor.Scope(), b.Community, dispatch.UUIDs(b.ids))
		if err != nil {
			return nil, nil, err
		}
		if _, err := t.LockBuildings(ctx, b.Community, buildings); err != nil {
			return nil, nil, err
		}
	}
	orders, err := t.LockOrders(ctx, b.Actor.Scope(), b.Community, dispatch.UUIDs(b.ids), nil)
	if err != nil {
		return nil, nil, err
	}
	b.read = nil
	if t.Looking() && len(b.ids) == 1 && len(orders) == 1 && !b.undo && !b.changed {
		b.read = orders[0]
	}
	byID := make(map[delivery.UUID]*delivery.Order, len(orders))
	var held, in []delivery.UUID
	for _, o := range orders {
		byID[o.UUID] = o
		if o.Held() || b.undo {
			held, in = append(held, o.UUID), append(in, o.BuildingUUID)
		}
	}
	s := &moveContext{last: map[delivery.UUID]*delivery.Event{}, roster: &delivery.Roster{}}
	if !t.Looking() { // the next holder does not matter to the verdict
		if s.roster, err = t.Roster(ctx, b.Community); err != nil {
			return nil, nil, err
		}
	}
	if len(held) > 0 {
		if s.open, err = t.OpenHolds(ctx, b.Community, held, in); err != nil {
			return nil, nil, err
		}
	}
	if b.undo {
		last, err := t.LastEvents(ctx, b.Community, held)
		if err != nil {
			return nil, nil, err
		}
		for _, e := range last {
			s.last[*e.OrderUUID] = e
		}
		var homes []delivery.UUID
		for _, o := range orders {
			if o.Stage.Final() {
				homes = append(homes, o.HouseholdUUID)
			}
		}
		if len(homes) > 0 {
			if s.gone, err = archived(ctx, t, b.Community, homes); err != nil {
				return nil, nil, err
			}
		}
	}
	return byID, s, nil
}
