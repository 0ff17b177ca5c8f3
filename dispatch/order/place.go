package order

import (
	"context"
	"strconv"
	"time"

	"baogong/db"
	"baogong/delivery"
	"baogong/dispatch"
)

// The refusals of placing an order.
var (
	reasonNoSupplier = delivery.NewReason("NO_SUPPLIER", delivery.CodeBadUserInput,
		"Name the supplier that provides these goods.",
		"请指明供货商。")
	reasonNoTaker = delivery.NewReason("NO_TAKER", delivery.CodeBadUserInput,
		"An order of this kind needs a volunteer who takes it.",
		"此类订单需要一名负责的队员。")
	reasonNoTakerHere = delivery.NewReason("NO_TAKER_HERE", delivery.CodeBadUserInput,
		"Only BUY_FOR and ERRAND orders are taken by a volunteer.",
		"只有代购和代办订单才由队员承接。")
	ReasonBlindTaker = delivery.NewReason("BLIND_TAKER", delivery.CodeBadUserInput,
		"This volunteer does not serve the household's building and could not see the order.",
		"该队员不负责该住户所在楼栋，看不到这个订单。")
	reasonBadQuantity = delivery.NewReason("BAD_QUANTITY", delivery.CodeBadUserInput,
		"A quantity must be more than 0 and at most 9,999,999.",
		"数量必须大于 0 且不超过 9,999,999。")
)

// PlaceOrder places one order for a household, by itself or by a volunteer on its behalf.
func (v *Verbs) PlaceOrder(ctx context.Context, a delivery.Actor, in PlaceOrderInput) (*PlaceOrderPayload, error) {
	in.DeviceTime = dispatch.Instant(in.DeviceTime)
	c := dispatch.Call{Actor: a, Mutation: "placeOrder", Community: in.HouseholdID.Community, ID: in.ClientMutationID, Input: in}
	return dispatch.Run(ctx, v.Engine, c, func(t *db.Tx, at time.Time, out *PlaceOrderPayload) (bool, error) {
		o, lines, refusal := in.order(a)
		if refusal != nil {
			return false, refusal
		}
		t.Spend(delivery.QuotaOrders, 1)
		t.Spend(delivery.QuotaLines, len(lines))
		t.Spend(delivery.QuotaText, in.bytes())
		stock, err := in.enter(ctx, t, a, o, lines)
		if err != nil {
			return false, err
		}
		supplier, refusal, err := prepare(ctx, t, a, o)
		if refusal != nil || err != nil {
			if refusal != nil {
				err = refusal
			}
			return false, err
		}
		if stock != nil {
			if refusal, err := take(ctx, t, stock, o, lines, at); refusal != nil || err != nil {
				if refusal != nil {
					err = refusal
				}
				return false, err
			}
		}
		if refusal := o.CheckConsent(in.ReadBack, lines, supplier); refusal != nil {
			return false, refusal
		}
		roster, err := t.Roster(ctx, o.CommunityID)
		if err != nil {
			return false, err
		}
		if o.TakerUUID != nil && roster.Reachable[*o.TakerUUID] && !roster.Sees(*o.TakerUUID, o.BuildingUUID) {
			return false, delivery.Refuse(ReasonBlindTaker).At("takerId")
		}
		if t.Looking() { // under the locks a constraint checks it
			taken, err := t.ExternalNumberTaken(ctx, o, a.Role)
			if err != nil {
				return false, err
			}
			if taken {
				return false, delivery.Refuse(dispatch.ReasonTaken, o.ExternalNumber).At("externalNumber")
			}
		}
		e := o.Place(a, at, roster)
		e.DeviceTime = in.DeviceTime
		o.OrderSnapshot = *e.Order
		if err := t.InsertOrder(ctx, o, lines); err != nil {
			switch db.Constraint(err) {
			case "order_texts_team_number_taken", "order_texts_household_number_taken":
				return false, delivery.Refuse(dispatch.ReasonTaken, o.ExternalNumber).At("externalNumber")
			}
			return false, err
		}
		id := o.ID()
		out.OrderID = &id
		if in.ErrandKind != nil {
			if err := t.SaveErrands(ctx, []*delivery.Errand{{CommunityID: o.CommunityID, UUID: o.UUID, Kind: *in.ErrandKind}}); err != nil {
				return false, err
			}
		}
		events := []*delivery.Event{e}
		if stock != nil {
			if err := dispatch.SaveStock(ctx, t, stock); err != nil {
				return false, err
			}
			events = append(events, stock.Event(a, at))
		}
		return true, t.Append(ctx, o.CommunityID, events)
	})
}

// bytes returns the size of the order's free text.
func (in *PlaceOrderInput) bytes() int {
	return len(in.Note) + len(in.ExternalNumber) + bytesOf(in.Lines)
}

