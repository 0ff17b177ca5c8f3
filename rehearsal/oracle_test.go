package rehearsal

import (
	"encoding/json"
	"fmt"
	"maps"
	"math"
	"os"
	"slices"
	"testing"
	"time"

	"baogong/internal/cpu"
	"baogong/internal/volume"
)

// oracle is a simulation with one or more closed forms.
type oracle struct {
	cases []string    // in testdata/oracles.json
	links []chainLink // of the chain
	// run plays one replication and returns what each case measures, with controls: numbers of known mean 0 that vary with it.
	run func(d *day, s *stream) (values []float64, controls [2]float64)
	// replications of the plain form, and of the form whose intervals are as narrow as the cases ask.
	plain, full int
	fixed       bool // no randomness: the values are exact
}

// measure is what a case measures.
type measure func(d *day, times []time.Duration) float64

// queueing is a chain with Poisson arrivals.
type queueing struct {
	size         int // orders that come at once
	between      WorkTime
	work         [2]WorkTime
	warm, orders int // the first orders are not measured
	links        []chainLink
	inside       bool // the times are those inside, with the work
}

func minutes(m float64) time.Duration { return time.Duration(m * float64(time.Minute)) }

// mean returns the mean in minutes.
func mean(_ *day, times []time.Duration) float64 {
	var sum time.Duration
	for _, t := range times {
		sum += t
	}
	return sum.Minutes() / float64(len(times))
}

// delayed returns the share of the times above zero.
func delayed(_ *day, times []time.Duration) float64 {
	n := 0
	for _, t := range times {
		if t > 0 {
			n++
		}
	}
	return float64(n) / float64(len(times))
}

func clearAt(d *day, _ []time.Duration) float64 { return d.clear.Minutes() }

func clearBy(by float64) measure {
	return func(d *day, _ []time.Duration) float64 {
		if d.clear <= minutes(by) {
			return 1
		}
		return 0
	}
}

func each(measures []measure, d *day, times []time.Duration) []float64 {
	out := make([]float64, len(measures))
	for i, m := range measures {
		out[i] = m(d, times)
	}
	return out
}

func atPost(link uint8, work, hands int) *station {
	return &station{watch: watch{link: link}, work: work, staff: Always(hands)}
}

// oracle makes the simulation of the queue.
func (q queueing) oracle(plain, full int, measures map[string]measure) oracle {
	q.size = max(q.size, 1)
	if fullForm() {
		q.orders *= 4 // the warm-up is the smaller part
	}
	cases, of := pairs(measures)
	between, works := q.between.sampler(), []sampler{q.work[0].sampler(), q.work[1].sampler()}
	var arrivals []truckIn
	var times []time.Duration
	return oracle{cases: cases, links: q.links, plain: plain, full: full, run: func(d *day, s *stream) ([]float64, [2]float64) {
		arrivals, times = arrivals[:0], times[:0]
		var at, gaps, served time.Duration
		for i := range (q.warm + q.orders) / q.size {
			gap := between.draw(s)
			at += gap
			if i >= q.warm/q.size {
				gaps += gap
			}
			arrivals = append(arrivals, truckIn{at: at, truck: i})
		}
		d.arrivals = arrivals
		d.unload = func(_ *day, _ int, into []playedOrder) []playedOrder {
			for range q.size {
				o := playedOrder{bags: 1, class: other}
				for w := range q.links {
					o.work[w] = works[w].draw(s)
				}
				if len(into) >= q.warm {
					served += o.work[0] + o.work[1]
				}
				into = append(into, o)
			}
			return into
		}
		d.left = func(d *day, o int32) {
			if int(o) < q.warm {
				return
			}
			spent := d.now - d.orders[o].came
			if !q.inside {
				spent -= d.orders[o].work[0] + d.orders[o].work[1]
			}
			times = append(times, spent)
		}
		d.run()
		n := float64(q.orders)
		return each(of, d, times), [2]float64{served.Minutes()/n - (q.work[0].Mean + q.work[1].Mean).Minutes(), gaps.Minutes()/(n/float64(q.size)) - q.between.Mean.Minutes()}
	}}
}

// pairs returns the cases in order, with their measures.
func pairs(measures map[string]measure) (cases []string, of []measure) {
	for _, name := range slices.Sorted(maps.Keys(measures)) {
		cases, of = append(cases, name), append(of, measures[name])
	}
	return cases, of
}

