package dispatch

import (
	"context"
	"errors"
	"slices"
	"time"

	"baogong/db"
	"baogong/delivery"
)

// OrderSteps is orders to change in one transaction, each by a step. Verbs of several areas share it. Make one for a call, and
// call Judge and Record of what it returns in the closure of Run.
type OrderSteps struct {
	Call
	IDs     []delivery.ID   // of the orders, in the order of the results
	Numbers []int64         // of the same items; nil, or 0 where IDs names the order
	Undo    bool            // the steps need the orders' last events, and their buildings' holds
	Cancels bool            // the steps may cancel orders, which gives back what they took from their windows
	Windows []delivery.UUID // of orders that may be cancelled, if known; else the look finds them
	// Step judges the item at index i and returns the event to record, or a refusal. It returns neither if the order is already as
	// requested.
	Step func(i int, o *delivery.OrderSnapshot, at time.Time, s *Surroundings) (*delivery.Event, *delivery.Error)

	// State between runs. Each run sets read; changed stays.
	read    *delivery.Order // the only order, as the look read it; nil: the orders are to be locked
	windows []delivery.UUID // whose offers the steps change, as the look found
	changed bool            // an attempt without a lock found that the order or the team had changed
}

// Judged is the verdicts on the items of OrderSteps in one run.
type Judged struct {
	Verdicts []StepVerdict // in the order given

	steps  *OrderSteps
	roster *delivery.Roster
	stocks map[delivery.UUID]*delivery.WindowStock // by window
	given  map[delivery.UUID]bool                  // orders that have given back
	at     time.Time
}

// StepVerdict is the verdict on one item.
type StepVerdict struct {
	Order   *delivery.Order // as it was; nil if there is none in sight
	Event   *delivery.Event // to be recorded; nil if it was refused or nothing changes
	Refusal *delivery.Error
}

// errChanged ends a transaction that moved an order by what it had read without a lock, because that has changed. The
// next attempt locks.
var errChanged = MarkRetryable(errors.New("the order or the team has changed"))

// Check refuses a list of ids that is empty, too long, of another kind or community, or names one twice. It sets the call's
// community. list and field say where the ids stand in the input.
func (b *OrderSteps) Check(list, field string) *delivery.Error {
	community, refusal := CheckIDs(b.IDs, list, field, delivery.KindOrder)
	b.Community = community
	return refusal
}

// Judge locks the orders that the actor sees, and judges each item. Items that name the same order share the first one's
// verdict. now is asked after the orders are locked: others may have moved them while we waited.
func (b *OrderSteps) Judge(ctx context.Context, t *db.Tx, now func() time.Time) (*Judged, error) {
	orders, s, err := b.lock(ctx, t)
	if err != nil {
		return nil, err
	}
	byNumber := map[int64]*delivery.Order{}
	if b.Numbers != nil {
		for _, o := range orders {
			byNumber[o.Number] = o
		}
	}
	at := now()
	out := &Judged{steps: b, roster: s.Roster, stocks: s.stocks, given: map[delivery.UUID]bool{}, at: at, Verdicts: make([]StepVerdict, max(len(b.IDs), len(b.Numbers)))}
	first := make(map[delivery.UUID]int, len(out.Verdicts))
	for i := range out.Verdicts {
		var o *delivery.Order
		if b.Numbers != nil && b.Numbers[i] != 0 {
			o = byNumber[b.Numbers[i]]
		} else {
			o = orders[b.IDs[i].UUID]
		}
		v := &out.Verdicts[i]
		if v.Order = o; o == nil {
			v.Refusal = delivery.Refuse(delivery.ReasonNoSuch, delivery.KindOrder.String())
			continue
		}
		if before, again := first[o.UUID]; again {
			*v = out.Verdicts[before]
			continue
		}
		first[o.UUID] = i
		v.Event, v.Refusal = b.Step(i, &o.OrderSnapshot, at, s)
		if t.Looking() && v.Refusal != nil && v.Refusal.Reason == delivery.ReasonProofNeeded { // a look has no roster, and so not what is accepted
			if s.Roster, err = t.Roster(ctx, b.Community); err != nil {
				return nil, err
			}
			v.Event, v.Refusal = b.Step(i, &o.OrderSnapshot, at, s)
		}
	}
	if b.read != nil && !t.Looking() && out.Refused() { // by what was known of the team and the community, which may be outdated
		return out, b.checkRoster(ctx, t, s.Roster)
	}
	return out, nil
}

