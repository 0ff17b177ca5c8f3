package resolvers

import (
	"context"
	"time"

	"baogong/delivery"
	"baogong/dispatch/export"
	"baogong/graph"
)

// mostDemandDays is how many days of demand one read may ask for, by what it counts.
var mostDemandDays = map[delivery.DemandKind]int{delivery.DemandAll: export.MostDays, delivery.DemandChannel: export.MostDays,
	delivery.DemandBuilding: 31, delivery.DemandItem: 31, delivery.DemandBuildingItem: 1}

func (r queryResolver) Demand(ctx context.Context, communityID delivery.ID, kind delivery.DemandKind, from, until string) ([]*delivery.DemandRow, error) {
	if _, err := r.analysed(ctx, communityID); err != nil {
		return nil, err
	}
	days, err := spanOfDays(from, until, mostDemandDays[kind])
	if err != nil {
		return nil, err
	}
	return r.DB.Demand(ctx, ActorFrom(ctx).Scope(), communityID.Community, kind, days[0], days[1])
}

// spanOfDays checks two names of days, both included, and returns them. It fails with BAD_USER_INPUT for days that do not exist and for too many.
func spanOfDays(from, until string, most int) (days [2]string, err error) {
	var at [2]time.Time
	for i, day := range []string{from, until} {
		if at[i], err = time.Parse(time.DateOnly, day); err != nil || delivery.CheckTime(at[i]) != nil {
			return days, delivery.Refuse(delivery.ReasonBadValue).At([]string{"from", "until"}[i])
		}
		days[i] = at[i].Format(time.DateOnly)
	}
	if at[0].After(at[1]) || at[1].Sub(at[0]) >= time.Duration(most)*24*time.Hour {
		return days, delivery.Refuse(export.ReasonTooManyDays, most).At("from")
	}
	return days, nil
}

func (r queryResolver) Forecast(ctx context.Context, communityID delivery.ID, day *string) (*delivery.ForecastDay, error) {
	c, err := r.analysed(ctx, communityID)
	if err != nil {
		return nil, err
	}
	if day == nil {
		_, tomorrow := c.Today(r.now())
		day = new(c.Day(tomorrow))
	}
	if _, _, refusal := c.DayOf(*day); refusal != nil {
		return nil, refusal.At("day")
	}
	facts, err := r.DB.Forecasts(ctx, ActorFrom(ctx).Scope(), communityID.Community, *day)
	if err != nil {
		return nil, err
	}
	return facts.ShowOn(communityID.Community, *day), nil
}

// analysed returns a community whose demand the caller may read.
func (r queryResolver) analysed(ctx context.Context, communityID delivery.ID) (*delivery.Community, error) {
	if err := r.enter(ctx, communityID, "communityId"); err != nil {
		return nil, err
	}
	if a := ActorFrom(ctx); !a.CanReadReports(communityID.Community) {
		return nil, delivery.Refuse(delivery.ReasonNotYours)
	}
	c, err := there(get(ctx, communityByID.in(load(ctx)), communityID))(delivery.KindCommunity)
	if err != nil {
		return nil, missing(err, "communityId")
	}
	return c, nil
}

type demandRowResolver struct{}

// DemandRow returns the resolver of DemandRow.
func (*Resolver) DemandRow() graph.DemandRowResolver { return demandRowResolver{} }

func (demandRowResolver) Building(ctx context.Context, row *delivery.DemandRow) (*delivery.Building, error) {
	return maybe(ctx, buildingByID.in(load(ctx)), row.BuildingID())
}

type forecastRowResolver struct{}

// ForecastRow returns the resolver of ForecastRow.
func (*Resolver) ForecastRow() graph.ForecastRowResolver { return forecastRowResolver{} }

func (forecastRowResolver) Building(ctx context.Context, row *delivery.ForecastRow) (*delivery.Building, error) {
	return maybe(ctx, buildingByID.in(load(ctx)), row.BuildingID())
}
