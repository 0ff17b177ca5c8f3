package rehearsal

import (
	"slices"
	"time"

	"baogong/delivery"
)

// Scenario is a day to rehearse. Times of the day count from its midnight.
type Scenario struct {
	Estate   Site
	Trucks   []Truck
	LateBy   time.Duration // how late trucks come on average; a truck may say so itself
	Lateness time.Duration // standard deviation of how late a truck is
	Earliest time.Duration // no truck is unloaded before

	Medicine, Cold float64 // shares of the orders that go first: medicine, then what must stay cold; at most 1 together
	FirstCome      bool    // orders of all classes are served first come, first served

	Unload time.Duration // from a truck's arrival until its first bag is counted
	Gate   Station       // the work is that of one bag
	Settle time.Duration
	// Some orders are overlooked at the gate, and sorted so much later.
	Overlooked Overlooked
	Sort       Station
	Carts      Carts
	Doors      Doors
	Phone      PhoneDesk

	Start    time.Duration // when the rest of a day begins; 0: the whole day. A truck that is due earlier comes from then on
	Standing []Standing    // orders that are in the chain at Start

	Held    []Held
	LeftOut int // inhabited buildings for which nothing comes, since they are held without an end
	// LeftOutOrders are the orders that would come for them. Those of a number that the caller gave are not among them: all of it comes for the other buildings.
	LeftOutOrders int
	Absent        float64 // share of the hands of every post that do not come

	By           time.Duration // when everything should be delivered
	Within       time.Duration // limit for the time from the gate to the door, see Outlook.InTime
	Seed         uint64
	Replications int
	Workers      int  // 0: one for each core
	Compared     int  // replications of the days that are compared, if fewer than Replications; 0: all
	OneMore      bool // also rehearse the day with one more hand at each post
	WhatIfs      bool // also rehearse the day with one thing changed, see WhatIf
	// Progress is called after replications, from one goroutine at a time, with how many are done of how many.
	Progress func(done, all int)
}

// Overlooked is a share of the orders that stand at the gate for longer than the others.
type Overlooked struct {
	Share float64
	For   time.Duration
}

// Station is a post with hands and one queue.
type Station struct {
	Hands Staffing
	Work  WorkTime
}

// The limits of a scenario.
const (
	MaxOrders       = 100_000
	MaxTrucks       = 1_000
	MaxHands        = 10_000
	MaxBuildings    = 2_000
	MaxHouseholds   = 200_000
	MaxHeld         = 2_000
	MaxShifts       = 1_000 // changes of the hands of a post
	maxFloors       = 200
	MaxReplications = 10_000
	latestDue       = 26 * time.Hour // of a truck
	MaxOrderRuns    = 100_000_000    // orders × replications
)

// The refusals of a scenario.
var (
	ReasonScenarioNoOrders = delivery.NewReason("SCENARIO_NO_ORDERS", delivery.CodeBadUserInput,
		"The scenario has no orders to deliver. Give trucks or a number of orders.",
		"预案中没有要配送的订单，请填写车辆或订单数。")
	ReasonScenarioNoHouseholds = delivery.NewReason("SCENARIO_NO_HOUSEHOLDS", delivery.CodeBadUserInput,
		"The community has no households to deliver to.",
		"小区还没有住户，无法模拟。")
	ReasonScenarioNoHands = delivery.NewWordedReason("SCENARIO_NO_HANDS", delivery.CodeBadUserInput,
		"No people are at %s at any hour, so nothing would be delivered.",
		"“%s”全天无人，货物无法送达。")
	ReasonScenarioRange = delivery.NewReason("SCENARIO_OUT_OF_RANGE", delivery.CodeBadUserInput,
		"This value of the scenario must be from %d to %d.",
		"预案中的这个值必须在 %d 到 %d 之间。")
	ReasonScenarioTruck = delivery.NewReason("SCENARIO_TRUCK", delivery.CodeBadUserInput,
		"A truck must be due on the day, at most a day late or early, and bring at most 200 bags for each order.",
		"车辆须在当天到达，早晚不超过一天，每单最多200袋。")
	ReasonScenarioTooLarge = delivery.NewReason("SCENARIO_TOO_LARGE", delivery.CodeBadUserInput,
		"%d orders, and %d holds of buildings, allow at most %d replications at once.",
		"%d 单、%d 次楼栋暂停，最多可重复模拟 %d 次。")
	ReasonScenarioAllHeld = delivery.NewReason("SCENARIO_ALL_HELD", delivery.CodeBadUserInput,
		"All buildings with households are held all day, so nothing would be delivered. Release a building, or end its hold during the day.",
		"有住户的楼栋全天暂停，当天无法送达。请解除一栋楼的暂停，或让它在当天结束。")
)