// bytesOf returns the size of the free text of lines.
func bytesOf(lines []*LineInput) int {
	n := 0
	for _, l := range lines {
		n += len(l.Item) + len(l.Unit)
	}
	return n
}

// order reads the input as far as it can be judged by itself.
func (in *PlaceOrderInput) order(a delivery.Actor) (*delivery.Order, []*delivery.Line, *delivery.Error) {
	if refusal := dispatch.CheckID(in.HouseholdID, delivery.KindHousehold, 0); refusal != nil {
		return nil, nil, refusal.At("householdId")
	}
	o := &delivery.Order{Note: in.Note, ExternalNumber: delivery.Trimmed(in.ExternalNumber)}
	o.CommunityID, o.UUID, o.HouseholdUUID, o.Channel = in.HouseholdID.Community, dispatch.NewUUID(), in.HouseholdID.UUID, in.Channel
	if in.Channel == delivery.ChannelPhone { // orders by other channels have no consent
		o.ConsentBy = in.ConsentBy
	}
	o.Marks = delivery.NewMarks(in.Marks)
	if in.ErrandKind != nil {
		if in.Channel != delivery.ChannelErrand {
			return nil, nil, delivery.Refuse(delivery.ReasonNotAnErrand).At("errandKind")
		}
		o.Marks = delivery.NewMarks(append(in.ErrandKind.Marks(), in.Marks...))
	}
	if refusal := in.checkWindow(o); refusal != nil {
		return nil, nil, refusal
	}
	if in.SupplierID != nil {
		if refusal := dispatch.CheckID(*in.SupplierID, delivery.KindSupplier, o.CommunityID); refusal != nil {
			return nil, nil, refusal.At("supplierId")
		}
		o.SupplierUUID = &in.SupplierID.UUID
	} else if !in.Channel.RunByVolunteer() && in.WindowID == nil {
		return nil, nil, delivery.Refuse(reasonNoSupplier).At("supplierId")
	}
	switch {
	case !in.Channel.RunByVolunteer():
		if in.TakerID != nil {
			return nil, nil, delivery.Refuse(reasonNoTakerHere).At("takerId")
		}
	case in.TakerID != nil:
		if refusal := dispatch.CheckID(*in.TakerID, delivery.KindVolunteer, o.CommunityID); refusal != nil {
			return nil, nil, refusal.At("takerId")
		}
		o.TakerUUID = &in.TakerID.UUID
	case a.Squad != "": // a member of the team takes what they place
		o.TakerUUID = &a.UUID
	default:
		return nil, nil, delivery.Refuse(reasonNoTaker).At("takerId")
	}
	if refusal := dispatch.CheckNote(in.Note, in.DeviceTime); refusal != nil {
		return nil, nil, refusal
	}
	if refusal := delivery.CheckText(o.ExternalNumber, delivery.MaxName, false); refusal != nil {
		return nil, nil, refusal.At("externalNumber")
	}
	lines, refusal := readLines(in.Lines, o, in.WindowID != nil)
	if refusal == nil && in.WindowID == nil {
		refusal = total(&o.OrderSnapshot, lines)
	}
	return o, lines, refusal
}

// readLines reads the lines of an order. Those of an order in a window have no name and price yet (delivery.WindowStock.Fill).
func readLines(list []*LineInput, o *delivery.Order, windowed bool) ([]*delivery.Line, *delivery.Error) {
	switch n := len(list); {
	case n == 0:
		return nil, delivery.Refuse(dispatch.ReasonEmptyList).At("lines")
	case n > delivery.MaxLines:
		return nil, delivery.Refuse(dispatch.ReasonTooMany, delivery.MaxLines, n).At("lines").With(delivery.Details{Limit: delivery.MaxLines})
	}
	lines := make([]*delivery.Line, len(list))
	for i, l := range list {
		line, refusal := l.read(o, windowed)
		if refusal != nil {
			return nil, refusal.At("lines", strconv.Itoa(i))
		}
		line.Position = i + 1
		lines[i] = line
	}
	return lines, nil
}

// read reads one line. The path of a refusal begins at the line.
func (l *LineInput) read(o *delivery.Order, windowed bool) (*delivery.Line, *delivery.Error) {
	line := &delivery.Line{CommunityID: o.CommunityID, UUID: dispatch.NewUUID(), OrderUUID: o.UUID, Item: delivery.Trimmed(l.Item), Quantity: l.Quantity,
		Unit: delivery.Trimmed(l.Unit), UnitPriceFen: l.UnitPriceFen, Substitute: delivery.SubstituteAsk}
	if l.Substitute != nil {
		line.Substitute = *l.Substitute
	}
	if l.Quantity <= 0 || l.Quantity > delivery.MaxQuantity {
		return nil, delivery.Refuse(reasonBadQuantity).At("quantity")
	}
	if windowed {
		return line, l.readPackage(line)
	}
	if refusal := l.checkNoPackage(); refusal != nil {
		return nil, refusal
	}
	if refusal := dispatch.First(dispatch.Text("item", line.Item, delivery.MaxName, true), dispatch.Text("unit", line.Unit, delivery.MaxUnitWord, true)); refusal != nil {
		return nil, refusal
	}
	if l.UnitPriceFen < 0 || l.UnitPriceFen > delivery.MaxPriceFen {
		return nil, delivery.Refuse(dispatch.ReasonOutOfRange, 0, delivery.MaxPriceFen).At("unitPriceFen")
	}
	return line, nil
}

