package rehearsal

import (
	"slices"
	"testing"
	"time"

	"baogong/delivery"
)

// TestClassOrder: by default medicine is delivered soonest, then cold goods, and the same orders first come, first served are delivered as the others are.
func TestClassOrder(t *testing.T) {
	t.Parallel()
	play := func(firstCome bool) (count [classes]int, minutes [classes]float64) {
		s := Assumed()
		s.FirstCome, s.Sort.Hands, s.Replications = firstCome, Always(4), 1 // so that there is a queue
		r := newReplayer(&s)
		counted := r.day.left
		r.day.left = func(d *day, o int32) {
			of := d.orders[o].class
			count[of]++
			minutes[of] += (d.now - d.orders[o].came).Minutes()
			counted(d, o)
		}
		r.play(0)
		for c := range minutes {
			minutes[c] /= float64(max(count[c], 1))
		}
		return count, minutes
	}
	count, minutes := play(false)
	if count[medicine] < 80 || count[cold] < 180 || count[other] < 700 {
		t.Errorf("got %v orders of the classes, want about 123, 246 and 863", count)
	}
	if !(minutes[medicine]+5 < minutes[cold] && minutes[cold]+5 < minutes[other]) {
		t.Errorf("got %v minutes of the classes, want medicine first and then cold goods", minutes)
	}
	if count, _ := play(true); count[medicine]+count[cold] != 0 {
		t.Errorf("first come, first served: got %v orders of the classes, want one class", count)
	}
}

// TestClassShares takes the shares from the caller, else from the community's orders where there are 50, else as assumed.
func TestClassShares(t *testing.T) {
	t.Parallel()
	shares := func(medicine, cold ClassShare) []ClassShare {
		medicine.Mark, cold.Mark = delivery.MarkMedicine, delivery.MarkCold
		return []ClassShare{medicine, cold}
	}
	for name, c := range map[string]struct {
		marked delivery.MarkedFact
		in     ScenarioInput
		want   []ClassShare
	}{
		"nothing is known":         {delivery.MarkedFact{}, ScenarioInput{}, shares(ClassShare{Share: 0.1, Assumed: true}, ClassShare{Share: 0.2, Assumed: true})},
		"too few":                  {delivery.MarkedFact{Orders: 49, Medicine: 49}, ScenarioInput{}, shares(ClassShare{Share: 0.1, Sample: 49, Assumed: true}, ClassShare{Share: 0.2, Sample: 49, Assumed: true})},
		"measured":                 {delivery.MarkedFact{Orders: 200, Medicine: 50, Cold: 10}, ScenarioInput{}, shares(ClassShare{Share: 0.25, Sample: 200}, ClassShare{Share: 0.05, Sample: 200})},
		"one is given":             {delivery.MarkedFact{Orders: 200, Medicine: 50, Cold: 100}, ScenarioInput{MedicineShare: new(0.75)}, shares(ClassShare{Share: 0.75, Sample: 200, Assumed: true}, ClassShare{Share: 0.25, Sample: 200})},
		"the other is given":       {delivery.MarkedFact{}, ScenarioInput{ColdShare: new(1.0)}, shares(ClassShare{Assumed: true}, ClassShare{Share: 1, Assumed: true})},
		"first come, first served": {delivery.MarkedFact{Orders: 200, Medicine: 50}, ScenarioInput{FirstComeFirstServed: true}, nil},
	} {
		in := c.in
		in.Replications = 1
		facts := &delivery.DayFacts{Marked: c.marked, PerDay: 100}
		if got := ClassShares(facts, &in); !slices.Equal(got, c.want) {
			t.Errorf("%s: got %+v, want %+v", name, got, c.want)
		}
		s, _, err := Fit(facts, &in, time.Date(2022, 4, 12, 0, 0, 0, 0, time.UTC))
		if err != nil || s.FirstCome != (c.want == nil) || c.want != nil && (s.Medicine != c.want[0].Share || s.Cold != c.want[1].Share) {
			t.Errorf("%s: got %v and %v, %v; want %+v", name, s.Medicine, s.Cold, err, c.want)
		}
	}
}
