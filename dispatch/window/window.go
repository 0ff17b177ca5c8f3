package window

import (
	"context"
	"strconv"
	"time"

	"baogong/db"
	"baogong/delivery"
	"baogong/dispatch"
)

// The refusals of setting up a window.
var (
	ReasonWindowTimes = delivery.NewReason("WINDOW_TIMES", delivery.CodeBadUserInput,
		"A window opens before it closes, and delivers when it closes or later.",
		"开始时间须早于截单时间，配送时间不得早于截单时间。")
	ReasonWindowTooFar = delivery.NewReason("WINDOW_TOO_FAR", delivery.CodeBadUserInput,
		"A window can deliver at most %d days ahead.",
		"配送时间最多可提前 %d 天安排。")
)

// OpenWindow sets up a window with its offers, which opens now or later: its supplier, leads of the supply squad, the commander and
// administrators.
func (v *Verbs) OpenWindow(ctx context.Context, a delivery.Actor, in OpenWindowInput) (*OpenWindowPayload, error) {
	in.OpensAt, in.ClosesAt, in.DeliverAt = *dispatch.Instant(&in.OpensAt), *dispatch.Instant(&in.ClosesAt), *dispatch.Instant(&in.DeliverAt)
	c := dispatch.Call{Actor: a, Mutation: "openWindow", Community: in.SupplierID.Community, ID: in.ClientMutationID, Input: in}
	return dispatch.Run(ctx, v.Engine, c, func(t *db.Tx, at time.Time, out *OpenWindowPayload) (bool, error) {
		if refusal := in.check(a, at); refusal != nil {
			return false, refusal
		}
		community, err := t.LockCommunity(ctx, c.Community, false)
		switch {
		case err != nil:
			return false, err
		case community.Archived():
			return false, delivery.Refuse(dispatch.ReasonArchived).At("supplierId")
		case community.Purged():
			return false, delivery.Refuse(dispatch.ReasonPurged).At("supplierId")
		}
		if err := supplierExists(ctx, t, in.SupplierID); err != nil {
			return false, err
		}
		w := &delivery.OrderWindow{CommunityID: c.Community, UUID: dispatch.NewUUID(), SupplierUUID: in.SupplierID.UUID, Name: delivery.Trimmed(in.Name),
			OpensAt: in.OpensAt, ClosesAt: in.ClosesAt, DeliverAt: in.DeliverAt, Minimum: in.Minimum, Version: 1, CreatedAt: at}
		if w.OpensAt.Before(at) {
			w.OpensAt = at
		}
		w.NextAt = &w.OpensAt
		offers, err := in.offers(ctx, t, w)
		if err != nil {
			return false, err
		}
		t.Spend(delivery.QuotaRows, 1+len(offers))
		events := append([]*delivery.Event{w.Planned(a, at)}, w.Pass(a, at)...)
		if err := t.InsertWindow(ctx, w); err != nil {
			return false, err
		}
		if err := t.InsertOffers(ctx, offers); err != nil {
			return false, err
		}
		out.WindowID = new(w.ID())
		return true, t.Append(ctx, c.Community, events)
	})
}

// check refuses what can be judged by itself.
func (in *OpenWindowInput) check(a delivery.Actor, at time.Time) *delivery.Error {
	if refusal := checkSupplier(a, in.SupplierID); refusal != nil {
		return refusal
	}
	if refusal := dispatch.First(dispatch.Text("name", delivery.Trimmed(in.Name), delivery.MaxName, true), dispatch.Within("minimum", in.Minimum, 0, delivery.MaxMinimum),
		dispatch.Field("opensAt", delivery.CheckTime(in.OpensAt)), dispatch.Field("closesAt", delivery.CheckFuture(in.ClosesAt, at)),
		dispatch.Field("deliverAt", delivery.CheckTime(in.DeliverAt))); refusal != nil {
		return refusal
	}
	switch n := len(in.Offers); {
	case !in.OpensAt.Before(in.ClosesAt):
		return delivery.Refuse(ReasonWindowTimes).At("closesAt")
	case in.DeliverAt.Before(in.ClosesAt):
		return delivery.Refuse(ReasonWindowTimes).At("deliverAt")
	case in.DeliverAt.After(at.Add(delivery.MaxWindowAhead)):
		return delivery.Refuse(ReasonWindowTooFar, int64(delivery.MaxWindowAhead/(24*time.Hour))).At("deliverAt")
	case n == 0:
		return delivery.Refuse(dispatch.ReasonEmptyList).At("offers")
	case n > delivery.MaxOffers:
		return delivery.Refuse(dispatch.ReasonTooMany, delivery.MaxOffers, n).At("offers").With(delivery.Details{Limit: delivery.MaxOffers})
	}
	return nil
}

