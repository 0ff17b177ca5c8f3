package resolvers

import (
	"context"
	"time"

	"baogong/delivery"
)

// CityBoard is numbers only, so whoever may count needs to enter nothing.
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
