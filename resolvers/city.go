package resolvers

import (
	"context"
	"time"

	"baogong/delivery"
)

// CityBoard returns numbers only, so it does not check that the actor belongs to a community.
func (r queryResolver) CityBoard(ctx context.Context) (*delivery.CityBoard, error) {
	a, err := signedIn(ctx)
	if err != nil {
		return nil, err
	}
	if !a.CanCount() {
		return nil, delivery.Refuse(delivery.ReasonNotYours)
	}
	return r.DB.CityBoard(ctx, a.Scope(), r.now().Truncate(time.Microsecond))
}
