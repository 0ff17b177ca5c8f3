package resolvers

import (
	"context"
	"math"

	"baogong/delivery"
	"baogong/dispatch/export"
	"baogong/graph"
	"baogong/rehearsal"
)

func (r queryResolver) SupplyGap(ctx context.Context, communityID, windowID delivery.ID, reserveShare float64) ([]*delivery.GapRow, error) {
	if err := r.enter(ctx, communityID, "communityId"); err != nil {
		return nil, err
	}
	if windowID.Kind != delivery.KindWindow {
		return nil, about(windowID.WrongKind(delivery.KindWindow), "windowId")
	}
	if math.IsNaN(reserveShare) || reserveShare < 0 || reserveShare > 1 {
		return nil, delivery.Refuse(delivery.ReasonBadValue).At("reserveShare")
	}
	w, err := there(get(ctx, windowByID.in(load(ctx)), windowID))(delivery.KindWindow)
	if err == nil && w.CommunityID != communityID.Community {
		err = delivery.Refuse(delivery.ReasonNoSuch, delivery.KindWindow.String())
	}
	if err != nil {
		return nil, missing(err, "windowId")
	}
	a := ActorFrom(ctx)
	if !a.CanReadGap(w) {
		return nil, delivery.Refuse(delivery.ReasonNotYours)
	}
	now := r.now()
	facts, err := r.DB.Gap(ctx, a.Scope(), w, now)
	if err != nil {
		return nil, err
	}
	return delivery.NewGap(w, facts, reserveShare, now), nil
}

func (r queryResolver) Reach(ctx context.Context, communityID delivery.ID) (*delivery.CommunityReach, error) {
	if err := r.enter(ctx, communityID, "communityId"); err != nil {
		return nil, err
	}
	a := ActorFrom(ctx)
	if !a.CanReadReach(communityID.Community) {
		return nil, delivery.Refuse(delivery.ReasonNotYours)
	}
	counts, err := r.DB.Reach(ctx, a.Scope(), communityID.Community, r.now().AddDate(0, 0, -delivery.ReachDays))
	if err != nil {
		return nil, err
	}
	return delivery.NewReach(a, communityID.Community, counts), nil
}

func (r queryResolver) HouseholdNeeds(ctx context.Context, communityID delivery.ID) (*delivery.HouseholdNeeds, error) {
	if err := r.enter(ctx, communityID, "communityId"); err != nil {
		return nil, err
	}
	a := ActorFrom(ctx)
	if !a.AtDesk(communityID.Community) {
		return nil, delivery.Refuse(delivery.ReasonNotYours)
	}
	c, err := there(get(ctx, communityByID.in(load(ctx)), communityID))(delivery.KindCommunity)
	if err != nil {
		return nil, missing(err, "communityId")
	}
	targets, err := r.DB.TargetsOf(ctx, a.Scope(), []delivery.ID{communityID})
	if err != nil {
		return nil, err
	}
	facts, err := r.DB.HouseholdNeeds(ctx, a.Scope(), communityID.Community)
	if err != nil {
		return nil, err
	}
	return delivery.NewHouseholdNeeds(communityID.Community, facts, delivery.NewTargets(c.TimeZone, targets), r.now()), nil
}

func (r queryResolver) UnmetDemand(ctx context.Context, communityID delivery.ID, from, until string) (*delivery.UnmetDemand, error) {
	c, err := r.analysed(ctx, communityID)
	if err != nil {
		return nil, err
	}
	days, err := spanOfDays(from, until, export.MostDays)
	if err != nil {
		return nil, err
	}
	begin, _, refusal := c.DayOf(days[0])
	if refusal != nil {
		return nil, refusal.At("from")
	}
	_, end, refusal := c.DayOf(days[1])
	if refusal != nil {
		return nil, refusal.At("until")
	}
	counts, soldOut, err := r.DB.Unmet(ctx, ActorFrom(ctx).Scope(), communityID.Community, begin, end)
	if err != nil {
		return nil, err
	}
	return delivery.NewUnmetDemand(delivery.DaysFrom(days[0], days[1]), counts, soldOut), nil
}

func (r queryResolver) HandsTomorrow(ctx context.Context, communityID delivery.ID, day *string) (*rehearsal.HandsForecast, error) {
	c, err := r.analysed(ctx, communityID)
	if err != nil {
		return nil, err
	}
	if day == nil {
		day = new(string)
	} else if *day == "" {
		return nil, delivery.Refuse(delivery.ReasonBadValue).At("day")
	}
	return r.Verbs.Plan.Hands(ctx, ActorFrom(ctx), c, *day)
}

type gapRowResolver struct{}

// GapRow returns the resolver of GapRow.
func (*Resolver) GapRow() graph.GapRowResolver { return gapRowResolver{} }

func (gapRowResolver) Package(ctx context.Context, row *delivery.GapRow) (*delivery.Package, error) {
	return of(ctx, packageByID.in(load(ctx)), row, by((*delivery.GapRow).PackageID))
}

type buildingReachResolver struct{}

// BuildingReach returns the resolver of BuildingReach.
func (*Resolver) BuildingReach() graph.BuildingReachResolver { return buildingReachResolver{} }

func (buildingReachResolver) Building(ctx context.Context, b *delivery.BuildingReach) (*delivery.Building, error) {
	return of(ctx, buildingByID.in(load(ctx)), b, by((*delivery.BuildingReach).BuildingID))
}

type buildingNeedsResolver struct{}

// BuildingNeeds returns the resolver of BuildingNeeds.
func (*Resolver) BuildingNeeds() graph.BuildingNeedsResolver { return buildingNeedsResolver{} }

func (buildingNeedsResolver) Building(ctx context.Context, b *delivery.BuildingNeeds) (*delivery.Building, error) {
	return of(ctx, buildingByID.in(load(ctx)), b, by((*delivery.BuildingNeeds).BuildingID))
}

type medicineDueResolver struct{}

// MedicineDue returns the resolver of MedicineDue.
func (*Resolver) MedicineDue() graph.MedicineDueResolver { return medicineDueResolver{} }

func (medicineDueResolver) Order(ctx context.Context, m *delivery.MedicineDue) (*delivery.Order, error) {
	return of(ctx, orderByID.in(load(ctx)), m, by((*delivery.MedicineDue).OrderID))
}

type soldOutResolver struct{}

// SoldOutOffer returns the resolver of SoldOutOffer.
func (*Resolver) SoldOutOffer() graph.SoldOutOfferResolver { return soldOutResolver{} }

func (soldOutResolver) Window(ctx context.Context, o *delivery.SoldOutOffer) (*delivery.OrderWindow, error) {
	return of(ctx, windowByID.in(load(ctx)), o, by((*delivery.SoldOutOffer).WindowID))
}

func (soldOutResolver) Package(ctx context.Context, o *delivery.SoldOutOffer) (*delivery.Package, error) {
	return of(ctx, packageByID.in(load(ctx)), o, by((*delivery.SoldOutOffer).PackageID))
}
