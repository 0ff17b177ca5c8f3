package task

import (
	"context"
	"slices"
	"time"

	"baogong/db"
	"baogong/delivery"
	"baogong/dispatch"
)

// CreateTasks creates tasks of a squad, with a result per task, and copies those of another day.
func (v *Verbs) CreateTasks(ctx context.Context, a delivery.Actor, in CreateTasksInput) (*CreateTasksPayload, error) {
	c := dispatch.Call{Actor: a, Mutation: "createTasks", Community: in.CommunityID.Community, ID: in.ClientMutationID, Input: in}
	return dispatch.Run(ctx, v.Engine, c, func(t *db.Tx, at time.Time, out *CreateTasksPayload) (bool, error) {
		if refusal := in.check(a); refusal != nil {
			return false, refusal
		}
		community, err := t.LockCommunity(ctx, c.Community, false)
		if err != nil {
			return false, err
		}
		switch {
		case community.Archived():
			return false, delivery.Refuse(dispatch.ReasonArchived).At("communityId")
		case community.Purged(): // nothing would remove the texts
			return false, delivery.Refuse(dispatch.ReasonPurged)
		}
		rows := make([]*delivery.Task, len(in.Tasks))
		for i, n := range in.Tasks {
			rows[i] = n.row(c.Community, in.Squad)
		}
		copied, err := in.copied(ctx, t, community, at)
		if err != nil {
			return false, err
		}
		known, err := read(ctx, t, c.Community, slices.Concat(rows, copied))
		if err != nil {
			return false, err
		}
		var fresh []*delivery.Task
		refused, text := false, 0
		for i, n := range in.Tasks {
			refusal := n.check(c.Community)
			if refusal == nil {
				refusal = known.judge(rows[i])
			}
			if refusal == nil {
				fresh, text = append(fresh, rows[i]), text+len(n.Title)+len(n.Place)
			}
			refused = out.add("tasks", rows[i].ID(), refusal) || refused
		}
		if in.Atomic && refused {
			dispatch.Undo(out.Results, "tasks")
			return false, nil
		}
		for _, k := range copied {
			if known.copies(k) {
				fresh, text = append(fresh, k), text+len(k.Title)+len(k.Place)
				out.add("tasks", k.ID(), nil)
			}
		}
		if len(fresh) == 0 {
			return false, nil
		}
		t.Spend(delivery.QuotaRows, len(fresh))
		t.Spend(delivery.QuotaText, text)
		events, err := dispatch.CreateTasks(ctx, t, a, at, fresh)
		if err != nil {
			return false, err
		}
		return true, t.Append(ctx, c.Community, events)
	})
}

// check returns the refusal of the whole call.
func (in *CreateTasksInput) check(a delivery.Actor) *delivery.Error {
	if refusal := dispatch.CheckID(in.CommunityID, delivery.KindCommunity, 0); refusal != nil {
		return refusal.At("communityId")
	}
	switch {
	case !a.Scope().SeesCommunity(in.CommunityID.Community):
		return delivery.Refuse(delivery.ReasonNoSuch, delivery.KindCommunity.String()).At("communityId")
	case !a.CanPlanTasks(in.CommunityID.Community, in.Squad):
		return delivery.Refuse(delivery.ReasonNotYours)
	case in.CopyFrom != nil && len(in.Tasks) == 0:
		return nil
	}
	return dispatch.CheckCount(len(in.Tasks), "tasks")
}

// row is the task as the input asks for it.
func (n *TaskInput) row(community int32, squad delivery.Squad) *delivery.Task {
	k := &delivery.Task{CommunityID: community, UUID: dispatch.NewUUID(), Squad: squad, Kind: n.Kind, Title: n.Title, Place: n.Place, DueAt: *dispatch.Instant(&n.DueAt)}
	for _, named := range []struct {
		to **delivery.UUID
		id *delivery.ID
	}{{&k.BuildingUUID, n.BuildingID}, {&k.HouseholdUUID, n.HouseholdID}, {&k.VolunteerUUID, n.VolunteerID}} {
		if named.id != nil {
			*named.to = &named.id.UUID
		}
	}
	return k
}