// truckload is one truck whose orders all come at once.
func truckload(orders, plain, full int, works []WorkTime, links []chainLink, measures map[string]measure) oracle {
	cases, of := pairs(measures)
	var samplers []sampler
	for _, w := range works {
		samplers = append(samplers, w.sampler())
	}
	var times []time.Duration
	return oracle{cases: cases, links: links, plain: plain, full: full, fixed: !works[0].exponential, run: func(d *day, s *stream) ([]float64, [2]float64) {
		var served time.Duration
		times = times[:0]
		d.arrivals = []truckIn{{}}
		d.unload = func(_ *day, _ int, into []playedOrder) []playedOrder {
			for range orders {
				o := playedOrder{bags: 1, class: other}
				for w := range samplers {
					o.work[w] = samplers[w].draw(s)
				}
				served += o.work[0]
				into = append(into, o)
			}
			return into
		}
		d.left = func(d *day, o int32) { times = append(times, d.now-d.orders[o].came) }
		d.run()
		return each(of, d, times), [2]float64{served.Minutes()/float64(orders) - works[0].Mean.Minutes()}
	}}
}

func oracles() []oracle {
	random := func(m float64) WorkTime { return WorkTime{Mean: minutes(m), exponential: true} }
	fixed := func(m float64) WorkTime { return WorkTime{Mean: minutes(m)} }
	mmc := func(hands, warm, full int) oracle {
		q := queueing{between: random(2), work: [2]WorkTime{random(5)}, warm: warm, orders: 400, links: []chainLink{atPost(0, 0, hands)}}
		return q.oracle(1000, full, map[string]measure{fmt.Sprintf("M/M/%d P(wait), 30/h, 5 min", hands): delayed, fmt.Sprintf("M/M/%d Wq, 30/h, 5 min", hands): mean})
	}
	mg1 := func(cv float64) oracle {
		q := queueing{between: random(2), work: [2]WorkTime{{Mean: minutes(1.5), CV: cv}}, warm: 250, orders: 400, links: []chainLink{atPost(0, 0, 1)}}
		return q.oracle(1000, 1200, map[string]measure{fmt.Sprintf("M/G/1 Wq, 30/h, 1.5 min, cv %.1f", cv): mean})
	}
	trucks := queueing{size: 20, between: random(50), work: [2]WorkTime{random(1.5)}, warm: 600, orders: 800, links: []chainLink{atPost(0, 0, 1)}}
	row := queueing{between: random(2), work: [2]WorkTime{random(1.2), random(1.5)}, warm: 250, orders: 300, links: []chainLink{atPost(0, 0, 1), atPost(1, 1, 1)}, inside: true}
	cart := queueing{between: random(1.5), orders: 100, inside: true, links: []chainLink{&carts{watch: watch{link: 0}, building: []int32{0}, holds: make(holds, 1),
		Carts: Carts{Count: Always(1000), Room: 20, Patience: 100 * time.Hour}}}}
	ten := func() []chainLink { return []chainLink{atPost(0, 0, 10)} }
	return []oracle{
		mmc(3, 500, 2500), mmc(4, 100, 1600), mmc(5, 60, 2400), mmc(6, 40, 5200), mg1(0), mg1(0.5), mg1(0.8),
		trucks.oracle(1000, 1300, map[string]measure{"M^20/M/1 Wq, trucks of 20 every 50 min, 1.5 min": mean}),
		row.oracle(1000, 1000, map[string]measure{"two M/M/1 in a row, total time, 30/h, 1.2 and 1.5 min": mean}),
		truckload(300, 1, 1, []WorkTime{fixed(1.5)}, ten(), map[string]measure{"one truck, 300 orders, 10 hands, 1.5 min fixed: clear": clearAt, "the same: mean time to be sorted": mean}),
		truckload(301, 1, 1, []WorkTime{fixed(1.5)}, ten(), map[string]measure{"one truck, 301 orders, 10 hands, 1.5 min fixed: clear": clearAt}),
		truckload(300, 1000, 84_000, []WorkTime{random(1.5)}, ten(), map[string]measure{"one truck, 300 orders, 10 hands, exp. 1.5: E clear": clearAt,
			"the same: chance to be clear by 45 min": clearBy(45), "the same: chance to be clear by 47 min": clearBy(47),
			"the same: chance to be clear by 49 min": clearBy(49), "the same: chance to be clear by 52 min": clearBy(52)}),
		truckload(35, 2000, 2000, []WorkTime{random(30)}, []chainLink{atPost(0, 0, 35)}, map[string]measure{"35 unit rounds at once, exp. 30 min: E last back": clearAt}),
		truckload(100, 1, 1, []WorkTime{fixed(1.5), fixed(2)}, []chainLink{atPost(0, 0, 1), atPost(1, 1, 1)}, map[string]measure{"100 orders, 1.5 then 2.0 min fixed, one hand each: clear": clearAt}),
		cart.oracle(1000, 1000, map[string]measure{"a cart that waits for 20, one order every 1.5 min: mean wait": mean}),
	}
}

const littlesLaw = "Little's law, ∫N dt against Σ time inside (one run)" // TestLittlesLaw

