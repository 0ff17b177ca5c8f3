package resolvers

import (
	"context"
	"time"

	"baogong/delivery"
)

// CityBoard returns numbers only, so it does not check that the actor belongs to a community.
func (r queryResolver) CityBoard(ctx context.Context, day *string) (*delivery.CityBoard, error) {
	a, err := signedIn(ctx)
	if err != nil {
		return nil, err
	}
	if !a.CanCount() {
		return nil, delivery.Refuse(delivery.ReasonNotYours)
	}
	now := r.now().Truncate(time.Microsecond)
	if day == nil {
		return r.DB.CityBoard(ctx, a.Scope(), now)
	}
	if refusal := delivery.CheckCityDay(*day); refusal != nil {
		return nil, refusal.At("day")
	}
	b, err := r.DB.CityDay(ctx, a.Scope(), *day, now)
	if err != nil {
		return nil, err
	}
	if refusal := b.CheckStored(now); refusal != nil {
		return nil, refusal.At("day")
	}
	return b, nil
}