// total sets the order's total to that of the lines.
func total(o *delivery.OrderSnapshot, lines []*delivery.Line) *delivery.Error {
	o.TotalFen = 0
	for _, l := range lines {
		o.TotalFen += l.TotalFen()
	}
	if o.TotalFen > delivery.MaxTotalFen {
		return delivery.Refuse(dispatch.ReasonOutOfRange, 0, delivery.MaxTotalFen).At("lines")
	}
	return nil
}

// prepare locks what the order builds on, so that none of it is archived or held meanwhile, and fills in the place. It returns
// the order's supplier, nil if it has none.
func prepare(ctx context.Context, t *db.Tx, a delivery.Actor, o *delivery.Order) (*delivery.Supplier, *delivery.Error, error) {
	noSuch := func(k delivery.Kind, field string) *delivery.Error {
		return delivery.Refuse(delivery.ReasonNoSuch, k.String()).At(field)
	}
	if !a.Scope().SeesCommunity(o.CommunityID) {
		return nil, noSuch(delivery.KindHousehold, "householdId"), nil
	}
	// A transaction that waits for the number must not hold the shared locks below meanwhile: PostgreSQL lets one shared lock join
	// another past transactions that wait to change the row, so a stream of orders would keep them waiting for ever.
	var err error
	if o.Number, err = t.NextOrderNumber(ctx, o.CommunityID); err != nil {
		if refusal := delivery.AsError(err); refusal != nil {
			return nil, refusal.At("householdId"), nil
		}
		return nil, nil, err
	}
	community, err := t.LockCommunity(ctx, o.CommunityID, false)
	if err != nil {
		if refusal := delivery.AsError(err); refusal != nil {
			return nil, refusal.At("householdId"), nil
		}
		return nil, nil, err
	}
	grounds, err := t.OrderReferences(ctx, o.CommunityID, o.HouseholdUUID, o.SupplierUUID, o.TakerUUID)
	if err != nil {
		return nil, nil, err
	}
	h := grounds.Household
	if h == nil {
		return nil, noSuch(delivery.KindHousehold, "householdId"), nil
	}
	if refusal := a.CanPlace(h, o.Channel); refusal != nil {
		if refusal.Code() == delivery.CodeNotFound {
			return nil, refusal.At("householdId"), nil
		}
		return nil, refusal.At("channel"), nil
	}
	switch {
	case community.ArchivedAt != nil || h.ArchivedAt != nil || grounds.PlaceArchived:
		return nil, delivery.Refuse(dispatch.ReasonArchived).At("householdId"), nil
	case community.Purged():
		return nil, delivery.Refuse(dispatch.ReasonPurged).At("householdId"), nil
	case o.SupplierUUID != nil && grounds.Supplier == nil:
		return nil, noSuch(delivery.KindSupplier, "supplierId"), nil
	case o.SupplierUUID != nil && grounds.Supplier.ArchivedAt != nil:
		return nil, delivery.Refuse(dispatch.ReasonArchived).At("supplierId"), nil
	case o.TakerUUID != nil && grounds.Taker == nil:
		return nil, noSuch(delivery.KindVolunteer, "takerId"), nil
	case o.TakerUUID != nil && grounds.Taker.ArchivedAt != nil:
		return nil, delivery.Refuse(dispatch.ReasonArchived).At("takerId"), nil
	}
	o.BuildingUUID, o.UnitUUID, o.Address, o.Phone = h.BuildingUUID, h.UnitUUID, h.Address, h.Phone
	if _, err := t.LockBuildings(ctx, o.CommunityID, []delivery.UUID{h.BuildingUUID}); err != nil {
		return nil, nil, err
	}
	on := db.HoldSubjects{Buildings: []delivery.UUID{h.BuildingUUID}, Households: []delivery.UUID{h.UUID}}
	if o.SupplierUUID != nil {
		on.Suppliers = []delivery.UUID{*o.SupplierUUID}
	}
	holds, err := t.OpenHolds(ctx, o.CommunityID, on)
	o.OpenHolds = len(holds)
	return grounds.Supplier, nil, err
}
