package resolvers

import (
	"context"
	"time"

	"baogong/delivery"
)

func (r queryResolver) DailyReport(ctx context.Context, communityID delivery.ID, day *string) (*delivery.DailyReport, error) {
	if err := r.enter(ctx, communityID, "communityId"); err != nil {
		return nil, err
	}
	a := ActorFrom(ctx)
	if !a.CanReadReports(communityID.Community) {
		return nil, delivery.Refuse(delivery.ReasonNotYours)
	}
	c, err := there(get(ctx, communityByID.in(load(ctx)), communityID))(delivery.KindCommunity)
	if err != nil {
		return nil, missing(err, "communityId")
	}
	now := r.now().Truncate(time.Microsecond)
	if day == nil {
		day = new(c.Day(now))
	}
	from, until, refusal := c.ReportOf(*day, now)
	if refusal != nil {
		return nil, refusal.At("day")
	}
	out, err := r.DB.DailyReport(ctx, a.Scope(), communityID.Community, from, until)
	if err != nil {
		return nil, err
	}
	out.Day, out.From, out.Until = *day, from, until
	return out, nil
}
