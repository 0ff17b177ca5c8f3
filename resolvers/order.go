package resolvers

import (
	"context"
	"math"
	"slices"

	"baogong/db"
	"baogong/delivery"
)

type orderResolver struct{ *Resolver }

func (orderResolver) Building(ctx context.Context, o *delivery.Order) (*delivery.Building, error) {
	return of(ctx, load(ctx).buildings, o, by((*delivery.Order).BuildingID))
}

func (orderResolver) Unit(ctx context.Context, o *delivery.Order) (*delivery.Unit, error) {
	if !sight(ctx).Whole {
		return nil, nil
	}
	return of(ctx, load(ctx).units, o, by((*delivery.Order).UnitID))
}

func (orderResolver) Household(ctx context.Context, o *delivery.Order) (*delivery.Household, error) {
	return of(ctx, load(ctx).households, o, by((*delivery.Order).HouseholdID))
}

func (orderResolver) Supplier(ctx context.Context, o *delivery.Order) (*delivery.Supplier, error) {
	return of(ctx, load(ctx).suppliers, o, (*delivery.Order).SupplierID)
}

func (orderResolver) Taker(ctx context.Context, o *delivery.Order) (*delivery.Volunteer, error) {
	return of(ctx, load(ctx).volunteers, o, func(o *delivery.Order) *delivery.ID {
		return refOf(delivery.KindVolunteer, o.CommunityID, o.TakerUUID)
	})
}

func (orderResolver) Lines(ctx context.Context, o *delivery.Order) ([]*delivery.Line, error) {
	if !sight(ctx).Whole {
		return []*delivery.Line{}, nil
	}
	return of(ctx, load(ctx).linesOf, o, by((*delivery.Order).ID))
}

// Address is the door, and for whoever follows a link only the building.
func (orderResolver) Address(ctx context.Context, o *delivery.Order) (string, error) {
	return sight(ctx).Door(o), nil
}

// Label is what may be printed on a bag; whoever follows a link prints none.
func (orderResolver) Label(ctx context.Context, o *delivery.Order) (string, error) {
	if !sight(ctx).Whole {
		return "", nil
	}
	return o.Label(), nil
}

func (orderResolver) TotalFen(ctx context.Context, o *delivery.Order) (int64, error) {
	if !sight(ctx).Whole {
		return 0, nil
	}
	return o.TotalFen, nil
}

func (orderResolver) Note(ctx context.Context, o *delivery.Order) (string, error) {
	if !sight(ctx).Whole {
		return "", nil
	}
	return o.Note, nil
}

func (orderResolver) ExternalNumber(ctx context.Context, o *delivery.Order) (string, error) {
	if !sight(ctx).Whole {
		return "", nil
	}
	return o.ExternalNumber, nil
}

func (orderResolver) Holds(ctx context.Context, o *delivery.Order) ([]*delivery.Hold, error) {
	if !o.Held() {
		return []*delivery.Hold{}, nil
	}
	l := load(ctx).holdsOn
	want(ctx, l, o, func(o *delivery.Order) []*delivery.ID {
		if !o.Held() {
			return nil
		}
		own, building := o.ID(), o.BuildingID()
		return []*delivery.ID{&own, &building}
	})
	own, building := l.Load(ctx, o.ID()), l.Load(ctx, o.BuildingID())
	holds, err := own()
	if err != nil {
		return nil, err
	}
	more, err := building()
	return append(append([]*delivery.Hold{}, holds...), more...), err
}

func (orderResolver) Holder(ctx context.Context, o *delivery.Order) (delivery.Holder, error) {
	return holder(ctx, o, func(o *delivery.Order) (volunteer, supplier *delivery.UUID) {
		return o.HolderVolunteer, o.HolderSupplier
	})
}

func (orderResolver) Reach(ctx context.Context, o *delivery.Order) (delivery.Holder, error) {
	if !sight(ctx).Whole {
		return nil, nil
	}
	roster, err := get(ctx, load(ctx).rosters, o.CommunityID)
	if err != nil {
		return nil, err
	}
	return holder(ctx, o, func(o *delivery.Order) (volunteer, supplier *delivery.UUID) { return roster.Reach(&o.OrderSnapshot) })
}

// holder waits for the volunteer or supplier that who names.
func holder(ctx context.Context, o *delivery.Order, who func(*delivery.Order) (volunteer, supplier *delivery.UUID)) (delivery.Holder, error) {
	v, err := of(ctx, load(ctx).volunteers, o, func(o *delivery.Order) *delivery.ID {
		volunteer, _ := who(o)
		return refOf(delivery.KindVolunteer, o.CommunityID, volunteer)
	})
	if err != nil {
		return nil, err
	}
	if v != nil {
		return v, nil
	}
	s, err := of(ctx, load(ctx).suppliers, o, func(o *delivery.Order) *delivery.ID {
		_, supplier := who(o)
		return refOf(delivery.KindSupplier, o.CommunityID, supplier)
	})
	if s == nil {
		return nil, err
	}
	return s, err
}

func (orderResolver) AllowedMoves(ctx context.Context, o *delivery.Order) ([]*delivery.Edge, error) {
	edges := load(ctx).actor.AllowedMoves(&o.OrderSnapshot)
	out := make([]*delivery.Edge, len(edges))
	for i := range edges {
		out[i] = &edges[i]
	}
	return out, nil
}

// span returns the span of the newest events before a version. It fails if last is out of range.
func span(last int, before *int) (db.Span, error) {
	if last < 0 || last > delivery.MaxPage {
		return db.Span{}, delivery.Refuse(delivery.ReasonOutOfRange, 0, delivery.MaxPage).At("last")
	}
	s := db.Span{Newest: last}
	if before != nil {
		if *before < 1 {
			return s, delivery.Refuse(delivery.ReasonOutOfRange, 1, math.MaxInt32).At("beforeVersion")
		}
		s.Before = int64(*before)
	}
	return s, nil
}

// History is empty for whoever follows a link: events name the household, the holder and who moved the order.
func (r orderResolver) History(ctx context.Context, o *delivery.Order, last int, beforeVersion *int) ([]*delivery.Event, error) {
	asked, err := span(last, beforeVersion)
	if err != nil {
		return nil, err
	}
	if !sight(ctx).Whole {
		return []*delivery.Event{}, nil
	}
	events, err := of(ctx, load(ctx).eventsOf(r.DB, asked), o, by((*delivery.Order).ID))
	// What a newer release wrote and this one cannot show is passed over.
	return slices.DeleteFunc(slices.Clone(events), func(e *delivery.Event) bool { return !e.OfOrder() }), err
}

func (r orderResolver) Notes(ctx context.Context, o *delivery.Order, last int, beforeVersion *int) ([]*delivery.OrderNote, error) {
	asked, err := span(last, beforeVersion)
	if err != nil {
		return nil, err
	}
	if !sight(ctx).Team {
		return []*delivery.OrderNote{}, nil
	}
	return of(ctx, load(ctx).notesOf(r.DB, asked), o, by((*delivery.Order).ID))
}

// StageTimes reads at most as many events as history can show at once.
func (r orderResolver) StageTimes(ctx context.Context, o *delivery.Order) ([]*delivery.StageTime, error) {
	events, err := of(ctx, load(ctx).eventsOf(r.DB, db.Span{Newest: delivery.MaxPage}), o, by((*delivery.Order).ID))
	return delivery.StageTimes(events), err
}

type holdResolver struct{ *Resolver }

func (holdResolver) Note(ctx context.Context, h *delivery.Hold) (string, error) {
	if !sight(ctx).Team {
		return "", nil
	}
	return h.Note, nil
}
