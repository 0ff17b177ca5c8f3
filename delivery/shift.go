package delivery

import (
	"cmp"
	"reflect"
	"slices"
	"time"
)

// ShiftState is where a member of a shift is.
type ShiftState string

// The states of a member of a shift.
const (
	ShiftPlanned ShiftState = "PLANNED" // 待上岗
	ShiftOn      ShiftState = "ON"      // 在岗
	ShiftDone    ShiftState = "DONE"    // 已下岗
	ShiftAbsent  ShiftState = "ABSENT"  // 缺岗
)

// ShiftStates lists the states.
var ShiftStates = []ShiftState{ShiftPlanned, ShiftOn, ShiftDone, ShiftAbsent}

const (
	// MaxShift is how long a shift may last.
	MaxShift = 24 * time.Hour
	// MaxShiftAhead is how far ahead a shift may begin.
	MaxShiftAhead = 31 * 24 * time.Hour
	// MaxMembers is how many members a shift may have, and need.
	MaxMembers = 200
	// CheckInEarly is how long before the beginning of a shift its members may check in.
	CheckInEarly = time.Hour
	// NoShowAfter is how long after the beginning of a shift the clock opens NO_SHOW about a member who has not checked in.
	NoShowAfter = 15 * time.Minute
	// CheckOutAfter is how long after the end of a shift the clock checks out the members who are still on duty.
	CheckOutAfter = time.Hour
)

// Shift is a period in which volunteers are on duty at a station (班次). A change of its members changes its version; a check-in
// does not.
type Shift struct {
	CommunityID int32      `db:"community_id"`
	UUID        UUID       `db:"id"`
	Squad       Squad      `db:"squad"`
	Station     string     `db:"station"` // where they stand, such as 南门
	StartsAt    time.Time  `db:"starts_at"`
	EndsAt      time.Time  `db:"ends_at"`
	Needed      int        `db:"needed"` // how many members it needs
	Version     int64      `db:"version"`
	CreatedAt   time.Time  `db:"created_at"`
	CancelledAt *time.Time `db:"cancelled_at"`
}

// ID is the shift's opaque id.
func (s *Shift) ID() ID { return ID{KindShift, s.CommunityID, s.UUID} }

// IsNode marks the type as a GraphQL Node.
func (*Shift) IsNode() {}

// ShiftMember is a volunteer on a shift.
type ShiftMember struct {
	CommunityID   int32      `db:"community_id"`
	ShiftUUID     UUID       `db:"shift_id"`
	VolunteerUUID UUID       `db:"volunteer_id"`
	StartsAt      time.Time  `db:"starts_at"` // of the shift
	EndsAt        time.Time  `db:"ends_at"`   // of the shift, or when the member checked out earlier
	State         ShiftState `db:"state"`
	InAt          *time.Time `db:"in_at"`
	OutAt         *time.Time `db:"out_at"`
	MissedAt      *time.Time `db:"missed_at"` // when the clock found that the member had not come
	DueAt         *time.Time `db:"due_at"`    // when the clock looks at the member next
	Squad         Squad      `db:"squad"`     // of the shift
}

// ShiftID is the shift's opaque id.
func (m *ShiftMember) ShiftID() ID { return ID{KindShift, m.CommunityID, m.ShiftUUID} }

// VolunteerID is the volunteer's opaque id.
func (m *ShiftMember) VolunteerID() ID { return ID{KindVolunteer, m.CommunityID, m.VolunteerUUID} }

// The kinds of event of shifts. The team sees them.
const (
	ShiftSaved       EventKind = "SHIFT_SAVED"
	ShiftCancelled   EventKind = "SHIFT_CANCELLED"
	MemberCheckedIn  EventKind = "MEMBER_CHECKED_IN"
	MemberCheckedOut EventKind = "MEMBER_CHECKED_OUT"
	MemberAbsent     EventKind = "MEMBER_ABSENT"
)

var (
	_ = shiftKind(ShiftSaved)
	_ = shiftKind(ShiftCancelled)
	_ = shiftKind(MemberCheckedIn)
	_ = shiftKind(MemberCheckedOut)
	_ = shiftKind(MemberAbsent)
)

func shiftKind(kind EventKind) *eventSpec { //nolint:unparam // "var _ =" runs it
	return addKind(eventSpec{kind: kind, body: reflect.TypeFor[ShiftBody](), board: everyBoard, about: KindShift, row: rowOf(shiftRow), team: true})
}

