package gate

import (
	"context"
	"errors"
	"slices"
	"time"

	"baogong/db"
	"baogong/delivery"
	"baogong/dispatch"
)

// CloseStrays closes strays: each is matched to an order, given to a household as an order of its own, returned or disposed of.
func (v *Verbs) CloseStrays(ctx context.Context, a delivery.Actor, in CloseStraysInput) (*StraysPayload, error) {
	community, bad := dispatch.CheckIDs(dispatch.IDs(in.Strays, func(s *CloseStrayInput) delivery.ID { return s.StrayID }), "strays", "strayId", delivery.KindStray)
	c := dispatch.Call{Actor: a, Mutation: "closeStrays", Community: community, ID: in.ClientMutationID, Input: in}
	return dispatch.Run(ctx, v.Engine, c, func(t *db.Tx, at time.Time, out *StraysPayload) (bool, error) {
		refusal := bad
		if refusal == nil {
			refusal = mayWork(a, community, "strays")
		}
		if refusal != nil {
			return false, refusal
		}
		n := &closing{actor: a, at: at, community: community, in: in.Strays, brought: &brought{}, extra: map[delivery.UUID]int{}}
		if err := n.lock(ctx, t); err != nil {
			return false, err
		}
		refused := n.judge(out)
		if in.Atomic && refused {
			dispatch.Undo(out.Results, "strays")
			return false, nil
		}
		if len(n.accepted) == 0 {
			return false, nil
		}
		if err := t.Decided(); err != nil {
			return false, err
		}
		return true, n.save(ctx, t)
	})
}

// closing holds the strays of a call with the locked rows on which they are judged.
type closing struct {
	*brought
	actor     delivery.Actor
	at        time.Time
	community int32
	in        []*CloseStrayInput

	named    []delivery.UUID   // the order of each item, "" if it names none
	refused  []*delivery.Error // why an item is refused before it is judged
	strays   map[delivery.UUID]*delivery.Stray
	orders   map[delivery.UUID]*delivery.OrderSnapshot
	open     map[delivery.UUID]int64               // open arrivals of the orders
	arrivals map[delivery.UUID]*delivery.Arrival   // in which the strays were found
	settles  map[delivery.UUID]time.Time           // until when the goods of the arrivals are held
	holds    []*delivery.Hold                      // on orders whose late bags settle
	homes    map[delivery.UUID]*delivery.Household // that get an order of their own
	gone     map[delivery.UUID]bool                // archived places and suppliers
	sellers  map[delivery.UUID]*delivery.Supplier  // by id
	held     map[delivery.UUID]int                 // open holds on the homes, their buildings and the suppliers
	next     int64                                 // the next order number
	left     int                                   // how many numbers are drawn
	extra    map[delivery.UUID]int                 // bags that the items add to an order
	accepted []ending
}

// errMoreOrders ends a transaction that drew too few numbers for new orders, because an order became final meanwhile.
var errMoreOrders = dispatch.MarkRetryable(errors.New("an order became final meanwhile"))

// lock locks and reads, in the order of decision 2: the counter of order numbers, the community, buildings, strays, orders.
func (n *closing) lock(ctx context.Context, t *db.Tx) (err error) {
	if n.named, n.refused, err = ordersNamed(ctx, t, n.community, n.in, func(s *CloseStrayInput) (*delivery.ID, *string) {
		if s.OrderID == nil && s.Label == nil {
			return &delivery.ID{Kind: delivery.KindOrder, Community: n.community}, nil
		}
		return s.OrderID, s.Label
	}); err != nil {
		return err
	}
	ids := slices.DeleteFunc(slices.Clone(n.named), func(id delivery.UUID) bool { return id == "" })
	if err := n.prepareOrders(ctx, t, ids); err != nil {
		return err
	}
	strays, err := t.LockStrays(ctx, n.actor.Scope(), n.community, dispatch.UUIDs(dispatch.IDs(n.in, func(s *CloseStrayInput) delivery.ID { return s.StrayID })))
	if err != nil {
		return err
	}
	n.strays, n.arrivals = dispatch.ByUUID(strays), map[delivery.UUID]*delivery.Arrival{}
	var found []delivery.UUID
	for _, s := range strays {
		if s.ArrivalUUID != nil {
			found = append(found, *s.ArrivalUUID)
		}
	}
	if len(found) > 0 { // their suppliers never change
		arrivals, err := t.ReadArrivals(ctx, n.community, found)
		if err != nil {
			return err
		}
		n.arrivals = dispatch.ByUUID(arrivals)
		if n.settles, err = t.SettlingUntil(ctx, n.community, found); err != nil {
			return err
		}
	}
	if n.orders, err = lockOrders(ctx, t, n.actor, n.community, ids); err != nil {
		return err
	}
	n.open, err = t.OpenArrivalsOf(ctx, n.community, ids)
	return err
}