// TestOracles compares the engine with the closed forms: fixed cases exactly, random ones by the 99.9 % interval of each seed.
func TestOracles(t *testing.T) {
	t.Parallel()
	withoutRaces(t)
	exact := exactValues(t)
	known := map[string]bool{littlesLaw: true}
	for i, o := range oracles() {
		for _, name := range o.cases {
			known[name] = true
		}
		t.Run(o.cases[0], func(t *testing.T) {
			t.Parallel()
			for seed := uint64(1); seed <= volume.InCI[uint64](1, 3); seed++ {
				got := oracles()[i].meanInterval(seed) // links keep what they count
				for j, name := range o.cases {
					want, e := exact[name], got[j]
					t.Logf("seed %d: %s: %f ± %f (%.1f %%), exactly %f", seed, name, e.Mean, e.PlusMinus, 100*e.PlusMinus/want, want)
					if o.fixed && e.Mean != want || !o.fixed && math.Abs(e.Mean-want) > e.PlusMinus {
						t.Errorf("seed %d: %s: got %f ± %f, want %f", seed, name, e.Mean, e.PlusMinus, want)
					}
					if fullForm() && e.PlusMinus > 0.02*want {
						t.Errorf("seed %d: %s: the interval is ± %.2f %%, want at most 2 %%", seed, name, 100*e.PlusMinus/want)
					}
				}
			}
		})
	}
	for name := range exact {
		if !known[name] {
			t.Errorf("no simulation has the case %q", name)
		}
	}
}

// exactValues reads the closed forms.
func exactValues(t *testing.T) map[string]float64 {
	t.Helper()
	text, err := os.ReadFile("testdata/oracles.json")
	if err != nil {
		t.Fatal(err)
	}
	var file struct {
		Cases []struct {
			Case  string
			Exact float64
		}
	}
	if err := json.Unmarshal(text, &file); err != nil {
		t.Fatal(err)
	}
	if len(file.Cases) != 25 {
		t.Errorf("got %d cases, want 25", len(file.Cases))
	}
	out := map[string]float64{}
	for _, c := range file.Cases {
		out[c.Case] = c.Exact
	}
	return out
}

// fullForm reports whether the intervals are to be as narrow as the cases ask.
func fullForm() bool { return volume.Thorough() && cpu.Dearer == 1 }

// withoutRaces skips long simulations under the race detector: they take ten times longer there, and it sees nothing in them that
// TestRehearse does not show it.
func withoutRaces(t *testing.T) {
	t.Helper()
	if cpu.Dearer != 1 {
		t.Skip("it runs without the race detector")
	}
}

// estimate returns the mean of each case over the replications, with half the width of its 99.9 % interval.
func (o oracle) meanInterval(seed uint64) []MeanInterval {
	const normal999 = 3.290527
	d := &day{links: o.links, until: never}
	for _, l := range d.links {
		l.watched().linkTally = new(linkTally)
	}
	n := o.plain
	if fullForm() {
		n = o.full
	}
	values := make([][]float64, len(o.cases))
	controls := make([][2]float64, n)
	for i := range n {
		s := newStream(seed, i, 0)
		got, c := o.run(d, &s)
		for j, v := range got {
			values[j] = append(values[j], v)
		}
		controls[i] = c
	}
	out := make([]MeanInterval, len(values))
	for j := range values {
		mean, deviation := controlled(values[j], controls)
		out[j] = MeanInterval{mean, normal999 * deviation / math.Sqrt(float64(n))}
	}
	return out
}

// controlled returns the mean of the values at the known mean 0 of their controls, and the standard deviation of what the
// controls do not explain: a regression on two variables.
func controlled(values []float64, controls [][2]float64) (mean, deviation float64) {
	n := float64(len(values))
	var my float64
	var mc [2]float64
	for i, y := range values {
		my += y / n
		mc[0] += controls[i][0] / n
		mc[1] += controls[i][1] / n
	}
	var s00, s01, s11, s0y, s1y, syy float64
	for i, y := range values {
		a, b, y := controls[i][0]-mc[0], controls[i][1]-mc[1], y-my
		s00, s01, s11, s0y, s1y, syy = s00+a*a, s01+a*b, s11+b*b, s0y+a*y, s1y+b*y, syy+y*y
	}
	var b0, b1 float64
	switch det := s00*s11 - s01*s01; {
	case det > 1e-12*s00*s11 && s11 > 0:
		b0, b1 = (s0y*s11-s1y*s01)/det, (s1y*s00-s0y*s01)/det
	case s00 > 0:
		b0 = s0y / s00
	}
	return my - b0*mc[0] - b1*mc[1], math.Sqrt(max(0, syy-b0*s0y-b1*s1y) / max(1, n-3))
}
