package delivery

import (
	"cmp"
	"errors"
	"slices"
	"time"
)

// StageTarget says when an order is due to leave a stage (时限): some minutes after it came there, or at a time of that day. An order is
// measured by every target that fits its stage and marks, and the earliest holds.
type StageTarget struct {
	CommunityID int32      `db:"community_id" json:"-"`
	Stage       Stage      `db:"stage" json:"stage,omitempty"`           // empty: every stage of TargetStages
	Mark        Mark       `db:"mark" json:"mark,omitempty"`             // empty: orders of any marks
	Minutes     int        `db:"minutes" json:"minutes,omitempty"`       // 1 … MaxTargetMinutes; 0 if the target is a time of day, or none
	Clock       *ClockTime `db:"time_of_day" json:"timeOfDay,omitempty"` // in the community's zone
	Version     int64      `db:"version" json:"version,omitempty"`       // 0 for a default that was never changed
}

// MaxTargetMinutes is the longest target in minutes: a day.
const MaxTargetMinutes = 24 * 60

// TargetStages are the stages at which orders have targets. Before the gate the goods are not in the team's hands.
var TargetStages = []Stage{AtGate, Sorted, AtBuilding, OutForDelivery}

// DefaultTargets are the targets of a community that has set none. They add up to 120 minutes from the gate to the door (decision 44).
// Medicine is due by the evening of the same day.
func DefaultTargets() []*StageTarget {
	return []*StageTarget{{Stage: AtGate, Minutes: 30}, {Stage: Sorted, Minutes: 20}, {Stage: AtBuilding, Minutes: 40}, {Stage: OutForDelivery, Minutes: 30},
		{Mark: MarkMedicine, Clock: new(ClockTime(20 * 60))}}
}

// Matches reports whether both targets are about the same stage and mark.
func (t *StageTarget) Matches(o *StageTarget) bool { return t.Stage == o.Stage && t.Mark == o.Mark }

// None reports whether the target says that there is none.
func (t *StageTarget) None() bool { return t.Minutes == 0 && t.Clock == nil }

// IsDefault reports whether the figure is the one of a community that has set none.
func (t *StageTarget) IsDefault() bool {
	return slices.ContainsFunc(DefaultTargets(), func(d *StageTarget) bool { return d.Matches(t) && d.Says(t) })
}

// Says reports whether both targets have the same minutes or the same time of day.
func (t *StageTarget) Says(o *StageTarget) bool {
	return t.Minutes == o.Minutes && (t.Clock == nil) == (o.Clock == nil) && (t.Clock == nil || *t.Clock == *o.Clock)
}

// StageOrNil is the stage, nil for every stage.
func (t *StageTarget) StageOrNil() *Stage { return orNil(&t.Stage) }

// MarkOrNil is the mark, nil for orders of any marks.
func (t *StageTarget) MarkOrNil() *Mark { return orNil(&t.Mark) }

// MinutesOrNil is the number of minutes, nil if the target is a time of day or none.
func (t *StageTarget) MinutesOrNil() *int { return orNil(&t.Minutes) }

// TimeOfDay is the time as clocks show it, nil if the target is a number of minutes or none.
func (t *StageTarget) TimeOfDay() *string { return t.Clock.shown() }

// The refusals of setting targets.
var (
	ReasonTargetOfWhat = NewReason("TARGET_OF_WHAT", CodeBadUserInput,
		"Name a stage from AT_GATE to OUT_FOR_DELIVERY, a mark, or both.",
		"请指定“已到小区门口”至“投递中”之间的环节、标记，或两者。")
	ReasonTargetFigure = NewReason("TARGET_FIGURE", CodeBadUserInput,
		"Give exactly one of these: minutes from 1 to %d, a time of day, or no target.",
		"请在以下三项中选填一项：1 至 %d 分钟、具体时刻、不设时限。")
)

// Check refuses a target of no stage and mark, or of a stage that has none, and a figure that is out of range.
func (t *StageTarget) Check() *Error {
	switch {
	case t.Stage == "" && t.Mark == "":
		return Refuse(ReasonTargetOfWhat)
	case t.Stage != "" && !slices.Contains(TargetStages, t.Stage):
		return Refuse(ReasonTargetOfWhat).At("stage")
	case t.Minutes < 0 || t.Minutes > MaxTargetMinutes:
		return Refuse(ReasonTargetFigure, MaxTargetMinutes).At("minutes")
	}
	return nil
}

// Targets are those in force in a community.
type Targets struct {
	zone *time.Location
	list []*StageTarget
}

// NewTargets returns the targets in force: those that the community has set, and the defaults that it has left.
func NewTargets(timeZone string, set []*StageTarget) *Targets {
	list := DefaultTargets()
	for _, t := range set {
		switch i := slices.IndexFunc(list, t.Matches); {
		case i >= 0:
			list[i] = t
		case !t.None():
			list = append(list, t)
		}
	}
	slices.SortFunc(list, CompareTargets)
	return &Targets{zone: (&Community{TimeZone: timeZone}).zone(), list: list}
}

// CompareTargets orders targets by stage in the order of the chain, those of every stage last, and by mark.
func CompareTargets(a, b *StageTarget) int { return cmp.Compare(a.place(), b.place()) }

func (t *StageTarget) place() int {
	stage := slices.Index(TargetStages, t.Stage)
	if stage < 0 {
		stage = len(TargetStages)
	}
	return stage*(len(AllMarks)+1) + slices.Index(AllMarks, t.Mark) + 1
}

