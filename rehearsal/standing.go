package rehearsal

import (
	"cmp"
	"slices"
	"time"

	"baogong/delivery"
)

// Standing is orders that are in the chain when the rest of a day begins.
type Standing struct {
	Link     LinkName
	Building int // its index in the estate; AnyBuilding: not known
	Orders   int
	Bags     int           // at least one for each order; 0: one for each
	Waited   time.Duration // how long they have been in the link
	Left     time.Duration // Settling: until they are settled
	// Trip is the cart or the climb that the orders are on, from 1; groups of a link with the same number are on the same one. With 0 they wait.
	Trip int
}

// AnyBuilding is the building of orders that may be of any household.
const AnyBuilding = -1

// MaxStanding is how many groups of orders may stand in the chain.
const MaxStanding = 20_000

// standingSource is the number of the first stream of orders that stand. Trucks have lower numbers.
const standingSource = 1 << 40

// checkStanding returns a refusal for orders that cannot stand in the chain.
func (s *Scenario) checkStanding() error {
	if s.Start < 0 || s.Start >= span {
		return delivery.Refuse(ReasonScenarioRange, 0, hours-1).At("start")
	}
	if len(s.Standing) > MaxStanding {
		return delivery.Refuse(ReasonScenarioRange, 0, MaxStanding).At("standing")
	}
	for _, g := range s.Standing {
		if g.Orders < 0 || g.Bags < 0 || g.Bags > delivery.MaxBags*max(g.Orders, 1) || g.Building < AnyBuilding || g.Building >= len(s.Estate.Buildings) ||
			!slices.Contains(chain, g.Link) || g.Waited < 0 || g.Left < 0 || g.Left > 24*time.Hour || g.Trip < 0 {
			return delivery.Refuse(ReasonScenarioRange, 0, MaxOrders).At("standing")
		}
	}
	return nil
}

// standing returns the groups in the order in which they enter their links: those that waited longest come first, and the groups of a trip stand together.
func (s *Scenario) standing() []Standing {
	out := slices.Clone(s.Standing)
	slices.SortStableFunc(out, func(a, b Standing) int {
		return cmp.Or(cmp.Compare(a.Trip, b.Trip), slices.Index(chain, a.Link)-slices.Index(chain, b.Link), cmp.Compare(b.Waited, a.Waited))
	})
	return out
}

// stand puts the standing orders of the present replication into their links.
func (t *trucks) stand(d *day) {
	trips := make([]*climbAway, len(d.links)) // that are being filled
	for i, g := range t.standing {
		s := newStream(t.scenario.Seed, t.replication, standingSource+uint64(i))
		from, households := 0, len(t.households)
		if g.Building != AnyBuilding {
			if n := t.firsts[g.Building+1] - t.firsts[g.Building]; n > 0 {
				from, households = t.firsts[g.Building], n
			}
		}
		first := len(d.orders)
		d.orders = t.draw(&s, from, households, g.Orders, g.Bags, d.orders)
		link := slices.Index(chain, g.Link)
		for o := int32(first); int(o) < len(d.orders); o++ {
			d.orders[o].came, d.orders[o].entered = d.now, d.now-g.Waited
			d.in++
		}
		switch l := d.links[link].(type) {
		case *settleWait:
			for o := first; o < len(d.orders); o++ {
				l.settle(d, int32(o), g.Left)
			}
			continue
		case *carts:
			if g.Trip > 0 {
				l.underWay(d, g, i > 0 && t.standing[i-1].Trip == g.Trip && t.standing[i-1].Link == g.Link, int32(first))
				continue
			}
		case *doors:
			if g.Trip > 0 {
				if trips[link] == nil || trips[link].number != g.Trip {
					trips[link] = &climbAway{number: g.Trip, at: d.now}
				}
				l.onStairs(d, trips[link], int32(first))
				continue
			}
		}
		for o := first; o < len(d.orders); o++ {
			d.touched |= 1 << link
			d.links[link].enter(d, int32(o))
		}
	}
}

// underWay puts the orders from first on aboard a cart that has left the tables g.Waited ago: one of its own, or also the one of the group before.
func (c *carts) underWay(d *day, g Standing, also bool, first int32) {
	if int(first) == len(d.orders) {
		return
	}
	at := max(d.now, d.now-g.Waited+c.Travel)
	var id int32
	if n := len(c.trips); also && n > 0 && c.lastAway >= 0 {
		id = c.lastAway
		at = max(at, c.trips[id].stops[len(c.trips[id].stops)-1].at)
	} else {
		id = c.newTrip()
		c.away++
		c.loads++
	}
	c.lastAway = id
	s := c.trips[id].add()
	at += c.Stop
	for o := first; int(o) < len(d.orders); o++ {
		s.orders = append(s.orders, o)
		at += time.Duration(d.orders[o].bags) * c.Handling
	}
	s.at = at
	c.aboard += len(s.orders)
	d.schedule(at, c.link, cartStop, id)
	d.schedule(at, c.link, cartAgain, id)
}

// climbAway is a climb that began before the rest of the day.
type climbAway struct {
	number int
	at     time.Duration // when the last of its orders so far is delivered
}

// onStairs puts the orders from first on into the hands of a volunteer who goes from door to door, the top floor first. A climb
// of several groups goes on with the next when one is done; the volunteer counts as busy in all their buildings.
func (c *doors) onStairs(d *day, away *climbAway, first int32) {
	if int(first) == len(d.orders) {
		return
	}
	c.basket = c.basket[:0]
	for o := first; int(o) < len(d.orders); o++ {
		c.basket = append(c.basket, o)
	}
	slices.SortStableFunc(c.basket, func(x, y int32) int {
		return cmp.Or(cmp.Compare(d.orders[x].unit, d.orders[y].unit), cmp.Compare(d.orders[y].floor, d.orders[x].floor))
	})
	at, unit, below := away.at, int32(-1), int16(0)
	for _, o := range c.basket {
		lift, floor := c.ways(d.orders[o].unit)
		switch {
		case unit < 0: // somewhere on the stairs
		case unit != d.orders[o].unit:
			at += time.Duration(below)*floor + lift + time.Duration(d.orders[o].floor)*floor
		default:
			at += time.Duration(below-d.orders[o].floor) * floor
		}
		at += d.orders[o].work[workDoor]
		unit, below = d.orders[o].unit, d.orders[o].floor
		d.schedule(at, c.link, climbDoor, o)
	}
	b := c.building[d.orders[first].unit]
	_, floor := c.ways(unit)
	c.climbing += len(c.basket)
	c.busy[b]++
	away.at = at
	d.schedule(at+time.Duration(below)*floor, c.link, climbBack, b)
}