// prepareOrders draws the numbers of new orders, and locks and reads what they build on.
func (n *closing) prepareOrders(ctx context.Context, t *db.Tx, named []delivery.UUID) error {
	homes, err := t.HouseholdsOfFinal(ctx, n.community, named)
	if err != nil {
		return err
	}
	n.left = len(homes)
	for _, item := range n.in {
		if item.HouseholdID != nil && item.HouseholdID.Kind == delivery.KindHousehold {
			homes = append(homes, item.HouseholdID.UUID)
			n.left++
		}
	}
	if n.left > 0 {
		if n.next, err = t.NextOrderNumbers(ctx, n.community, n.left); err != nil {
			return err
		}
	}
	if _, err := t.LockCommunity(ctx, n.community, false); err != nil {
		return err
	}
	if n.left == 0 {
		return nil
	}
	households, err := t.HouseholdsOf(ctx, n.community, homes, nil)
	if err != nil {
		return err
	}
	n.homes = dispatch.ByUUID(households)
	if n.gone, err = dispatch.Archived(ctx, t, n.community, homes); err != nil {
		return err
	}
	suppliers, err := t.Suppliers().All(ctx, n.community)
	if err != nil {
		return err
	}
	n.sellers = dispatch.ByUUID(suppliers)
	var buildings []delivery.UUID
	for _, h := range households {
		buildings = append(buildings, h.BuildingUUID)
	}
	slices.Sort(buildings)
	buildings = slices.Compact(buildings)
	if _, err := t.LockBuildings(ctx, n.community, buildings); err != nil {
		return err
	}
	on := db.HoldSubjects{Buildings: buildings, Households: homes}
	for _, s := range suppliers {
		on.Suppliers = append(on.Suppliers, s.UUID)
	}
	n.held, err = t.CountHolds(ctx, n.community, on)
	return err
}

// save closes the accepted strays, counts their bags in, and appends what happened.
func (n *closing) save(ctx context.Context, t *db.Tx) error {
	orders := make([]*delivery.OrderSnapshot, 0, len(n.orders))
	for _, id := range sortedKeys(n.orders) {
		orders = append(orders, n.orders[id])
	}
	s, err := dispatch.SurroundingsOf(ctx, t, n.community, orders)
	if err != nil {
		return err
	}
	var events []*delivery.Event
	var closed []*delivery.Stray
	var fresh []*delivery.Order
	var lines []*delivery.Line
	byState := map[delivery.StrayState][]delivery.UUID{}
	for _, x := range n.accepted {
		var order *delivery.UUID
		switch {
		case x.state != delivery.StrayMatched:
		case x.order != nil && !x.order.Stage.Final():
			o, err := n.match(x, s)
			if err != nil {
				return err
			}
			order = &o.UUID
		default:
			o, line, err := n.follow(x, s)
			if err != nil {
				return err
			}
			fresh, lines, order = append(fresh, o), append(lines, line), &o.UUID
		}
		events = append(events, x.stray.Close(n.actor, x.state, order, n.at))
		closed = append(closed, x.stray)
		byState[x.state] = append(byState[x.state], x.stray.UUID)
	}
	if err := t.InsertOrders(ctx, fresh, lines); err != nil {
		return err
	}
	if n.left > 0 { // an item that would have needed a number was refused
		if err := t.ReturnOrderNumbers(ctx, n.community, n.left); err != nil {
			return err
		}
	}
	if len(n.holds) > 0 {
		if err := t.InsertHolds(ctx, n.holds); err != nil {
			return err
		}
	}
	if err := t.SaveStrays(ctx, n.community, closed); err != nil {
		return err
	}
	for _, state := range delivery.StrayStates {
		resolved, err := dispatch.ResolveIncidents(ctx, t, n.actor, n.at, n.community, state.Resolution(), byState[state], delivery.IncidentStray)
		if err != nil {
			return err
		}
		events = append(events, resolved...)
	}
	if err := n.stillMissing(ctx, t); err != nil {
		return err
	}
	trouble, _, err := n.trouble(ctx, t, n.actor, n.community, n.at)
	if err != nil {
		return err
	}
	return dispatch.Record(ctx, t, n.community, slices.Concat(n.events, events, trouble))
}

