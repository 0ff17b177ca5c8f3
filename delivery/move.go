package delivery

import (
	"cmp"
	"fmt"
	"reflect"
	"slices"
	"strings"
	"time"
)

// MoveReason is the reason of a cancellation, a return or a failed attempt.
type MoveReason string

// The reasons of moves.
const (
	MoveAbsent         MoveReason = "ABSENT"
	MoveNoAccess       MoveReason = "NO_ACCESS"
	MoveRefused        MoveReason = "REFUSED"
	MoveUnreachable    MoveReason = "UNREACHABLE"
	MoveNotReached     MoveReason = "NOT_REACHED" // the round ended first
	MoveHouseholdAsked MoveReason = "HOUSEHOLD_ASKED"
	MoveOutOfStock     MoveReason = "OUT_OF_STOCK"
	MoveNoCapacity     MoveReason = "NO_CAPACITY"
	MoveDuplicate      MoveReason = "DUPLICATE"
	MoveUnpaid         MoveReason = "UNPAID"
	MoveCalledOff      MoveReason = "CALLED_OFF" // the order's window was called off; no caller gives it
	MoveDamaged        MoveReason = "DAMAGED"
	MoveWrongGoods     MoveReason = "WRONG_GOODS"
	MoveUnsafe         MoveReason = "UNSAFE"
)

// MoveReasons lists the reasons that each kind of move accepts. FORWARD accepts none.
var MoveReasons = map[MoveKind][]MoveReason{
	MoveFailed: {MoveAbsent, MoveNoAccess, MoveRefused, MoveUnreachable, MoveNotReached},
	MoveCancel: {MoveHouseholdAsked, MoveOutOfStock, MoveNoCapacity, MoveDuplicate, MoveUnpaid},
	MoveReturn: {MoveRefused, MoveUnreachable, MoveDuplicate, MoveDamaged, MoveWrongGoods, MoveUnsafe},
}

// Reasons returns the reasons that the move accepts. It requires one of them; a move forward has none.
func (e Edge) Reasons() []MoveReason { return MoveReasons[e.Kind] }

// reasonList is Reasons as a refusal fills them in.
func (e Edge) reasonList() string {
	var names []string
	for _, reason := range e.Reasons() {
		names = append(names, string(reason))
	}
	return strings.Join(names, listed)
}

// OrderMoved is the kind of a move forward, a failed attempt, a cancellation or a return.
const OrderMoved EventKind = "ORDER_MOVED"

var _ = addKind(eventSpec{kind: OrderMoved, body: reflect.TypeFor[MoveBody](), fold: foldMove})

// MoveBody is the body of ORDER_MOVED.
type MoveBody struct {
	From      Stage      `json:"from,omitempty"`
	FromSince time.Time  `json:"fromSince,omitzero"`
	Reason    MoveReason `json:"reason,omitempty"`  // empty if the move needs none
	FromBin   UUID       `json:"fromBin,omitempty"` // where it stood if it was SORTED
	FromRun   UUID       `json:"fromRun,omitempty"` // the run whose cart it was on
	FromRound UUID       `json:"fromRound,omitempty"`
}

func foldMove(before *OrderSnapshot, e *Event) (*OrderSnapshot, error) {
	next, move := before.after(e), cmp.Or(BodyOf[MoveBody](e), &MoveBody{})
	if _, ok := EdgeOf(before.Stage, e.Order.Stage, before.Channel); !ok || move.From != before.Stage || before.Held() {
		return nil, fmt.Errorf("moved from %s to %s while at %s with %d holds", move.From, e.Order.Stage, before.Stage, before.OpenHolds)
	}
	next.movedBy(e)
	next.Stage, next.StageSince = e.Order.Stage, e.At
	next.putInto(e.Order.BinUUID)
	if next.Stage == OutForDelivery {
		next.RoundUUID = e.Order.RoundUUID
	}
	if err := next.retold(e); err != nil {
		return nil, err
	}
	if next.Stage == AtGate { // a count at the gate is part of the move
		next.Packing = e.Order.Packing
		if err := next.check(); err != nil {
			return nil, err
		}
	}
	if next.Stage == Delivered {
		next.DeliveredAt = &e.At
	}
	return next, nil
}

// MoveUndone is the kind of an order's last move being taken back.
const MoveUndone EventKind = "MOVE_UNDONE"

var _ = addKind(eventSpec{kind: MoveUndone, body: reflect.TypeFor[UndoBody](), fold: foldUndo})

// UndoBody is the body of MOVE_UNDONE.
type UndoBody struct {
	From      Stage     `json:"from,omitempty"`
	FromSince time.Time `json:"fromSince,omitzero"`
	Undoes    int64     `json:"undoes,omitempty"` // the version after the undone move
}