// checkRoster fails with errChanged if the roster has changed since it was read.
func (b *OrderSteps) checkRoster(ctx context.Context, t *db.Tx, read *delivery.Roster) error {
	now, err := t.Roster(ctx, b.Community)
	if err == nil && now != read {
		b.changed = true
		err = errChanged
	}
	return err
}

// Refused reports whether an item was refused.
func (j *Judged) Refused() bool {
	for _, v := range j.Verdicts {
		if v.Refusal != nil {
			return true
		}
	}
	return false
}

// Record saves and appends the events of the items that were not refused, and then further ones. It reports whether there are any.
func (j *Judged) Record(ctx context.Context, t *db.Tx, further ...*delivery.Event) (bool, error) {
	b := j.steps
	var events []*delivery.Event
	recorded := map[*delivery.Event]bool{}
	for _, v := range j.Verdicts {
		if v.Event != nil && !recorded[v.Event] {
			recorded[v.Event] = true
			events = append(events, v.Event)
		}
	}
	if len(j.stocks) > 0 {
		further = append(j.stockEvents(), further...)
	}
	if b.read != nil && len(events) == 1 {
		return true, b.recordUnlocked(ctx, t, events[0], j.roster, further)
	}
	events = append(events, further...)
	return len(events) > 0, Record(ctx, t, b.Community, events)
}

// recordUnlocked saves one order's event and appends it, if neither the order nor the team has changed since they were read.
// The update locks the order, and the statement after it reads the roster, so it is the one of that moment (docs/decisions/0002).
func (b *OrderSteps) recordUnlocked(ctx context.Context, t *db.Tx, e *delivery.Event, read *delivery.Roster, further []*delivery.Event) error {
	same, err := t.SaveOrderIfUnchanged(ctx, b.Community, savedBy(e))
	if err != nil {
		return err
	}
	if same {
		events := []*delivery.Event{e}
		resolved, err := resolveLate(ctx, t, b.Community, events)
		if err != nil {
			return err
		}
		if same, err = t.AppendIfKnown(ctx, b.Community, slices.Concat(events, resolved, further), read); err != nil {
			return err
		}
	}
	if !same {
		b.changed = true
		return errChanged
	}
	return nil
}

// lock locks the orders that the actor sees and reads their surroundings. A single order that goes on is not locked
// but taken as the look read it: to lock it would cost a round trip and a write, and recordUnlocked finds any change.
func (b *OrderSteps) lock(ctx context.Context, t *db.Tx) (map[delivery.UUID]*delivery.Order, *Surroundings, error) {
	var buildings, windows []delivery.UUID
	undoes := b.Undo && !t.Looking() && b.Actor.Scope().SeesCommunity(b.Community)
	var err error
	switch {
	case undoes:
		if buildings, windows, err = t.PlacesOfOrders(ctx, b.Actor.Scope(), b.Community, UUIDs(b.IDs)); err != nil {
			return nil, nil, err
		}
	case !t.Looking():
		windows = slices.Concat(b.Windows, b.windows)
	}
	stocks, err := lockStocks(ctx, t, b.Actor.Scope(), b.Community, windows)
	if err != nil {
		return nil, nil, err
	}
	if b.read != nil && !t.Looking() {
		if roster := t.KnownRoster(b.Community); roster != nil {
			return map[delivery.UUID]*delivery.Order{b.read.UUID: b.read}, &Surroundings{Roster: roster, stocks: stocks}, nil
		}
		b.read = nil
	}
	var runs []*delivery.Run
	if undoes {
		if runs, err = b.lockPlaces(ctx, t, buildings); err != nil {
			return nil, nil, err
		}
	}
	orders, err := b.lockOrders(ctx, t)
	if err != nil {
		return nil, nil, err
	}
	b.read = nil
	if t.Looking() {
		b.windows = b.stocksOf(orders)
		if stocks, err = lockStocks(ctx, t, b.Actor.Scope(), b.Community, b.windows); err != nil {
			return nil, nil, err
		}
	}
	if t.Looking() && len(b.IDs) == 1 && len(orders) == 1 && orders[0].Channel != delivery.ChannelErrand && !b.Undo && !b.changed { // an errand's documents are judged under its lock
		b.read = orders[0]
	}
	byID := make(map[delivery.UUID]*delivery.Order, len(orders))
	for _, o := range orders {
		byID[o.UUID] = o
	}
	s, err := b.surround(ctx, t, orders, &Surroundings{Last: map[delivery.UUID]*delivery.Event{}, Roster: &delivery.Roster{}, runs: runs, stocks: stocks})
	return byID, s, err
}