// Check returns a refusal if the scenario cannot be rehearsed, or would take too long.
func (s *Scenario) Check() error {
	orders := s.Orders()
	if err := s.checkStanding(); err != nil {
		return err
	}
	switch {
	case s.LeftOut > 0 && s.Estate.Households() == 0:
		return delivery.Refuse(ReasonScenarioAllHeld).At("heldBuildings")
	case orders <= 0:
		return delivery.Refuse(ReasonScenarioNoOrders).At("trucks")
	case s.Estate.Households() == 0:
		return delivery.Refuse(ReasonScenarioNoHouseholds)
	}
	for _, r := range []struct {
		field           string
		value, from, to float64
	}{
		{"orders", float64(orders), 1, MaxOrders},
		{"trucks", float64(len(s.Trucks)), 0, MaxTrucks},
		{"buildings", float64(len(s.Estate.Buildings)), 1, MaxBuildings},
		{"households", float64(s.Estate.Households()), 1, MaxHouseholds},
		{"heldBuildings", float64(len(s.Held)), 0, MaxHeld},
		{"replications", float64(s.Replications), 1, MaxReplications},
		{"absentShare", s.Absent, 0, 1},
		{"cartBags", float64(s.Carts.Room), 1, 10_000},
		{"basket", float64(s.Doors.Basket), 1, 10_000},
		{"overlooked", s.Overlooked.Share, 0, 1},
		{"overlookedMinutes", s.Overlooked.For.Minutes(), 0, 24 * 60},
		{"unloadMinutes", s.Unload.Minutes(), 0, 24 * 60},
		{"settleMinutes", s.Settle.Minutes(), 0, delivery.MaxSettling.Minutes()},
		{"lateBy", s.LateBy.Minutes(), -24 * 60, 24 * 60},
		{"lateness", s.Lateness.Minutes(), 0, 24 * 60},
		{"medicine", s.Medicine, 0, 1},
		{"cold", s.Cold, 0, 1},
		{"cold", s.Medicine + s.Cold, 0, 1 + 1e-9},
		{"minutes", s.longest().Minutes(), 0, 24 * 60},
		{"cv", max(s.Sort.Work.CV, s.Doors.Door.CV), 0, 5},
		{"calls", float64(len(s.Phone.Calls)), 0, 24},
		{"hands", float64(max(s.Gate.Hands.Most(), s.Sort.Hands.Most(), s.Carts.Count.Most(), s.Doors.Hands.Most())), 0, MaxHands},
	} {
		if !(r.value >= r.from && r.value <= r.to) { // NaN is refused too
			return delivery.Refuse(ReasonScenarioRange, int(r.from), int(r.to)).At(r.field)
		}
	}
	for _, t := range s.Trucks {
		if t.Orders < 0 || t.Bags < 0 || t.Bags > delivery.MaxBags*max(t.Orders, 1) || t.Due < 0 || t.Due > latestDue || t.Late < -24*time.Hour || t.Late > 24*time.Hour {
			return delivery.Refuse(ReasonScenarioTruck).At("trucks")
		}
	}
	if err := s.checkBuildings(); err != nil {
		return err
	}
	for _, post := range []struct {
		post  LinkName
		hands Staffing
	}{{Gate, s.Gate.Hands}, {Sorting, s.Sort.Hands}, {Cart, s.Carts.Count}, {Door, s.Doors.Hands}} {
		if len(post.hands) > MaxShifts || slices.ContainsFunc(post.hands, func(h Hands) bool { return h.Count < 0 || h.From < 0 || h.From > span }) {
			return delivery.Refuse(ReasonScenarioRange, 0, MaxHands).At("hands")
		}
		if post.hands.Without(s.Absent).Most() == 0 {
			return delivery.Refuse(ReasonScenarioNoHands, post.post.Words().English).At("hands")
		}
	}
	if s.allHeld() {
		return delivery.Refuse(ReasonScenarioAllHeld).At("heldBuildings")
	}
	if runs := MaxOrderRuns / s.size(); s.Replications > runs {
		return s.TooLarge(runs).At("replications")
	}
	return nil
}

