package hold

import (
	"context"
	"slices"
	"time"

	"baogong/db"
	"baogong/delivery"
	"baogong/dispatch"
)

// PlaceHold holds orders, and all orders of buildings, households and suppliers: they cannot be moved until the hold ends.
func (v *Verbs) PlaceHold(ctx context.Context, a delivery.Actor, in PlaceHoldInput) (*HoldPayload, error) {
	in.Until = dispatch.Instant(in.Until)
	community, bad := dispatch.CheckIDs(in.SubjectIds, "subjectIds", "", delivery.HoldSubjects...)
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
		on := subjectsOf(in.SubjectIds)
		s, err := lockSubjects(ctx, t, a, community, on)
		if err != nil {
			return false, err
		}
		if s.open, err = t.CountHolds(ctx, community, on); err != nil {
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
	on, err := t.SubjectsOfHolds(ctx, community, dispatch.UUIDs(ids))
	if err != nil {
		return false, err
	}
	s, err := lockSubjects(ctx, t, a, community, on, dispatch.UUIDs(ids)...)
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

// subjectsOf are the subjects that the ids name.
func subjectsOf(ids []delivery.ID) (on db.HoldSubjects) {
	for _, id := range ids {
		list := &on.Orders
		switch id.Kind {
		case delivery.KindBuilding:
			list = &on.Buildings
		case delivery.KindHousehold:
			list = &on.Households
		case delivery.KindSupplier:
			list = &on.Suppliers
		}
		*list = append(*list, id.UUID)
	}
	return on
}

// lockedSubjects is what holds can stand on, all of it locked, and the events that come of starting and ending them.
type lockedSubjects struct {
	community int32
	buildings map[delivery.UUID]*delivery.Building
	homes     map[delivery.UUID]*delivery.Household
	sellers   map[delivery.UUID]*delivery.Supplier
	orders    map[delivery.UUID]*delivery.OrderSnapshot // as the events so far leave them
	inside    map[delivery.UUID][]delivery.UUID         // the orders of a building, a household or a supplier that are not final
	held      map[delivery.UUID][]delivery.UUID         // an arrival's orders that its hold stands on
	freed     []delivery.UUID                           // arrivals whose holds end
	holds     map[delivery.UUID]*delivery.Hold          // those to end
	open      map[delivery.UUID]int                     // open holds on the subjects themselves; set to start others
	events    []*delivery.Event
}

// lockSubjects locks the subjects, then holds, then the named orders and the open orders of the other subjects. An order that is placed,
// or comes back from a final stage, waits for the lock of its building, and with it for holds on its household; and for the lock of the
// community, and with it for holds on its supplier.
func lockSubjects(ctx context.Context, t *db.Tx, a delivery.Actor, community int32, on db.HoldSubjects, holds ...delivery.UUID) (*lockedSubjects, error) {
	s := &lockedSubjects{community: community, orders: map[delivery.UUID]*delivery.OrderSnapshot{}, inside: map[delivery.UUID][]delivery.UUID{},
		buildings: map[delivery.UUID]*delivery.Building{}}
	if err := s.lockPlaces(ctx, t, on); err != nil {
		return nil, err
	}
	if len(holds) > 0 {
		locked, err := t.LockHolds(ctx, community, holds)
		if err != nil {
			return nil, err
		}
		s.holds = dispatch.ByUUID(locked)
	}
	named, err := t.OpenOrdersUnder(ctx, community, on.Households, on.Suppliers)
	if err != nil {
		return nil, err
	}
	named = append(named, on.Orders...)
	if len(on.Arrivals) > 0 {
		if s.held, err = t.OrdersHeldBy(ctx, community, on.Arrivals); err != nil {
			return nil, err
		}
		for _, arrival := range on.Arrivals {
			named = append(named, s.held[arrival]...)
		}
	}
	orders, err := t.LockOrders(ctx, a.Scope(), community, named, on.Buildings)
	if err != nil {
		return nil, err
	}
	for _, o := range orders {
		s.orders[o.UUID] = &o.OrderSnapshot
		if o.Stage.Final() {
			continue
		}
		for _, of := range []*delivery.UUID{&o.BuildingUUID, &o.HouseholdUUID, o.SupplierUUID} {
			if of != nil {
				s.inside[*of] = append(s.inside[*of], o.UUID)
			}
		}
	}
	return s, nil
}

// lockPlaces locks the buildings, those of the households, and the community if there are suppliers.
func (s *lockedSubjects) lockPlaces(ctx context.Context, t *db.Tx, on db.HoldSubjects) error {
	if len(on.Suppliers) > 0 {
		if _, err := t.LockCommunity(ctx, s.community, true); err != nil {
			return err
		}
		sellers, err := t.Suppliers().All(ctx, s.community)
		if err != nil {
			return err
		}
		s.sellers = dispatch.ByUUID(sellers)
	}
	ids := slices.Clone(on.Buildings)
	if len(on.Households) > 0 {
		homes, err := t.HouseholdsOf(ctx, s.community, on.Households, nil)
		if err != nil {
			return err
		}
		s.homes = dispatch.ByUUID(homes)
		for _, h := range homes {
			ids = append(ids, h.BuildingUUID)
		}
	}
	if len(ids) == 0 {
		return nil
	}
	buildings, err := t.LockBuildings(ctx, s.community, ids)
	s.buildings = dispatch.ByUUID(buildings)
	return err
}

// start puts the hold on its subject and, unless that is an order, on every open order of the subject.
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
	known, archived := s.known(subject)
	switch {
	case !known:
		return delivery.Refuse(delivery.ReasonNoSuch, subject.Kind.String())
	case subject.Kind == delivery.KindSupplier && !a.CanHoldSupplier(s.community):
		return delivery.Refuse(delivery.ReasonNotYours)
	case archived:
		return delivery.Refuse(dispatch.ReasonArchived)
	case s.open[subject.UUID] >= delivery.MaxHolds:
		return manyHolds(delivery.Details{})
	}
	id := subject.UUID
	switch subject.Kind {
	case delivery.KindBuilding:
		h.BuildingUUID = &id
	case delivery.KindHousehold:
		h.HouseholdUUID = &id
	default:
		h.SupplierUUID = &id
	}
	s.append(s.event(a, h, at, true))
	for _, order := range s.inside[id] {
		s.append(s.orders[order].StartHold(a, h, at))
	}
	return nil
}

// known reports whether a building, household or supplier exists, and whether it is archived.
func (s *lockedSubjects) known(subject delivery.ID) (known, archived bool) {
	switch subject.Kind {
	case delivery.KindBuilding:
		b := s.buildings[subject.UUID]
		return b != nil, b != nil && b.Archived()
	case delivery.KindHousehold:
		h := s.homes[subject.UUID]
		return h != nil, h != nil && h.Archived()
	}
	p := s.sellers[subject.UUID]
	return p != nil, p != nil && p.Archived()
}

// event returns the event of a hold on a building, a household or a supplier that began or ended.
func (s *lockedSubjects) event(a delivery.Actor, h *delivery.Hold, at time.Time, began bool) *delivery.Event {
	kind := func(held, freed delivery.EventKind) delivery.EventKind {
		if began {
			return held
		}
		return freed
	}
	switch {
	case h.BuildingUUID != nil:
		return h.OfBuilding(kind(delivery.BuildingHeld, delivery.BuildingFreed), a, at)
	case h.HouseholdUUID != nil:
		return h.OfHousehold(kind(delivery.HouseholdHeld, delivery.HouseholdFreed), a, at, s.homes[*h.HouseholdUUID].BuildingUUID)
	}
	return h.OfSupplier(kind(delivery.SupplierHeld, delivery.SupplierFreed), a, at)
}

// The refusals of placing and releasing holds.
var (
	ReasonHoldEnded = delivery.NewReason("HOLD_ENDED", delivery.CodeConflict,
		"This hold has already ended.",
		"该暂停已经结束。")
	reasonManyHolds = delivery.NewReason("MANY_HOLDS", delivery.CodeConflict,
		"An order, building, household or supplier can have at most %d holds at once.",
		"同一订单、楼栋、住户或供货商最多同时有 %d 个暂停。")
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
	if h.SupplierUUID != nil && a.Role != delivery.RoleSystem && !a.CanHoldSupplier(s.community) {
		return delivery.Refuse(delivery.ReasonNotYours)
	}
	s.append(s.event(a, h, at, false))
	for _, id := range s.inside[h.SubjectID().UUID] {
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
