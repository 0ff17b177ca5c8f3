package rehearsal

import (
	"slices"
	"strconv"
	"time"

	"baogong/delivery"
)

// InputReplications is the most replications that a ScenarioInput may ask for.
const InputReplications = 1000

// Check returns a refusal if a value of the input is out of range for every community. All callers that give a scenario check it so. The day begins at from.
func (in *ScenarioInput) Check(from time.Time) *delivery.Error {
	for _, r := range []struct {
		field string
		value *int
		low   int
		high  int
	}{
		{"orders", in.Orders, 1, MaxOrders}, {"carts", in.Carts, 0, MaxHands}, {"cartBags", in.CartBags, 1, 10_000}, {"settleMinutes", in.SettleMinutes, 0, int(delivery.MaxSettling.Minutes())},
		{"lastTruckEarlierMinutes", in.LastTruckEarlierMinutes, -24 * 60, 24 * 60},
		{"replications", &in.Replications, 1, InputReplications},
		{"trucks", new(len(in.Trucks)), 0, delivery.MaxScenarioEntries}, {"hands", new(len(in.Hands)), 0, delivery.MaxScenarioEntries},
		{"heldBuildings", new(len(in.HeldBuildings)), 0, delivery.MaxScenarioEntries},
	} {
		if r.value != nil && (*r.value < r.low || *r.value > r.high) {
			return delivery.Refuse(ReasonScenarioRange, r.low, r.high).At(r.field)
		}
	}
	if refusal := in.checkShares(); refusal != nil {
		return refusal
	}
	const hours = int(span / time.Hour)
	outside := func(t time.Time) bool { return t.Before(from) || t.After(from.Add(span)) }
	for _, t := range in.Trucks {
		bags, late := 0, 0
		if t.Bags != nil {
			bags = *t.Bags
		}
		if t.LateByMinutes != nil {
			late = *t.LateByMinutes
		}
		if t.At.Before(from) || t.At.After(from.Add(latestDue)) || t.Orders < 0 || t.Orders > MaxOrders || bags < 0 || bags > delivery.MaxBags*max(t.Orders, 1) || late < -24*60 || late > 24*60 {
			return delivery.Refuse(ReasonScenarioTruck).At("trucks")
		}
	}
	for _, h := range in.Hands {
		switch {
		case h.Hands < 0 || h.Hands > MaxHands:
			return delivery.Refuse(ReasonScenarioRange, 0, MaxHands).At("hands")
		case outside(h.From):
			return delivery.Refuse(ReasonScenarioTime, hours).At("hands")
		}
	}
	for i, h := range in.HeldBuildings {
		again := slices.ContainsFunc(in.HeldBuildings[:i], func(o *HeldInput) bool {
			return o.BuildingID == h.BuildingID && o.From.Before(h.Until) && h.From.Before(o.Until)
		})
		switch {
		case outside(h.From) || outside(h.Until):
			return delivery.Refuse(ReasonScenarioTime, hours).At("heldBuildings")
		case !h.Until.After(h.From):
			return delivery.Refuse(ReasonScenarioHeld).At("heldBuildings")
		case again:
			return delivery.Refuse(ReasonScenarioHeldTwice).At("heldBuildings", strconv.Itoa(i), "buildingId")
		}
	}
	if in.By != nil && outside(*in.By) {
		return delivery.Refuse(ReasonScenarioTime, hours).At("by")
	}
	return nil
}

func (in *ScenarioInput) checkShares() *delivery.Error {
	for _, r := range []struct {
		field string
		value *float64
	}{{"absentShare", in.AbsentShare}, {"medicineShare", in.MedicineShare}, {"coldShare", in.ColdShare}} {
		if r.value != nil && !(*r.value >= 0 && *r.value <= 1) { // NaN too
			return delivery.Refuse(ReasonScenarioRange, 0, 1).At(r.field)
		}
	}
	if in.MedicineShare != nil && in.ColdShare != nil && *in.MedicineShare+*in.ColdShare > 1+1e-9 {
		return delivery.Refuse(ReasonScenarioShares).At("coldShare")
	}
	return nil
}

// ReasonScenarioTime refuses a time that is not of the scenario's day.
var ReasonScenarioTime = delivery.NewReason("SCENARIO_TIME", delivery.CodeBadUserInput,
	"This time must be on the scenario's day or the next: within %d hours of its midnight.",
	"该时间须在预案当天或次日，即当天零点后 %d 小时内。")

