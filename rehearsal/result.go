package rehearsal

import (
	"math"
	"slices"
	"time"

	"baogong/delivery"
)

// LinkName is a link of the chain. Those with hands have the values of delivery.Post.
type LinkName string

// The links. Settling has no hands.
const (
	Gate     = LinkName(delivery.PostGate)
	Settling = LinkName("SETTLING")
	Sorting  = LinkName(delivery.PostSorting)
	Cart     = LinkName(delivery.PostTransport)
	Door     = LinkName(delivery.PostBuilding)
)

var (
	posts = []LinkName{Gate, Sorting, Cart, Door}           // with hands
	chain = []LinkName{Gate, Settling, Sorting, Cart, Door} // in order
)

// The words of the links.
var (
	linkWords = map[LinkName]delivery.Bilingual{
		Gate: {Chinese: "门口", English: "the gate"}, Settling: {Chinese: "静置", English: "settling"}, Sorting: {Chinese: "分拣", English: "sorting"},
		Cart: {Chinese: "推车", English: "the carts"}, Door: {Chinese: "上楼入户", English: "the doors"},
	}
	_ = delivery.NewWord("the gate", "门口")
	_ = delivery.NewWord("sorting", "分拣")
	_ = delivery.NewWord("the carts", "推车")
	_ = delivery.NewWord("the doors", "上楼入户")
)

// Words returns the name of the link.
func (l LinkName) Words() delivery.Bilingual { return linkWords[l] }

// Never stands for a time that is not reached within the simulation, which ends 48 hours after the day's midnight.
const Never = never

// Outlook is the result of a rehearsal.
type Outlook struct {
	Orders, Replications int
	Seed                 uint64

	ClearMedian, ClearP95 time.Duration // when everything is delivered; Never if that does not happen
	ClearLow, ClearHigh   time.Duration // between which everything is delivered on the middle 95 % of the days
	By                    time.Duration
	Chance                Chance // that everything is delivered by By
	Minutes               MeanInterval
	P95Minutes            float64 // from the gate to the door
	Within                time.Duration
	InTime                float64 // share of the orders within Within
	Undelivered           float64 // orders left at the end, a mean
	LeftOutBuildings      int     // held without an end, see Scenario.LeftOut
	LeftOutOrders         int

	Links   []LinkResult
	Longest LinkName // apart from settling
	OneMore []OneMore
	WhatIfs []WhatIf
	Hours   []HourResult
	Band    []BandPoint
	Advice  []delivery.Bilingual

	minutesOfDays []float64 // of each replication, for Compare
}

// LinkResult is what happens at a link.
type LinkResult struct {
	Link          LinkName
	Minutes       float64 // from entering to leaving, a mean
	Wait, P95Wait float64 // minutes before the work begins
	QueuePeak     float64 // a mean over the replications
	QueuePeakAt   time.Duration
	Busy          float64   // share of the hands' time from the first truck to the last delivery; 0 if there are no hands
	Queue         []float64 // mean at the end of each ten minutes
	Work          float64   // hours that all hands work, a mean
}

// OneMore is what one more hand at a post saves.
type OneMore struct {
	Link        LinkName
	Saves       MeanInterval // minutes for each order, a mean
	ClearMedian time.Duration
	Share       float64 // the chance that everything is delivered by By
	Gains       float64 // how much more that is than on the same days as they are
}

// HourResult is one hour of the day.
type HourResult struct {
	Hour      int
	Arrived   float64
	Delivered float64
	Needed    map[LinkName]int // hands that keep up with the work that comes in the hour without being busy more than 85 % of the time; trips that never begin are not counted
	Planned   map[LinkName]int // at the beginning of the hour
	Phone     int
}

// BandPoint is how many orders are delivered by a time: the tenth, the median and the ninetieth percentile.
type BandPoint struct {
	At                time.Duration
	Low, Median, High int
}

// busiest is the share of their time that needed hands may be busy.
const busiest = 0.85

// played is one replication's outcome.
type played struct {
	clear   time.Duration
	minutes float64 // mean from the gate to the door
	left    int
	done    []uint32 // delivered in each slot
}

// total sums up all replications of a scenario.
type total struct {
	outcomes []played
	links    []*linkTally
	inside   histogram // from the gate to the door
	arrived  [hours]int64
	done     [hours]int64
	first    int64 // sum of the first arrivals, in ms
}

func (t *total) merge(other *total) {
	t.inside.merge(&other.inside)
	for i := range t.links {
		t.links[i].merge(other.links[i])
	}
	for i := range t.arrived {
		t.arrived[i] += other.arrived[i]
		t.done[i] += other.done[i]
	}
	t.first += other.first
}

func (t *total) clears() []time.Duration {
	out := make([]time.Duration, len(t.outcomes))
	for i, o := range t.outcomes {
		out[i] = o.clear
	}
	return out
}

// chance returns the chance that everything is delivered in time.
func (t *total) chance(s *Scenario) Chance {
	hits := 0
	for _, o := range t.outcomes {
		if o.clear <= s.By {
			hits++
		}
	}
	return chance(hits, len(t.outcomes))
}

