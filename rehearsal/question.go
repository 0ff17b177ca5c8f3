package rehearsal

import (
	"fmt"
	"math"
	"slices"
	"time"

	"baogong/delivery"
)

// WhatIf is the day with one thing changed.
type WhatIf struct {
	What        Question
	Words       delivery.Bilingual
	ClearMedian time.Duration
	Chance      Chance
	Minutes     float64       // from the gate to the door, a mean
	Saves       float64       // minutes of the same days as they are, less Minutes
	Gains       float64       // chance, likewise
	Later       time.Duration // ClearMedian less that of the same days; 0 if one of them is Never

	post  LinkName // FewerAtOnePost
	fewer int
}

// Question is what a WhatIf changes.
type Question string

// The questions.
const (
	LastTruckEarlier Question = "LAST_TRUCK_EARLIER" // an hour
	NoSettling       Question = "NO_SETTLING"
	FewerPeople      Question = "FEWER_PEOPLE" // 20 % at every post
	LiftsOut         Question = "LIFTS_OUT"
	FewerAtOnePost   Question = "FEWER_AT_ONE_POST" // 40 % at the post of two hands or more whose hands are least busy
)

// questions change a scenario whose result is known. Without What there is nothing to change.
var questions = []func(Scenario, *Outlook) (Scenario, WhatIf){lastTruckEarlier, noSettling, fewerPeople, liftsOut, fewerAtOnePost}

func lastTruckEarlier(s Scenario, _ *Outlook) (Scenario, WhatIf) {
	s.Trucks = slices.Clone(s.Trucks)
	if len(s.Trucks) == 0 {
		return s, WhatIf{What: LastTruckEarlier, Words: delivery.Bilingual{Chinese: "最后一车提前一小时", English: "the last truck an hour earlier"}}
	}
	last := s.lastTruck()
	s.Trucks[last].Due -= min(time.Hour, s.Trucks[last].Due)
	return s, WhatIf{What: LastTruckEarlier, Words: delivery.Bilingual{Chinese: "最后一车提前一小时", English: "the last truck an hour earlier"}}
}

// lastTruck returns the truck that is expected last.
func (s *Scenario) lastTruck() int {
	last := 0
	for i, t := range s.Trucks {
		if t.Orders > 0 && (s.Trucks[last].Orders == 0 || t.Due+s.late(t) >= s.Trucks[last].Due+s.late(s.Trucks[last])) {
			last = i
		}
	}
	return last
}

func noSettling(s Scenario, _ *Outlook) (Scenario, WhatIf) {
	s.Settle = 0
	return s, WhatIf{What: NoSettling, Words: delivery.Bilingual{Chinese: "不静置", English: "no settling"}}
}

func fewerPeople(s Scenario, _ *Outlook) (Scenario, WhatIf) {
	s.Absent = 1 - float64((1-s.Absent)*0.8)
	return s, WhatIf{What: FewerPeople, Words: delivery.Bilingual{Chinese: "各岗少两成人", English: "20 % fewer people"}}
}

func liftsOut(s Scenario, _ *Outlook) (Scenario, WhatIf) {
	s.Doors.LiftsOut = true
	return s, WhatIf{What: LiftsOut, Words: delivery.Bilingual{Chinese: "电梯停用", English: "lifts out of order"}}
}

func fewerAtOnePost(s Scenario, r *Outlook) (Scenario, WhatIf) {
	staff := map[LinkName]*Staffing{Gate: &s.Gate.Hands, Sorting: &s.Sort.Hands, Cart: &s.Carts.Count, Door: &s.Doors.Hands}
	var post LinkName
	for _, p := range posts {
		if staff[p].Most() >= 2 && (post == "" || r.Link(p).Busy < r.Link(post).Busy) {
			post = p
		}
	}
	if post == "" {
		return s, WhatIf{}
	}
	hands := staff[post]
	before := hands.Most()
	fewer := before - int(math.Round(float64(before)*0.6))
	*hands = slices.Clone(*hands)
	for i, h := range *hands {
		if h.Count > 0 {
			(*hands)[i].Count = max(1, int(math.Round(float64(h.Count)*0.6)))
		}
	}
	return s, WhatIf{What: FewerAtOnePost, post: post, fewer: fewer, Words: delivery.Bilingual{
		Chinese: fmt.Sprintf("%s少 %d 人", post.Words().Chinese, fewer), English: fmt.Sprintf("%d fewer at %s", fewer, post.Words().English)}}
}

// whatIf fills in what happens.
func (t *total) whatIf(s *Scenario, base *total, w WhatIf) WhatIf {
	same := base.firstDays(len(t.outcomes))
	w.ClearMedian, w.Chance, w.Minutes = medianOf(t.clears()), t.chance(s), t.minutes()
	w.Saves, w.Gains = same.minutes()-w.Minutes, w.Chance.Share-same.chance(s).Share
	if median := medianOf(same.clears()); median != Never && w.ClearMedian != Never {
		w.Later = w.ClearMedian - median
	}
	return w
}

// firstDays returns the first days only, for comparisons with as many days. It has no links.
func (t *total) firstDays(n int) *total {
	return &total{outcomes: t.outcomes[:min(n, len(t.outcomes))]}
}

// minutes returns the mean from the gate to the door.
func (t *total) minutes() float64 {
	minutes := make([]float64, len(t.outcomes))
	for i, o := range t.outcomes {
		minutes[i] = o.minutes
	}
	return meanInterval(minutes).Mean
}