// ReasonScenarioHeld refuses a building that is held for no time.
var ReasonScenarioHeld = delivery.NewReason("SCENARIO_HELD", delivery.CodeBadUserInput,
	"The hold of a building must end after it begins.",
	"楼栋暂停的结束时间须晚于开始时间。")

// ReasonScenarioHeldTwice refuses a building that is listed twice for the same time.
var ReasonScenarioHeldTwice = delivery.NewReason("SCENARIO_HELD_TWICE", delivery.CodeBadUserInput,
	"This building is listed twice, at times that overlap. List it once, or at different times.",
	"这栋楼重复填写，时间有重叠。请只填一次，或填不同的时间。")

// ReasonScenarioShares refuses shares of medicine and cold goods that are more than all orders.
var ReasonScenarioShares = delivery.NewReason("SCENARIO_SHARES", delivery.CodeBadUserInput,
	"The shares of medicine and cold goods must be at most 1 together.",
	"药品和冷链订单的比例之和不能超过 1。")

// Body returns the input as it is stored. Its times are stored as times of the day that begins at from, so that a scenario without a day fits
// every day.
func (in *ScenarioInput) Body(c *delivery.Community, from time.Time) delivery.ScenarioBody {
	b := delivery.ScenarioBody{
		Form: delivery.ScenarioForm, Day: in.Day, Orders: in.Orders, Carts: in.Carts, CartBags: in.CartBags, SettleMinutes: in.SettleMinutes, LiftsOut: in.LiftsOut, LastTruckEarlierMinutes: in.LastTruckEarlierMinutes,
		AbsentShare: in.AbsentShare, MedicineShare: in.MedicineShare, ColdShare: in.ColdShare, FirstCome: in.FirstComeFirstServed, Seed: in.Seed, Replications: in.Replications, Compare: in.Compare,
	}
	for _, t := range in.Trucks {
		b.Trucks = append(b.Trucks, delivery.ScenarioTruck{At: c.WallTime(t.At, from), Orders: t.Orders, Bags: t.Bags, LateByMinutes: t.LateByMinutes})
	}
	for _, h := range in.Hands {
		b.Hands = append(b.Hands, delivery.ScenarioHands{Squad: h.Squad, From: c.WallTime(h.From, from), Hands: h.Hands})
	}
	for _, h := range in.HeldBuildings {
		b.Held = append(b.Held, delivery.ScenarioHeld{BuildingUUID: h.BuildingID.UUID, From: c.WallTime(h.From, from), Until: c.WallTime(h.Until, from)})
	}
	if in.By != nil {
		b.By = new(c.WallTime(*in.By, from))
	}
	return b
}

// SavedInput returns the input that a stored scenario was saved with. Its times are on the day that begins at from.
func SavedInput(c *delivery.Community, b *delivery.ScenarioBody, from time.Time) *ScenarioInput {
	in := &ScenarioInput{
		CommunityID: c.ID(), Day: b.Day, Orders: b.Orders, Carts: b.Carts, CartBags: b.CartBags, SettleMinutes: b.SettleMinutes, LiftsOut: b.LiftsOut, LastTruckEarlierMinutes: b.LastTruckEarlierMinutes,
		AbsentShare: b.AbsentShare, MedicineShare: b.MedicineShare, ColdShare: b.ColdShare, FirstComeFirstServed: b.FirstCome, Seed: b.Seed, Replications: b.Replications, Compare: b.Compare,
	}
	for _, t := range b.Trucks {
		in.Trucks = append(in.Trucks, &TruckInput{At: c.AtWallTime(t.At, from), Orders: t.Orders, Bags: t.Bags, LateByMinutes: t.LateByMinutes})
	}
	for _, h := range b.Hands {
		in.Hands = append(in.Hands, &HandsInput{Squad: h.Squad, From: c.AtWallTime(h.From, from), Hands: h.Hands})
	}
	for _, h := range b.Held {
		building := delivery.ID{Kind: delivery.KindBuilding, Community: c.CommunityID, UUID: h.BuildingUUID}
		in.HeldBuildings = append(in.HeldBuildings, &HeldInput{BuildingID: building, From: c.AtWallTime(h.From, from), Until: c.AtWallTime(h.Until, from)})
	}
	if b.By != nil {
		in.By = new(c.AtWallTime(*b.By, from))
	}
	return in
}