func foldUndo(before *OrderSnapshot, e *Event) (*OrderSnapshot, error) {
	next, undo := before.after(e), cmp.Or(BodyOf[UndoBody](e), &UndoBody{})
	if late := before.Version - undo.Undoes; undo.From != before.Stage || late < 0 || late > int64(before.LateLevel.Number()) { // one version for each level
		return nil, fmt.Errorf("undoes version %d at %s while at version %d, %s", undo.Undoes, undo.From, before.Version, before.Stage)
	}
	if _, ok := EdgeOf(e.Order.Stage, before.Stage, before.Channel); !ok {
		return nil, fmt.Errorf("undone from %s back to %s", before.Stage, e.Order.Stage)
	}
	next.movedBy(e)
	next.Stage, next.StageSince, next.DeliveredAt = e.Order.Stage, e.Order.StageSince, nil
	next.putInto(e.Order.BinUUID)
	if err := next.retold(e); err != nil {
		return nil, err
	}
	if next.Stage == Sorted && e.Order.RunUUID != nil {
		next.BinUUID, next.RunUUID = nil, e.Order.RunUUID
	}
	if next.Stage == OutForDelivery {
		next.RoundUUID = e.Order.RoundUUID
	}
	return next, nil
}

// From is the order's stage before a move or an undo, nil for other events.
func (e *Event) From() *Stage {
	if move := BodyOf[MoveBody](e); move != nil {
		return orNil(&move.From)
	}
	if undo := BodyOf[UndoBody](e); undo != nil {
		return orNil(&undo.From)
	}
	return nil
}

// Reason is the reason of the move, nil if it needs none.
func (e *Event) Reason() *MoveReason {
	if move := BodyOf[MoveBody](e); move != nil {
		return orNil(&move.Reason)
	}
	return nil
}

// UndoneVersion is the order's version after the undone move, nil for events other than MOVE_UNDONE.
func (e *Event) UndoneVersion() *int64 {
	if undo := BodyOf[UndoBody](e); undo != nil {
		return orNil(&undo.Undoes)
	}
	return nil
}

// UndoWindow is how long the author of a move may take it back.
const UndoWindow = 30 * time.Minute

// Move is a requested move of one order.
type Move struct {
	To              Stage
	Reason          MoveReason
	ExpectedStage   Stage // empty: any
	ExpectedVersion int64 // 0: any
	Note            string
	DeviceTime      *time.Time
	Bin             *UUID    // of a move to SORTED; nil: the default bin of the building
	Packing         *Packing // as counted in a move to AT_GATE; nil: not counted
	Round           *UUID    // of a move to OUT_FOR_DELIVERY; nil: the open round of the mover, or one of its own
	CalledOff       bool     // the order's window was called off, by an actor who may decide that
	Proven          bool     // a move to DELIVERED brings a proof other than the mover's word
	Errand          *Errand  // of an order of the channel ERRAND; nil: it has neither an answer nor documents
}

// The refusals of moving an order, and of taking a move back.
var (
	ReasonStageChanged = NewWordedReason("STAGE_CHANGED", CodeConflict,
		"This order is at %s now.",
		"订单现处于“%s”环节。")
	ReasonVersionChanged = NewReason("VERSION_CHANGED", CodeConflict,
		"This changed in the meantime; it is at version %d now.",
		"内容已被更新，当前版本为 %d。")
	ReasonFinalStage = NewWordedReason("FINAL_STAGE", CodeConflict,
		"This order is at %s, which is final.",
		"订单已处于“%s”环节，流程已结束。")
	ReasonIllegalMove = NewWordedReason("ILLEGAL_MOVE", CodeConflict,
		"This order is at %s and cannot go from there to %s.",
		"订单处于“%s”环节，不能移到“%s”。")
	ReasonNotYourMove = NewWordedReason("NOT_YOUR_MOVE", CodeForbidden,
		"You may not move this order from %s to %s.",
		"您不能把这个订单从“%s”移到“%s”。")
	ReasonNeedsReason = NewWordedReason("NEEDS_REASON", CodeBadUserInput,
		"This move needs a reason: %s.",
		"此操作必须填写原因：%s。")
	ReasonWrongReason = NewWordedReason("WRONG_REASON", CodeBadUserInput,
		"%s is not a reason for this move.",
		"“%s”不是此操作可用的原因。")
	ReasonNothingToUndo = NewReason("NOTHING_TO_UNDO", CodeConflict,
		"The last event of this order is not a move that can be taken back.",
		"该订单最近的记录不是可以撤销的移动。")
	ReasonUndoNotAuthor = NewReason("UNDO_NOT_AUTHOR", CodeForbidden,
		"A move can be taken back only by its author, a lead or the commander.",
		"只有移动者本人、队长或指挥可以撤销。")
	ReasonUndoTooLate = NewReason("UNDO_TOO_LATE", CodeForbidden,
		"A move can be taken back by its author within 30 minutes; after that a lead or the commander can.",
		"移动者可在 30 分钟内撤销，之后只能由队长或指挥撤销。")
)