// checkBuildings refuses units and holds that are not of the estate.
func (s *Scenario) checkBuildings() error {
	for _, b := range s.Estate.Buildings {
		for _, u := range b.Units {
			if u.Households < 0 || u.Floors < 0 || u.Floors > maxFloors {
				return delivery.Refuse(ReasonScenarioRange, 0, maxFloors).At("floors")
			}
		}
	}
	for _, h := range s.Held {
		if h.Building < 0 || h.Building >= len(s.Estate.Buildings) {
			return delivery.Refuse(ReasonScenarioRange, 0, len(s.Estate.Buildings)-1).At("heldBuildings")
		}
	}
	return nil
}

// TooLarge returns the refusal of more replications than so many.
func (s *Scenario) TooLarge(replications int) *delivery.Error {
	return delivery.Refuse(ReasonScenarioTooLarge, s.Orders(), len(s.Held), replications)
}

// allHeld reports whether every building with households is held on a whole day, from before its first truck to its end. The rest of a day may be so.
func (s *Scenario) allHeld() bool {
	if s.Start > 0 || len(s.Held) == 0 {
		return false
	}
	for b, held := range newHolds(len(s.Estate.Buildings), s.Held) {
		if s.Estate.Buildings[b].households() > 0 && !slices.ContainsFunc(held, func(h Held) bool { return h.From <= s.Earliest && h.Until >= 24*time.Hour }) {
			return false
		}
	}
	return true
}

// longest returns the longest of the mean times.
func (s *Scenario) longest() time.Duration {
	for _, t := range []time.Duration{s.Gate.Work.Mean, s.Sort.Work.Mean, s.Doors.Door.Mean, s.Doors.Wait, s.Doors.PerFloor, s.Carts.Travel, s.Carts.Stop, s.Carts.Handling, s.Carts.Patience} {
		if t < 0 {
			return t
		}
	}
	return max(s.Gate.Work.Mean, s.Sort.Work.Mean, s.Doors.Door.Mean, s.Doors.Wait, s.Doors.PerFloor, s.Carts.Travel, s.Carts.Stop, s.Carts.Handling, s.Carts.Patience)
}

// Orders returns how many orders stand in the chain and all trucks bring.
func (s *Scenario) Orders() int {
	n := 0
	for _, g := range s.Standing {
		n += g.Orders
	}
	for _, t := range s.Trucks {
		n += t.Orders
	}
	return n
}

// MostHands returns the most hands that are planned at each post at any hour.
func (s *Scenario) MostHands() map[LinkName]int {
	return map[LinkName]int{Gate: s.Gate.Hands.Most(), Sorting: s.Sort.Hands.Most(), Cart: s.Carts.Count.Most(), Door: s.Doors.Hands.Most()}
}

// Cost is how much work the rehearsal is: orders simulated, in all replications and variants. The hold of a building is as much work as an order.
func (s *Scenario) Cost() int {
	return s.size() * s.runs()
}

// size is the work of one day, in orders.
func (s *Scenario) size() int { return s.Orders() + len(s.Held) }