// ShiftBody is the body of the events of a shift.
type ShiftBody struct {
	Shift     UUID `json:"shift,omitempty"`
	Volunteer UUID `json:"shiftMember,omitempty"` // of the events of a member
}

func shiftRow(b *ShiftBody) (UUID, []ActivityNumber) { return b.Shift, nil }

// Event returns an event of the shift.
func (s *Shift) Event(kind EventKind, a Actor, at time.Time) *Event {
	return NewEvent(kind, a, at, Keys{Community: s.CommunityID}, &ShiftBody{Shift: s.UUID})
}

func (m *ShiftMember) event(kind EventKind, a Actor, at time.Time) *Event {
	return NewEvent(kind, a, at, Keys{Community: m.CommunityID}, &ShiftBody{Shift: m.ShiftUUID, Volunteer: m.VolunteerUUID})
}

// CanPlan reports whether the actor may plan the shifts of a squad: its leads, the commander and administrators.
func (a Actor) CanPlan(community int32, squad Squad) bool {
	return a.CanSetUp(community) || a.Role == RoleLead && a.Community == community && a.Squad == squad
}

// The refusals of shifts.
var (
	ReasonOnAnotherShift = NewReason("ON_ANOTHER_SHIFT", CodeConflict,
		"This volunteer is on another shift from %s to %s.",
		"该队员在 %s 至 %s 已有另一班次。")
	ReasonShiftTimes = NewReason("SHIFT_TIMES", CodeBadUserInput,
		"A shift ends after it begins, at most %d hours later.",
		"班次的结束时间须晚于开始时间，且最长 %d 小时。")
	ReasonShiftTooFar = NewReason("SHIFT_TOO_FAR", CodeBadUserInput,
		"A shift can be planned at most %d days ahead.",
		"班次最多可提前 %d 天安排。")
	ReasonShiftOver = NewReason("SHIFT_OVER", CodeConflict,
		"This shift is over.",
		"该班次已经结束。")
	ReasonMemberCame = NewReason("MEMBER_CAME", CodeConflict,
		"This volunteer has already checked in on the shift.",
		"该队员已在该班次上岗。")
	ReasonCheckInEarly = NewReason("CHECK_IN_EARLY", CodeConflict,
		"Members can check in from %d minutes before the shift begins.",
		"开始前 %d 分钟起才能上岗签到。")
	ReasonCheckedOut = NewReason("CHECKED_OUT", CodeConflict,
		"This volunteer has already checked out of the shift.",
		"该队员在该班次已经下岗。")
	ReasonNotCheckedIn = NewReason("NOT_CHECKED_IN", CodeConflict,
		"This volunteer has not checked in on the shift.",
		"该队员尚未上岗。")
)

// CheckTimes refuses a shift whose times are not in order, that is over, or that begins too far ahead.
func (s *Shift) CheckTimes(at time.Time) *Error {
	if refusal := CheckTime(s.StartsAt); refusal != nil {
		return refusal.At("startsAt")
	}
	if refusal := CheckFuture(s.EndsAt, at); refusal != nil {
		return refusal.At("endsAt")
	}
	switch {
	case !s.StartsAt.Before(s.EndsAt) || s.EndsAt.Sub(s.StartsAt) > MaxShift:
		return Refuse(ReasonShiftTimes, int64(MaxShift/time.Hour)).At("endsAt")
	case s.StartsAt.After(at.Add(MaxShiftAhead)):
		return ShiftTooFar().At("startsAt")
	}
	return nil
}

// ShiftTooFar refuses a shift that begins too far ahead.
func ShiftTooFar() *Error { return Refuse(ReasonShiftTooFar, int64(MaxShiftAhead/(24*time.Hour))) }

// NewMember returns a planned member of the shift.
func (s *Shift) NewMember(volunteer UUID) *ShiftMember {
	m := &ShiftMember{CommunityID: s.CommunityID, ShiftUUID: s.UUID, VolunteerUUID: volunteer, StartsAt: s.StartsAt, EndsAt: s.EndsAt, State: ShiftPlanned, Squad: s.Squad}
	m.DueAt = m.due()
	return m
}

// Follow returns the member with the times of its changed shift. Nothing changes for a member who checked out. A planned member who was missed is no longer missed if
// the shift now begins later.
func (m *ShiftMember) Follow(s *Shift, at time.Time) *ShiftMember {
	next := *m
	if m.State == ShiftDone {
		return &next
	}
	next.StartsAt, next.EndsAt, next.Squad = s.StartsAt, s.EndsAt, s.Squad
	if m.State == ShiftPlanned && s.StartsAt.Add(NoShowAfter).After(at) {
		next.MissedAt = nil
	}
	next.DueAt = next.due()
	return &next
}

