package delivery

import (
	"cmp"
	"fmt"
	"reflect"
	"time"
)

// OrderAmended is the kind of event of an order whose lines were changed.
const OrderAmended EventKind = "ORDER_AMENDED"

var _ = addKind(eventSpec{kind: OrderAmended, body: reflect.TypeFor[AmendBody](), fold: foldAmended, whole: true})

// AmendBody is the body of ORDER_AMENDED. The total after it is in the snapshot.
type AmendBody struct {
	WasFen    int64 `json:"wasFen,omitempty"` // the total before
	LineCount int   `json:"lineCount,omitempty"`
}

func foldAmended(before *OrderSnapshot, e *Event) (*OrderSnapshot, error) {
	next, body := before.after(e), cmp.Or(BodyOf[AmendBody](e), &AmendBody{})
	if before.Stage != Placed || body.WasFen != before.TotalFen {
		return nil, fmt.Errorf("amended from %d fen while at %s with %d fen", body.WasFen, before.Stage, before.TotalFen)
	}
	next.TotalFen, next.Marks = e.Order.TotalFen, e.Order.Marks
	return next, nil
}

// ReasonNotYourOrder refuses to amend an order of another account.
var ReasonNotYourOrder = NewReason("NOT_YOUR_ORDER", CodeForbidden,
	"Only the account that placed this order, or its supplier, may change its lines.",
	"只有下单人或供货商可以修改该订单的明细。")

// CanAmend reports whether the actor may change the order's lines: the account that placed it, and its supplier.
func (a Actor) CanAmend(s *OrderSnapshot) bool {
	return a.Ref().Key() == s.PlacedBy().Key() || a.Role == RoleSupplier && same(s.SupplierUUID, &a.UUID)
}

// Amend changes the order's lines to those of the total and returns the event to record; marks are those that the lines need. It fails
// with CONFLICT if the version is not the expected one or the order is not at PLACED any more, and with FORBIDDEN for an actor who may not.
// Whether the order's window is open, and has what the lines order, is for the caller to judge.
func (s *OrderSnapshot) Amend(a Actor, expectedVersion int64, total int64, lines int, marks Marks, at time.Time) (*Event, *Error) {
	if !a.CanAmend(s) {
		return nil, Refuse(ReasonNotYourOrder)
	}
	return s.amend(a, expectedVersion, total, lines, marks, at)
}

// AmendByImport is Amend for a row of an import, at the version that was locked. The actor may import the supplier's orders.
func (s *OrderSnapshot) AmendByImport(a Actor, total int64, lines int, marks Marks, at time.Time) (*Event, *Error) {
	return s.amend(a, s.Version, total, lines, marks, at)
}

func (s *OrderSnapshot) amend(a Actor, expectedVersion int64, total int64, lines int, marks Marks, at time.Time) (*Event, *Error) {
	switch {
	case expectedVersion != s.Version:
		return nil, Refuse(ReasonVersionChanged, s.Version).At("expectedVersion").With(s.Where())
	case s.Stage.Final():
		return nil, Refuse(ReasonFinalStage, s.Stage).With(s.Where())
	case s.Stage != Placed:
		return nil, Refuse(ReasonStageChanged, s.Stage).With(s.Where())
	}
	next := s.clone()
	next.Version++
	next.TotalFen = total
	next.Marks = NewMarks(append(append([]Mark{}, s.Marks...), marks...))
	return newEvent(OrderAmended, a, at, next, &AmendBody{WasFen: s.TotalFen, LineCount: lines}), nil
}
