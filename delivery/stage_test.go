package delivery_test

import (
	"slices"
	"strings"
	"testing"
	"time"

	"baogong/delivery"
)

// rule is one rule of the chain: from which stage, to which, by whom. It is independent of the table in stage.go.
type rule struct {
	from, to delivery.Stage
	who      string // squads and people, besides the commander and administrators
	errands  bool   // only BUY_FOR and ERRAND
	reasons  string
}

// The words of who: "supplier" is the order's own, "taker" the volunteer who took an errand, both with the lead of supply;
// "supply" is the volunteers who serve the building and the squad's lead; "duty" and "transport" are all members of the squad;
// "household" is the household itself.
var rules = []rule{
	{from: "PLACED", to: "DISPATCHED", who: "supplier taker"},
	{from: "PLACED", to: "AT_GATE", who: "supplier taker duty"},
	{from: "PLACED", to: "CANCELLED", who: "supplier taker supply household", reasons: "HOUSEHOLD_ASKED OUT_OF_STOCK NO_CAPACITY DUPLICATE UNPAID"},
	{from: "DISPATCHED", to: "AT_GATE", who: "supplier taker duty"},
	{from: "DISPATCHED", to: "OUT_FOR_DELIVERY", who: "taker", errands: true},
	{from: "DISPATCHED", to: "DELIVERED", who: "taker", errands: true},
	{from: "DISPATCHED", to: "CANCELLED", who: "supplier taker supply", reasons: "HOUSEHOLD_ASKED OUT_OF_STOCK NO_CAPACITY DUPLICATE UNPAID"},
	{from: "AT_GATE", to: "SORTED", who: "duty supply"},
	{from: "AT_GATE", to: "RETURNED", who: "duty supply", reasons: "REFUSED UNREACHABLE DUPLICATE DAMAGED WRONG_GOODS UNSAFE"},
	{from: "SORTED", to: "AT_BUILDING", who: "transport supply"},
	{from: "SORTED", to: "RETURNED", who: "duty transport supply", reasons: "REFUSED UNREACHABLE DUPLICATE DAMAGED WRONG_GOODS UNSAFE"},
	{from: "AT_BUILDING", to: "OUT_FOR_DELIVERY", who: "supply taker"},
	{from: "AT_BUILDING", to: "DELIVERED", who: "supply taker"},
	{from: "AT_BUILDING", to: "RETURNED", who: "supply taker", reasons: "REFUSED UNREACHABLE DUPLICATE DAMAGED WRONG_GOODS UNSAFE"},
	{from: "OUT_FOR_DELIVERY", to: "DELIVERED", who: "supply taker"},
	{from: "OUT_FOR_DELIVERY", to: "AT_BUILDING", who: "supply taker", reasons: "ABSENT NO_ACCESS REFUSED UNREACHABLE NOT_REACHED"},
	{from: "OUT_FOR_DELIVERY", to: "RETURNED", who: "supply taker", reasons: "REFUSED UNREACHABLE DUPLICATE DAMAGED WRONG_GOODS UNSAFE"},
}

func errand(c delivery.Channel) bool { return c == "BUY_FOR" || c == "ERRAND" }

func ruleOf(from, to delivery.Stage, c delivery.Channel) (rule, bool) {
	for _, r := range rules {
		if r.from == from && r.to == to && (!r.errands || errand(c)) {
			return r, true
		}
	}
	return rule{}, false
}

// lets reports whether the person may make the move of the rule, for an order of the channel.
func (r rule) lets(p person, c delivery.Channel) bool {
	if p.top {
		return true
	}
	for word := range strings.FieldsSeq(r.who) {
		switch word {
		case "supplier":
			if p.supplies && !errand(c) || p.leads == "SUPPLY" {
				return true
			}
		case "taker":
			if p.took && p.sees && errand(c) || p.leads == "SUPPLY" {
				return true
			}
		case "supply":
			if p.squad == "SUPPLY" && p.serves || p.leads == "SUPPLY" {
				return true
			}
		case "duty":
			if p.squad == "DUTY" || p.leads == "DUTY" {
				return true
			}
		case "transport":
			if p.squad == "TRANSPORT" || p.leads == "TRANSPORT" {
				return true
			}
		case "household":
			if p.lives {
				return true
			}
		}
	}
	return false
}

// person is a person of a community, with the properties that permissions depend on.
type person struct {
	name         string
	actor        delivery.Actor
	top          bool // the commander or an administrator
	leads, squad delivery.Squad
	serves, took bool // the order's building; an errand
	supplies     bool
	lives        bool
	sees         bool // the order at all
}

