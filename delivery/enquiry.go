package delivery

import (
	"time"
)

// Times of the phone desk.
const (
	Lease            = 10 * time.Minute    // how long an enquiry is kept for the member who took it
	MaxPostponed     = 14 * 24 * time.Hour // how far ahead a call can be agreed
	AfterFirstTry    = time.Hour
	AfterSecondTry   = 3 * time.Hour
	TriesBeforeVisit = 3                 // how many calls without an answer cause a visit
	Morning          = ClockTime(9 * 60) // when the welfare calls of a day begin, in the community's zone
)

// Bounds of the setting after how many days without a sign a household is called.
const (
	MaxWelfareDays     = 14
	DefaultWelfareDays = 3
)

// Enquiry is a call or message at the phone desk, or a call that the desk must make (来电).
type Enquiry struct {
	CommunityID   int32        `db:"community_id"`
	UUID          UUID         `db:"id"`
	Number        int64        `db:"number"` // the number that people read; counts up in the community
	Kind          EnquiryKind  `db:"kind"`
	Way           EnquiryWay   `db:"way"`
	HouseholdUUID *UUID        `db:"household_id"` // nil for a caller who is not known
	BuildingUUID  *UUID        `db:"building_id"`  // of the household
	Phone         Phone        `db:"phone"`        // to call back; empty for the household's own
	Text          string       `db:"text"`
	Urgent        bool         `db:"urgent"`
	State         EnquiryState `db:"state"`
	DueAt         time.Time    `db:"due_at"`
	NextAt        *time.Time   `db:"next_at"`  // when the clock acts on it next: the lease ends, or it comes due
	Attempts      int          `db:"attempts"` // calls that no one answered
	LoggedAt      time.Time    `db:"logged_at"`
	LoggedByRole  Role         `db:"logged_by_role"`
	LoggedByUUID  *UUID        `db:"logged_by_id"`
	TakenByUUID   *UUID        `db:"taken_by"` // the member who has it now
	LeaseUntil    *time.Time   `db:"lease_until"`
	HandlerUUID   *UUID        `db:"handler_id"` // the member who took it last

	Outcome      *EnquiryOutcome `db:"outcome"`
	Answer       string          `db:"answer"`
	OrderUUID    *UUID           `db:"order_id"` // in which it ended
	ClosedAt     *time.Time      `db:"closed_at"`
	ClosedByRole *Role           `db:"closed_by_role"`
	ClosedByUUID *UUID           `db:"closed_by_id"`
	Version      int64           `db:"version"`
}

// ID is the enquiry's opaque id.
func (e *Enquiry) ID() ID { return ID{KindEnquiry, e.CommunityID, e.UUID} }

// IsNode marks the type as a GraphQL Node.
func (*Enquiry) IsNode() {}

// Keys decide who may see the enquiry: those of its household. One without a household is the phone desk's.
func (e *Enquiry) Keys() Keys {
	return Keys{Community: e.CommunityID, Building: orEmpty(e.BuildingUUID), Household: orEmpty(e.HouseholdUUID)}
}

// HouseholdID is the household's opaque id, nil for a caller who is not known.
func (e *Enquiry) HouseholdID() *ID { return e.named(KindHousehold, e.HouseholdUUID) }

// OrderID is the opaque id of the order in which the enquiry ended, nil for none.
func (e *Enquiry) OrderID() *ID { return e.named(KindOrder, e.OrderUUID) }

// TakenByID is the opaque id of the member who has the enquiry, nil for none.
func (e *Enquiry) TakenByID() *ID { return e.named(KindVolunteer, e.TakenByUUID) }

func (e *Enquiry) named(k Kind, u *UUID) *ID {
	if u == nil {
		return nil
	}
	return &ID{k, e.CommunityID, *u}
}

// LoggedBy is the actor who logged the enquiry: a person, or the system.
func (e *Enquiry) LoggedBy() *Ref {
	return &Ref{Role: e.LoggedByRole, Community: e.CommunityID, UUID: orEmpty(e.LoggedByUUID)}
}

// ClosedBy is the actor who closed the enquiry, nil while it is open.
func (e *Enquiry) ClosedBy() *Ref {
	if e.ClosedByRole == nil {
		return nil
	}
	return &Ref{Role: *e.ClosedByRole, Community: e.CommunityID, UUID: orEmpty(e.ClosedByUUID)}
}

