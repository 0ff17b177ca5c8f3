package intake

import (
	"context"
	"maps"
	"slices"
	"strings"
	"time"

	"baogong/db"
	"baogong/delivery"
	"baogong/dispatch"
)

// batch is rows that are placed, changed or left as they are in one transaction.
type batch struct {
	actor delivery.Actor
	imp   *delivery.Import
	at    time.Time
	items []*judged

	settled bool // a person decides the rows

	kind   delivery.SupplierKind
	stock  *delivery.WindowStock             // of the import's window; nil without one
	goods  map[string]delivery.UUID          // packages on offer there, by the normal form of their codes and names; "" for several
	others map[delivery.UUID]*delivery.Order // orders of the homes in the window
	homes  map[delivery.UUID]*delivery.Household
	gone   map[delivery.UUID]bool // archived places and suppliers
	held   map[delivery.UUID]int  // open holds on the homes, their buildings and the supplier
	known  map[*judged]*delivery.Order
	was    map[delivery.UUID][]*delivery.Line // lines of known orders
	roster *delivery.Roster
	next   int64 // the next order number
	left   int   // how many numbers are drawn and not used

	orders    []*delivery.Order
	lines     []*delivery.Line
	amended   []amended
	cancelled int // orders that the same transaction cancels
	events    []*delivery.Event
}

// amended is a known order with its new lines.
type amended struct {
	order *delivery.Order
	lines []*delivery.Line
}

// pending returns the items whose outcome depends on the orders that are there.
func (b *batch) pending() []*judged {
	return slices.DeleteFunc(slices.Clone(b.items), func(x *judged) bool { return x.row.Outcome != "" })
}

// judge locks what the rows build on, in the order of decision 2, and gives each row its outcome. It fails with ARCHIVED or PURGED if the
// community or the supplier takes no orders any more. A look locks nothing.
func (b *batch) judge(ctx context.Context, t *db.Tx) error {
	pending := b.pending()
	if err := b.lock(ctx, t, pending); err != nil {
		return err
	}
	pending = slices.DeleteFunc(pending, func(x *judged) bool { return !b.fill(x) })
	if err := b.find(ctx, t, pending); err != nil {
		return err
	}
	fresh := map[string]bool{}
	for _, x := range pending {
		key := delivery.Key(x.row.Number)
		if key != "" && fresh[key] {
			x.decide(delivery.RowInReview, "SAME_ROW_AGAIN", nil)
			continue
		}
		b.decide(x)
		if x.row.Outcome == delivery.RowPlaced && key != "" {
			fresh[key] = true
		}
	}
	return nil
}

func (b *batch) lock(ctx context.Context, t *db.Tx, pending []*judged) (err error) {
	if err := b.lockStock(ctx, t, pending); err != nil {
		return err
	}
	if b.left = len(pending); b.left > 0 {
		if b.next, err = t.NextOrderNumbers(ctx, b.imp.CommunityID, b.left); err != nil {
			return err
		}
	}
	community, err := t.LockCommunity(ctx, b.imp.CommunityID, false)
	switch {
	case err != nil:
		return err
	case community.Purged():
		return delivery.Refuse(dispatch.ReasonPurged)
	}
	var homes []delivery.UUID
	for _, x := range pending {
		homes = append(homes, *x.row.HouseholdUUID)
	}
	households, err := t.HouseholdsOf(ctx, b.imp.CommunityID, homes, nil)
	if err != nil {
		return err
	}
	b.homes = dispatch.ByUUID(households)
	if b.gone, err = dispatch.Archived(ctx, t, b.imp.CommunityID, homes); err != nil {
		return err
	}
	suppliers, err := t.Suppliers().All(ctx, b.imp.CommunityID)
	if err != nil {
		return err
	}
	supplier := dispatch.ByUUID(suppliers)[b.imp.SupplierUUID]
	switch {
	case supplier == nil:
		return delivery.Refuse(delivery.ReasonNoSuch, delivery.KindSupplier.String())
	case community.ArchivedAt != nil || supplier.ArchivedAt != nil:
		return delivery.Refuse(dispatch.ReasonArchived)
	}
	b.kind = supplier.Kind
	on := db.HoldSubjects{Households: homes, Suppliers: []delivery.UUID{supplier.UUID}}
	for _, h := range households {
		on.Buildings = append(on.Buildings, h.BuildingUUID)
	}
	slices.Sort(on.Buildings)
	on.Buildings = slices.Compact(on.Buildings)
	if _, err := t.LockBuildings(ctx, b.imp.CommunityID, on.Buildings); err != nil {
		return err
	}
	b.held, err = t.CountHolds(ctx, b.imp.CommunityID, on)
	return err
}

