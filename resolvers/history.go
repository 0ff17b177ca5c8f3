package resolvers

import (
	"context"
	"math"
	"slices"

	"baogong/db"
	"baogong/delivery"
	"baogong/dispatch"
)

var eventsOfOrder = spanned((*db.DB).EventsOfOrders, func(e *delivery.Event) delivery.ID {
	return delivery.ID{Kind: delivery.KindOrder, Community: e.CommunityID, UUID: *e.OrderUUID}
})

var notesOfOrder = spanned((*db.DB).NotesOfOrders, func(n *delivery.OrderNote) delivery.ID {
	return delivery.ID{Kind: delivery.KindOrder, Community: n.CommunityID, UUID: n.OrderUUID}
})

// span returns the span of the newest events before a version. It fails if last is out of range.
func span(last int, before *int) (db.Span, error) {
	if last < 0 || last > delivery.MaxPage {
		return db.Span{}, delivery.Refuse(dispatch.ReasonOutOfRange, 0, delivery.MaxPage).At("last")
	}
	s := db.Span{Newest: last}
	if before != nil {
		if *before < 1 {
			return s, delivery.Refuse(dispatch.ReasonOutOfRange, 1, math.MaxInt32).At("beforeVersion")
		}
		s.Before = int64(*before)
	}
	return s, nil
}

// History is empty for viewers who follow a link, because events name the household, the holder and the actor.
func (r orderResolver) History(ctx context.Context, o *delivery.Order, last int, beforeVersion *int) ([]*delivery.Event, error) {
	asked, err := span(last, beforeVersion)
	if err != nil {
		return nil, err
	}
	if !sight(ctx).Whole {
		return []*delivery.Event{}, nil
	}
	events, err := of(ctx, eventsOfOrder.in(load(ctx), asked), o, by((*delivery.Order).ID))
	// Events of a newer release that this one cannot show are skipped.
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
	return of(ctx, notesOfOrder.in(load(ctx), asked), o, by((*delivery.Order).ID))
}

// StageTimes reads at most as many events as History can return at once.
func (r orderResolver) StageTimes(ctx context.Context, o *delivery.Order) ([]*delivery.StageTime, error) {
	events, err := of(ctx, eventsOfOrder.in(load(ctx), db.Span{Newest: delivery.MaxPage}), o, by((*delivery.Order).ID))
	return delivery.StageTimes(events), err
}
