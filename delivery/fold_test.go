package delivery_test

import (
	"slices"
	"testing"
	"time"

	"pgregory.net/rapid"

	"baogong/delivery"
)

var bins = []delivery.UUID{here, "bin"}

func packing(t *rapid.T) delivery.Packing {
	p := delivery.Packing{BagCount: delivery.BagCount(rapid.IntRange(1, 5).Draw(t, "bags"))}
	p.BagsIn = rapid.IntRange(0, p.Bags()).Draw(t, "in")
	p.Marks = delivery.NewMarks(rapid.SliceOf(rapid.SampledFrom(delivery.AllMarks)).Draw(t, "marks"))
	if rapid.Bool().Draw(t, "arrived") {
		p.ArrivalUUID = new(delivery.UUID("arrival"))
	}
	return p
}

// lastAct is the last event but for those of the clock that found the order late.
func lastAct(events []*delivery.Event) *delivery.Event {
	acts := slices.DeleteFunc(slices.Clone(events), func(e *delivery.Event) bool { return e.Kind == delivery.OrderLate })
	return acts[len(acts)-1]
}

// life draws the events of one order.
func life(t *rapid.T) []*delivery.Event {
	team := []*delivery.Roster{roster(), {}, {Primary: map[delivery.UUID][]delivery.UUID{here: {someone}}}}
	for _, r := range team[1:] { // the first one has no targets
		r.Targets = delivery.NewTargets("Asia/Shanghai", nil)
	}
	o := standing("PLACED", rapid.SampledFrom(delivery.Channels).Draw(t, "channel"))
	o.WindowUUID = new(delivery.UUID("window"))
	at := noon
	events := []*delivery.Event{o.Place(commander, at, team[0])}
	var holds []*delivery.Hold
	for range rapid.IntRange(0, 30).Draw(t, "steps") {
		o = events[len(events)-1].Order
		last := lastAct(events)
		at = at.Add(time.Duration(rapid.IntRange(0, 3600).Draw(t, "seconds")) * time.Second)
		now := team[rapid.IntRange(0, 2).Draw(t, "team")]
		var e *delivery.Event
		switch rapid.IntRange(0, 11).Draw(t, "verb") {
		case 0, 1:
			m := delivery.Move{To: rapid.SampledFrom(delivery.Stages).Draw(t, "to")}
			if rapid.Bool().Draw(t, "told") {
				m.Round, m.Proven = new(delivery.UUID("round")), true
				m.Bin, m.Packing = new(rapid.SampledFrom(bins).Draw(t, "bin")), new(packing(t))
			}
			if edge, ok := delivery.EdgeOf(o.Stage, m.To, o.Channel); ok && len(edge.Reasons()) > 0 {
				m.Reason = edge.Reasons()[0]
			}
			e, _ = o.Advance(commander, m, at, holds, now)
		case 2:
			e, _ = o.Undo(commander, o.Version, last, at, holds, now)
		case 3:
			if !o.Stage.Final() {
				h := &delivery.Hold{UUID: "hold", Reason: "TESTING"}
				holds = append(holds, h)
				e = o.StartHold(commander, h, at)
			}
		case 4:
			if len(holds) > 0 {
				e = o.EndHold(commander, holds[0], at)
				holds = holds[1:]
			}
		case 5:
			e = o.Reassign(commander, at, now)
		case 6:
			e = o.Repack(commander, packing(t), at)
		case 7:
			if o.BinUUID != nil {
				e = o.Rebin(commander, rapid.SampledFrom(bins).Draw(t, "bin"), at)
			}
		case 10:
			if o.TargetAt != nil && o.LateLevel != delivery.LevelCommand {
				e = o.BeLate(commander, delivery.EscalationLevels[o.LateLevel.Number()], at)
			}
		case 9:
			e, _ = o.Confirm(commander, at)
		case 11:
			e, _ = o.Amend(commander, o.Version, rapid.Int64Range(0, 1000).Draw(t, "total"), 1, packing(t).Marks, at)
		case 8:
			if o.RunUUID != nil {
				e = o.Unload(commander, new(rapid.SampledFrom(bins).Draw(t, "bin")), at)
			} else {
				run := &delivery.Run{CommunityID: community, UUID: "run", Number: 1, Capacity: 100, State: delivery.RunLoading}
				e, _ = run.Load(commander, o, 0, at, holds)
			}
		}
		if e != nil {
			if e.Kind != delivery.OrderLate && rapid.IntRange(0, 9).Draw(t, "release") == 0 { // the previous release knows no targets
				e.Order.TargetAt, e.Order.LateLevel, e.Order.HeldSince = nil, "", nil
			}
			events = append(events, e)
		}
	}
	for i, e := range events {
		e.Seq = int64(i + 1)
	}
	return events
}

