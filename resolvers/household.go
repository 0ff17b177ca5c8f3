package resolvers

import (
	"context"

	"baogong/db"
	"baogong/delivery"
	"baogong/dispatch"
	"baogong/dispatch/estate"
	"baogong/graph"
)

var householdByID = noun(delivery.KindHousehold, (*db.DB).HouseholdsByID)

// reasonNeedsNotYours refuses the filter by needs.
var reasonNeedsNotYours = delivery.NewReason("NEEDS_NOT_YOURS", delivery.CodeForbidden,
	"Only the phone desk and the command centre may filter households by needs.",
	"只有话务和指挥可以按住户需求筛选。")

// householdFilter refuses a filter by needs to callers who may not see needs, because the result would reveal them.
func householdFilter(a delivery.Actor, f *graph.HouseholdFilter, community int32) (out db.HouseholdFilter, err error) {
	if f == nil {
		return out, nil
	}
	if f.Needs != nil && !a.SeesNeeds() {
		return out, delivery.Refuse(reasonNeedsNotYours).At("filter", "needs")
	}
	out = db.HouseholdFilter{Needs: f.Needs, Archived: f.IncludeArchived}
	if out.Text, err = textFilter(f.Text); err != nil {
		return out, err
	}
	if out.Buildings, err = named(f.BuildingIds, community, "buildingIds", delivery.KindBuilding); err != nil {
		return out, err
	}
	if f.UnreachedBy != nil {
		if refusal := dispatch.CheckID(*f.UnreachedBy, delivery.KindNotice, community); refusal != nil {
			return out, refusal.At("filter", "unreachedBy")
		}
		out.Unreached = f.UnreachedBy.UUID
	}
	out.Units, err = named(f.UnitIds, community, "unitIds", delivery.KindUnit)
	return out, err
}

func (r mutationResolver) CreateHouseholds(ctx context.Context, input estate.CreateHouseholdsInput) (*estate.HouseholdsPayload, error) {
	return r.Verbs.Estate.CreateHouseholds(ctx, ActorFrom(ctx), input)
}

func (r mutationResolver) UpdateHouseholds(ctx context.Context, input estate.UpdateHouseholdsInput) (*estate.HouseholdsPayload, error) {
	return r.Verbs.Estate.UpdateHouseholds(ctx, ActorFrom(ctx), input)
}

// HouseholdResult returns the resolver of HouseholdResult.
func (r *Resolver) HouseholdResult() graph.HouseholdResultResolver { return resultResolver{r} }

func (resultResolver) Household(ctx context.Context, i *estate.HouseholdResult) (*delivery.Household, error) {
	return maybe(ctx, householdByID.in(load(ctx)), i.ID)
}

type householdResolver struct{ *Resolver }

// Household returns the resolver of Household.
func (r *Resolver) Household() graph.HouseholdResolver { return householdResolver{r} }

func (householdResolver) Needs(ctx context.Context, h *delivery.Household) ([]delivery.Need, error) {
	if !load(ctx).actor.SeesNeeds() {
		return []delivery.Need{}, nil
	}
	return h.Needs, nil
}

func (householdResolver) Instructions(_ context.Context, h *delivery.Household) ([]delivery.Instruction, error) {
	return h.Needs.Instructions(), nil
}

func (householdResolver) Holds(ctx context.Context, h *delivery.Household) ([]*delivery.Hold, error) {
	return of(ctx, holdsOn.in(load(ctx)), h, by((*delivery.Household).ID))
}

func (householdResolver) Building(ctx context.Context, h *delivery.Household) (*delivery.Building, error) {
	return of(ctx, buildingByID.in(load(ctx)), h, func(h *delivery.Household) *delivery.ID {
		return refOf(delivery.KindBuilding, h.CommunityID, &h.BuildingUUID)
	})
}

func (householdResolver) Unit(ctx context.Context, h *delivery.Household) (*delivery.Unit, error) {
	return of(ctx, unitByID.in(load(ctx)), h, func(h *delivery.Household) *delivery.ID {
		return refOf(delivery.KindUnit, h.CommunityID, &h.UnitUUID)
	})
}

func (r queryResolver) Households(ctx context.Context, communityID delivery.ID, filter *graph.HouseholdFilter, first *int, after *string, last *int, before *string) (*graph.HouseholdConnection, error) {
	rows, err := listed[graph.HouseholdEdge](ctx, r.Resolver, communityID, paging{first, last, after, before}, boundTo("households", communityID, filter),
		func(s delivery.Scope, p db.Range) (*db.Rows[delivery.Household], error) {
			f, err := householdFilter(ActorFrom(ctx), filter, communityID.Community)
			if err != nil {
				return nil, err
			}
			return r.DB.Households(ctx, s, communityID.Community, f, p)
		})
	return (*graph.HouseholdConnection)(rows), err
}
