package delivery_test

import (
	"testing"
	"time"

	"baogong/delivery"
)

// morning is eight o'clock in Shanghai.
var morning = time.Date(2020, 2, 18, 0, 0, 0, 0, time.UTC)

func clock(hour, minute int) *delivery.ClockTime { return new(delivery.ClockTime(hour*60 + minute)) }

func TestDue(t *testing.T) {
	t.Parallel()
	set := func(targets ...*delivery.StageTarget) []*delivery.StageTarget { return targets }
	for name, c := range map[string]struct {
		set   []*delivery.StageTarget
		stage delivery.Stage
		marks delivery.Marks
		since time.Duration // after morning
		want  time.Duration // after morning; 0: none
	}{
		"at the gate":                          {nil, "AT_GATE", nil, 0, 30 * time.Minute},
		"in a bin":                             {nil, "SORTED", nil, 0, 20 * time.Minute},
		"at the building":                      {nil, "AT_BUILDING", nil, 0, 40 * time.Minute},
		"on the stairs":                        {nil, "OUT_FOR_DELIVERY", nil, time.Hour, 90 * time.Minute},
		"before the gate":                      {nil, "DISPATCHED", nil, 0, 0},
		"at the end":                           {nil, "DELIVERED", nil, 0, 0},
		"medicine in the morning":              {nil, "SORTED", delivery.Marks{"MEDICINE"}, 0, 20 * time.Minute},
		"medicine in the evening":              {nil, "AT_BUILDING", delivery.Marks{"MEDICINE"}, 11*time.Hour + 45*time.Minute, 12 * time.Hour},
		"medicine at 20:00":                    {nil, "AT_BUILDING", delivery.Marks{"MEDICINE"}, 12 * time.Hour, 12*time.Hour + 40*time.Minute},
		"a stage that was set":                 {set(&delivery.StageTarget{Stage: "SORTED", Minutes: 5}), "SORTED", nil, 0, 5 * time.Minute},
		"a mark that is sooner":                {set(&delivery.StageTarget{Mark: "COLD", Minutes: 10}), "AT_GATE", delivery.Marks{"COLD"}, 0, 10 * time.Minute},
		"a mark that is later":                 {set(&delivery.StageTarget{Mark: "HEAVY", Minutes: 60}), "AT_GATE", delivery.Marks{"HEAVY"}, 0, 30 * time.Minute},
		"a mark of others":                     {set(&delivery.StageTarget{Mark: "COLD", Minutes: 10}), "AT_GATE", delivery.Marks{"HEAVY"}, 0, 30 * time.Minute},
		"a mark at another stage":              {set(&delivery.StageTarget{Stage: "SORTED", Mark: "COLD", Minutes: 3}), "AT_GATE", delivery.Marks{"COLD"}, 0, 30 * time.Minute},
		"none":                                 {set(&delivery.StageTarget{Stage: "AT_GATE"}), "AT_GATE", nil, 0, 0},
		"none, but for a mark":                 {set(&delivery.StageTarget{Stage: "AT_GATE"}), "AT_GATE", delivery.Marks{"MEDICINE"}, 0, 12 * time.Hour},
		"a time of day":                        {set(&delivery.StageTarget{Stage: "AT_GATE", Clock: clock(8, 10)}), "AT_GATE", nil, 0, 10 * time.Minute},
		"a time of day that has passed":        {set(&delivery.StageTarget{Stage: "AT_GATE", Clock: clock(7, 0)}), "AT_GATE", nil, 0, 30 * time.Minute},
		"a time that has passed, minutes set":  {set(&delivery.StageTarget{Mark: "COLD", Clock: clock(7, 0)}, &delivery.StageTarget{Stage: "AT_GATE", Minutes: 9}), "AT_GATE", delivery.Marks{"COLD"}, 0, 9 * time.Minute},
		"the last minutes of the day, at home": {set(&delivery.StageTarget{Stage: "SORTED", Clock: clock(23, 59)}, &delivery.StageTarget{Mark: "COLD", Minutes: 1440}), "SORTED", delivery.Marks{"COLD"}, 15 * time.Hour, 15*time.Hour + 59*time.Minute},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			got := delivery.NewTargets("Asia/Shanghai", c.set).Due(c.stage, c.marks, morning.Add(c.since))
			switch {
			case got == nil && c.want == 0:
			case got == nil || c.want == 0 || !got.Equal(morning.Add(c.want)):
				t.Errorf("got %v, want %s", got, morning.Add(c.want))
			}
		})
	}
}

