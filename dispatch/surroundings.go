package dispatch

import (
	"context"
	"slices"

	"baogong/db"
	"baogong/delivery"
)

// Surroundings is what a step of OrderSteps needs to know besides the order, read after the orders were locked.
type Surroundings struct {
	Roster *delivery.Roster
	Last   map[delivery.UUID]*delivery.Event // the orders' last events, if OrderSteps.Undo

	Errands map[delivery.UUID]*delivery.Errand // of the orders of the channel ERRAND that have a row, by order

	open     []*delivery.Hold
	settle   map[delivery.UUID][]*delivery.Hold      // holds on arrivals that stand on an order
	runs     []*delivery.Run                         // those that orders can come back to, if OrderSteps.Undo
	gone     map[delivery.UUID]bool                  // archived places and suppliers, where a final order is to be brought back
	goneBins []delivery.UUID                         // archived bins, where an order is to be brought back
	stocks   map[delivery.UUID]*delivery.WindowStock // by window: of orders that are cancelled or come back
	takings  map[delivery.UUID]delivery.Taking       // by order: what one that comes back takes again
	rounds   map[delivery.UUID]*delivery.Round       // of which orders were delivered last, if OrderSteps.Undo
}

// Return puts an order that an undo brings back onto the cart that it was on, if that run is open still and has room, or into the round
// that it was out with. It refuses to undo a failed attempt of a round that has ended.
func (s *Surroundings) Return(e *delivery.Event) *delivery.Error {
	move := delivery.BodyOf[delivery.MoveBody](s.Last[e.Order.UUID])
	if move == nil {
		return nil
	}
	for _, r := range s.runs {
		if move.FromRun == r.UUID {
			r.TakeBack(e)
		}
	}
	return e.ComeBack(s.rounds[move.FromRound], s.Roster)
}

// Archived reports that what the order builds on takes no orders any more.
func (s *Surroundings) Archived(o *delivery.OrderSnapshot) bool {
	return s.gone[o.BuildingUUID] || s.gone[o.UnitUUID] || s.gone[o.HouseholdUUID] || (o.SupplierUUID != nil && s.gone[*o.SupplierUUID])
}

// BinArchived reports that the bin takes no orders any more.
func (s *Surroundings) BinArchived(bin *delivery.UUID) bool {
	return bin != nil && slices.Contains(s.goneBins, *bin)
}

// SurroundingsOf reads the roster, and the holds on those of the orders that are held. The orders are locked.
func SurroundingsOf(ctx context.Context, t *db.Tx, community int32, orders []*delivery.OrderSnapshot) (*Surroundings, error) {
	roster, err := t.Roster(ctx, community)
	if err != nil {
		return nil, err
	}
	s := &Surroundings{Roster: roster}
	if err := s.readErrands(ctx, t, community, orders); err != nil {
		return nil, err
	}
	return s, s.readHolds(ctx, t, community, slices.DeleteFunc(slices.Clone(orders), func(o *delivery.OrderSnapshot) bool { return !o.Held() }))
}

// readHolds reads the open holds on the orders, their buildings, households, suppliers and arrivals.
func (s *Surroundings) readHolds(ctx context.Context, t *db.Tx, community int32, orders []*delivery.OrderSnapshot) (err error) {
	if len(orders) == 0 {
		return nil
	}
	var on db.HoldSubjects
	var brought []delivery.UUID
	for _, o := range orders {
		on.Orders, on.Buildings, on.Households = append(on.Orders, o.UUID), append(on.Buildings, o.BuildingUUID), append(on.Households, o.HouseholdUUID)
		if o.SupplierUUID != nil {
			on.Suppliers = append(on.Suppliers, *o.SupplierUUID)
		}
		if o.Held() && o.ArrivalUUID != nil {
			brought = append(brought, o.UUID)
		}
	}
	if s.open, err = t.OpenHolds(ctx, community, on); err != nil || len(brought) == 0 {
		return err
	}
	s.settle, err = t.ArrivalHoldsOf(ctx, community, brought)
	return err
}

// readErrands reads the errands among the orders. It sends no statement if there is none.
func (s *Surroundings) readErrands(ctx context.Context, t *db.Tx, community int32, orders []*delivery.OrderSnapshot) (err error) {
	var ids []delivery.UUID
	for _, o := range orders {
		if o.Channel == delivery.ChannelErrand {
			ids = append(ids, o.UUID)
		}
	}
	if len(ids) > 0 {
		s.Errands, err = t.Errands(ctx, community, ids)
	}
	return err
}

// HoldsOn returns the holds that stand on the order, its building, household, supplier or arrival.
func (s *Surroundings) HoldsOn(o *delivery.OrderSnapshot) []*delivery.Hold {
	return append(o.HoldsAmong(s.open), s.settle[o.UUID]...)
}

// ArchivedBins share-locks the bins, so that they are not archived while orders are put into them, and returns those that are archived
// already.
func ArchivedBins(ctx context.Context, t *db.Tx, community int32, ids []delivery.UUID) (gone []delivery.UUID, err error) {
	if len(ids) == 0 {
		return nil, nil
	}
	bins, err := t.ShareBins(ctx, community, ids)
	for _, b := range bins {
		if b.Archived() {
			gone = append(gone, b.UUID)
		}
	}
	return gone, err
}

// Archived names what is archived of a community's buildings, units, suppliers and the households. Of an archived community all buildings are.
func Archived(ctx context.Context, t *db.Tx, community int32, households []delivery.UUID) (map[delivery.UUID]bool, error) {
	estate, err := t.LockCommunity(ctx, community, false)
	if err != nil {
		return nil, err
	}
	buildings, err := t.Buildings().All(ctx, community)
	if err != nil {
		return nil, err
	}
	units, err := t.Units().All(ctx, community)
	if err != nil {
		return nil, err
	}
	suppliers, err := t.Suppliers().All(ctx, community)
	if err != nil {
		return nil, err
	}
	homes, err := t.HouseholdsOf(ctx, community, households, nil)
	if err != nil {
		return nil, err
	}
	gone := map[delivery.UUID]bool{}
	for _, r := range buildings {
		gone[r.UUID] = r.ArchivedAt != nil || estate.Archived()
	}
	for _, r := range units {
		gone[r.UUID] = r.ArchivedAt != nil
	}
	for _, r := range suppliers {
		gone[r.UUID] = r.ArchivedAt != nil
	}
	for _, r := range homes {
		gone[r.UUID] = r.ArchivedAt != nil
	}
	return gone, nil
}
