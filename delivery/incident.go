package delivery

import "time"

// Incident is trouble that needs a person (异常), about exactly one subject. People and counts open incidents, and so do the clock
// and the roster.
type Incident struct {
	CommunityID int32           `db:"community_id"`
	UUID        UUID            `db:"id"`
	Number      int64           `db:"number"` // the number that people read; counts up in the community
	Kind        IncidentKind    `db:"kind"`
	Severity    Severity        `db:"severity"`
	Level       EscalationLevel `db:"level"`
	State       IncidentState   `db:"state"`
	Bags        int             `db:"bags"` // how many bags are concerned, 0 if that is not known

	// The subject: exactly one is set.
	OrderUUID     *UUID `db:"order_id"`
	HouseholdUUID *UUID `db:"household_id"`
	BuildingUUID  *UUID `db:"building_id"`
	VolunteerUUID *UUID `db:"volunteer_id"`
	ArrivalUUID   *UUID `db:"arrival_id"`
	StrayUUID     *UUID `db:"stray_id"`
	RunUUID       *UUID `db:"run_id"`
	RoundUUID     *UUID `db:"round_id"`
	ShiftUUID     *UUID `db:"shift_id"`
	TaskUUID      *UUID `db:"task_id"`
	EnquiryUUID   *UUID `db:"enquiry_id"`
	WebhookUUID   *UUID `db:"webhook_id"`

	// The keys of the subject.
	SeenBuilding  *UUID `db:"seen_building_id"`
	SeenHousehold *UUID `db:"seen_household_id"`
	SeenSupplier  *UUID `db:"seen_supplier_id"`

	OpenedAt       time.Time        `db:"opened_at"`
	OpenedByRole   Role             `db:"opened_by_role"`
	OpenedByUUID   *UUID            `db:"opened_by_id"`
	Note           string           `db:"note"`
	RisesAt        *time.Time       `db:"rises_at"` // when the clock raises it; nil at COMMAND and when it is resolved
	TakenAt        *time.Time       `db:"taken_at"`
	OwnerUUID      *UUID            `db:"owner_id"`    // the member who took it
	OwnerLevel     *EscalationLevel `db:"owner_level"` // the owner's level when they took it
	ResolvedAt     *time.Time       `db:"resolved_at"`
	ResolvedByRole *Role            `db:"resolved_by_role"`
	ResolvedByUUID *UUID            `db:"resolved_by_id"`
	Resolution     *Resolution      `db:"resolution"`
	ResolutionNote string           `db:"resolution_note"`
	Version        int64            `db:"version"`
}

// The instants at which the clock raises an open incident, after it was opened.
const (
	RisesToLead    = 30 * time.Minute
	RisesToCommand = 60 * time.Minute
)

// MaxIncidentBags is the most bags that one incident can be about.
const MaxIncidentBags = 10_000

// IncidentSubjects are the kinds of ids that an incident can be about.
var IncidentSubjects = []Kind{KindOrder, KindHousehold, KindBuilding, KindVolunteer, KindArrival, KindStray, KindRun, KindRound, KindShift, KindTask, KindEnquiry, KindWebhook}

// subject returns the column of a subject's kind, nil for other kinds.
func (i *Incident) subject(k Kind) **UUID {
	switch k {
	case KindOrder:
		return &i.OrderUUID
	case KindHousehold:
		return &i.HouseholdUUID
	case KindBuilding:
		return &i.BuildingUUID
	case KindVolunteer:
		return &i.VolunteerUUID
	case KindArrival:
		return &i.ArrivalUUID
	case KindStray:
		return &i.StrayUUID
	case KindRun:
		return &i.RunUUID
	case KindRound:
		return &i.RoundUUID
	case KindShift:
		return &i.ShiftUUID
	case KindTask:
		return &i.TaskUUID
	case KindEnquiry:
		return &i.EnquiryUUID
	case KindWebhook:
		return &i.WebhookUUID
	}
	return nil
}

// NewIncident returns an incident about a subject of IncidentSubjects, which has the keys. Its severity is NORMAL and it concerns
// no bags: change that before it is opened.
func NewIncident(kind IncidentKind, subject ID, k Keys) *Incident {
	i := &Incident{CommunityID: subject.Community, Kind: kind, Severity: SeverityNormal,
		SeenBuilding: uuidOrNil(k.Building), SeenHousehold: uuidOrNil(k.Household), SeenSupplier: uuidOrNil(k.Supplier)}
	*i.subject(subject.Kind) = &subject.UUID
	return i
}