// lockStock locks the stock of the import's window. It fails with a refusal once the window is decided, if there are rows to place. Rows of an import that began while it
// was open are placed also after it has closed.
func (b *batch) lockStock(ctx context.Context, t *db.Tx, pending []*judged) error {
	if b.imp.WindowUUID == nil {
		return nil
	}
	var homes []delivery.UUID
	for _, x := range pending {
		homes = append(homes, *x.row.HouseholdUUID)
	}
	slices.Sort(homes)
	homes = slices.Compact(homes)
	stock, err := dispatch.LockStock(ctx, t, delivery.Scope{Class: delivery.SeesAll, Community: b.imp.CommunityID}, *b.imp.WindowID(), nil, homes)
	if err != nil {
		return err
	}
	if refusal := stock.Window.CheckOpen(b.imp.StartedAt); refusal != nil && len(pending) > 0 {
		return refusal
	}
	packages, err := t.PackagesOf(ctx, b.imp.CommunityID, b.imp.SupplierUUID)
	if err != nil {
		return err
	}
	b.stock, b.goods = stock, map[string]delivery.UUID{}
	for _, p := range packages {
		if stock.Has(p.UUID) {
			b.called(delivery.Key(p.Code), p.UUID)
			b.called(delivery.Key(p.Name), p.UUID)
		}
	}
	if !b.settled {
		b.others, err = t.OrdersInWindow(ctx, b.imp.CommunityID, *b.imp.WindowUUID, homes)
	}
	return err
}

// called notes what a package is called. What several are called means none of them.
func (b *batch) called(key string, pack delivery.UUID) {
	if other, taken := b.goods[key]; taken && other != pack {
		pack = ""
	}
	b.goods[key] = pack
}

// fill gives the lines of a row in a window their packages. It reports false if the row is decided, because one is not on offer.
func (b *batch) fill(x *judged) bool {
	if b.stock == nil || x.cancel {
		return true
	}
	var marks []delivery.Mark
	for k, l := range x.lines {
		pack, known := b.goods[delivery.Key(l.Item)]
		if !known {
			x.decide(delivery.RowInReview, delivery.ReasonNotOnOffer.String(), nil)
			return false
		}
		if pack == "" {
			x.decide(delivery.RowInReview, reasonSeveral, nil)
			return false
		}
		line := *l // another try of the transaction must not see it
		line.PackageUUID = &pack
		of, refusal := b.stock.Fill(&line)
		if refusal != nil {
			x.decide(delivery.RowInReview, refusal.Reason.String(), nil)
			return false
		}
		marks = append(marks, of...)
		if k == 0 {
			x.lines = slices.Clone(x.lines)
		}
		x.lines[k] = &line
	}
	x.marks = delivery.NewMarks(marks)
	return true
}

