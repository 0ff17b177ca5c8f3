package order

import (
	"context"
	"time"

	"baogong/db"
	"baogong/delivery"
	"baogong/dispatch"
)

// ReasonOrdersOrBatch refuses an undo of orders and of a call at once, and of neither.
var ReasonOrdersOrBatch = delivery.NewReason("ORDERS_OR_BATCH", delivery.CodeBadUserInput,
	"Give either the orders, or the batch of the call whose moves to take back.",
	"请填写订单，或一次操作的编号，二者选一。")

// UndoMove takes back the last event of each order if that was a move, with a result per order: of the orders that are named, or of those
// that one call moved.
func (v *Verbs) UndoMove(ctx context.Context, a delivery.Actor, in UndoMoveInput) (*MovePayload, error) {
	c := dispatch.Call{Actor: a, Mutation: "undoMove", ID: in.ClientMutationID, Input: in}
	if in.Orders != nil && in.BatchID == nil {
		return v.move(ctx, undoSteps(c, in.Orders, in.Note, false), in.Atomic, dispatch.CheckNote(in.Note, nil))
	}
	if in.BatchID != nil {
		c.Community = in.BatchID.Community
	}
	return dispatch.Run(ctx, v.Engine, c, func(t *db.Tx, _ time.Time, out *MovePayload) (bool, error) {
		if refusal := in.checkBatch(); refusal != nil {
			return false, refusal
		}
		moves, err := t.MovesOf(ctx, a.Scope(), delivery.BatchOf(*in.BatchID))
		if err != nil {
			return false, err
		}
		if len(moves) == 0 {
			return false, delivery.Refuse(delivery.ReasonNoSuch, delivery.KindBatch.String()).At("batchId")
		}
		if refusal := dispatch.CheckCount(len(moves), "batchId"); refusal != nil {
			return false, refusal
		}
		list := make([]*OrderUndoInput, len(moves))
		for i, m := range moves {
			list[i] = &OrderUndoInput{OrderID: delivery.ID{Kind: delivery.KindOrder, Community: c.Community, UUID: m.OrderUUID}, ExpectedVersion: m.Version}
		}
		return carryOut(ctx, t, undoSteps(c, list, in.Note, true), in.Atomic, "batchId", v.BusinessTime, out)
	})
}

// checkBatch refuses what is wrong with the undo of a call before it is read.
func (in *UndoMoveInput) checkBatch() *delivery.Error {
	if in.Orders != nil || in.BatchID == nil {
		return delivery.Refuse(ReasonOrdersOrBatch).At("batchId")
	}
	if refusal := dispatch.CheckID(*in.BatchID, delivery.KindBatch, 0); refusal != nil {
		return refusal.At("batchId")
	}
	return dispatch.CheckNote(in.Note, nil)
}

// undoSteps are the steps that take back the last move of each order, if the order has the expected version. Those of a batch expect the
// version after the batch's move, and the clock may have found the order late since.
func undoSteps(c dispatch.Call, list []*OrderUndoInput, note string, batch bool) *dispatch.OrderSteps {
	b := &dispatch.OrderSteps{Call: c, IDs: dispatch.IDs(list, func(o *OrderUndoInput) delivery.ID { return o.OrderID }), Undo: true}
	b.Step = func(i int, o *delivery.OrderSnapshot, at time.Time, s *dispatch.Surroundings) (*delivery.Event, *delivery.Error) {
		// An order that leaves a final stage would come under the holds of its building.
		if holds := s.HoldsOn(o); len(holds) > 0 && (batch || o.Stage.Final()) {
			return nil, delivery.Refusal(holds, o.Where())
		}
		if o.Stage.Final() && s.Archived(o) {
			return nil, delivery.Refuse(dispatch.ReasonArchived).With(o.Where())
		}
		expected, last := list[i].ExpectedVersion, s.Last[o.UUID]
		if batch && last.Order.Version == expected {
			expected = o.Version
		}
		e, refusal := o.Undo(c.Actor, expected, last, at, s.HoldsOn(o), s.Roster)
		if e != nil {
			e.Note = note
			if refusal := s.Return(e); refusal != nil {
				return nil, refusal
			}
			if refusal := s.TakeAgain(o, at); refusal != nil {
				return nil, refusal
			}
			if s.BinArchived(e.Order.BinUUID) {
				e.IntoDefaultBin()
			}
		}
		return e, refusal
	}
	return b
}
