package hold

import (
	"context"
	"time"

	"baogong/db"
	"baogong/delivery"
	"baogong/dispatch"
)

// PlaceHold holds orders and whole buildings: they cannot be moved until the hold ends.
func (v *Verbs) PlaceHold(ctx context.Context, a delivery.Actor, in PlaceHoldInput) (*HoldPayload, error) {
	in.Until = dispatch.Instant(in.Until)
	community, bad := dispatch.CheckIDs(in.SubjectIds, "subjectIds", "", delivery.KindOrder, delivery.KindBuilding)
	c := dispatch.Call{Actor: a, Mutation: "placeHold", Community: community, ID: in.ClientMutationID, Input: in}
	return dispatch.Run(ctx, v.Engine, c, func(t *db.Tx, at time.Time, out *HoldPayload) (bool, error) {
		refusal := bad
		if refusal == nil {
			refusal = mayHold(a, community, "subjectIds")
		}
		if refusal == nil {
			refusal = dispatch.CheckNote(in.Note, nil)
		}
		if refusal == nil && in.Until != nil {
			refusal = checkUntil(*in.Until, at)
		}
		if refusal != nil {
			return false, refusal
		}
		var named, inside []delivery.UUID
		for _, id := range in.SubjectIds {
			if id.Kind == delivery.KindBuilding {
				inside = append(inside, id.UUID)
			} else {
				named = append(named, id.UUID)
			}
		}
		s, err := lockSubjects(ctx, t, a, community, subjects{orders: named, buildings: inside})
		if err != nil {
			return false, err
		}
		if s.open, err = t.CountHolds(ctx, community, named, inside); err != nil {
			return false, err
		}
		var holds []*delivery.Hold
		refused := false
		for i, id := range in.SubjectIds {
			h := &delivery.Hold{CommunityID: community, UUID: dispatch.NewUUID(), Reason: in.Reason, Note: in.Note, PlacedAt: at, PlacedByRole: a.Role, Until: in.Until}
			if a.UUID != "" {
				h.PlacedByUUID = &a.UUID
			}
			result := &HoldResult{SubjectID: id}
			if refusal := s.start(a, h, id, at); refusal != nil {
				refused = true
				result.Refuse("subjectIds", i, refusal)
			} else {
				held := h.ID()
				result.HoldID = &held
				holds = append(holds, h)
			}
			out.Results = append(out.Results, result)
		}
		if in.Atomic && refused {
			dispatch.Undo(out.Results, "subjectIds")
			return false, nil
		}
		if len(holds) == 0 {
			return false, nil
		}
		t.Spend(delivery.QuotaHolds, len(holds))
		t.Spend(delivery.QuotaText, len(in.Note)*len(holds))
		if err := t.InsertHolds(ctx, holds); err != nil {
			return false, err
		}
		return true, dispatch.Record(ctx, t, community, s.events)
	})
}

// ReleaseHold ends holds now. The orders stay where they are.
func (v *Verbs) ReleaseHold(ctx context.Context, a delivery.Actor, in ReleaseHoldInput) (*HoldPayload, error) {
	community, bad := dispatch.CheckIDs(in.HoldIds, "holdIds", "", delivery.KindHold)
	c := dispatch.Call{Actor: a, Mutation: "releaseHold", Community: community, ID: in.ClientMutationID, Input: in}
	return dispatch.Run(ctx, v.Engine, c, func(t *db.Tx, at time.Time, out *HoldPayload) (bool, error) {
		if bad != nil {
			return false, bad
		}
		if refusal := mayHold(a, community, "holdIds"); refusal != nil {
			return false, refusal
		}
		return endHolds(ctx, t, a, community, in.HoldIds, at, in.Atomic, out)
	})
}