// find reads the orders that the rows may be, and locks those that they would change. The counter of order numbers is locked, so no one else
// places an order meanwhile.
func (b *batch) find(ctx context.Context, t *db.Tx, pending []*judged) error {
	var numbers, keys []string
	for _, x := range pending {
		if x.row.Number != "" {
			numbers = append(numbers, delivery.Key(x.row.Number))
		} else {
			keys = append(keys, x.row.Key)
		}
	}
	byNumber, err := t.OrdersByOwnNumber(ctx, b.imp.CommunityID, b.imp.SupplierUUID, numbers)
	if err != nil {
		return err
	}
	byKey, err := t.OrdersByRowKey(ctx, b.imp.CommunityID, keys)
	if err != nil {
		return err
	}
	b.known = map[*judged]*delivery.Order{}
	var ids []delivery.UUID
	for _, x := range pending {
		o := byNumber[delivery.Key(x.row.Number)]
		if x.row.Number == "" {
			o = byKey[x.row.Key]
		}
		if o != nil {
			b.known[x] = o
			ids = append(ids, o.UUID)
		}
	}
	if b.was, err = t.LinesByOrder(ctx, b.imp.CommunityID, ids); err != nil {
		return err
	}
	var change []delivery.UUID
	for x, o := range b.known {
		if !b.same(x, o) {
			change = append(change, o.UUID)
		}
	}
	if len(change) == 0 {
		return nil
	}
	slices.Sort(change)
	locked, err := t.LockOrders(ctx, delivery.Scope{Class: delivery.SeesAll, Community: b.imp.CommunityID}, b.imp.CommunityID, change, nil)
	if err != nil {
		return err
	}
	now := dispatch.ByUUID(locked)
	for x, o := range b.known {
		if fresh := now[o.UUID]; fresh != nil {
			b.known[x] = fresh
		}
	}
	again, err := t.LinesByOrder(ctx, b.imp.CommunityID, change)
	maps.Copy(b.was, again)
	return err
}

// same reports whether the order is as the row says.
func (b *batch) same(x *judged, o *delivery.Order) bool {
	return !x.cancel && delivery.SameGoods(b.was[o.UUID], x.lines) && delivery.Trimmed(o.Note) == x.note
}

// decide gives a row its outcome.
func (b *batch) decide(x *judged) {
	o, home := b.known[x], b.homes[*x.row.HouseholdUUID]
	switch {
	case home == nil || b.gone[home.UUID] || b.gone[home.UnitUUID] || b.gone[home.BuildingUUID]:
		x.decide(delivery.RowInReview, reasonDoorGone, nil)
	case o == nil && x.cancel:
		x.decide(delivery.RowInReview, reasonNotThere, nil)
	case o == nil && x.row.Number == "" && b.others[home.UUID] != nil && !strings.Contains(x.row.Key, "#"):
		x.decide(delivery.RowInReview, reasonOrdered, &b.others[home.UUID].UUID)
	case o == nil:
		b.place(x, home)
	case o.HouseholdUUID != home.UUID:
		x.decide(delivery.RowInReview, reasonOtherDoor, &o.UUID)
	case (o.WindowUUID == nil) != (b.imp.WindowUUID == nil) || o.WindowUUID != nil && *o.WindowUUID != *b.imp.WindowUUID:
		x.decide(delivery.RowInReview, reasonOtherWindow, &o.UUID)
	case b.same(x, o), x.cancel && o.Stage == delivery.Cancelled:
		x.decide(delivery.RowUnchanged, "", &o.UUID)
	case x.cancel:
		x.decide(delivery.RowInReview, reasonTakenBack, &o.UUID)
	case o.Stage == delivery.Cancelled:
		x.decide(delivery.RowInReview, reasonCancelled, &o.UUID)
	case o.Stage != delivery.Placed:
		x.decide(delivery.RowInReview, reasonMovedOn, &o.UUID)
	default:
		b.change(x, o)
	}
}

// place makes the order of a row.
func (b *batch) place(x *judged, home *delivery.Household) {
	o := &delivery.Order{Note: x.note, ExternalNumber: x.row.Number, Address: home.Address, Phone: home.Phone}
	o.CommunityID, o.UUID, o.Number = b.imp.CommunityID, dispatch.NewUUID(), b.next
	o.BuildingUUID, o.UnitUUID, o.HouseholdUUID = home.BuildingUUID, home.UnitUUID, home.UUID
	supplier := b.imp.SupplierUUID
	o.SupplierUUID, o.Channel = &supplier, b.imp.Kind.Channel(b.kind)
	o.WindowUUID, o.Marks = b.imp.WindowUUID, x.marks
	if b.stock != nil {
		if refusal := b.stock.Take(delivery.Taking{Household: home.UUID, Channel: o.Channel, Lines: x.lines}, b.at); refusal != nil {
			x.decide(delivery.RowInReview, refusal.Reason.String(), nil)
			return
		}
	}
	o.OpenHolds = b.held[home.BuildingUUID] + b.held[home.UUID] + b.held[supplier]
	b.next, b.left = b.next+1, b.left-1
	b.orders = append(b.orders, o)
	b.lines = append(b.lines, b.ofOrder(x, o)...)
	x.decide(delivery.RowPlaced, "", &o.UUID)
}