// Advance moves the order and returns its new snapshot and the event to record; the receiver is not changed. It fails with
// CONFLICT if the order is not where the caller expects it or cannot go there from where it is, HELD while a hold is open,
// FORBIDDEN if the actor may not make the move, and BAD_USER_INPUT if a reason is missing or does not fit.
func (s *OrderSnapshot) Advance(a Actor, m Move, at time.Time, holds []*Hold, roster *Roster) (*Event, *Error) {
	switch {
	case m.ExpectedStage != "" && m.ExpectedStage != s.Stage:
		return nil, Refuse(ReasonStageChanged, s.Stage).At("expectedStage").With(s.Where())
	case m.ExpectedVersion != 0 && m.ExpectedVersion != s.Version:
		return nil, Refuse(ReasonVersionChanged, s.Version).At("expectedVersion").With(s.Where())
	case m.To == s.Stage:
		return nil, Refuse(ReasonStageChanged, s.Stage).With(s.Where())
	case s.Stage.Final():
		return nil, Refuse(ReasonFinalStage, s.Stage).With(s.Where())
	case s.Held():
		return nil, Refusal(holds, s.Where())
	}
	edge, ok := EdgeOf(s.Stage, m.To, s.Channel)
	if !ok {
		return nil, Refuse(ReasonIllegalMove, s.Stage, m.To).With(s.Where())
	}
	if !a.CanMove(s, edge) && !m.CalledOff {
		return nil, Refuse(ReasonNotYourMove, s.Stage, m.To).With(s.Where())
	}
	switch fits := slices.Contains(MoveReasons[edge.Kind], m.Reason) || m.CalledOff && m.Reason == MoveCalledOff; {
	case edge.Kind != MoveForward && m.Reason == "":
		return nil, Refuse(ReasonNeedsReason, edge.reasonList()).At("reason")
	case m.Reason != "" && !fits:
		return nil, Refuse(ReasonWrongReason, m.Reason).At("reason")
	}
	if refusal := s.mayEnd(m.To, m.Errand); refusal != nil {
		return nil, refusal
	}
	if m.To == Delivered && !m.Proven {
		if refusal := s.CheckProof(ProofAttested, roster.Proofs); refusal != nil {
			return nil, refusal
		}
	}
	next := s.clone()
	next.moved(a, at)
	next.Stage, next.StageSince = m.To, at
	next.putInto(m.Bin)
	if m.To == OutForDelivery {
		next.RoundUUID = m.Round
	}
	if m.To == AtGate && m.Packing != nil {
		next.Packing = *m.Packing
	}
	if m.To == Delivered {
		next.DeliveredAt = &at
	}
	roster.assign(next)
	next.retarget(roster)
	e := newEvent(OrderMoved, a, at, next, &MoveBody{From: s.Stage, FromSince: s.StageSince, Reason: m.Reason, FromBin: orEmpty(s.BinUUID), FromRun: orEmpty(s.RunUUID), FromRound: orEmpty(s.RoundUUID)})
	e.Note, e.DeviceTime, e.WasLate = m.Note, m.DeviceTime, s.Late()
	return e, nil
}

// Undo takes back the order's last event if that was a move or put it on a cart, and returns the event to record. ORDER_LATE does not
// count as the last event. It fails with CONFLICT if the version is not the expected one or the last event is no move, HELD while a
// hold is open, and FORBIDDEN except for the move's author within UndoWindow, leads, the commander and administrators.
func (s *OrderSnapshot) Undo(a Actor, expectedVersion int64, last *Event, at time.Time, holds []*Hold, roster *Roster) (*Event, *Error) {
	if expectedVersion != s.Version {
		return nil, Refuse(ReasonVersionChanged, s.Version).At("expectedVersion").With(s.Where())
	}
	move, load := BodyOf[MoveBody](last), last.Kind == OrderLoaded && s.RunUUID != nil
	if !load && (last.Kind != OrderMoved || move == nil || move.FromSince.IsZero()) {
		return nil, Refuse(ReasonNothingToUndo).With(s.Where())
	}
	if s.Held() {
		return nil, Refusal(holds, s.Where())
	}
	if !a.outranks() {
		if last.By().Key() != a.Ref().Key() { // a lead who was a member then is still the author
			return nil, Refuse(ReasonUndoNotAuthor).With(s.Where())
		}
		if at.Sub(last.At) > UndoWindow {
			return nil, Refuse(ReasonUndoTooLate).With(s.Where())
		}
	}
	if load {
		return s.Unload(a, uuidOrNil(last.FromBin()), at), nil
	}
	next := s.clone()
	next.moved(a, at)
	next.Stage, next.StageSince, next.DeliveredAt = move.From, move.FromSince, nil
	next.putInto(uuidOrNil(move.FromBin))
	roster.assign(next)
	next.retarget(roster)
	e := newEvent(MoveUndone, a, at, next, &UndoBody{From: s.Stage, FromSince: s.StageSince, Undoes: last.Order.Version})
	e.WasLate = s.Late()
	return e, nil
}

// IntoDefaultBin changes the event of an order that comes back to SORTED so that it stands in its building's default bin.
func (e *Event) IntoDefaultBin() { e.Order.putInto(nil) }

func (s *OrderSnapshot) moved(a Actor, at time.Time) {
	s.Version++
	s.MovedAt, s.MovedByRole, s.MovedByUUID = at, a.Role, uuidOrNil(a.UUID)
}

func same(a, b *UUID) bool {
	if a == nil || b == nil {
		return a == b
	}
	return *a == *b
}