// result makes the outlook of a scenario.
func (t *total) result(s *Scenario) *Outlook {
	n := len(t.outcomes)
	r := &Outlook{Orders: s.Orders(), LeftOutBuildings: s.LeftOut, LeftOutOrders: s.LeftOutOrders, Replications: n, Seed: s.Seed, By: s.By, Within: s.Within,
		P95Minutes: t.inside.quantile(0.95), InTime: t.inside.within(s.Within)}
	clears := t.clears()
	r.ClearMedian = medianOf(clears)
	r.ClearP95 = ofSorted(clears, 0.95)
	r.ClearLow, r.ClearHigh = ofSorted(clears, 0.025), ofSorted(clears, 0.975)
	left := 0
	minutes := make([]float64, n)
	for i, o := range t.outcomes {
		left += o.left
		minutes[i] = o.minutes
	}
	r.Chance, r.Minutes, r.Undelivered = t.chance(s), meanInterval(minutes), float64(left)/float64(n)
	r.Band = t.band()
	staff := s.staff()
	var ends float64
	for _, c := range clears {
		ends += float64(min(c, span).Milliseconds())
	}
	for i, post := range chain {
		l := t.links[i]
		lr := LinkResult{Link: post, Minutes: l.stay.mean(), Wait: l.wait.mean(), P95Wait: l.wait.quantile(0.95), QueuePeak: float64(l.peaks) / float64(n)}
		at := 0
		for j := range l.most {
			if l.most[j] > l.most[at] {
				at = j
			}
		}
		lr.QueuePeakAt = time.Duration(at) * slot
		last := len(r.Band)
		lr.Queue = make([]float64, last)
		for j := range lr.Queue {
			lr.Queue[j] = float64(l.curve[j]) / float64(n)
		}
		if open := handTime(staff[post], time.Duration(float64(t.first)/float64(n))*time.Millisecond, time.Duration(ends/float64(n))*time.Millisecond); open > 0 {
			lr.Busy = float64(l.hands) / float64(n) / float64(open.Milliseconds())
		}
		lr.Work = (time.Duration(l.hands) * time.Millisecond).Hours() / float64(n)
		r.Links = append(r.Links, lr)
		if post != Settling && (r.Longest == "" || lr.Minutes > r.Link(r.Longest).Minutes) {
			r.Longest = post
		}
	}
	t.hours(s, r, staff)
	return r
}

// Link returns what happens at a link.
func (r *Outlook) Link(l LinkName) *LinkResult {
	for i := range r.Links {
		if r.Links[i].Link == l {
			return &r.Links[i]
		}
	}
	return nil
}

// staff returns the hands that come to each post.
func (s *Scenario) staff() map[LinkName]Staffing {
	return map[LinkName]Staffing{
		Gate: s.Gate.Hands.Without(s.Absent).sorted(), Sorting: s.Sort.Hands.Without(s.Absent).sorted(),
		Cart: s.Carts.Count.Without(s.Absent).sorted(), Door: s.Doors.Hands.Without(s.Absent).sorted(),
	}
}

// handTime adds up the time of the hands between two times.
func handTime(staff Staffing, from, until time.Duration) time.Duration {
	var sum time.Duration
	for i, h := range staff {
		end := until
		if i+1 < len(staff) {
			end = min(end, staff[i+1].From)
		}
		if begin := max(from, h.From); begin < end {
			sum += time.Duration(h.Count) * (end - begin)
		}
	}
	return sum
}

func (t *total) hours(s *Scenario, r *Outlook, staff map[LinkName]Staffing) {
	n := float64(len(t.outcomes))
	for h := range hours {
		hour := HourResult{Hour: h, Arrived: float64(t.arrived[h]) / n, Delivered: float64(t.done[h]) / n, Needed: map[LinkName]int{}, Planned: map[LinkName]int{}}
		busy := hour.Arrived > 0 || hour.Delivered > 0
		for i, post := range chain {
			if post == Settling {
				continue
			}
			work := float64(t.links[i].offered[h]) / n / float64(time.Hour.Milliseconds())
			hour.Needed[post] = int(math.Ceil(work/busiest - 0.05)) // a few minutes of work need no extra hand
			hour.Planned[post] = staff[post].At(time.Duration(h) * time.Hour)
			busy = busy || hour.Needed[post] > 0
		}
		if h < len(s.Phone.Calls) {
			hour.Phone = s.Phone.Hands(s.Phone.Calls[h])
			busy = busy || hour.Phone > 0
		}
		if busy {
			r.Hours = append(r.Hours, hour)
		}
	}
}

// band counts the delivered orders over the day, until the last delivery of any replication.
func (t *total) band() []BandPoint {
	last := 0
	sums := make([][]uint32, slots)
	for _, o := range t.outcomes {
		var sum uint32
		for j, done := range o.done {
			sum += done
			sums[j] = append(sums[j], sum)
			if done > 0 {
				last = max(last, j+1)
			}
		}
	}
	out := make([]BandPoint, 0, last)
	for j := range last {
		slices.Sort(sums[j])
		out = append(out, BandPoint{time.Duration(j+1) * slot, int(ofSorted(sums[j], 0.1)), int(ofSorted(sums[j], 0.5)), int(ofSorted(sums[j], 0.9))})
	}
	return out
}
