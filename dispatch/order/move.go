package order

import (
	"context"
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
	b := &dispatch.OrderSteps{Call: c, IDs: dispatch.IDs(list, func(o *OrderMoveInput) delivery.ID { return o.OrderID })}
	b.Step = func(i int, o *delivery.OrderSnapshot, at time.Time, s *dispatch.Surroundings) (*delivery.Event, *delivery.Error) {
		m := m
		if list[i].ExpectedStage != nil {
			m.ExpectedStage = *list[i].ExpectedStage
		}
		if list[i].ExpectedVersion != nil {
			m.ExpectedVersion = *list[i].ExpectedVersion
		}
		return o.Advance(c.Actor, m, at, s.HoldsOn(o), s.Roster)
	}
	return v.move(ctx, b, atomic, dispatch.CheckNote(m.Note, m.DeviceTime))
}

// UndoMove takes back the last event of each order if that was a move, with a result per order.
func (v *Verbs) UndoMove(ctx context.Context, a delivery.Actor, in UndoMoveInput) (*MovePayload, error) {
	b := &dispatch.OrderSteps{Call: dispatch.Call{Actor: a, Mutation: "undoMove", ID: in.ClientMutationID, Input: in},
		IDs: dispatch.IDs(in.Orders, func(o *OrderUndoInput) delivery.ID { return o.OrderID }), Undo: true}
	b.Step = func(i int, o *delivery.OrderSnapshot, at time.Time, s *dispatch.Surroundings) (*delivery.Event, *delivery.Error) {
		// An order that leaves a final stage would come under the holds of its building.
		if holds := s.HoldsOn(o); len(holds) > 0 && o.Stage.Final() {
			return nil, delivery.Refusal(holds, o.Where())
		}
		if o.Stage.Final() && s.Archived(o) {
			return nil, delivery.Refuse(dispatch.ReasonArchived).With(o.Where())
		}
		e, refusal := o.Undo(a, in.Orders[i].ExpectedVersion, s.Last[o.UUID], at, s.HoldsOn(o), s.Roster)
		if e != nil {
			e.Note = in.Note
			s.Return(e)
			if s.BinArchived(e.Order.BinUUID) {
				e.IntoDefaultBin()
			}
		}
		return e, refusal
	}
	return v.move(ctx, b, in.Atomic, dispatch.CheckNote(in.Note, nil))
}

// move carries out the steps once for the call's clientMutationId. refusal is of what concerns the whole call.
func (v *Verbs) move(ctx context.Context, b *dispatch.OrderSteps, atomic bool, refusal *delivery.Error) (*MovePayload, error) {
	bad := b.Check("orders", "orderId")
	if bad == nil {
		bad = refusal
	}
	return dispatch.Run(ctx, v.Engine, b.Call, func(t *db.Tx, _ time.Time, out *MovePayload) (bool, error) {
		if bad != nil {
			return false, bad
		}
		s, err := b.Judge(ctx, t, v.BusinessTime)
		if err != nil {
			return false, err
		}
		for i, id := range b.IDs {
			verdict := s.Verdicts[i]
			result := &MoveResult{OrderID: id, Moved: verdict.Event != nil}
			if refusal := verdict.Refusal; refusal != nil {
				if !slices.Equal(refusal.Field, []string{"reason"}) { // which is the whole call's and no order's
					refusal = refusal.At("orders", strconv.Itoa(i))
				}
				result.UserErrors = []*delivery.Error{refusal}
			}
			out.Results = append(out.Results, result)
		}
		if atomic && s.Refused() {
			dispatch.Undo(out.Results, "orders")
			return false, nil
		}
		return s.Record(ctx, t)
	})
}