// stillMissing notes how many bags are missing of the orders that got one. The rest of an order may come with an arrival that is not counted
// yet: then they are missing only if an earlier arrival was to bring them.
func (n *closing) stillMissing(ctx context.Context, t *db.Tx) error {
	var waiting []delivery.UUID
	for _, id := range sortedKeys(n.orders) {
		o := n.orders[id]
		if !slices.ContainsFunc(n.accepted, func(x ending) bool { return x.home == nil && x.order != nil && x.order.UUID == id }) {
			continue
		}
		if _, more := n.open[id]; more && o.BagsIn < o.Bags() {
			waiting = append(waiting, id)
			continue
		}
		n.missing(o)
	}
	came, err := t.OrdersReceived(ctx, n.community, waiting)
	if err != nil {
		return err
	}
	for _, id := range came {
		n.missing(n.orders[id])
	}
	return nil
}

// match counts one bag of the order in.
func (n *closing) match(x ending, s *dispatch.Surroundings) (*delivery.OrderSnapshot, error) {
	next, moved, _, err := n.countIn(n.actor, n.orders[x.order.UUID], 1, x.stray.ArrivalUUID, s, n.at)
	if err != nil {
		return nil, err
	}
	if moved {
		next = n.settle(x.stray, next)
	}
	n.orders[next.UUID] = next
	return next, nil
}

// settle holds an order that moves to the gate as long as the goods of the arrival in which its bag was found.
func (n *closing) settle(s *delivery.Stray, o *delivery.OrderSnapshot) *delivery.OrderSnapshot {
	if s.ArrivalUUID == nil || !n.settles[*s.ArrivalUUID].After(n.at) {
		return o
	}
	h := newHold(n.actor, o.CommunityID, n.settles[*s.ArrivalUUID], n.at)
	h.OrderUUID = &o.UUID
	n.holds = append(n.holds, h)
	e := o.StartHold(n.actor, h, n.at)
	n.events = append(n.events, e)
	return e.Order
}

// follow makes an order of one bag, which is at the gate unless a hold on its building, household or supplier keeps it.
func (n *closing) follow(x ending, s *dispatch.Surroundings) (*delivery.Order, *delivery.Line, error) {
	if x.home == nil || n.left == 0 {
		return nil, nil, errMoreOrders
	}
	o := &delivery.Order{}
	o.CommunityID, o.UUID, o.Number = n.community, dispatch.NewUUID(), n.next
	o.BuildingUUID, o.UnitUUID, o.HouseholdUUID = x.home.BuildingUUID, x.home.UnitUUID, x.home.UUID
	o.SupplierUUID, o.Channel, o.OpenHolds = x.from, x.by, n.held[x.home.BuildingUUID]+n.held[x.home.UUID]
	if x.from != nil {
		o.OpenHolds += n.held[*x.from]
	}
	if x.order != nil {
		o.Marks, o.TakerUUID = x.order.Marks, x.order.TakerUUID
	}
	n.next, n.left = n.next+1, n.left-1
	placed := o.Place(n.actor, n.at, s.Roster)
	n.events = append(n.events, placed)
	o.OrderSnapshot = *placed.Order
	next, moved, _, err := n.countIn(n.actor, placed.Order, 1, x.stray.ArrivalUUID, s, n.at)
	if err != nil {
		return nil, nil, err
	}
	if moved {
		n.settle(x.stray, next)
	}
	return o, &delivery.Line{CommunityID: n.community, UUID: dispatch.NewUUID(), OrderUUID: o.UUID, Position: 1, Item: x.stray.Goods(), Quantity: 1000, Unit: "件"}, nil
}
