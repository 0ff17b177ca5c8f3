package rehearsal

import "time"

const (
	slot  = 10 * time.Minute // in which curves are counted
	span  = 48 * time.Hour   // of a simulated day, from its midnight
	slots = int(span / slot)
	hours = int(span / time.Hour)

	bin    = 6 * time.Second // of histograms, up to fine; longer times count in the last bin
	fine   = 24 * time.Hour
	coarse = time.Minute // of histograms, above fine
	bins   = int(fine/bin) + int((span-fine)/coarse)
)

// binOf returns the bin of a time.
func binOf(t time.Duration) int {
	if t < fine {
		return int(t / bin)
	}
	return min(int(fine/bin)+int((t-fine)/coarse), bins-1)
}

// binStart returns the least time of a bin.
func binStart(i int) time.Duration {
	if n := int(fine / bin); i > n {
		return fine + time.Duration(i-n)*coarse
	}
	return time.Duration(i) * bin
}

// histogram counts times.
type histogram struct {
	count [bins]uint32
	total int64
	sum   int64 // ms
}

func (h *histogram) add(t time.Duration) {
	h.count[binOf(t)]++
	h.total++
	h.sum += t.Milliseconds()
}

func (h *histogram) merge(other *histogram) {
	for i, n := range other.count {
		h.count[i] += n
	}
	h.total += other.total
	h.sum += other.sum
}

// mean returns the mean in minutes.
func (h *histogram) mean() float64 {
	if h.total == 0 {
		return 0
	}
	return float64(h.sum) / float64(h.total) / 60_000
}

// quantile returns the time within which a share of the times lies, in minutes.
func (h *histogram) quantile(share float64) float64 {
	var n int64
	for i, c := range h.count {
		if n += int64(c); float64(n) >= share*float64(h.total) && n > 0 {
			return binStart(i).Minutes()
		}
	}
	return 0
}

// within returns the share of the times up to t.
func (h *histogram) within(t time.Duration) float64 {
	var n int64
	for i := range binOf(t) {
		n += int64(h.count[i])
	}
	if h.total == 0 {
		return 1
	}
	return float64(n) / float64(h.total)
}

// watch counts waiting orders, times and work of a link.
type watch struct {
	link uint8

	// Of the replication:
	queue  int // orders that wait
	peak   int
	peakAt time.Duration
	worked time.Duration // of all hands

	*linkTally // of all replications of a worker
}

// linkTally sums up a link over all replications.
type linkTally struct {
	stay, wait histogram
	delayed    int64         // orders that waited at all
	offered    [hours]int64  // work that came to wait in each hour of the day, in ms
	curve      [slots]int64  // the queue at the end of each slot
	peaks      int64         // sum of the peaks
	most       [slots]uint32 // how often the peak was in a slot
	hands      int64         // sum of the work, in ms
}

func (t *linkTally) merge(other *linkTally) {
	t.stay.merge(&other.stay)
	t.wait.merge(&other.wait)
	t.delayed += other.delayed
	t.peaks += other.peaks
	t.hands += other.hands
	for i := range t.offered {
		t.offered[i] += other.offered[i]
	}
	for i := range t.curve {
		t.curve[i] += other.curve[i]
		t.most[i] += other.most[i]
	}
}

func (w *watch) watched() *watch { return w }

func (w *watch) reset() {
	w.queue, w.peak, w.peakAt, w.worked = 0, 0, 0, 0
	if w.linkTally == nil {
		w.linkTally = new(linkTally)
	}
}

func (w *watch) queued(now time.Duration, length int) {
	w.queue = length
	if length > w.peak {
		w.peak, w.peakAt = length, now
	}
}

func (w *watch) waited(t time.Duration) {
	w.wait.add(t)
	if t > 0 {
		w.delayed++
	}
}

func (w *watch) stayed(t time.Duration) { w.stay.add(t) }

func (w *watch) offer(now, work time.Duration) {
	w.offered[min(int(now/time.Hour), hours-1)] += work.Milliseconds()
}

// offerTrip counts the work of a trip in equal parts for its orders, of which this is one, when each came to wait for it: not when hands were free for the trip, which would
// never be more work than the hands there do.
func (w *watch) offerTrip(d *day, since time.Duration, order, orders int, work time.Duration) {
	ms := work.Milliseconds()
	part := ms*int64(order+1)/int64(orders) - ms*int64(order)/int64(orders)
	w.offer(min(max(since, d.start), d.now), time.Duration(part)*time.Millisecond)
}

// end adds the replication to the tally.
func (w *watch) end() {
	w.peaks += int64(w.peak)
	w.most[min(int(w.peakAt/slot), slots-1)]++
	w.hands += w.worked.Milliseconds()
}