// The refusals of the phone desk.
var (
	ReasonWayNotYours = NewReason("WAY_NOT_YOURS", CodeForbidden,
		"You may not log enquiries that came this way.",
		"您不能登记此类来源的来电。")
	ReasonDeskDecides = NewReason("DESK_DECIDES", CodeForbidden,
		"You may not set this about an enquiry; the phone desk may.",
		"该项由电话台填写。")
	ReasonNoCaller = NewReason("NO_CALLER", CodeBadUserInput,
		"Name the household, or give the telephone number to call back.",
		"请指明住户，或填写回电号码。")
	ReasonEnquiryClosed = NewReason("ENQUIRY_CLOSED", CodeConflict,
		"This enquiry has been closed.",
		"该来电已结。")
	ReasonEnquiryTaken = NewReason("ENQUIRY_TAKEN", CodeConflict,
		"Another member of the phone desk has taken this enquiry.",
		"该来电已由其他话务员接手。")
	ReasonEnquiryHeld = NewReason("ENQUIRY_HELD", CodeConflict,
		"You have taken another enquiry; close or postpone it first.",
		"您手上还有一个来电，请先办结或推迟。")
	ReasonTakeFirst = NewReason("TAKE_FIRST", CodeConflict,
		"Take this enquiry before you close or postpone it.",
		"请先接手该来电，再办结或推迟。")
	ReasonLeaseEnded = NewReason("LEASE_ENDED", CodeConflict,
		"Your ten minutes ended and another member of the phone desk has this enquiry now.",
		"您的十分钟已到，该来电现由其他话务员处理。")
	ReasonOrderNeeded = NewReason("ORDER_NEEDED", CodeBadUserInput,
		"Name the order that was placed.",
		"请指明所下的订单。")
	ReasonOrderNotHere = NewReason("ORDER_NOT_HERE", CodeBadUserInput,
		"Only an enquiry that ended in an order names one.",
		"只有以下单办结的来电才需指明订单。")
	ReasonOtherHousehold = NewReason("OTHER_HOUSEHOLD", CodeBadUserInput,
		"This order is of another household.",
		"该订单属于另一住户。")
	ReasonAnswerMissing = NewReason("ANSWER_MISSING", CodeBadUserInput,
		"Say what was answered, or to whom the enquiry was passed on.",
		"请填写答复内容，或说明转交给了谁。")
)

// AtDesk reports whether the actor may see the whole queue of the phone desk, with texts and numbers: its members and leads, the
// commander and administrators.
func (a Actor) AtDesk(community int32) bool {
	return a.CanSetUp(community) || a.AtPhoneDesk() && a.Community == community
}

// CanTakeEnquiries reports whether the actor may take enquiries: the members and leads of the phone desk and the commander.
func (a Actor) CanTakeEnquiries(community int32) bool {
	return a.Role != RoleAdmin && a.AtDesk(community) && a.Volunteer() != nil
}

// SeesEnquiry reports whether the actor sees the enquiry: as its household is seen, and the phone desk also those of unknown callers. It must agree with the
// where clause of enquiries in db.
func (a Actor) SeesEnquiry(e *Enquiry) bool {
	return a.Scope().Sees(e.Keys()) || e.BuildingUUID == nil && a.AtDesk(e.CommunityID)
}

// TakenByActor reports whether the actor has the enquiry now.
func (e *Enquiry) TakenByActor(a Actor) bool {
	return a.CanTakeEnquiries(e.CommunityID) && same(e.TakenByUUID, &a.UUID)
}

// ReadsEnquiry reports whether the text, number and answer of an enquiry in scope are shown: to the phone desk, the commander,
// administrators, and to the actor who logged it.
func (a Actor) ReadsEnquiry(e *Enquiry) bool {
	return a.AtDesk(e.CommunityID) || a.SignedIn() && a.Ref().Key() == e.LoggedBy().Key()
}

// CanLog refuses an enquiry that the actor may not log. A resident logs for their own household, on the web page. Members of the team log
// for households in sight, every other way. An enquiry of an unknown caller is for the phone desk, the gate, leads and the commander;
// a welfare call for the phone desk and the commander. It fails with NOT_FOUND for a household out of sight.
func (a Actor) CanLog(e *Enquiry) *Error {
	known := e.HouseholdUUID != nil
	switch {
	case a.Role != RoleResident && (!a.OfTeam() || a.Role == RoleSystem):
		return Refuse(ReasonNotYours)
	case known && !a.Scope().Sees(e.Keys()):
		return Refuse(ReasonNoSuch, KindHousehold.String()).At("householdId")
	case (e.Way == WayApp) != (a.Role == RoleResident):
		return Refuse(ReasonWayNotYours).At("way")
	case !known && !(a.AtDesk(e.CommunityID) || a.Role == RoleLead || a.Squad == SquadDuty):
		return Refuse(ReasonNoSuch, KindHousehold.String()).At("householdId")
	case !known && e.Phone == "" && !Visible(e.Text):
		return Refuse(ReasonNoCaller).At("householdId")
	case e.Kind == EnquiryWelfare && !a.AtDesk(e.CommunityID):
		return Refuse(ReasonDeskDecides).At("kind")
	case e.Urgent && a.Role == RoleResident:
		return Refuse(ReasonDeskDecides).At("urgent")
	}
	return nil
}