// InForce lists the targets by stage and mark. A default that the community has taken away is among them, with no figure.
func (t *Targets) InForce() []*StageTarget { return slices.Clone(t.list) }

// Due returns when an order with the marks that came to the stage at an instant is due to leave it: the earliest of the targets that fit, nil
// if none does. A time of day that has passed does not count; the minutes of the stage hold then, and by default if none are set.
func (t *Targets) Due(stage Stage, marks Marks, since time.Time) *time.Time {
	if t == nil || !slices.Contains(TargetStages, stage) {
		return nil
	}
	var due *time.Time
	passed := false
	for _, target := range t.list {
		if target.None() || target.Stage != "" && target.Stage != stage || target.Mark != "" && !marks.Has(target.Mark) {
			continue
		}
		at := target.after(since, t.zone)
		if passed = passed || !at.After(since); at.After(since) && (due == nil || at.Before(*due)) {
			due = &at
		}
	}
	if due == nil && passed {
		for _, d := range DefaultTargets() {
			if d.Stage == stage {
				due = new(d.after(since, t.zone))
			}
		}
	}
	return due
}

// after returns when an order that came at an instant is due by the target. A time of day is on the day of that instant, and may be before it.
func (t *StageTarget) after(since time.Time, zone *time.Location) time.Time {
	if t.Clock == nil {
		return since.Add(time.Duration(t.Minutes) * time.Minute)
	}
	y, m, d := since.In(zone).Date()
	return time.Date(y, m, d, int(*t.Clock)/60, int(*t.Clock)%60, 0, 0, zone).UTC()
}

// retarget sets when the order is due at the stage that it has just come to, or come back to. It is not late there yet.
func (s *OrderSnapshot) retarget(r *Roster) {
	s.TargetAt, s.LateLevel, s.HeldSince = r.Targets.Due(s.Stage, s.Marks, s.StageSince), "", nil
}

// retold sets what the event of a move or an undo says about the order's target, which depends on the targets at that moment.
func (s *OrderSnapshot) retold(e *Event) error {
	s.TargetAt, s.LateLevel, s.HeldSince = e.Order.TargetAt, "", nil
	if s.TargetAt != nil && !slices.Contains(TargetStages, s.Stage) {
		return errors.New("a target at a stage that has none")
	}
	return nil
}

// pause stops the time of a target while holds stand on the order.
func (s *OrderSnapshot) pause(at time.Time) {
	s.OpenHolds++
	if s.OpenHolds == 1 && s.TargetAt != nil {
		s.HeldSince = &at
	}
}

// resume ends one hold. After the last one the target is later by as long as the order was held.
func (s *OrderSnapshot) resume(at time.Time) {
	s.OpenHolds--
	if s.OpenHolds > 0 || s.HeldSince == nil {
		return
	}
	s.TargetAt = new(s.TargetAt.Add(max(0, at.Sub(*s.HeldSince))))
	s.HeldSince = nil
}

// TargetOf returns when the order is due, nil outside the team.
func (s Sight) TargetOf(o *OrderSnapshot) *time.Time {
	if !s.Team {
		return nil
	}
	return o.TargetAt
}

// LatenessOf returns the level at which the order is late, nil if it is not, and outside the team.
func (s Sight) LatenessOf(o *OrderSnapshot) *EscalationLevel {
	if !s.Team {
		return nil
	}
	return orNil(&o.LateLevel)
}

// Late reports whether the order is past its target.
func (s *OrderSnapshot) Late() bool { return s.LateLevel != "" }

// Overdue reports whether the order is past its target and no event says so yet. A held order is not: its time stands still.
func (s *OrderSnapshot) Overdue(at time.Time) bool {
	return s.TargetAt != nil && !s.Late() && !s.Held() && !s.TargetAt.After(at)
}

// OrderLate is the kind of event of an order that is past its target, and of one whose incident has risen to the next level. The order stays where
// it is.
const OrderLate EventKind = "ORDER_LATE"

var _ = addKind(eventSpec{kind: OrderLate, fold: foldLate, team: true})

// BeLate returns the event of an order that is late at a level, nil if it is so already. Its open incident LATE has the same level.
func (s *OrderSnapshot) BeLate(a Actor, level EscalationLevel, at time.Time) *Event {
	if s.LateLevel == level {
		return nil
	}
	next := s.clone()
	next.Version++
	next.LateLevel = level
	return newEvent(OrderLate, a, at, next, nil)
}

// NewLate returns the incident of an order that is past its target. Medicine is urgent.
func (s *OrderSnapshot) NewLate() *Incident {
	i := NewIncident(IncidentLate, s.OrderID(), s.Keys())
	if s.Marks.Has(MarkMedicine) {
		i.Severity = SeverityHigh
	}
	return i
}

func foldLate(before *OrderSnapshot, e *Event) (*OrderSnapshot, error) {
	if before.TargetAt == nil || e.Order.LateLevel.Number() <= before.LateLevel.Number() {
		return nil, errors.New("late without a target, or at a level that is not higher")
	}
	next := before.after(e)
	next.LateLevel = e.Order.LateLevel
	return next, nil
}

// DropAcceptedWithin is how long a building may take to count what a run left there. Then the lead of the squad is told.
const DropAcceptedWithin = 20 * time.Minute

// TargetsSet is the kind of event of targets that were changed. They hold for the moves that follow.
const TargetsSet EventKind = "TARGETS_SET"

var _ = addKind(eventSpec{kind: TargetsSet, board: noBoard, team: true})
