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
	b := &dispatch.OrderSteps{Call: c, IDs: dispatch.IDs(list, func(o *OrderMoveInput) delivery.ID { return o.OrderID }), Cancels: m.To == delivery.Cancelled}
	b.Step = func(i int, o *delivery.OrderSnapshot, at time.Time, s *dispatch.Surroundings) (*delivery.Event, *delivery.Error) {
		m := m
		if list[i].ExpectedStage != nil {
			m.ExpectedStage = *list[i].ExpectedStage
		}
		if list[i].ExpectedVersion != nil {
			m.ExpectedVersion = *list[i].ExpectedVersion
		}
		m.Errand = s.Errands[o.UUID]
		return o.Advance(c.Actor, m, at, s.HoldsOn(o), s.Roster)
	}
	return v.move(ctx, b, atomic, dispatch.CheckNote(m.Note, m.DeviceTime))
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
		return carryOut(ctx, t, b, atomic, "orders", v.BusinessTime, out)
	})
}

// carryOut judges the steps and records what was not refused. list is where the items stand in the input.
func carryOut(ctx context.Context, t *db.Tx, b *dispatch.OrderSteps, atomic bool, list string, now func() time.Time, out *MovePayload) (bool, error) {
	s, err := b.Judge(ctx, t, now)
	if err != nil {
		return false, err
	}
	for i, id := range b.IDs {
		verdict := s.Verdicts[i]
		result := &MoveResult{OrderID: id, Moved: verdict.Event != nil}
		if refusal := verdict.Refusal; refusal != nil {
			if !slices.Equal(refusal.Field, []string{"reason"}) { // a field of the whole call
				refusal = refusal.At(list, strconv.Itoa(i))
			}
			result.UserErrors = []*delivery.Error{refusal}
		}
		out.Results = append(out.Results, result)
	}
	if atomic && s.Refused() {
		dispatch.Undo(out.Results, list)
		return false, nil
	}
	return s.Record(ctx, t)
}