func endHolds(ctx context.Context, t *db.Tx, a delivery.Actor, community int32, ids []delivery.ID, at time.Time, atomic bool, out *HoldPayload) (bool, error) {
	named, inside, arrivals, err := t.SubjectsOfHolds(ctx, community, dispatch.UUIDs(ids))
	if err != nil {
		return false, err
	}
	s, err := lockSubjects(ctx, t, a, community, subjects{named, inside, arrivals}, dispatch.UUIDs(ids)...)
	if err != nil {
		return false, err
	}
	var ended []delivery.UUID
	refused := false
	for i, id := range ids {
		result := &HoldResult{SubjectID: id}
		if refusal := s.end(a, s.holds[id.UUID], at); refusal != nil {
			refused = true
			result.Refuse("holdIds", i, refusal)
		} else {
			result.HoldID = &ids[i]
			ended = append(ended, id.UUID)
		}
		out.Results = append(out.Results, result)
	}
	if atomic && refused {
		dispatch.Undo(out.Results, "holdIds")
		return false, nil
	}
	if len(ended) == 0 {
		return false, nil
	}
	if err := t.EndHolds(ctx, community, ended, at); err != nil {
		return false, err
	}
	if err := t.FreeArrivals(ctx, community, s.freed); err != nil {
		return false, err
	}
	return true, dispatch.Record(ctx, t, community, s.events)
}

func mayHold(a delivery.Actor, community int32, list string) *delivery.Error {
	switch {
	case !a.Scope().SeesCommunity(community):
		return delivery.Refuse(delivery.ReasonNoSuch, delivery.KindCommunity.String()).At(list)
	case !a.CanHold(community):
		return delivery.Refuse(delivery.ReasonNotYours)
	}
	return nil
}

// checkUntil refuses an end that is not in the future or not a possible time.
func checkUntil(until, at time.Time) *delivery.Error {
	if refusal := delivery.CheckFuture(until, at); refusal != nil {
		return refusal.At("until")
	}
	return nil
}

// lockedSubjects is what holds can stand on, all of it locked, and the events that come of starting and ending them.
type lockedSubjects struct {
	buildings map[delivery.UUID]*delivery.Building
	orders    map[delivery.UUID]*delivery.OrderSnapshot // as the events so far leave them
	inside    map[delivery.UUID][]delivery.UUID         // a building's orders that are not final
	held      map[delivery.UUID][]delivery.UUID         // an arrival's orders that its hold stands on
	freed     []delivery.UUID                           // arrivals whose holds end
	holds     map[delivery.UUID]*delivery.Hold          // those to end
	open      map[delivery.UUID]int                     // open holds on the subjects themselves; set to start others
	events    []*delivery.Event
}

// subjects is what holds stand on.
type subjects struct{ orders, buildings, arrivals []delivery.UUID }

// lockSubjects locks buildings, then holds, then the named orders, the open ones inside the buildings and those that arrivals hold.
func lockSubjects(ctx context.Context, t *db.Tx, a delivery.Actor, community int32, on subjects, holds ...delivery.UUID) (*lockedSubjects, error) {
	s := &lockedSubjects{buildings: map[delivery.UUID]*delivery.Building{}, orders: map[delivery.UUID]*delivery.OrderSnapshot{},
		inside: map[delivery.UUID][]delivery.UUID{}, holds: map[delivery.UUID]*delivery.Hold{}}
	if len(on.buildings) > 0 {
		buildings, err := t.LockBuildings(ctx, community, on.buildings)
		if err != nil {
			return nil, err
		}
		for _, b := range buildings {
			s.buildings[b.UUID] = b
		}
	}
	if len(holds) > 0 {
		locked, err := t.LockHolds(ctx, community, holds)
		if err != nil {
			return nil, err
		}
		for _, h := range locked {
			s.holds[h.UUID] = h
		}
	}
	named := on.orders
	if len(on.arrivals) > 0 {
		var err error
		if s.held, err = t.OrdersHeldBy(ctx, community, on.arrivals); err != nil {
			return nil, err
		}
		for _, arrival := range on.arrivals {
			named = append(named, s.held[arrival]...)
		}
	}
	orders, err := t.LockOrders(ctx, a.Scope(), community, named, on.buildings)
	if err != nil {
		return nil, err
	}
	for _, o := range orders {
		s.orders[o.UUID] = &o.OrderSnapshot
		if s.buildings[o.BuildingUUID] != nil && !o.Stage.Final() {
			s.inside[o.BuildingUUID] = append(s.inside[o.BuildingUUID], o.UUID)
		}
	}
	return s, nil
}