const (
	here, there   = delivery.UUID("00000000-0000-7000-8000-00000000b001"), delivery.UUID("00000000-0000-7000-8000-00000000b002")
	home          = delivery.UUID("00000000-0000-7000-8000-00000000a001")
	unit          = delivery.UUID("00000000-0000-7000-8000-00000000c001")
	shop          = delivery.UUID("00000000-0000-7000-8000-00000000d001")
	takerOf       = delivery.UUID("00000000-0000-7000-8000-00000000e001")
	orderOf       = delivery.UUID("00000000-0000-7000-8000-00000000f001")
	colleague     = delivery.UUID("00000000-0000-7000-8000-00000000e003")
	someone       = delivery.UUID("00000000-0000-7000-8000-00000000e002")
	community     = int32(7)
	anotherEstate = int32(8)
)

var noon = time.Date(2020, 2, 18, 4, 0, 0, 0, time.UTC)

// people returns a person of each kind that can act, and some who cannot.
func people() []person {
	out := []person{
		{name: "administrator", actor: delivery.Actor{Role: "ADMIN"}, top: true, sees: true},
		{name: "commander", actor: delivery.Actor{Role: "COMMANDER", Community: community, UUID: someone, Squad: "SUPPLY"}, top: true, sees: true},
		{name: "another estate's commander", actor: delivery.Actor{Role: "COMMANDER", Community: anotherEstate, UUID: someone, Squad: "SUPPLY"}},
		{name: "the order's supplier", actor: delivery.Actor{Role: "SUPPLIER", Community: community, UUID: shop}, supplies: true, sees: true},
		{name: "another supplier", actor: delivery.Actor{Role: "SUPPLIER", Community: community, UUID: someone}},
		{name: "the household", actor: delivery.Actor{Role: "RESIDENT", Community: community, UUID: home, Building: here}, lives: true, sees: true},
		{name: "the neighbours", actor: delivery.Actor{Role: "RESIDENT", Community: community, UUID: someone, Building: here}},
		{name: "the clock", actor: delivery.System(community), sees: true},
		{name: "anonymous"},
	}
	for _, squad := range delivery.Squads {
		out = append(out, person{name: "lead of " + string(squad), leads: squad, sees: true,
			actor: delivery.Actor{Role: "LEAD", Community: community, UUID: someone, Squad: squad}})
		for _, serves := range []bool{true, false} {
			for _, took := range []bool{true, false} {
				p := person{name: "member of " + string(squad), squad: squad, serves: serves, took: took,
					sees:  serves || squad == "DUTY" || squad == "TRANSPORT",
					actor: delivery.Actor{Role: "VOLUNTEER", Community: community, UUID: someone, Squad: squad, Buildings: []delivery.UUID{there}}}
				if serves {
					p.name += " serving the building"
					p.actor.Buildings = []delivery.UUID{there, here}
				}
				if took {
					p.name += " who took it"
					p.actor.UUID = takerOf
				}
				out = append(out, p)
			}
		}
	}
	return out
}

// standing returns an order of the channel at the stage, with a supplier and, for an errand, a taker.
func standing(stage delivery.Stage, c delivery.Channel) *delivery.OrderSnapshot {
	s := &delivery.OrderSnapshot{CommunityID: community, UUID: orderOf, Number: 1, BuildingUUID: here, UnitUUID: unit, HouseholdUUID: home,
		SupplierUUID: new(shop), Channel: c, Stage: stage, StageSince: noon, Version: 3, PlacedAt: noon, PlacedByRole: "RESIDENT",
		PlacedByUUID: new(home), MovedAt: noon, MovedByRole: "SUPPLIER", MovedByUUID: new(shop),
		Packing: delivery.Packing{BagCount: 1}}
	if stage == delivery.Sorted {
		s.BinUUID = new(here)
	}
	if errand(c) {
		s.TakerUUID = new(takerOf)
	}
	return s
}

// answered is an errand that may end.
var answered = &delivery.Errand{AnsweredAt: new(noon)}

func TestEveryMoveByEveryone(t *testing.T) {
	t.Parallel()
	team := &delivery.Roster{}
	for _, c := range delivery.Channels {
		for _, from := range delivery.Stages {
			o := standing(from, c)
			if from == "DELIVERED" {
				o.DeliveredAt = new(noon)
			}
			for _, p := range people() {
				if got := p.actor.Scope().Sees(o.Keys()); got != p.sees {
					t.Fatalf("%s sees an order: got %t, want %t", p.name, got, p.sees)
				}
				var allowed []delivery.Stage
				for _, to := range delivery.Stages {
					r, possible := ruleOf(from, to, c)
					m := delivery.Move{To: to, Errand: answered}
					if r.reasons != "" {
						m.Reason = delivery.MoveReason(strings.Fields(r.reasons)[0])
					}
					want := delivery.Code("")
					switch {
					case !possible:
						want = "CONFLICT"
					case !r.lets(p, c):
						want = "FORBIDDEN"
					default:
						allowed = append(allowed, to)
					}
					e, refusal := o.Advance(p.actor, m, noon.Add(time.Minute), nil, team)
					got := delivery.Code("")
					if refusal != nil {
						got = refusal.Code()
					}
					if got != want || (e == nil) != (refusal != nil) {
						t.Errorf("%s %s → %s by %s: got %q, want %q", c, from, to, p.name, got, want)
					}
				}
				var offered []delivery.Stage
				for _, e := range p.actor.AllowedMoves(o) {
					offered = append(offered, e.To)
				}
				slices.Sort(offered)
				slices.Sort(allowed)
				if !slices.Equal(offered, allowed) {
					t.Errorf("%s at %s offers %s %v, want %v", c, from, p.name, offered, allowed)
				}
			}
		}
	}
}

