package order

import (
	"context"
	"strconv"
	"time"

	"baogong/db"
	"baogong/delivery"
	"baogong/dispatch"
)

// The refusals of orders in windows.
var (
	reasonNeedsPackage = delivery.NewReason("NEEDS_PACKAGE", delivery.CodeBadUserInput,
		"Name the package: an order in a window is of packages on offer there.",
		"请指明套餐：接单时段内只能订购所列套餐。")
	reasonPackageSays = delivery.NewReason("PACKAGE_SAYS", delivery.CodeBadUserInput,
		"Leave this out: the package says it.",
		"此处请留空，以套餐为准。")
	reasonNeedsWindow = delivery.NewReason("NEEDS_WINDOW", delivery.CodeBadUserInput,
		"Packages are ordered in an order window; name it.",
		"套餐须在接单时段内订购，请指明接单时段。")
	ReasonNotInWindow = delivery.NewReason("NOT_IN_WINDOW", delivery.CodeConflict,
		"This order was not placed in an order window; cancel it and place another one instead.",
		"该订单不属于接单时段，请取消后重新下单。")
	reasonWindowChannel = delivery.NewReason("WINDOW_CHANNEL", delivery.CodeBadUserInput,
		"An order in a window is brought by the supplier, not by a volunteer who shops.",
		"接单时段的订单由供货商配送，不能作为代购或代办。")
	reasonOtherWindow = delivery.NewReason("OTHER_WINDOW", delivery.CodeBadUserInput,
		"This order window is of another supplier.",
		"该接单时段属于另一个供货商。")
)

// checkWindow reads the input's window as far as it can be judged by itself.
func (in *PlaceOrderInput) checkWindow(o *delivery.Order) *delivery.Error {
	if in.WindowID == nil {
		return nil
	}
	if refusal := dispatch.CheckID(*in.WindowID, delivery.KindWindow, o.CommunityID); refusal != nil {
		return refusal.At("windowId")
	}
	if in.Channel.RunByVolunteer() {
		return delivery.Refuse(reasonWindowChannel).At("channel")
	}
	o.WindowUUID = &in.WindowID.UUID
	return nil
}

// readPackage reads the package of a line. The path of a refusal begins at the line.
func (l *LineInput) readPackage(line *delivery.Line) *delivery.Error {
	switch {
	case l.PackageID == nil:
		return delivery.Refuse(reasonNeedsPackage).At("packageId")
	case line.Item != "":
		return delivery.Refuse(reasonPackageSays).At("item")
	case line.Unit != "":
		return delivery.Refuse(reasonPackageSays).At("unit")
	case line.UnitPriceFen != 0:
		return delivery.Refuse(reasonPackageSays).At("unitPriceFen")
	}
	if refusal := dispatch.CheckID(*l.PackageID, delivery.KindPackage, line.CommunityID); refusal != nil {
		return refusal.At("packageId")
	}
	line.PackageUUID = &l.PackageID.UUID
	return nil
}

// checkNoPackage refuses a package in a line of an order without a window.
func (l *LineInput) checkNoPackage() *delivery.Error {
	if l.PackageID != nil {
		return delivery.Refuse(reasonNeedsWindow).At("packageId")
	}
	return nil
}

// enter locks the stock of the order's window, and fills in the supplier and the lines. It returns nil for an order without a window.
func (in *PlaceOrderInput) enter(ctx context.Context, t *db.Tx, a delivery.Actor, o *delivery.Order, lines []*delivery.Line) (*delivery.WindowStock, error) {
	if in.WindowID == nil {
		return nil, nil //nolint:nilnil // the order takes from no stock
	}
	stock, err := dispatch.LockStock(ctx, t, a.Scope(), *in.WindowID, dispatch.Packages(lines), []delivery.UUID{o.HouseholdUUID})
	if err != nil {
		if refusal := delivery.AsError(err); refusal != nil {
			return nil, refusal.At("windowId")
		}
		return nil, err
	}
	if o.SupplierUUID != nil && *o.SupplierUUID != stock.Window.SupplierUUID {
		return nil, delivery.Refuse(reasonOtherWindow).At("windowId")
	}
	o.SupplierUUID = &stock.Window.SupplierUUID
	marks, refusal := fill(stock, lines)
	if refusal == nil {
		o.Marks = delivery.NewMarks(append(marks, o.Marks...))
		refusal = total(&o.OrderSnapshot, lines)
	}
	if refusal != nil {
		return nil, refusal
	}
	return stock, nil
}

// fill fills in the lines from the packages, and returns the marks that those need.
func fill(stock *delivery.WindowStock, lines []*delivery.Line) (delivery.Marks, *delivery.Error) {
	var all []delivery.Mark
	for i, l := range lines {
		marks, refusal := stock.Fill(l)
		if refusal != nil {
			return nil, refusal.At("lines", strconv.Itoa(i), "packageId")
		}
		all = append(all, marks...)
	}
	return delivery.NewMarks(all), nil
}

// take takes what the order orders from the stock.
func take(ctx context.Context, t *db.Tx, stock *delivery.WindowStock, o *delivery.Order, lines []*delivery.Line, at time.Time) (*delivery.Error, error) {
	refusal, err := dispatch.CheckWindow(ctx, t, stock.Window, at)
	switch {
	case err != nil:
		return nil, err
	case refusal != nil:
		return refusal.At("windowId"), nil
	}
	return stock.Take(delivery.Taking{Household: o.HouseholdUUID, Channel: o.Channel, Lines: lines}, at), nil
}