// start makes the hold stand on its subject, and on every open order inside if that is a building.
func (s *lockedSubjects) start(a delivery.Actor, h *delivery.Hold, subject delivery.ID, at time.Time) *delivery.Error {
	if subject.Kind == delivery.KindOrder {
		o := s.orders[subject.UUID]
		switch {
		case o == nil:
			return delivery.Refuse(delivery.ReasonNoSuch, subject.Kind.String())
		case o.Stage.Final():
			return delivery.Refuse(delivery.ReasonFinalStage, o.Stage).With(o.Where())
		case s.open[o.UUID] >= delivery.MaxHolds:
			return manyHolds(o.Where())
		}
		h.OrderUUID = &o.UUID
		s.append(o.StartHold(a, h, at))
		return nil
	}
	b := s.buildings[subject.UUID]
	switch {
	case b == nil:
		return delivery.Refuse(delivery.ReasonNoSuch, subject.Kind.String())
	case b.ArchivedAt != nil:
		return delivery.Refuse(dispatch.ReasonArchived)
	case s.open[b.UUID] >= delivery.MaxHolds:
		return manyHolds(delivery.Details{})
	}
	h.BuildingUUID = &b.UUID
	s.append(h.OfBuilding(delivery.BuildingHeld, a, at))
	for _, id := range s.inside[b.UUID] {
		s.append(s.orders[id].StartHold(a, h, at))
	}
	return nil
}

// The refusals of placing and releasing holds.
var (
	ReasonHoldEnded = delivery.NewReason("HOLD_ENDED", delivery.CodeConflict,
		"This hold has already ended.",
		"该暂停已经结束。")
	reasonManyHolds = delivery.NewReason("MANY_HOLDS", delivery.CodeConflict,
		"An order or building can have at most %d holds at once.",
		"同一订单或楼栋最多同时有 %d 个暂停。")
)

func manyHolds(at delivery.Details) *delivery.Error {
	at.Limit = delivery.MaxHolds
	return delivery.Refuse(reasonManyHolds, delivery.MaxHolds).With(at)
}

// end makes the hold stand no longer.
func (s *lockedSubjects) end(a delivery.Actor, h *delivery.Hold, at time.Time) *delivery.Error {
	switch {
	case h == nil:
		return delivery.Refuse(delivery.ReasonNoSuch, delivery.KindHold.String())
	case !h.Open():
		return delivery.Refuse(ReasonHoldEnded)
	case h.OrderUUID != nil:
		o := s.orders[*h.OrderUUID]
		if o == nil {
			return delivery.Refuse(delivery.ReasonNoSuch, delivery.KindHold.String())
		}
		s.append(o.EndHold(a, h, at))
		return nil
	case h.ArrivalUUID != nil:
		for _, id := range s.held[*h.ArrivalUUID] {
			s.append(s.orders[id].EndHold(a, h, at))
		}
		s.freed = append(s.freed, *h.ArrivalUUID)
		return nil
	}
	s.append(h.OfBuilding(delivery.BuildingFreed, a, at))
	for _, id := range s.inside[*h.BuildingUUID] {
		s.append(s.orders[id].EndHold(a, h, at))
	}
	return nil
}

func (s *lockedSubjects) append(e *delivery.Event) {
	if e.Order != nil {
		s.orders[e.Order.UUID] = e.Order
	}
	s.events = append(s.events, e)
}