// Log returns the event of a new enquiry, which waits from the instant of due. The caller has set its id, number and contents.
func (e *Enquiry) Log(a Actor, due, at time.Time) *Event {
	e.State, e.Version, e.LoggedAt = EnquiryWaiting, 1, at
	e.LoggedByRole, e.LoggedByUUID = a.Role, uuidOrNil(a.UUID)
	e.wait(due, at)
	return e.event(EnquiryLogged, a, at)
}

// AnswerAtOnce closes an enquiry that was answered when it was logged.
func (e *Enquiry) AnswerAtOnce(a Actor, answer string, at time.Time) *Event {
	e.Answer = answer
	return e.close(a, OutcomeAnswered, at)
}

// wait puts the enquiry into the queue. The clock says when it comes due later.
func (e *Enquiry) wait(due, at time.Time) {
	e.State, e.TakenByUUID, e.LeaseUntil, e.NextAt = EnquiryWaiting, nil, nil, nil
	if e.DueAt = due; due.After(at) {
		e.NextAt = &due
	}
}

// leased reports whether a member has the enquiry and the lease has not ended.
func (e *Enquiry) leased(at time.Time) bool {
	return e.State == EnquiryTaken && e.LeaseUntil != nil && e.LeaseUntil.After(at)
}

// Take gives the enquiry to the actor for the time of a Lease, or renews the actor's own lease. It fails with CONFLICT if the enquiry
// is closed, or another member has it and their lease has not ended.
func (e *Enquiry) Take(a Actor, at time.Time) (*Event, *Error) {
	switch {
	case e.State == EnquiryClosed:
		return nil, Refuse(ReasonEnquiryClosed).With(e.where())
	case e.leased(at) && !same(e.TakenByUUID, &a.UUID):
		return nil, Refuse(ReasonEnquiryTaken).With(e.where())
	}
	until := at.Add(Lease)
	e.State, e.TakenByUUID, e.HandlerUUID, e.LeaseUntil, e.NextAt = EnquiryTaken, &a.UUID, &a.UUID, &until, &until
	e.Version++
	return e.event(EnquiryWasTaken, a, at), nil
}

// MayFinish refuses an actor who may not close or postpone the enquiry now. The member who took it last may, even after the lease has ended.
func (e *Enquiry) MayFinish(a Actor) *Error {
	mine := a.CanTakeEnquiries(e.CommunityID) && same(e.HandlerUUID, &a.UUID)
	switch {
	case e.State == EnquiryClosed:
		return Refuse(ReasonEnquiryClosed).With(e.where())
	case mine:
		return nil
	case e.State == EnquiryTaken:
		return Refuse(ReasonEnquiryTaken).With(e.where())
	}
	return Refuse(ReasonTakeFirst).With(e.where())
}

// Lost returns the refusal for an actor who had the enquiry before: LEASE_ENDED instead of ENQUIRY_TAKEN.
func (e *Enquiry) Lost(refusal *Error) *Error {
	if refusal.Reason == ReasonEnquiryTaken {
		return Refuse(ReasonLeaseEnded).With(e.where())
	}
	return refusal
}

// Postpone puts the enquiry back into the queue until an instant that was agreed with the household. The member who had it has to take it before they close or
// postpone it again, so that a call without an answer is counted once.
func (e *Enquiry) Postpone(a Actor, until, at time.Time) *Event {
	e.wait(until, at)
	e.HandlerUUID = nil
	e.Version++
	return e.event(EnquiryPostponed, a, at)
}

// NoAnswer puts the enquiry back into the queue because no one answered: for one hour after the first call, for three after the second,
// and until the next morning after further ones. visit reports whether this was the third call, after which a volunteer visits the household.
func (e *Enquiry) NoAnswer(a Actor, c *Community, at time.Time) (_ *Event, visit bool) {
	e.Attempts++
	due := at.Add(AfterFirstTry)
	switch {
	case e.Attempts >= TriesBeforeVisit:
		due = c.NextMorning(at)
	case e.Attempts > 1:
		due = at.Add(AfterSecondTry)
	}
	return e.Postpone(a, due, at), e.Attempts == TriesBeforeVisit
}

