package dispatch

import (
	"context"
	"errors"
	"slices"
	"time"

	"baogong/db"
	"baogong/delivery"
)

// LockStock locks a window that the scope enters, and its offers of the packages (all, if packages is nil), and reads how much the
// households have ordered there. It locks before the order number, the community and the orders (docs/decisions/0002). It fails with
// NOT_FOUND.
//
// To put many orders into a window, also new and changed ones together: lock the stock once, with all packages and households; call
// Stock.Fill for each line, which gives it its name, unit and price, and then Stock.Take or Stock.Swap for each order in the order of
// the input, each of which refuses the order or counts it; insert the orders that were not refused, with WindowUUID and lines with
// PackageUUID; call SaveStock once; and append Stock.Event beside the orders' events. Stock.Window.CheckOpen says whether the window takes
// orders. Orders that are cancelled, or come back, change the offers by themselves (a trigger); OrderSteps judges them.
func LockStock(ctx context.Context, t *db.Tx, s delivery.Scope, window delivery.ID, packages, households []delivery.UUID) (*delivery.WindowStock, error) {
	stock, err := t.LockStock(ctx, s, window, packages)
	if err != nil {
		return nil, err
	}
	return stock, t.HoldStock(ctx, stock, households)
}

// SaveStock writes what has changed of a locked stock.
func SaveStock(ctx context.Context, t *db.Tx, s *delivery.WindowStock) error {
	return t.SaveStock(ctx, s)
}

// CheckWindow refuses an order while its window takes none. The details of WINDOW_CLOSED name the supplier's next window.
func CheckWindow(ctx context.Context, t *db.Tx, w *delivery.OrderWindow, at time.Time) (*delivery.Error, error) {
	refusal := w.CheckOpen(at)
	if refusal == nil || refusal.Reason != delivery.ReasonWindowClosed {
		return refusal, nil
	}
	next, err := t.NextWindow(ctx, w, at)
	switch {
	case errors.Is(err, db.ErrNoRow):
		return refusal, nil
	case err != nil:
		return nil, err
	}
	refusal.Details.NextWindowID, refusal.Details.OpensAt = new(next.ID()), &next.OpensAt
	return refusal, nil
}

// Packages lists the packages that the lines name, each once, in order. It is not nil.
func Packages(lines []*delivery.Line) []delivery.UUID {
	out := []delivery.UUID{}
	for _, l := range lines {
		if l.PackageUUID != nil {
			out = append(out, *l.PackageUUID)
		}
	}
	slices.Sort(out)
	return slices.Compact(out)
}

// lockStocks locks the stocks of the windows in id order.
func lockStocks(ctx context.Context, t *db.Tx, s delivery.Scope, community int32, windows []delivery.UUID) (map[delivery.UUID]*delivery.WindowStock, error) {
	if len(windows) == 0 {
		return nil, nil //nolint:nilnil // no order is in a window
	}
	out := map[delivery.UUID]*delivery.WindowStock{}
	for _, id := range slices.Compact(slices.Sorted(slices.Values(windows))) {
		stock, err := t.LockStock(ctx, s, delivery.ID{Kind: delivery.KindWindow, Community: community, UUID: id}, nil)
		if err != nil {
			return nil, err
		}
		out[id] = stock
	}
	return out, nil
}

// stocksOf names the windows whose offers the steps change: those of orders that are cancelled, or come back from there.
func (b *OrderSteps) stocksOf(orders []*delivery.Order) (out []delivery.UUID) {
	for _, o := range orders {
		if o.WindowUUID != nil && (b.Cancels && !o.Stage.Final() || b.Undo && o.Stage == delivery.Cancelled) {
			out = append(out, *o.WindowUUID)
		}
	}
	return out
}

// readTakings reads what the cancelled orders would take again from the stocks, and what their households have ordered meanwhile.
func (s *Surroundings) readTakings(ctx context.Context, t *db.Tx, community int32, orders []*delivery.Order) error {
	var ids []delivery.UUID
	homes := map[delivery.UUID][]delivery.UUID{} // by window
	s.takings = map[delivery.UUID]delivery.Taking{}
	for _, o := range orders {
		if o.WindowUUID == nil || o.Stage != delivery.Cancelled {
			continue
		}
		if s.stocks[*o.WindowUUID] == nil { // it was cancelled after the windows were locked
			return errChanged
		}
		ids = append(ids, o.UUID)
		homes[*o.WindowUUID] = append(homes[*o.WindowUUID], o.HouseholdUUID)
		s.takings[o.UUID] = delivery.Taking{Household: o.HouseholdUUID, Channel: o.Channel}
	}
	if len(ids) == 0 {
		return nil
	}
	for id, households := range homes {
		slices.Sort(households)
		if err := t.HoldStock(ctx, s.stocks[id], slices.Compact(households)); err != nil {
			return err
		}
	}
	lines, err := t.LinesOf(ctx, community, ids)
	for _, l := range lines {
		taking := s.takings[l.OrderUUID]
		taking.Lines = append(taking.Lines, l)
		s.takings[l.OrderUUID] = taking
	}
	return err
}

// TakeAgain refuses a cancelled order that comes back into a window which was called off, or which has no longer what the order ordered.
func (s *Surroundings) TakeAgain(o *delivery.OrderSnapshot, at time.Time) *delivery.Error {
	if o.WindowUUID == nil || o.Stage != delivery.Cancelled {
		return nil
	}
	stock := s.stocks[*o.WindowUUID]
	if stock.Window.CalledOff() {
		return delivery.Refuse(delivery.ReasonWindowDecided, delivery.WindowCalledOff).With(o.Where())
	}
	refusal := stock.Take(s.takings[o.UUID], at)
	if refusal != nil {
		refusal.Field = nil // of lines that the call does not name
	}
	return refusal
}

// events returns the events OFFER_CHANGED of the windows whose orders were cancelled or came back.
func (j *Judged) stockEvents() (out []*delivery.Event) {
	for _, v := range j.Verdicts {
		if v.Event == nil || v.Order.WindowUUID == nil || v.Event.Order.Stage != delivery.Cancelled {
			continue
		}
		if stock := j.stocks[*v.Order.WindowUUID]; stock != nil && !j.given[v.Order.UUID] {
			j.given[v.Order.UUID] = true
			stock.Window.Orders--
		}
	}
	ids := make([]delivery.UUID, 0, len(j.stocks))
	for id := range j.stocks {
		ids = append(ids, id)
	}
	slices.Sort(ids)
	for _, id := range ids {
		if e := j.stocks[id].Event(j.steps.Actor, j.at); e != nil {
			out = append(out, e)
		}
	}
	return out
}