// ID is the incident's opaque id.
func (i *Incident) ID() ID { return ID{KindIncident, i.CommunityID, i.UUID} }

// IsNode marks the type as a GraphQL Node.
func (*Incident) IsNode() {}

// SubjectID is the opaque id of what the incident is about.
func (i *Incident) SubjectID() ID {
	for _, k := range IncidentSubjects {
		if of := *i.subject(k); of != nil {
			return ID{k, i.CommunityID, *of}
		}
	}
	return ID{}
}

// Keys decide who may see the incident: those of its subject. The order's own key is left out, so that no tracking link sees it.
func (i *Incident) Keys() Keys {
	return Keys{Community: i.CommunityID, Building: orEmpty(i.SeenBuilding), Household: orEmpty(i.SeenHousehold), Supplier: orEmpty(i.SeenSupplier)}
}

// Reads reports whether the note of an incident in scope is shown: to the team, and to the household or supplier that wrote it.
func (s Sight) Reads(i *Incident) bool { return s.Team || s.Own != "" && s.Own == i.OpenedByRole }

// Resolved reports whether the incident has ended.
func (i *Incident) Resolved() bool { return i.State == IncidentResolved }

// OpenedBy is the actor who opened the incident.
func (i *Incident) OpenedBy() *Ref {
	return &Ref{Role: i.OpenedByRole, Community: i.CommunityID, UUID: orEmpty(i.OpenedByUUID)}
}

// ResolvedBy is the actor who resolved the incident, nil while it is not.
func (i *Incident) ResolvedBy() *Ref {
	if i.ResolvedByRole == nil {
		return nil
	}
	return &Ref{Role: *i.ResolvedByRole, Community: i.CommunityID, UUID: orEmpty(i.ResolvedByUUID)}
}

// OrderID is the order's opaque id, nil if the subject is another.
func (i *Incident) OrderID() *ID { return i.named(KindOrder, i.OrderUUID) }

// TaskID is the task's opaque id, nil if the subject is another.
func (i *Incident) TaskID() *ID { return i.named(KindTask, i.TaskUUID) }

// BuildingID is the opaque id of the building that the incident belongs to, nil if it belongs to none.
func (i *Incident) BuildingID() *ID { return i.named(KindBuilding, i.SeenBuilding) }

// OwnerID is the opaque id of the member who took the incident, nil if no one did.
func (i *Incident) OwnerID() *ID { return i.named(KindVolunteer, i.OwnerUUID) }

func (i *Incident) named(k Kind, u *UUID) *ID {
	if u == nil {
		return nil
	}
	return &ID{k, i.CommunityID, *u}
}

// Open opens a new incident: at VOLUNTEER, or at LEAD if it is urgent. The caller has set its id and number. An incident that the
// caller has given a higher level begins there.
func (i *Incident) Open(a Actor, at time.Time) *Event {
	i.State, i.Version, i.OpenedAt = IncidentOpen, 1, at
	i.OpenedByRole, i.OpenedByUUID = a.Role, uuidOrNil(a.UUID)
	least := LevelVolunteer
	if i.Severity == SeverityHigh {
		least = LevelLead
	}
	if i.Level.Number() < least.Number() {
		i.Level = least
	}
	i.RisesAt = i.rises()
	return i.event(IncidentOpened, a, at)
}

// rises returns when the clock raises the incident from its level.
func (i *Incident) rises() *time.Time {
	switch {
	case i.Resolved() || i.Level == LevelCommand:
		return nil
	case i.Level == LevelLead:
		return new(i.OpenedAt.Add(RisesToCommand))
	}
	return new(i.OpenedAt.Add(RisesToLead))
}

// The refusals of taking and resolving incidents.
var (
	ReasonIncidentResolved = NewReason("INCIDENT_RESOLVED", CodeConflict,
		"This incident has already been resolved.",
		"该异常已经解决。")
	ReasonIncidentTaken = NewReason("INCIDENT_TAKEN", CodeConflict,
		"Another member of the team has already taken this incident.",
		"该异常已有队员在处理。")
	ReasonBelowLevel = NewWordedReason("BELOW_LEVEL", CodeForbidden,
		"This incident is for the level %s now.",
		"该异常目前须由%s处理。")
	ReasonClosesItself = NewReason("CLOSES_ITSELF", CodeConflict,
		"An incident of this kind closes by itself once its cause is gone.",
		"此类异常会在起因消除后自动关闭，不能手动解决。")
)