// check refuses what can be refused without reading.
func (n *TaskInput) check(community int32) *delivery.Error {
	for _, of := range []struct {
		id    *delivery.ID
		kind  delivery.Kind
		field string
	}{{n.BuildingID, delivery.KindBuilding, "buildingId"}, {n.HouseholdID, delivery.KindHousehold, "householdId"}, {n.VolunteerID, delivery.KindVolunteer, "volunteerId"}} {
		if of.id == nil {
			continue
		}
		if refusal := dispatch.CheckID(*of.id, of.kind, community); refusal != nil {
			return refusal.At(of.field)
		}
	}
	return dispatch.First(dispatch.Text("title", n.Title, delivery.MaxName, true), dispatch.Text("place", n.Place, delivery.MaxName, false),
		dispatch.Field("dueAt", delivery.CheckTime(n.DueAt)))
}

// copied returns the squad's tasks of the day to copy, due at the same time of day on the other day.
func (in *CreateTasksInput) copied(ctx context.Context, t *db.Tx, c *delivery.Community, at time.Time) ([]*delivery.Task, error) {
	if in.CopyFrom == nil {
		return nil, nil
	}
	from, until, refusal := c.DayOf(*in.CopyFrom)
	if refusal != nil {
		return nil, refusal.At("copyFrom")
	}
	day := c.Day(at)
	if in.Day != nil {
		day = *in.Day
	}
	to, end, refusal := c.DayOf(day)
	switch {
	case refusal != nil:
		return nil, refusal.At("day")
	case to.Equal(from):
		return nil, delivery.Refuse(delivery.ReasonBadValue).At("day")
	}
	if err := t.LockTaskCopies(ctx, c.CommunityID); err != nil {
		return nil, err
	}
	most := delivery.MaxBulk - len(in.Tasks)
	of, err := t.TasksDue(ctx, c.CommunityID, in.Squad, from, until, most+1)
	switch {
	case err != nil:
		return nil, err
	case len(of) > most:
		return nil, delivery.Refuse(dispatch.ReasonTooMany, delivery.MaxBulk, len(in.Tasks)+len(of)).At("copyFrom").With(delivery.Details{Limit: delivery.MaxBulk})
	}
	there, err := t.TasksDue(ctx, c.CommunityID, in.Squad, to, end, 2*delivery.MaxBulk)
	if err != nil {
		return nil, err
	}
	planned := map[sameTask]bool{}
	for _, k := range there {
		planned[sameAs(k)] = true
	}
	var out []*delivery.Task
	for _, k := range of {
		if k.EnquiryUUID != nil { // it was for that enquiry only
			continue
		}
		next := &delivery.Task{CommunityID: k.CommunityID, UUID: dispatch.NewUUID(), Squad: k.Squad, Kind: k.Kind, Title: k.Title, Place: k.Place, BuildingUUID: k.BuildingUUID,
			HouseholdUUID: k.HouseholdUUID, DueAt: c.AtSameTime(k.DueAt, to), VolunteerUUID: k.VolunteerUUID}
		if p := sameAs(next); !planned[p] {
			planned[p] = true
			out = append(out, next)
		}
	}
	return out, nil
}

// sameTask holds the fields by which copied tasks are compared, so that copying a day twice creates its tasks once.
type sameTask struct {
	kind                delivery.TaskKind
	title, place        string
	building, household delivery.UUID
	due                 int64
}

func sameAs(k *delivery.Task) sameTask {
	p := sameTask{kind: k.Kind, title: k.Title, place: k.Place, due: k.DueAt.UnixMicro()}
	if k.BuildingUUID != nil {
		p.building = *k.BuildingUUID
	}
	if k.HouseholdUUID != nil {
		p.household = *k.HouseholdUUID
	}
	return p
}