// Overlaps reports whether the two rows would put the volunteer on two shifts at once. Absent members do not count, nor do members who checked in early
// and out before the beginning.
func (m *ShiftMember) Overlaps(other *ShiftMember) bool {
	return m.VolunteerUUID == other.VolunteerUUID && m.ShiftUUID != other.ShiftUUID && m.State != ShiftAbsent && other.State != ShiftAbsent &&
		m.StartsAt.Before(m.EndsAt) && other.StartsAt.Before(other.EndsAt) && m.StartsAt.Before(other.EndsAt) && other.StartsAt.Before(m.EndsAt)
}

// OnAnother is the refusal that names the times of the volunteer's other shift.
func (c *Community) OnAnother(other *ShiftMember) *Error {
	id := other.ShiftID()
	return Refuse(ReasonOnAnotherShift, c.shiftTime(other.StartsAt), c.shiftTime(other.EndsAt)).With(Details{ConflictingID: &id})
}

func (c *Community) shiftTime(t time.Time) string { return c.Local(t).Format("01-02 15:04") }

// Missed reports whether the clock has found that the planned member did not come.
func (m *ShiftMember) Missed() bool { return m.State == ShiftPlanned && m.MissedAt != nil }

// due returns when the clock looks at the member next: when a planned member is missed, when the shift of a planned member ends, or when a member on
// duty is checked out. It returns nil for others.
func (m *ShiftMember) due() *time.Time {
	var at time.Time
	switch m.State {
	case ShiftPlanned:
		at = m.EndsAt
		if missed := m.StartsAt.Add(NoShowAfter); m.MissedAt == nil && missed.Before(at) {
			at = missed
		}
	case ShiftOn:
		at = m.EndsAt.Add(CheckOutAfter)
	default:
		return nil
	}
	return &at
}

// mayCheck reports whether the actor may check the member in and out: the volunteer, and planners of the shift.
func (m *ShiftMember) mayCheck(a Actor) bool {
	own := a.Volunteer()
	return a.CanPlan(m.CommunityID, m.Squad) || a.Community == m.CommunityID && own != nil && *own == m.VolunteerUUID
}

// CheckIn brings a planned or absent member on duty. It returns nil if the member is on duty already.
func (m *ShiftMember) CheckIn(a Actor, at time.Time) (*Event, *Error) {
	switch {
	case !m.mayCheck(a):
		return nil, Refuse(ReasonNotYours)
	case m.State == ShiftOn:
		return nil, nil
	case m.State == ShiftDone:
		return nil, Refuse(ReasonCheckedOut)
	case !at.Before(m.EndsAt):
		return nil, Refuse(ReasonShiftOver)
	case at.Before(m.StartsAt.Add(-CheckInEarly)):
		return nil, Refuse(ReasonCheckInEarly, int64(CheckInEarly/time.Minute))
	}
	m.State, m.InAt = ShiftOn, &at
	m.DueAt = m.due()
	return m.event(MemberCheckedIn, a, at), nil
}

// CheckOut ends a member's duty. It returns nil if it has ended already.
func (m *ShiftMember) CheckOut(a Actor, at time.Time) (*Event, *Error) {
	switch {
	case !m.mayCheck(a):
		return nil, Refuse(ReasonNotYours)
	case m.State == ShiftDone:
		return nil, nil
	case m.State != ShiftOn:
		return nil, Refuse(ReasonNotCheckedIn)
	}
	return m.leave(a, at), nil
}

// leave checks the member out. From then on the volunteer can be planned on another shift. No permission is checked: the clock and a check-in on
// another shift call it.
func (m *ShiftMember) leave(a Actor, at time.Time) *Event {
	if at.Before(*m.InAt) { // the clocks of two replicas differ
		at = *m.InAt
	}
	m.State, m.OutAt = ShiftDone, &at
	if at.Before(m.EndsAt) {
		m.EndsAt = later(at, m.StartsAt)
	}
	m.DueAt = nil
	return m.event(MemberCheckedOut, a, at)
}

func later(a, b time.Time) time.Time {
	if a.After(b) {
		return a
	}
	return b
}