// Level returns the level of the actor, empty for actors outside the team.
func (a Actor) Level() EscalationLevel {
	switch a.Role {
	case RoleAdmin, RoleCommander, RoleSystem:
		return LevelCommand
	case RoleLead:
		return LevelLead
	case RoleVolunteer:
		return LevelVolunteer
	}
	return ""
}

// AlertScope returns the actor's Scope with their level: the incidents up to the level are alerts for them.
func (a Actor) AlertScope() Scope {
	s := a.Scope()
	s.Level = a.Level()
	return s
}

// Take makes the actor the owner. A member of the team takes incidents in sight at their level or below it, and those that a
// member of a lower level has taken. It returns nil if the actor is the owner already.
func (i *Incident) Take(a Actor, at time.Time) (*Event, *Error) {
	switch level := a.Level(); {
	case !a.Scope().Sees(i.Keys()):
		return nil, Refuse(ReasonNoSuch, KindIncident.String())
	case level == "" || a.Role == RoleAdmin || a.Role == RoleSystem: // an owner is a member of the team
		return nil, Refuse(ReasonNotYours)
	case i.Resolved():
		return nil, Refuse(ReasonIncidentResolved).With(i.where())
	case level.Number() < i.Level.Number():
		return nil, Refuse(ReasonBelowLevel, i.Level).With(i.where())
	case same(i.OwnerUUID, &a.UUID):
		return nil, nil
	case i.OwnerLevel != nil && i.OwnerLevel.Number() >= level.Number():
		return nil, Refuse(ReasonIncidentTaken).With(i.where())
	default:
		i.State, i.TakenAt, i.OwnerUUID, i.OwnerLevel = IncidentTaken, &at, &a.UUID, &level
	}
	i.Version++
	return i.event(IncidentWasTaken, a, at), nil
}

// Resolve closes the incident by hand. Its owner, the leads and the commander may, but kinds that close by themselves are refused.
func (i *Incident) Resolve(a Actor, how Resolution, note string, at time.Time) (*Event, *Error) {
	switch {
	case !a.Scope().Sees(i.Keys()):
		return nil, Refuse(ReasonNoSuch, KindIncident.String())
	case !a.outranks() && (a.Role != RoleVolunteer || !same(i.OwnerUUID, &a.UUID)):
		return nil, Refuse(ReasonNotYours)
	case i.Resolved():
		return nil, Refuse(ReasonIncidentResolved).With(i.where())
	case i.Kind.ClosesItself(), i.Kind == IncidentMoney && i.OpenedByRole == RoleSystem: // it closes once the purse is settled
		return nil, Refuse(ReasonClosesItself).With(i.where())
	}
	i.ResolutionNote = note
	return i.Close(a, how, at), nil
}

// Close resolves an open incident because its cause is gone. No permission is needed: the verb that removed the cause, or the
// clock, closes it.
func (i *Incident) Close(a Actor, how Resolution, at time.Time) *Event {
	i.State, i.ResolvedAt, i.Resolution = IncidentResolved, &at, &how
	i.ResolvedByRole, i.ResolvedByUUID = &a.Role, uuidOrNil(a.UUID)
	i.RisesAt = nil
	i.Version++
	return i.event(IncidentWasResolved, a, at)
}

// Recount changes how many bags an open incident is about. It returns nil if the number stays the same.
func (i *Incident) Recount(a Actor, bags int, at time.Time) *Event {
	if i.Bags == bags {
		return nil
	}
	i.Bags = bags
	i.Version++
	return i.event(IncidentRecounted, a, at)
}

// Rise raises the level of an incident that is due, and of one that is overdue to the level of that time. It returns nil if none
// is due.
func (i *Incident) Rise(a Actor, at time.Time) *Event {
	was := i.Level
	for i.RisesAt = i.rises(); i.RisesAt != nil && !i.RisesAt.After(at); i.RisesAt = i.rises() {
		i.Level = EscalationLevels[i.Level.Number()]
	}
	if i.Level == was {
		return nil
	}
	i.Version++
	return i.event(IncidentRisen, a, at)
}

// where returns the details of a refusal.
func (i *Incident) where() Details {
	id := i.ID()
	return Details{IncidentID: &id, Version: i.Version}
}

// ClosesItself reports whether incidents of the kind are closed only by what removes their cause: the order that moves, the building
// that is covered again, the stray that is closed, the member who comes or is absent.
func (k IncidentKind) ClosesItself() bool {
	return k == IncidentLate || k == IncidentUncovered || k == IncidentStray || k == IncidentNoShow
}