// ofOrder returns the lines of a row as those of an order, and gives the order their total.
func (b *batch) ofOrder(x *judged, o *delivery.Order) []*delivery.Line {
	out := make([]*delivery.Line, len(x.lines))
	o.TotalFen = 0
	for k, l := range x.lines {
		line := *l
		line.UUID, line.OrderUUID = dispatch.NewUUID(), o.UUID
		out[k] = &line
		o.TotalFen += line.TotalFen()
	}
	return out
}

// change amends a known order, which is locked.
func (b *batch) change(x *judged, o *delivery.Order) {
	next := *o
	lines := b.ofOrder(x, &next)
	e, refusal := o.AmendByImport(b.actor, next.TotalFen, len(lines), x.marks, b.at)
	if refusal != nil {
		x.decide(delivery.RowInReview, reasonMovedOn, &o.UUID)
		return
	}
	if b.stock != nil {
		was := delivery.Taking{Household: o.HouseholdUUID, Channel: o.Channel, Lines: b.was[o.UUID]}
		now := delivery.Taking{Household: o.HouseholdUUID, Channel: o.Channel, Lines: lines}
		if refusal := b.stock.Swap(was, now, b.at); refusal != nil {
			x.decide(delivery.RowInReview, refusal.Reason.String(), &o.UUID)
			return
		}
	}
	next.OrderSnapshot, next.Note = *e.Order, x.note
	b.amended, b.events = append(b.amended, amended{&next, lines}), append(b.events, e)
	x.decide(delivery.RowChanged, "", &o.UUID)
}

// spend notes the quotas that the rows use.
func (b *batch) spend(t *db.Tx) {
	t.Spend(delivery.QuotaOrders, len(b.orders))
	t.Spend(delivery.QuotaLines, len(b.lines))
	text := 0
	for _, o := range b.orders {
		text += len(o.Note) + len(o.ExternalNumber)
	}
	for _, l := range b.lines {
		text += len(l.Item) + len(l.Unit)
	}
	for _, c := range b.amended {
		t.Spend(delivery.QuotaLines, len(c.lines))
		text += len(c.order.Note)
	}
	t.Spend(delivery.QuotaText, text)
}

// save inserts the orders and gives their events. Append them with the other events of the transaction, last.
func (b *batch) save(ctx context.Context, t *db.Tx) (events []*delivery.Event, err error) {
	if b.left > 0 {
		if err := t.ReturnOrderNumbers(ctx, b.imp.CommunityID, b.left); err != nil {
			return nil, err
		}
	}
	for _, c := range b.amended {
		if err := t.SaveAmendment(ctx, c.order, c.lines); err != nil {
			return nil, err
		}
	}
	if len(b.orders) > 0 {
		if b.roster, err = t.Roster(ctx, b.imp.CommunityID); err != nil {
			return nil, err
		}
	}
	for _, o := range b.orders {
		e := o.Place(b.actor, b.at, b.roster)
		o.OrderSnapshot = *e.Order
		b.events = append(b.events, e)
	}
	if err := t.InsertOrders(ctx, b.orders, b.lines); err != nil || b.stock == nil {
		return b.events, err
	}
	if err := dispatch.SaveStock(ctx, t, b.stock); err != nil {
		return nil, err
	}
	b.stock.Window.Orders -= b.cancelled // as the trigger will have it
	if e := b.stock.Event(b.actor, b.at); e != nil {
		b.events = append(b.events, e)
	}
	return b.events, nil
}
