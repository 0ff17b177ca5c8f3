package gate

import (
	"context"
	"slices"
	"strings"
	"time"

	"baogong/db"
	"baogong/delivery"
	"baogong/dispatch"
)

// The refusals of announcing.
var (
	reasonSlotTaken = delivery.NewReason("SLOT_TAKEN", delivery.CodeConflict,
		"All docks are taken at that time; the next free slots begin at %s.",
		"该时段的卸货位已约满，最近的空闲时段：%s。")
	reasonNeedsTime = delivery.NewReason("NEEDS_TIME", delivery.CodeBadUserInput,
		"Say when the truck will come; only the gate announces a truck that is already there.",
		"请填写预计到达时间；已到门口的车辆只能由值守队员登记。")
	reasonTooFarAhead = delivery.NewReason("TOO_FAR_AHEAD", delivery.CodeBadUserInput,
		"An arrival can be announced at most %d days ahead.",
		"最多提前 %d 天预告。")
	reasonInArrival = delivery.NewReason("IN_ARRIVAL", delivery.CodeConflict,
		"This order is already in arrival %d.",
		"该订单已在第 %d 号到货中。")
)

// AnnounceArrival announces a delivery of one supplier: the supplier itself, or the gate for a truck that is there already.
func (v *Verbs) AnnounceArrival(ctx context.Context, a delivery.Actor, in AnnounceArrivalInput) (*AnnounceArrivalPayload, error) {
	in.ExpectedAt = dispatch.Instant(in.ExpectedAt)
	community := in.SupplierID.Community
	c := dispatch.Call{Actor: a, Mutation: "announceArrival", Community: community, ID: in.ClientMutationID, Input: in}
	return dispatch.Run(ctx, v.Engine, c, func(t *db.Tx, at time.Time, out *AnnounceArrivalPayload) (bool, error) {
		if refusal := in.check(a, at); refusal != nil {
			return false, refusal
		}
		estate, err := t.LockCommunity(ctx, community, false)
		if err != nil {
			return false, err
		}
		if refusal, err := in.checkSupplier(ctx, t, estate); refusal != nil || err != nil {
			if refusal != nil {
				err = refusal
			}
			return false, err
		}
		arrival := in.arrival(a, at)
		if in.ExpectedAt != nil {
			if err := takeSlot(ctx, t, estate, arrival); err != nil {
				return false, err
			}
		}
		rows, events, refused, err := in.announce(ctx, t, a, arrival, at, out)
		if err != nil {
			return false, err
		}
		if in.Atomic && refused {
			dispatch.Undo(out.Results, "orders")
			return false, nil
		}
		if len(rows) == 0 && len(in.Orders) > 0 {
			return false, nil
		}
		t.Spend(delivery.QuotaText, len(arrival.Vehicle)+len(arrival.DriverPhone))
		if arrival.Number, err = t.NextNumbers(ctx, community, db.NumberArrival, 1); err != nil {
			return false, err
		}
		if err := t.InsertArrival(ctx, arrival); err != nil {
			return false, err
		}
		if err := t.SaveArrivalOrders(ctx, community, arrival.UUID, rows); err != nil {
			return false, err
		}
		trouble, err := stillMissing(ctx, t, a, at, community, events)
		if err != nil {
			return false, err
		}
		id := arrival.ID()
		out.ArrivalID = &id
		return true, dispatch.Record(ctx, t, community, slices.Concat([]*delivery.Event{arrival.Announced(a, at)}, events, trouble))
	})
}

// stillMissing opens or corrects the incidents of orders that an earlier truck did not bring whole, and whose bags change with the announcement.
func stillMissing(ctx context.Context, t *db.Tx, a delivery.Actor, at time.Time, community int32, repacked []*delivery.Event) ([]*delivery.Event, error) {
	orders := map[delivery.UUID]*delivery.OrderSnapshot{}
	for _, e := range repacked {
		orders[e.Order.UUID] = e.Order
	}
	came, err := t.OrdersReceived(ctx, community, sortedKeys(orders))
	if err != nil {
		return nil, err
	}
	b := &brought{}
	for _, id := range came {
		b.missing(orders[id])
	}
	trouble, _, err := b.trouble(ctx, t, a, community, at)
	return trouble, err
}

// check refuses what can be judged by itself.
func (in *AnnounceArrivalInput) check(a delivery.Actor, at time.Time) *delivery.Error {
	if refusal := dispatch.CheckID(in.SupplierID, delivery.KindSupplier, 0); refusal != nil {
		return refusal.At("supplierId")
	}
	community := in.SupplierID.Community
	if len(in.Orders) > 0 || !a.WorksGate(community) { // the gate may not know yet what the truck brings
		of, refusal := dispatch.CheckIDs(dispatch.IDs(in.Orders, func(o *AnnouncedOrderInput) delivery.ID { return o.OrderID }), "orders", "orderId", delivery.KindOrder)
		if refusal == nil && of != community {
			refusal = delivery.Refuse(dispatch.ReasonTwoCommunities).At("orders", "0", "orderId")
		}
		if refusal != nil {
			return refusal
		}
	}
	switch {
	case !a.Scope().SeesCommunity(community):
		return delivery.Refuse(delivery.ReasonNoSuch, delivery.KindSupplier.String()).At("supplierId")
	case !a.CanAnnounce(community, in.SupplierID.UUID):
		return delivery.Refuse(delivery.ReasonNotYours)
	case in.ExpectedAt == nil && !a.WorksGate(community):
		return delivery.Refuse(reasonNeedsTime).At("expectedAt")
	}
	if in.ExpectedAt != nil {
		refusal := delivery.CheckFuture(*in.ExpectedAt, at)
		if refusal == nil && in.ExpectedAt.After(at.Add(delivery.MaxAhead)) {
			refusal = delivery.Refuse(reasonTooFarAhead, int64(delivery.MaxAhead/(24*time.Hour)))
		}
		if refusal != nil {
			return refusal.At("expectedAt")
		}
	}
	return dispatch.First(dispatch.Text("vehicle", delivery.Trimmed(in.Vehicle), delivery.MaxVehicle, false),
		dispatch.Field("driverPhone", in.DriverPhone.Normal().Check()))
}