// AmendOrder changes the lines of an order at PLACED while its window is open: for the account that placed it, and its supplier.
func (v *Verbs) AmendOrder(ctx context.Context, a delivery.Actor, in AmendOrderInput) (*AmendOrderPayload, error) {
	c := dispatch.Call{Actor: a, Mutation: "amendOrder", Community: in.OrderID.Community, ID: in.ClientMutationID, Input: in}
	return dispatch.Run(ctx, v.Engine, c, func(t *db.Tx, at time.Time, out *AmendOrderPayload) (bool, error) {
		if refusal := in.check(); refusal != nil {
			return false, refusal
		}
		t.Spend(delivery.QuotaLines, len(in.Lines))
		if in.Note != nil {
			t.Spend(delivery.QuotaText, len(*in.Note))
		}
		o, stock, err := in.lock(ctx, t, a)
		if err != nil {
			return false, err
		}
		e, lines, err := in.amend(ctx, t, a, o, stock, at)
		if err != nil {
			return false, err
		}
		o.OrderSnapshot = *e.Order
		if in.Note != nil {
			o.Note = *in.Note
		}
		if err := t.SaveAmendment(ctx, o, lines); err != nil {
			return false, err
		}
		if err := dispatch.SaveStock(ctx, t, stock); err != nil {
			return false, err
		}
		out.OrderID = new(o.ID())
		return true, dispatch.Record(ctx, t, o.CommunityID, []*delivery.Event{e, stock.Event(a, at)})
	})
}

// check refuses what can be judged by itself.
func (in *AmendOrderInput) check() *delivery.Error {
	if refusal := dispatch.CheckID(in.OrderID, delivery.KindOrder, 0); refusal != nil {
		return refusal.At("orderId")
	}
	if in.Note != nil {
		if refusal := dispatch.CheckNote(*in.Note, nil); refusal != nil {
			return refusal
		}
	}
	_, refusal := readLines(in.Lines, &delivery.Order{OrderSnapshot: delivery.OrderSnapshot{CommunityID: in.OrderID.Community}}, true)
	return refusal
}

// lock locks the stock of the order's window and then the order, if the actor sees it.
func (in *AmendOrderInput) lock(ctx context.Context, t *db.Tx, a delivery.Actor) (*delivery.Order, *delivery.WindowStock, error) {
	noSuch := delivery.Refuse(delivery.ReasonNoSuch, delivery.KindOrder.String()).At("orderId")
	window, household, err := t.WindowOfOrder(ctx, a.Scope(), in.OrderID)
	switch {
	case delivery.CodeOf(err) == delivery.CodeNotFound:
		return nil, nil, noSuch
	case err != nil:
		return nil, nil, err
	case window == nil:
		return nil, nil, delivery.Refuse(ReasonNotInWindow).At("orderId")
	}
	stock, err := dispatch.LockStock(ctx, t, a.Scope(), *window, nil, []delivery.UUID{household})
	if err != nil {
		return nil, nil, err
	}
	orders, err := t.LockOrders(ctx, a.Scope(), in.OrderID.Community, []delivery.UUID{in.OrderID.UUID}, nil)
	if err != nil {
		return nil, nil, err
	}
	if len(orders) == 0 {
		return nil, nil, noSuch
	}
	return orders[0], stock, nil
}

// amend judges the new lines of a locked order, and returns the event and the lines.
func (in *AmendOrderInput) amend(ctx context.Context, t *db.Tx, a delivery.Actor, o *delivery.Order, stock *delivery.WindowStock, at time.Time) (*delivery.Event, []*delivery.Line, error) {
	lines, refusal := readLines(in.Lines, o, true)
	if refusal != nil {
		return nil, nil, refusal
	}
	marks, refusal := fill(stock, lines)
	if refusal != nil {
		return nil, nil, refusal
	}
	sum := o.OrderSnapshot
	if refusal := total(&sum, lines); refusal != nil {
		return nil, nil, refusal
	}
	e, refusal := o.Amend(a, in.ExpectedVersion, sum.TotalFen, len(lines), marks, at)
	if refusal != nil {
		return nil, nil, refusal
	}
	refusal, err := dispatch.CheckWindow(ctx, t, stock.Window, at)
	if err != nil {
		return nil, nil, err
	}
	if refusal != nil {
		return nil, nil, refusal.At("orderId")
	}
	before, err := t.LinesOf(ctx, o.CommunityID, []delivery.UUID{o.UUID})
	if err != nil {
		return nil, nil, err
	}
	taking := delivery.Taking{Household: o.HouseholdUUID, Channel: o.Channel, Lines: before}
	if refusal := stock.Swap(taking, delivery.Taking{Household: o.HouseholdUUID, Channel: o.Channel, Lines: lines}, at); refusal != nil {
		return nil, nil, refusal
	}
	if o.Channel == delivery.ChannelPhone && a.Role != delivery.RoleSupplier && !in.ReadBack { // a supplier strikes out what it lacks without a call
		return nil, nil, o.NotReadBack(lines, nil)
	}
	return e, lines, nil
}