// BeAbsent marks a planned member as absent. Planners of the shift may. It returns nil if the member is absent already.
func (m *ShiftMember) BeAbsent(a Actor, at time.Time) (*Event, *Error) {
	switch {
	case !a.CanPlan(m.CommunityID, m.Squad):
		return nil, Refuse(ReasonNotYours)
	case m.State == ShiftAbsent:
		return nil, nil
	case m.State != ShiftPlanned:
		return nil, Refuse(ReasonMemberCame)
	}
	m.State, m.DueAt = ShiftAbsent, nil
	return m.event(MemberAbsent, a, at), nil
}

// Pass applies what is due to the member: it marks a planned member as missed, and as absent when the shift has ended, and checks out a member who
// is still on duty. The clock calls it. It reports whether anything changed; the event is nil for a member who is missed, about whom an incident is
// opened.
func (m *ShiftMember) Pass(a Actor, at time.Time) (*Event, bool) {
	switch {
	case m.DueAt == nil || m.DueAt.After(at):
		return nil, false
	case m.State == ShiftOn:
		return m.leave(a, at), true
	case !m.EndsAt.After(at):
		m.State, m.DueAt = ShiftAbsent, nil
		return m.event(MemberAbsent, a, at), true
	}
	m.MissedAt = &at
	m.DueAt = m.due()
	return nil, true
}

// Leave takes a volunteer who leaves the team off the shift. A member on duty checks out. remove reports that the member was only planned, so that
// the row is to be deleted. Other members stay as they are, and the event is nil.
func (m *ShiftMember) Leave(a Actor, at time.Time) (e *Event, remove bool) {
	switch m.State {
	case ShiftPlanned:
		return nil, true
	case ShiftOn:
		return m.leave(a, at), false
	}
	return nil, false
}

// ShiftNow returns the member's row among those of one volunteer that a check-in means if it names no shift: the one on duty, or else the first that
// admits a check-in, planned ones before absent ones. It returns nil if there is none.
func ShiftNow(rows []*ShiftMember, at time.Time) *ShiftMember {
	var found *ShiftMember
	for _, m := range rows {
		switch {
		case m.State == ShiftOn:
			return m
		case m.State == ShiftDone || !at.Before(m.EndsAt) || at.Before(m.StartsAt.Add(-CheckInEarly)):
		case found == nil || m.sooner(found):
			found = m
		}
	}
	return found
}

func (m *ShiftMember) sooner(other *ShiftMember) bool {
	if m.State != other.State {
		return m.State == ShiftPlanned
	}
	return m.StartsAt.Before(other.StartsAt)
}

// CopyTo returns a new shift, without an id, at the same times of day on another day. from and to are the first instants of the days.
func (s *Shift) CopyTo(c *Community, from, to time.Time) *Shift {
	moved := func(t time.Time) time.Time {
		t = t.In(c.zone())
		y, m, d := t.Date()
		fy, fm, fd := from.In(c.zone()).Date()
		ty, tm, td := to.In(c.zone()).Date()
		days := int(time.Date(ty, tm, td, 0, 0, 0, 0, time.UTC).Sub(time.Date(fy, fm, fd, 0, 0, 0, 0, time.UTC)) / (24 * time.Hour))
		return time.Date(y, m, d+days, t.Hour(), t.Minute(), t.Second(), t.Nanosecond(), c.zone()).UTC()
	}
	return &Shift{CommunityID: s.CommunityID, Squad: s.Squad, Station: s.Station, StartsAt: moved(s.StartsAt), EndsAt: moved(s.EndsAt), Needed: s.Needed}
}

// SameAs reports whether two shifts have the same squad, station and times and neither is cancelled. A copy of one is then not added beside the other.
func (s *Shift) SameAs(o *Shift) bool {
	return s.Squad == o.Squad && s.Station == o.Station && s.StartsAt.Equal(o.StartsAt) && s.EndsAt.Equal(o.EndsAt) && s.CancelledAt == nil && o.CancelledAt == nil
}

// SortShifts puts shifts in the order in which they are shown: by beginning, squad, station and id.
func SortShifts(rows []*Shift) {
	slices.SortFunc(rows, func(a, b *Shift) int {
		return cmp.Or(a.StartsAt.Compare(b.StartsAt), cmp.Compare(slices.Index(Squads, a.Squad), slices.Index(Squads, b.Squad)), cmp.Compare(a.Station, b.Station), cmp.Compare(a.UUID, b.UUID))
	})
}

// SquadPresence is how many members of a squad's shifts are on duty now, and how many of today's are planned and absent.
type SquadPresence struct {
	Squad   Squad `db:"squad"`
	On      int   `db:"on_duty"`
	Planned int   `db:"planned"`
	Absent  int   `db:"absent"`
}