func (in *AnnounceArrivalInput) checkSupplier(ctx context.Context, t *db.Tx, estate *delivery.Community) (*delivery.Error, error) {
	suppliers, err := t.Suppliers().All(ctx, estate.CommunityID)
	if err != nil {
		return nil, err
	}
	if estate.ArchivedAt != nil {
		return delivery.Refuse(dispatch.ReasonArchived).At("supplierId"), nil
	}
	return dispatch.Parent(in.SupplierID, delivery.KindSupplier, estate.CommunityID, dispatch.ByUUID(suppliers), "supplierId"), nil
}

// arrival returns the new arrival, without a slot. One that the gate announces without a time is there.
func (in *AnnounceArrivalInput) arrival(a delivery.Actor, at time.Time) *delivery.Arrival {
	out := &delivery.Arrival{CommunityID: in.SupplierID.Community, UUID: dispatch.NewUUID(), SupplierUUID: in.SupplierID.UUID, State: delivery.ArrivalAnnounced,
		Vehicle: delivery.Trimmed(in.Vehicle), DriverPhone: in.DriverPhone.Normal(), ExpectedAt: in.ExpectedAt, AnnouncedAt: at, AnnouncedByRole: a.Role, Version: 1}
	if a.UUID != "" {
		out.AnnouncedByUUID = &a.UUID
	}
	if in.ExpectedAt == nil {
		out.State, out.ArrivedAt = delivery.ArrivalArrived, &at
	}
	return out
}

// takeSlot gives the arrival a dock of the slot in which it is expected. It fails with SLOT_TAKEN if all docks are taken.
func takeSlot(ctx context.Context, t *db.Tx, estate *delivery.Community, arrival *delivery.Arrival) error {
	if err := t.LockSlots(ctx, estate.CommunityID); err != nil {
		return err
	}
	slot := estate.SlotOf(*arrival.ExpectedAt)
	taken, err := t.DocksTaken(ctx, estate.CommunityID, slot)
	if err != nil {
		return err
	}
	dock := delivery.FreeDock(estate.Docks, taken)
	if dock == 0 || len(taken) >= estate.Docks { // there were more docks once
		full, err := t.FullSlots(ctx, estate.CommunityID, slot, estate.Docks)
		if err != nil {
			return err
		}
		free := delivery.FreeSlots(slot, full, freeSlots)
		var shown []string
		for _, at := range free {
			shown = append(shown, estate.Clock(at))
		}
		return delivery.Refuse(reasonSlotTaken, strings.Join(shown, ", ")).At("expectedAt").With(delivery.Details{Free: free})
	}
	arrival.SlotAt, arrival.Dock = &slot, &dock
	return nil
}

// freeSlots is how many free slots SLOT_TAKEN names.
const freeSlots = 3

// announce judges each order, and returns the arrival's list and the events of orders whose bags or marks change.
func (in *AnnounceArrivalInput) announce(ctx context.Context, t *db.Tx, a delivery.Actor, arrival *delivery.Arrival, at time.Time, out *AnnounceArrivalPayload) (
	rows []*delivery.ArrivalOrder, events []*delivery.Event, refused bool, err error) {
	ids := dispatch.UUIDs(dispatch.IDs(in.Orders, func(o *AnnouncedOrderInput) delivery.ID { return o.OrderID }))
	orders, err := lockOrders(ctx, t, a, arrival.CommunityID, ids)
	if err != nil || len(ids) == 0 {
		return nil, nil, false, err
	}
	taken, err := t.OpenArrivalsOf(ctx, arrival.CommunityID, ids)
	if err != nil {
		return nil, nil, false, err
	}
	for i, item := range in.Orders {
		result := &ArrivalOrderResult{OrderID: &item.OrderID}
		out.Results = append(out.Results, result)
		o := orders[item.OrderID.UUID]
		packing, bags, refusal := item.judge(o, arrival.SupplierUUID)
		if number, open := taken[item.OrderID.UUID]; open && refusal == nil {
			refusal = delivery.Refuse(reasonInArrival, number)
		}
		if refusal != nil {
			refused = true
			result.Refuse("orders", i, refusal)
			continue
		}
		result.Bags = &bags
		rows = append(rows, &delivery.ArrivalOrder{CommunityID: arrival.CommunityID, ArrivalUUID: arrival.UUID, OrderUUID: o.UUID, Announced: bags, Open: true})
		arrival.Orders++
		arrival.BagsAnnounced += bags
		if e := o.Repack(a, packing, at); e != nil {
			events = append(events, e)
		}
	}
	return rows, events, refused, nil
}

func (item *AnnouncedOrderInput) judge(o *delivery.OrderSnapshot, supplier delivery.UUID) (delivery.Packing, int, *delivery.Error) {
	if o == nil {
		return delivery.Packing{}, 0, delivery.Refuse(delivery.ReasonNoSuch, delivery.KindOrder.String())
	}
	if item.Bags != nil {
		if refusal := dispatch.First(dispatch.Within("bags", *item.Bags, 1, delivery.MaxBags)); refusal != nil {
			return delivery.Packing{}, 0, refusal
		}
	}
	var marks *[]delivery.Mark
	if item.Marks != nil {
		marks = &item.Marks
	}
	return o.Announce(supplier, item.Bags, marks)
}
