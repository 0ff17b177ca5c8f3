package rehearsal

import (
	"math"
	"slices"
	"time"
)

// Doors is how volunteers carry orders from a building's entrance to the doors.
type Doors struct {
	Hands    Staffing      // of all buildings; each building has a share by its households
	Door     WorkTime      // at one door
	Wait     time.Duration // for the lift, once a climb
	PerFloor time.Duration // in the lift, each way
	OnFoot   float64       // how many times longer a floor takes on foot
	Basket   int           // bags that a volunteer takes on a climb
	LiftsOut bool
	Measured bool // the time at a door contains the way from the door before, as measured times do
	Together bool // all orders of a climb count as delivered when the volunteer is back at the entrance
}

// doors are the link from the entrance to the door. A volunteer takes the orders of one unit, the top floor first.
type doors struct {
	watch
	Doors
	estate   *Site
	flat     []Staircase // of each unit
	building []int32     // of each unit
	units    [][]int32   // of each building
	holds    holds

	hands, busy []int32      // of each building
	lines       []classQueue // of each unit
	marked      []bool       // buildings in look
	look        []int32
	waiting     int
	climbing    int
	basket      []int32
}

const (
	climbDoor = iota
	climbBack
	climbStaff
	climbHold
)

func (c *doors) reset(d *day) {
	c.watch.reset()
	if c.lines == nil {
		c.lines = make([]classQueue, len(c.building))
		c.hands, c.busy, c.marked = make([]int32, len(c.holds)), make([]int32, len(c.holds)), make([]bool, len(c.holds))
	}
	for u := range c.lines {
		c.lines[u].clear()
	}
	c.look, c.waiting, c.climbing = c.look[:0], 0, 0
	clear(c.busy)
	clear(c.marked)
	c.share(c.Hands.At(d.start))
	c.Hands.schedule(d, c.link, climbStaff)
	c.holds.schedule(d, c.link, climbHold)
}

// share gives each building its part of the hands.
func (c *doors) share(hands int) {
	c.hands = c.estate.apportion(hands, c.hands)
}

func (c *doors) enter(d *day, o int32) {
	u := d.orders[o].unit
	c.lines[u].push(o, d.orders[o].class)
	c.waiting++
	c.queued(d.now, c.waiting)
	c.mark(c.building[u])
}

func (c *doors) mark(b int32) {
	if !c.marked[b] {
		c.marked[b] = true
		c.look = append(c.look, b)
	}
}

func (c *doors) start(d *day) {
	for _, b := range c.look {
		c.marked[b] = false
		for c.busy[b] < c.hands[b] && c.climb(d, b) {
		}
	}
	c.look = c.look[:0]
	c.queue = c.waiting
}

// climb sends a volunteer of a building up, and reports whether one went.
func (c *doors) climb(d *day, b int32) bool {
	unit, bestClass, bestAt := int32(-1), classes, never
	for _, u := range c.units[b] {
		if c.lines[u].length == 0 {
			continue
		}
		if o := &d.orders[c.lines[u].peek()]; o.class < bestClass || o.class == bestClass && o.entered < bestAt {
			unit, bestClass, bestAt = u, o.class, o.entered
		}
	}
	if unit < 0 {
		return false
	}
	length := c.fill(d, unit)
	if c.holds.during(b, d.now, d.now+length) {
		for _, o := range slices.Backward(c.basket) { // they wait until the hold ends
			c.lines[unit].back(o, d.orders[o].class)
		}
		return false
	}
	lift, floor := c.ways(unit)
	slices.SortFunc(c.basket, func(x, y int32) int { return int(d.orders[y].floor) - int(d.orders[x].floor) })
	at, below := d.now+lift, d.orders[c.basket[0]].floor
	at += time.Duration(below) * floor
	for i, o := range c.basket {
		c.offerTrip(d, c.holds.free(b, d.orders[o].entered), i, len(c.basket), length)
		if !c.Measured {
			at += time.Duration(below-d.orders[o].floor) * floor
		}
		at += d.orders[o].work[workDoor]
		below = d.orders[o].floor
		c.waited(d.now - d.orders[o].entered)
		if c.Together {
			d.schedule(d.now+length, c.link, climbDoor, o)
		} else {
			d.schedule(at, c.link, climbDoor, o)
		}
	}
	c.waiting -= len(c.basket)
	c.climbing += len(c.basket)
	c.busy[b]++
	c.worked += length
	d.schedule(d.now+length, c.link, climbBack, b)
	return true
}

// fill takes a basket from the line of a unit and returns how long its climb takes.
func (c *doors) fill(d *day, unit int32) time.Duration {
	c.basket = c.basket[:0]
	lift, floor := c.ways(unit)
	length, top, low, bags := lift, int16(0), int16(math.MaxInt16), int32(0)
	for c.lines[unit].length > 0 {
		o := &d.orders[c.lines[unit].peek()]
		if bags += o.bags; bags > int32(c.Basket) && len(c.basket) > 0 {
			break
		}
		c.basket = append(c.basket, c.lines[unit].pop())
		top, low = max(top, o.floor), min(low, o.floor)
		length += o.work[workDoor]
	}
	if !c.Measured {
		low = top // the whole way down is still to come
	}
	return length + time.Duration(top)*floor + time.Duration(low)*floor
}

// ways returns the wait for the lift of a unit, and how long a floor takes.
func (c *doors) ways(unit int32) (lift, floor time.Duration) {
	if c.LiftsOut || !c.flat[unit].Lift {
		return c.Wait, milliseconds(float64(c.PerFloor.Milliseconds()) * c.OnFoot)
	}
	return c.Wait, c.PerFloor
}

func (c *doors) wake(d *day, e alarm) {
	switch e.what {
	case climbDoor:
		c.climbing--
		d.leave(&c.watch, e.who)
	case climbBack:
		c.busy[e.who]--
		c.mark(e.who)
	case climbStaff:
		c.share(int(e.who))
		for b := range c.hands {
			c.mark(int32(b))
		}
	case climbHold:
		c.mark(e.who)
	}
}

func (c *doors) inside() int { return c.waiting + c.climbing }