// offers returns the offers of the new window, at the prices that their packages have now. The community's lock keeps the packages as they
// are.
func (in *OpenWindowInput) offers(ctx context.Context, t *db.Tx, w *delivery.OrderWindow) ([]*delivery.Offer, error) {
	rows, err := t.PackagesOf(ctx, w.CommunityID, w.SupplierUUID)
	if err != nil {
		return nil, err
	}
	known, seen := dispatch.ByUUID(rows), map[delivery.UUID]bool{}
	offers := make([]*delivery.Offer, len(in.Offers))
	for i, n := range in.Offers {
		refusal := dispatch.Parent(n.PackageID, delivery.KindPackage, w.CommunityID, known, "packageId")
		if refusal == nil && seen[n.PackageID.UUID] {
			refusal = delivery.Refuse(dispatch.ReasonRepeated).At("packageId")
		}
		if refusal == nil {
			seen[n.PackageID.UUID] = true
			offers[i] = &delivery.Offer{CommunityID: w.CommunityID, WindowUUID: w.UUID, PackageUUID: n.PackageID.UUID, SupplierUUID: w.SupplierUUID,
				PriceFen: known[n.PackageID.UUID].PriceFen, Stock: n.Stock, HouseholdCap: n.HouseholdCap, PhoneReserve: n.PhoneReserve, ReserveOpen: n.PhoneReserve > 0}
			refusal = offers[i].Check()
		}
		if refusal != nil {
			return nil, refusal.At("offers", strconv.Itoa(i))
		}
	}
	return offers, nil
}

// ReleaseReserve ends what a window keeps for orders by telephone: members of the phone desk, leads of the supply squad, the commander and
// administrators.
func (v *Verbs) ReleaseReserve(ctx context.Context, a delivery.Actor, in ReleaseReserveInput) (*ReleaseReservePayload, error) {
	c := dispatch.Call{Actor: a, Mutation: "releaseReserve", Community: in.WindowID.Community, ID: in.ClientMutationID, Input: in}
	return dispatch.Run(ctx, v.Engine, c, func(t *db.Tx, at time.Time, out *ReleaseReservePayload) (bool, error) {
		if refusal := checkWindow(a, in.WindowID); refusal != nil {
			return false, refusal
		}
		if !a.CanReleaseReserve(c.Community) {
			return false, delivery.Refuse(delivery.ReasonNotYours)
		}
		if len(in.PackageIds) > 0 {
			if _, refusal := dispatch.CheckIDs(in.PackageIds, "packageIds", "", delivery.KindPackage); refusal != nil {
				return false, refusal
			}
		}
		stock, err := dispatch.LockStock(ctx, t, a.Scope(), in.WindowID, nil, nil)
		if err != nil {
			return false, atWindow(err)
		}
		refusal, err := dispatch.CheckWindow(ctx, t, stock.Window, at)
		if err != nil {
			return false, err
		}
		if refusal == nil {
			refusal = stock.Release(dispatch.UUIDs(in.PackageIds))
		} else {
			refusal = refusal.At("windowId")
		}
		if refusal != nil {
			return false, refusal
		}
		if err := dispatch.SaveStock(ctx, t, stock); err != nil {
			return false, err
		}
		out.WindowID = new(stock.Window.ID())
		return true, t.Append(ctx, c.Community, []*delivery.Event{stock.Event(a, at)})
	})
}

// checkWindow refuses the id of a window that is none, or out of the actor's sight.
func checkWindow(a delivery.Actor, id delivery.ID) *delivery.Error {
	if refusal := dispatch.CheckID(id, delivery.KindWindow, 0); refusal != nil {
		return refusal.At("windowId")
	}
	if !a.Scope().SeesDirectory(id.Community) {
		return delivery.Refuse(delivery.ReasonNoSuch, delivery.KindWindow.String()).At("windowId")
	}
	return nil
}

// atWindow adds the input's field to a refusal of the window.
func atWindow(err error) error {
	if refusal := delivery.AsError(err); refusal != nil {
		return refusal.At("windowId")
	}
	return err
}