// Visit returns the task to visit the household that does not answer, nil if the household is not known.
func (e *Enquiry) Visit(at time.Time) *Task {
	if e.HouseholdUUID == nil {
		return nil
	}
	return &Task{CommunityID: e.CommunityID, Squad: SquadPersuasion, Kind: TaskVisit, Title: "电话三次无人接听，请上门看看", BuildingUUID: e.BuildingUUID, HouseholdUUID: e.HouseholdUUID,
		EnquiryUUID: &e.UUID, DueAt: at}
}

// Finish closes the enquiry. o is the order of ORDERED, nil for other outcomes. An enquiry of an unknown caller that ended in an order is
// of the order's household from then on.
func (e *Enquiry) Finish(a Actor, outcome EnquiryOutcome, answer string, o *OrderSnapshot, at time.Time) (*Event, *Error) {
	switch {
	case (outcome == OutcomeAnswered || outcome == OutcomePassedOn) && !Visible(answer):
		return nil, Refuse(ReasonAnswerMissing).At("answer")
	case outcome == OutcomeOrdered && o == nil:
		return nil, Refuse(ReasonOrderNeeded).At("orderId")
	case outcome != OutcomeOrdered && o != nil:
		return nil, Refuse(ReasonOrderNotHere).At("orderId")
	case o != nil && e.HouseholdUUID != nil && *e.HouseholdUUID != o.HouseholdUUID:
		return nil, Refuse(ReasonOtherHousehold).At("orderId")
	case o != nil:
		e.OrderUUID, e.HouseholdUUID, e.BuildingUUID = &o.UUID, &o.HouseholdUUID, &o.BuildingUUID
	}
	e.Answer = answer
	return e.close(a, outcome, at), nil
}

func (e *Enquiry) close(a Actor, outcome EnquiryOutcome, at time.Time) *Event {
	e.State, e.TakenByUUID, e.LeaseUntil, e.NextAt = EnquiryClosed, nil, nil, nil
	e.Outcome, e.ClosedAt, e.ClosedByRole, e.ClosedByUUID = &outcome, &at, &a.Role, uuidOrNil(a.UUID)
	e.Version++
	return e.event(EnquiryWasClosed, a, at)
}

// Pass releases the enquiry if its lease has ended, and records that it has come due if it waits. The clock calls it. It returns nil if neither is
// the case.
func (e *Enquiry) Pass(a Actor, at time.Time) *Event {
	if e.NextAt == nil || e.NextAt.After(at) {
		return nil
	}
	kind := EnquiryCameDue
	if e.State == EnquiryTaken {
		kind = EnquiryReleased
	}
	e.wait(e.DueAt, at)
	e.Version++
	return e.event(kind, a, at)
}

// Release puts an enquiry that is taken back into the queue before its lease ends.
func (e *Enquiry) Release(a Actor, at time.Time) *Event {
	e.wait(e.DueAt, at)
	e.HandlerUUID = nil
	e.Version++
	return e.event(EnquiryReleased, a, at)
}

// Complaint returns the incident of a complaint that was passed on, for the leads; nil for other enquiries.
func (e *Enquiry) Complaint() *Incident {
	if e.Kind != EnquiryComplaint || e.Outcome == nil || *e.Outcome != OutcomePassedOn {
		return nil
	}
	i := NewIncident(IncidentComplaint, e.ID(), e.Keys())
	i.Level = LevelLead // it may be about the building's volunteer
	if e.Urgent {
		i.Severity = SeverityHigh
	}
	return i
}

// where returns the details of a refusal.
func (e *Enquiry) where() Details {
	id := e.ID()
	return Details{EnquiryID: &id, Version: e.Version, Until: e.LeaseUntil}
}

// HeldAlready refuses another enquiry to the member who has this one.
func (e *Enquiry) HeldAlready() *Error { return Refuse(ReasonEnquiryHeld).With(e.where()) }

// NextMorning returns when the phone desk begins to call on the day after the instant.
func (c *Community) NextMorning(at time.Time) time.Time { return c.morning(at, 1) }

// ThisMorning returns when the phone desk begins to call on the day of the instant.
func (c *Community) ThisMorning(at time.Time) time.Time { return c.morning(at, 0) }

func (c *Community) morning(at time.Time, later int) time.Time {
	local := at.In(c.zone())
	return time.Date(local.Year(), local.Month(), local.Day()+later, int(Morning)/60, int(Morning)%60, 0, 0, local.Location()).UTC()
}
