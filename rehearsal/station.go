package rehearsal

import "time"

// station is a post with a number of equal hands and one queue, such as the gate.
type station struct {
	watch
	work  int // of the order's times
	staff Staffing
	hands int
	busy  int
	line  classQueue
}

const (
	stationDone = iota
	stationStaff
)

func (s *station) reset(d *day) {
	s.watch.reset()
	s.hands, s.busy = s.staff.At(d.start), 0
	s.line.clear()
	s.staff.schedule(d, s.link, stationStaff)
}

func (s *station) enter(d *day, o int32) {
	s.line.push(o, d.orders[o].class)
	s.offer(d.now, d.orders[o].work[s.work])
	s.queued(d.now, s.line.length)
}

func (s *station) start(d *day) {
	for s.busy < s.hands && s.line.length > 0 {
		o := s.line.pop()
		s.busy++
		s.waited(d.now - d.orders[o].entered)
		s.worked += d.orders[o].work[s.work]
		d.schedule(d.now+d.orders[o].work[s.work], s.link, stationDone, o)
	}
	s.queue = s.line.length
}

func (s *station) wake(d *day, e alarm) {
	if e.what == stationStaff {
		s.hands = int(e.who) // busy hands finish their order
		return
	}
	s.busy--
	d.leave(&s.watch, e.who)
}

func (s *station) inside() int { return s.line.length + s.busy }

// schedule wakes a link when its hands change.
func (s Staffing) schedule(d *day, link, what uint8) {
	for _, h := range s {
		if h.From > d.start {
			d.schedule(h.From, link, what, int32(h.Count))
		}
	}
}

// settleWait is a fixed wait, longer for orders that are overlooked.
type settleWait struct {
	watch
	wait  time.Duration
	count int
}

func (s *settleWait) reset(*day) {
	s.watch.reset()
	s.count = 0
}

func (s *settleWait) enter(d *day, o int32) { s.settle(d, o, s.wait+d.orders[o].lost) }

// settle adds an order that is settled after a time.
func (s *settleWait) settle(d *day, o int32, left time.Duration) {
	s.count++
	s.queued(d.now, s.count)
	s.waited(left)
	d.schedule(d.now+left, s.link, 0, o)
}

func (s *settleWait) start(*day) { s.queue = s.count }

func (s *settleWait) wake(d *day, e alarm) {
	s.count--
	d.leave(&s.watch, e.who)
}

func (s *settleWait) inside() int { return s.count }