func TestFold(t *testing.T) {
	t.Parallel()
	t.Run("tells where the order is, also from what was stored", func(t *testing.T) {
		t.Parallel()
		rapid.Check(t, func(t *rapid.T) {
			events := life(t)
			for _, e := range events {
				body, err := e.MarshalBody()
				if err != nil {
					t.Fatal(err)
				}
				e.Order, e.Body = nil, nil
				if err := e.UnmarshalBody(body); err != nil {
					t.Fatal(err)
				}
			}
			last := events[len(events)-1].Order
			got, err := delivery.Fold(events)
			if err != nil {
				t.Fatal(err)
			}
			if !got.Equal(last) || got.Version != int64(len(events)) {
				t.Fatalf("got %+v, want %+v", *got, *last)
			}
		})
	})
	t.Run("notices an event that is missing, doubled or out of place", func(t *testing.T) {
		t.Parallel()
		rapid.Check(t, func(t *rapid.T) {
			events := life(t)
			i := rapid.IntRange(0, len(events)-1).Draw(t, "at")
			lost := slices.Delete(slices.Clone(events), i, i+1)
			if i < len(events)-1 {
				if _, err := delivery.Fold(lost); err == nil {
					t.Fatalf("lost event %d of %d unnoticed", i, len(events))
				}
			}
			if _, err := delivery.Fold(slices.Insert(slices.Clone(events), i, events[i])); err == nil {
				t.Fatalf("doubled event %d of %d unnoticed", i, len(events))
			}
			if i > 0 {
				swapped := slices.Clone(events)
				swapped[i-1], swapped[i] = swapped[i], swapped[i-1]
				if _, err := delivery.Fold(swapped); err == nil {
					t.Fatalf("swapped events %d and %d unnoticed", i-1, i)
				}
			}
		})
	})
	t.Run("keeps the window through an event of the previous release, which knows none", func(t *testing.T) {
		t.Parallel()
		o := standing("PLACED", "APP")
		o.WindowUUID = new(delivery.UUID("window"))
		placed := o.Place(commander, noon, roster())
		moved, _ := placed.Order.Advance(commander, delivery.Move{To: "DISPATCHED"}, noon, nil, roster())
		moved.Order.WindowUUID = nil
		got, err := delivery.Fold([]*delivery.Event{placed, moved})
		if err != nil || got.WindowUUID == nil {
			t.Errorf("got %+v, %v, want an order in its window", got, err)
		}
	})
	t.Run("of nothing is an error", func(t *testing.T) {
		t.Parallel()
		if _, err := delivery.Fold(nil); err == nil {
			t.Error("got an order from no events")
		}
	})
}

func TestStageTimes(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		events := life(t)
		o := events[len(events)-1].Order
		times := delivery.StageTimes(events)
		i := slices.IndexFunc(times, func(s *delivery.StageTime) bool { return s.Stage == o.Stage })
		if i < 0 || !times[i].At.Equal(o.StageSince) {
			t.Fatalf("at %s since %s, told %+v", o.Stage, o.StageSince, times)
		}
		if times[0].Stage != "PLACED" || !times[0].At.Equal(noon) {
			t.Fatalf("placed at %s, told %+v", noon, *times[0])
		}
	})
}