// surround reads into s what the orders are judged by.
func (b *OrderSteps) surround(ctx context.Context, t *db.Tx, orders []*delivery.Order, s *Surroundings) (_ *Surroundings, err error) {
	var held, errands []*delivery.OrderSnapshot
	for _, o := range orders {
		if o.Channel == delivery.ChannelErrand {
			errands = append(errands, &o.OrderSnapshot)
		}
		if o.Held() || b.Undo {
			held = append(held, &o.OrderSnapshot)
		}
	}
	if !t.Looking() { // the next holder does not matter to the verdict
		if s.Roster, err = t.Roster(ctx, b.Community); err != nil {
			return nil, err
		}
	}
	if err := s.readHolds(ctx, t, b.Community, held); err != nil {
		return nil, err
	}
	if err := s.readErrands(ctx, t, b.Community, errands); err != nil {
		return nil, err
	}
	if b.Undo {
		if err = b.readPast(ctx, t, orders, s); err == nil {
			err = s.readTakings(ctx, t, b.Community, orders)
		}
	} else if b.Cancels && !t.Looking() && slices.ContainsFunc(b.stocksOf(orders), func(w delivery.UUID) bool { return s.stocks[w] == nil }) {
		err = errChanged
	}
	return s, err
}

// lockPlaces locks the community, the orders' buildings, and the runs that orders could come back to, which it returns, for an
// undo. A change of the team names the holders of open orders again, and of none that is final now.
func (b *OrderSteps) lockPlaces(ctx context.Context, t *db.Tx, buildings []delivery.UUID) ([]*delivery.Run, error) {
	if _, err := t.LockCommunity(ctx, b.Community, false); err != nil && delivery.CodeOf(err) != delivery.CodeNotFound {
		return nil, err // one that is not there has no orders
	}
	if _, err := t.LockBuildings(ctx, b.Community, buildings); err != nil {
		return nil, err
	}
	return t.LockRunsToReturnTo(ctx, b.Actor.Scope(), b.Community, UUIDs(b.IDs))
}

// lockOrders locks the orders that the items name by id or number.
func (b *OrderSteps) lockOrders(ctx context.Context, t *db.Tx) ([]*delivery.Order, error) {
	if b.Numbers == nil {
		return t.LockOrders(ctx, b.Actor.Scope(), b.Community, UUIDs(b.IDs), nil)
	}
	var ids []delivery.UUID
	var numbers []int64
	for i, number := range b.Numbers {
		if number != 0 {
			numbers = append(numbers, number)
		} else {
			ids = append(ids, b.IDs[i].UUID)
		}
	}
	return t.LockOrdersByNumber(ctx, b.Actor.Scope(), b.Community, ids, numbers)
}

// readPast reads the last events of the orders to undo, and what the final ones among them would come back to.
func (b *OrderSteps) readPast(ctx context.Context, t *db.Tx, orders []*delivery.Order, s *Surroundings) error {
	ids := make([]delivery.UUID, len(orders))
	for i, o := range orders {
		ids[i] = o.UUID
	}
	last, err := t.LastEvents(ctx, b.Community, ids)
	if err != nil {
		return err
	}
	var from []delivery.UUID // bins that orders come back to
	for _, e := range last {
		s.Last[*e.OrderUUID] = e
		if bin := e.FromBin(); bin != "" && bin != e.Order.BuildingUUID {
			from = append(from, bin)
		}
	}
	if s.goneBins, err = ArchivedBins(ctx, t, b.Community, from); err != nil {
		return err
	}
	var rounds []delivery.UUID
	for _, e := range last {
		if move := delivery.BodyOf[delivery.MoveBody](e); move != nil && move.FromRound != "" {
			rounds = append(rounds, move.FromRound)
		}
	}
	if s.rounds, err = t.LockRounds(ctx, b.Community, rounds); err != nil {
		return err
	}
	var homes []delivery.UUID
	for _, o := range orders {
		if o.Stage.Final() {
			homes = append(homes, o.HouseholdUUID)
		}
	}
	if len(homes) == 0 {
		return nil
	}
	s.gone, err = Archived(ctx, t, b.Community, homes)
	return err
}