func TestTargetsInForce(t *testing.T) {
	t.Parallel()
	of := func(set ...*delivery.StageTarget) (out []string) {
		for _, target := range delivery.NewTargets("Asia/Shanghai", set).InForce() {
			text := string(target.Stage) + " " + string(target.Mark)
			if target.IsDefault() {
				text += " by default"
			}
			out = append(out, text)
		}
		return out
	}
	got := of(&delivery.StageTarget{Stage: "SORTED", Minutes: 15}, &delivery.StageTarget{Stage: "SORTED", Mark: "COLD", Minutes: 5}, &delivery.StageTarget{Mark: "HEAVY"}, &delivery.StageTarget{Mark: "MEDICINE"},
		&delivery.StageTarget{Stage: "AT_GATE", Minutes: 30})
	want := []string{"AT_GATE  by default", "SORTED ", "SORTED COLD", "AT_BUILDING  by default", "OUT_FOR_DELIVERY  by default", " MEDICINE"}
	if len(got) != len(want) {
		t.Fatalf("got %q, want %q", got, want)
	}
	for i := range want {
		if got[i] != want[i] {
			t.Errorf("got %q, want %q", got[i], want[i])
		}
	}
}

// Time stands still for a target while holds stand on the order, however many.
func TestAHoldMovesTheTarget(t *testing.T) {
	t.Parallel()
	team := roster()
	team.Targets = delivery.NewTargets("Asia/Shanghai", nil)
	e, refusal := standing("AT_GATE", "APP").Advance(commander, delivery.Move{To: "SORTED"}, morning, nil, team)
	if refusal != nil {
		t.Fatal(refusal)
	}
	after := func(minutes int) time.Time { return morning.Add(time.Duration(minutes) * time.Minute) }
	h := &delivery.Hold{CommunityID: community, UUID: "hold"}
	for i, step := range []struct {
		at     int // minutes
		starts bool
		want   int // minutes to the target
	}{{5, true, 20}, {8, true, 20}, {15, false, 20}, {25, false, 40}, {30, true, 40}, {31, false, 41}} {
		if step.starts {
			e = e.Order.StartHold(commander, h, after(step.at))
		} else {
			e = e.Order.EndHold(commander, h, after(step.at))
		}
		if got := e.Order.TargetAt; !got.Equal(after(step.want)) {
			t.Errorf("step %d: got %s, want %s", i, got, after(step.want))
		}
		if late := e.Order.Overdue(after(1000)); late == e.Order.Held() {
			t.Errorf("step %d: overdue: %t, held: %t", i, late, e.Order.Held())
		}
	}
	if e.Order.HeldSince != nil || e.Order.Overdue(after(40)) || !e.Order.Overdue(after(41)) {
		t.Errorf("got %+v", *e.Order)
	}
	late := e.Order.BeLate(delivery.System(community), delivery.LevelVolunteer, after(50))
	if again := late.Order.BeLate(delivery.System(community), delivery.LevelVolunteer, after(50)); again != nil || late.Order.Overdue(after(60)) {
		t.Errorf("got %+v for an order that is late already", again)
	}
	held := late.Order.StartHold(commander, h, after(51))
	moved, refusal := late.Order.Advance(commander, delivery.Move{To: "AT_BUILDING"}, after(52), nil, team)
	if refusal != nil || !moved.WasLate || moved.Order.Late() || !moved.Order.TargetAt.Equal(after(92)) {
		t.Errorf("got %+v, %v, want an order that is not late any more", moved, refusal)
	}
	if !held.Order.Late() || held.WasLate {
		t.Errorf("got %+v, want it late all the while", held.Order)
	}
	undone, refusal := moved.Order.Undo(commander, moved.Order.Version, moved, after(53), nil, team)
	if refusal != nil || undone.WasLate || !undone.Order.TargetAt.Equal(after(20)) || undone.Order.Late() {
		t.Errorf("got %+v, %v, want the target of the first time", undone, refusal)
	}
}

func TestMedicineIsUrgent(t *testing.T) {
	t.Parallel()
	o := standing("SORTED", "APP")
	plain := o.NewLate()
	o.Marks = delivery.Marks{"MEDICINE"}
	urgent := o.NewLate()
	plain.Open(delivery.System(community), noon)
	urgent.Open(delivery.System(community), noon)
	if plain.Level != "VOLUNTEER" || urgent.Level != "LEAD" || urgent.Severity != "HIGH" {
		t.Errorf("got %s and %s, want medicine at the lead", plain.Level, urgent.Level)
	}
}

func TestTargetCheck(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		target delivery.StageTarget
		want   string
	}{{delivery.StageTarget{Stage: "SORTED", Minutes: 1440}, ""}, {delivery.StageTarget{Mark: "COLD"}, ""}, {delivery.StageTarget{Minutes: 5}, "TARGET_OF_WHAT"},
		{delivery.StageTarget{Stage: "PLACED", Minutes: 5}, "TARGET_OF_WHAT"}, {delivery.StageTarget{Stage: "DELIVERED", Mark: "COLD"}, "TARGET_OF_WHAT"},
		{delivery.StageTarget{Stage: "SORTED", Minutes: 1441}, "TARGET_FIGURE"}, {delivery.StageTarget{Stage: "SORTED", Minutes: -1}, "TARGET_FIGURE"}} {
		if got := reasonOf(c.target.Check()).String(); got != c.want {
			t.Errorf("%+v: got %q, want %q", c.target, got, c.want)
		}
	}
}