// Affordable returns with how many replications, at least one, the rehearsal costs at most so many orders simulated.
func (s *Scenario) Affordable(cost int) int {
	days := cost / max(s.size(), 1) // that may be played
	others := s.variants() - 1
	if s.Compared > 0 && days > s.Compared*(others+1) {
		return days - others*s.Compared
	}
	return max(days/(others+1), 1)
}

// runs returns how often a day is played.
func (s *Scenario) runs() int { return s.Replications + (s.variants()-1)*s.compared() }

// compared returns the replications of the days that are compared.
func (s *Scenario) compared() int {
	if s.Compared > 0 {
		return min(s.Compared, s.Replications)
	}
	return s.Replications
}

// variants returns how many scenarios the rehearsal simulates: this one and those compared with it.
func (s *Scenario) variants() int {
	n := 1
	if s.OneMore {
		n += len(posts)
	}
	if s.WhatIfs {
		n += len(questions)
	}
	return n
}

// Assumed returns the assumed day: an estate of 26 buildings, whose times are all assumed, not measured.
func Assumed() Scenario {
	const minute = time.Minute
	s := Scenario{
		Estate:   Uniform(26, 35, Staircase{Households: 106, Floors: 27, Lift: true}),
		Lateness: 15 * minute, Earliest: 7 * time.Hour,
		Medicine: assumedMedicine, Cold: assumedCold,
		Gate:   Station{Always(6), WorkTime{Mean: 24 * time.Second}},
		Settle: 30 * minute,
		Sort:   Station{Always(10), WorkTime{Mean: 90 * time.Second, CV: 0.5}},
		Carts:  Carts{Count: Always(4), Room: 20, Travel: 4 * minute, Stop: 90 * time.Second, Handling: 6 * time.Second, Patience: 15 * minute, Together: true},
		Doors:  Doors{Hands: Always(66), Door: WorkTime{Mean: 72 * time.Second, CV: 0.6}, Wait: 2 * minute, PerFloor: 7200 * time.Millisecond, OnFoot: 3.5, Basket: 8, Together: true},
		Phone:  PhoneDesk{Talk: 6 * minute, Target: 0.8, Within: minute},
		By:     18 * time.Hour, Within: 2 * time.Hour, Seed: 1, Replications: 100, OneMore: true, WhatIfs: true,
	}
	s.SetOrders(1230)
	return s
}

// shares are the assumed trucks: when each is due, and its share of the day's orders.
var shares = []struct {
	due   time.Duration
	share float64
}{
	{8*time.Hour + 5*time.Minute, 0.12}, {8*time.Hour + 30*time.Minute, 0.12}, {9 * time.Hour, 0.12}, {9*time.Hour + 30*time.Minute, 0.12}, {10 * time.Hour, 0.10},
	{10*time.Hour + 40*time.Minute, 0.08}, {14*time.Hour + 45*time.Minute, 0.12}, {15*time.Hour + 30*time.Minute, 0.12}, {16*time.Hour + 30*time.Minute, 0.10},
}

// The calls of a day: a share of the orders comes by telephone, most of it in two hours of the morning.
const byPhone = 0.18

var callsAt = map[int]float64{8: 20, 9: 60, 10: 60, 11: 20, 14: 20, 15: 20, 16: 20}

// SetOrders spreads a number of orders over the day as the assumed trucks and calls do. Each truck's part is rounded, so the sum can differ from orders.
func (s *Scenario) SetOrders(orders int) {
	s.Phone.Calls = make([]float64, 24)
	sum := 0.0
	for _, calls := range callsAt {
		sum += calls
	}
	for hour, calls := range callsAt {
		s.Phone.Calls[hour] = float64(orders) * byPhone * calls / sum
	}
	s.Trucks = nil
	for _, t := range shares {
		if n := int(float64(orders)*t.share + 0.5); n > 0 {
			s.Trucks = append(s.Trucks, Truck{Due: t.due, Orders: n})
		}
	}
	if len(s.Trucks) == 0 && orders > 0 {
		s.Trucks = []Truck{{Due: shares[0].due, Orders: orders}}
	}
}
