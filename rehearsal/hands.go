package rehearsal

import (
	"time"

	"baogong/delivery"
)

// handsReplications is how many replications the hands of a day are the mean of. The work of a day varies little.
const handsReplications = 20

// HandsForecast is how much work a day's orders are at each post (人手).
type HandsForecast struct {
	Day        string
	Orders     int
	Forecast   bool // the orders are the stored forecast; else as many as on a day lately
	Links      []*LinkHands
	PhoneHours float64 // of the calls by which orders come; assumed
}

// LinkHands is the work at one post.
type LinkHands struct {
	Post            delivery.Post
	MinutesPerOrder float64
	PersonHours     float64
	Assumed         bool // at least one of its times is assumed
}

// PersonHours is the work at all posts, without the telephone.
func (f *HandsForecast) PersonHours() float64 {
	var sum float64
	for _, l := range f.Links {
		sum += l.PersonHours
	}
	return sum
}

// HandsScenario returns the scenario from whose rehearsal Hands are found: the expected orders on the assumed trucks. It has as many people for each order as the
// assumed day, so that no work is left over because too few are planned, and leaves out the holds of buildings, whose orders are carried up once they end.
func HandsScenario(facts *delivery.DayFacts, community delivery.ID, from time.Time) (Scenario, []delivery.StepTime, error) {
	free := *facts
	free.Holds = nil
	orders := facts.Orders()
	s, times, err := Fit(&free, &ScenarioInput{CommunityID: community, Orders: &orders, Replications: handsReplications}, from)
	s.OneMore, s.WhatIfs = false, false
	day := Assumed()
	enough := func(hands Staffing, least int) Staffing {
		return Always(min(max(hands.Most()*orders/day.Orders()+1, least), MaxHands))
	}
	s.Gate.Hands, s.Sort.Hands, s.Carts.Count = enough(day.Gate.Hands, 1), enough(day.Sort.Hands, 1), enough(day.Carts.Count, 1)
	s.Doors.Hands = enough(day.Doors.Hands, 2*len(s.Estate.Buildings))
	return s, times, err
}

// Hands returns how much work the orders are, from a rehearsal of HandsScenario: the work of each post in it divided by its orders, times the expected orders.
func (r *Outlook) Hands(facts *delivery.DayFacts, s *Scenario, times []delivery.StepTime) *HandsForecast {
	out := NoHands(facts)
	assumed := map[delivery.ChainStep]bool{}
	for _, t := range times {
		assumed[t.Step] = t.Assumed
	}
	for _, l := range []struct {
		post    LinkName
		assumed bool
	}{{Gate, assumed[delivery.StepGate]}, {Sorting, assumed[delivery.StepSort]}, {Cart, assumed[delivery.StepTravel] || assumed[delivery.StepStop]}, {Door, assumed[delivery.StepDoor]}} {
		orders := float64(r.Orders)
		if l.post == Door {
			orders -= r.Undelivered // of a small building that has no share of the hands
		}
		if orders <= 0 {
			continue
		}
		each := r.Link(l.post).Work / orders
		out.Links = append(out.Links, &LinkHands{delivery.Post(l.post), 60 * each, each * float64(out.Orders), l.assumed})
	}
	var calls float64
	for _, n := range s.Phone.Calls {
		calls += n
	}
	out.PhoneHours = calls * s.Phone.Talk.Hours()
	return out
}

// NoHands is the answer for a day without orders.
func NoHands(facts *delivery.DayFacts) *HandsForecast {
	return &HandsForecast{Orders: facts.Orders(), Forecast: facts.Forecast != nil, Links: []*LinkHands{}}
}