// subjects are the rows that tasks name.
type subjects struct {
	places  map[delivery.UUID]db.Place
	members map[delivery.UUID]*delivery.TaskMember
}

func read(ctx context.Context, t *db.Tx, community int32, tasks []*delivery.Task) (*subjects, error) {
	var places, members []delivery.UUID
	for _, k := range tasks {
		for _, id := range []*delivery.UUID{k.BuildingUUID, k.HouseholdUUID} {
			if id != nil {
				places = append(places, *id)
			}
		}
		if k.VolunteerUUID != nil {
			members = append(members, *k.VolunteerUUID)
		}
	}
	var out subjects
	var err error
	if len(places) > 0 {
		if out.places, err = t.Places(ctx, community, places); err != nil {
			return nil, err
		}
	}
	if len(members) > 0 {
		out.members, err = t.TaskMembers(ctx, community, members)
	}
	return &out, err
}

// judge refuses a task whose rows do not exist, are archived or do not fit, and completes its building.
func (s *subjects) judge(k *delivery.Task) *delivery.Error {
	if k.BuildingUUID != nil {
		switch b, known := s.places[*k.BuildingUUID]; {
		case !known:
			return delivery.Refuse(delivery.ReasonNoSuch, delivery.KindBuilding.String()).At("buildingId")
		case b.Archived:
			return delivery.Refuse(dispatch.ReasonArchived).At("buildingId")
		}
	}
	if k.HouseholdUUID != nil {
		switch h, known := s.places[*k.HouseholdUUID]; {
		case !known:
			return delivery.Refuse(delivery.ReasonNoSuch, delivery.KindHousehold.String()).At("householdId")
		case h.Archived:
			return delivery.Refuse(dispatch.ReasonArchived).At("householdId")
		case k.BuildingUUID != nil && *k.BuildingUUID != h.Building:
			return delivery.Refuse(ReasonOtherBuilding).At("householdId")
		default:
			k.BuildingUUID = &h.Building
		}
	}
	if k.VolunteerUUID == nil {
		return nil
	}
	switch m := s.members[*k.VolunteerUUID]; {
	case m == nil:
		return delivery.Refuse(delivery.ReasonNoSuch, delivery.KindVolunteer.String()).At("volunteerId")
	case m.Archived:
		return delivery.Refuse(dispatch.ReasonArchived).At("volunteerId")
	case m.Squad != k.Squad:
		return delivery.Refuse(ReasonOfAnotherSquad).At("volunteerId")
	case k.HouseholdUUID != nil && !m.SeesHouseholdsOf(*k.BuildingUUID):
		return delivery.Refuse(ReasonNotAtHousehold).At("volunteerId")
	}
	return nil
}

// The refusals of what tasks name.
var (
	ReasonNotAtHousehold = delivery.NewReason("NOT_AT_HOUSEHOLD", delivery.CodeBadUserInput,
		"This volunteer does not serve the household's building, so they cannot see the household.",
		"该队员不负责这栋楼，看不到该住户。")
	ReasonOtherBuilding = delivery.NewReason("OTHER_BUILDING", delivery.CodeBadUserInput,
		"This household belongs to another building.",
		"该住户不在这栋楼。")
	ReasonOfAnotherSquad = delivery.NewReason("OF_ANOTHER_SQUAD", delivery.CodeBadUserInput,
		"This volunteer is in another squad.",
		"该队员属于其他小队。")
)

// copies reports whether a task of another day can be created again. It removes a volunteer who has left the squad.
func (s *subjects) copies(k *delivery.Task) bool {
	refusal := s.judge(k)
	if refusal != nil && refusal.Field[0] == "volunteerId" {
		k.VolunteerUUID = nil
		return true
	}
	return refusal == nil
}