func TestReasonsFitTheirMoves(t *testing.T) {
	t.Parallel()
	every := map[delivery.MoveReason]bool{}
	for _, list := range delivery.MoveReasons {
		for _, r := range list {
			every[r] = true
		}
	}
	boss := delivery.Actor{Role: "COMMANDER", Community: community}
	for _, r := range rules {
		o := standing(r.from, "ERRAND")
		taken := strings.Fields(r.reasons)
		if _, refusal := o.Advance(boss, delivery.Move{To: r.to, Errand: answered}, noon, nil, &delivery.Roster{}); (refusal == nil) != (len(taken) == 0) {
			t.Errorf("%s → %s without a reason: got %v", r.from, r.to, refusal)
		}
		for reason := range every {
			_, refusal := o.Advance(boss, delivery.Move{To: r.to, Reason: reason, Errand: answered}, noon, nil, &delivery.Roster{})
			switch want := slices.Contains(taken, string(reason)); {
			case want && refusal != nil:
				t.Errorf("%s → %s for %s: got %v", r.from, r.to, reason, refusal)
			case !want && (refusal == nil || refusal.Code() != "BAD_USER_INPUT" || !slices.Equal(refusal.Field, []string{"reason"})):
				t.Errorf("%s → %s for %s: got %v, want BAD_USER_INPUT at reason", r.from, r.to, reason, refusal)
			}
		}
	}
}

func TestChain(t *testing.T) {
	t.Parallel()
	t.Run("exactly one post acts next until the order is final", func(t *testing.T) {
		t.Parallel()
		want := map[delivery.Stage][2]delivery.Post{ // goods a supplier brings, and errands
			"PLACED": {"SUPPLIER", "TAKER"}, "DISPATCHED": {"SUPPLIER", "TAKER"}, "AT_GATE": {"SORTING", "SORTING"}, "SORTED": {"TRANSPORT", "TRANSPORT"},
			"AT_BUILDING": {"BUILDING", "BUILDING"}, "OUT_FOR_DELIVERY": {"BUILDING", "TAKER"},
			"DELIVERED": {"NOBODY", "NOBODY"}, "CANCELLED": {"NOBODY", "NOBODY"}, "RETURNED": {"NOBODY", "NOBODY"}}
		for _, s := range delivery.Stages {
			for _, c := range delivery.Channels {
				i := 0
				if errand(c) {
					i = 1
				}
				if got := s.ActsNext(c); got != want[s][i] {
					t.Errorf("%s at %s: got %s, want %s", c, s, got, want[s][i])
				}
			}
			if got, want := s.Final(), want[s][0] == "NOBODY"; got != want {
				t.Errorf("%s final: got %t, want %t", s, got, want)
			}
		}
	})
	t.Run("the post that acts next can move the order forward", func(t *testing.T) {
		t.Parallel()
		for _, s := range delivery.Stages {
			for _, c := range delivery.Channels {
				post, forward := s.ActsNext(c), false
				for _, e := range delivery.EdgesFrom(s, c) {
					forward = forward || (e.Kind == delivery.MoveForward && slices.Contains(e.By, post))
				}
				if forward == s.Final() {
					t.Errorf("%s at %s: %s can move it forward: got %t", c, s, post, forward)
				}
			}
		}
	})
	t.Run("the next stage is one step along the chain", func(t *testing.T) {
		t.Parallel()
		for i, s := range delivery.Stages {
			next, ok := s.Next()
			if want := i < 6; ok != want || (ok && next != delivery.Stages[i+1]) {
				t.Errorf("after %s: got %s, %t", s, next, ok)
			}
		}
	})
	t.Run("unknown words are not valid", func(t *testing.T) {
		t.Parallel()
		if delivery.Stage("LOST").Valid() || delivery.Channel("FAX").Valid() || delivery.Need("SALT").Valid() {
			t.Error("got valid, want not")
		}
		if _, ok := delivery.Stage("LOST").Next(); ok {
			t.Error("LOST has a next stage")
		}
	})
}
