package delivery

import "time"

const (
	cityOrdersStep = 10               // to which the city's numbers of planned orders are rounded up
	cityClearStep  = 10 * time.Minute // and its times
)

// PlannedToday is how many orders the plan has, for the city: rounded up, and nil while both the open and the delivered orders are suppressed.
func (c *CityCommunity) PlannedToday(p *DayPlan) *int {
	if c.Open.Suppressed() && c.DeliveredToday.Suppressed() {
		return nil
	}
	return new((p.Orders + cityOrdersStep - 1) / cityOrdersStep * cityOrdersStep)
}

// BehindMinutes is how far the community is behind the plan. It is computed from the number of delivered orders as the city sees it, at the time of its
// reading, so that it reveals no other number. It is nil while that number or that of the open orders is suppressed, if the number is of another
// day, and once nothing is left to deliver: the time of the last hand-over is no number of the city.
func (c *CityCommunity) BehindMinutes(p *DayPlan) *int {
	n := c.DeliveredToday
	if n.Suppressed() || c.Open.Suppressed() || p.NothingLeft() || n.ReadAt == nil || n.ReadAt.Before(p.StartsAt) || !n.ReadAt.Before(p.EndsAt) {
		return nil
	}
	return p.BehindAt(*n.Count, *n.ReadAt)
}

// ExpectedClearAt is when everything will probably be delivered, for the city: rounded up, and nil while the number of open
// orders is suppressed, if the rest of the day was not rehearsed within PresentFor, and if nothing was left.
func (c *CityCommunity) ExpectedClearAt(p *DayPlan, now time.Time) *time.Time {
	at := p.ExpectedClear(now)
	if at == nil || c.Open.Suppressed() {
		return nil
	}
	return new(at.Add(cityClearStep - 1).Truncate(cityClearStep))
}
