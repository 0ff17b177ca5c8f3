package db

import (
	"context"
	"strconv"
	"time"

	"github.com/lib/pq"

	"baogong/delivery"
)

// tasks are seen as delivery.Scope.SeesTask says.
var tasks = noun[delivery.Task]{
	table: "tasks", alias: "k",
	columns: []string{"community_id", "id", "number", "squad", "kind", "title", "place", "building_id", "household_id", "enquiry_id", "due_at", "volunteer_id",
		"state", "note", "incident_id", "created_at", "created_by_role", "created_by_id", "ended_at", "ended_by_role", "ended_by_id", "version"},
	visible: func(w *where, s delivery.Scope) {
		w.seesTeam(s, "k.community_id")
		if s.Class == delivery.SeesBuildings {
			w.and("(k.building_id = any(cast(? as uuid[])) or k.household_id is null and k.squad = ?)", pq.StringArray(texts(s.Buildings)), string(s.Squad))
		}
	},
	sorting: sorting{columns: []sortColumn{{"k.due_at", "timestamptz"}, {"k.number", "bigint"}}},
}

// TaskFilter selects tasks. A zero field does not restrict, nor does a nil list.
type TaskFilter struct {
	Squad       delivery.Squad
	States      []delivery.TaskState
	Volunteer   delivery.UUID
	From, Until time.Time // due in the half-open span
}

// Tasks reads one page of a community's tasks that the scope sees, those that are due first at the front.
func (d *DB) Tasks(ctx context.Context, s delivery.Scope, community int32, f TaskFilter, p Range) (*Rows[delivery.Task], error) {
	var w where
	w.and("k.community_id = ?", community)
	if f.Squad != "" {
		w.and("k.squad = ?", string(f.Squad))
	}
	w.in("k.state", "text", texts(f.States))
	if f.Volunteer != "" {
		w.and("k.volunteer_id = ?", f.Volunteer)
	}
	if !f.From.IsZero() {
		w.and("k.due_at >= ?", f.From)
		w.and("k.due_at < ?", f.Until)
	}
	return tasks.page(ctx, d, s, w, p)
}

// TasksByID reads the tasks with the ids that the scope sees, in no order.
func (d *DB) TasksByID(ctx context.Context, s delivery.Scope, ids []delivery.ID) ([]*delivery.Task, error) {
	return tasks.byIDs(ctx, d, s, ids)
}

// MostTasks is the most tasks that TasksToDo reads.
const MostTasks = 500

// TasksToDo reads the tasks of a squad that are to be done and that the scope sees, those that are due first at the front, at most MostTasks.
func (d *DB) TasksToDo(ctx context.Context, s delivery.Scope, community int32, squad delivery.Squad) ([]*delivery.Task, error) {
	var w where
	w.and("k.community_id = ?", community)
	w.and("k.squad = ?", string(squad))
	w.and("k.state = 'TODO'")
	tasks.visible(&w, s)
	return list[*delivery.Task](ctx, d, "read the tasks of a squad", "select "+tasks.flat()+"\n  from tasks k\n "+w.String()+
		"\n order by k.due_at, k.number\n limit "+strconv.Itoa(MostTasks), w.args...)
}

// LockTasks locks tasks in id order and returns those that exist.
func (t *Tx) LockTasks(ctx context.Context, community int32, ids []delivery.UUID) ([]*delivery.Task, error) {
	return listTx[*delivery.Task](ctx, t, "lock tasks", "select "+tasks.flat()+`
		  from tasks k
		 where k.community_id = $1 and k.id = any(cast($2 as uuid[]))
		 order by k.id`+t.locking("for no key update"), community, pq.StringArray(texts(ids)))
}

// TasksDue reads at most limit tasks of a squad that are due in a half-open span and were not cancelled, by the time when they are due.
func (t *Tx) TasksDue(ctx context.Context, community int32, squad delivery.Squad, from, until time.Time, limit int) ([]*delivery.Task, error) {
	return listTx[*delivery.Task](ctx, t, "read the tasks of a day", "select "+tasks.flat()+`
		  from tasks k
		 where k.community_id = $1 and k.squad = $2 and k.due_at >= $3 and k.due_at < $4 and k.state <> 'CANCELLED'
		 order by k.due_at, k.number
		 limit $5`, community, string(squad), from, until, limit)
}

// taskQueue is the class of the advisory locks that calls which copy tasks take, one for each community.
const taskQueue = 28

// LockTaskCopies makes calls that copy tasks of a community run one after the other, so that each finds what earlier ones have created.
func (t *Tx) LockTaskCopies(ctx context.Context, community int32) error {
	if t.looking {
		return nil
	}
	_, err := t.exec(ctx, "queue to copy tasks", `select pg_advisory_xact_lock(`+strconv.Itoa(taskQueue)+`, $1)`, community)
	return err
}

// TasksOfEnquiries returns which of the enquiries have caused a task. Lock the enquiries before.
func (t *Tx) TasksOfEnquiries(ctx context.Context, community int32, enquiries []delivery.UUID) ([]delivery.UUID, error) {
	return listTx[delivery.UUID](ctx, t, "read which enquiries have a task", `
		select enquiry_id
		  from tasks
		 where community_id = $1 and enquiry_id = any(cast($2 as uuid[]))`, community, pq.StringArray(texts(enquiries)))
}

// Place is a building, or a household with its building, that a task is at or a notice is for.
type Place struct {
	UUID     delivery.UUID `db:"id"`
	Building delivery.UUID `db:"building_id"`
	Archived bool          `db:"archived"`
}

// Places reads the buildings and households with the ids. Those that do not exist are missing.
func (t *Tx) Places(ctx context.Context, community int32, ids []delivery.UUID) (map[delivery.UUID]Place, error) {
	rows, err := listTx[Place](ctx, t, "read buildings and households", `
		select b.id, b.id as building_id, b.archived_at is not null as archived
		  from buildings b
		 where b.community_id = $1 and b.id = any(cast($2 as uuid[]))
		union all
		select h.id, h.building_id, h.archived_at is not null
		  from households h
		 where h.community_id = $1 and h.id = any(cast($2 as uuid[]))`, community, pq.StringArray(texts(ids)))
	out := make(map[delivery.UUID]Place, len(rows))
	for _, r := range rows {
		out[r.UUID] = r
	}
	return out, err
}

// TaskMembers reads the volunteers with the ids and the buildings that each serves. Those that do not exist are missing.
func (t *Tx) TaskMembers(ctx context.Context, community int32, ids []delivery.UUID) (map[delivery.UUID]*delivery.TaskMember, error) {
	rows, err := listTx[struct {
		UUID      delivery.UUID  `db:"id"`
		Squad     delivery.Squad `db:"squad"`
		Rank      delivery.Rank  `db:"rank"`
		Archived  bool           `db:"archived"`
		Buildings pq.StringArray `db:"buildings"`
	}](ctx, t, "read the members of tasks", `
		select v.id, v.squad, v.rank, v.archived_at is not null as archived,
		       array(select cast(x.building_id as text) from services x where x.community_id = v.community_id and x.volunteer_id = v.id) as buildings
		  from volunteers v
		 where v.community_id = $1 and v.id = any(cast($2 as uuid[]))`, community, pq.StringArray(texts(ids)))
	out := make(map[delivery.UUID]*delivery.TaskMember, len(rows))
	for _, r := range rows {
		m := &delivery.TaskMember{UUID: r.UUID, Squad: r.Squad, Rank: r.Rank, Archived: r.Archived}
		for _, b := range r.Buildings {
			m.Buildings = append(m.Buildings, delivery.UUID(b))
		}
		out[r.UUID] = m
	}
	return out, err
}

// The statements that insert one task and many. They look once whether the community's personal data is purged, not for each task.
var insertOneTask, insertManyTasks = insertingTasks(true), insertingTasks(false)

func insertingTasks(single bool) string {
	columns := "id, number, squad, kind, title, place, building_id, household_id, enquiry_id, due_at, volunteer_id, state, note, incident_id, created_at, created_by_role, " +
		"created_by_id, version"
	return `
		insert into tasks (community_id, ` + columns + `)
		select $1, n.id, n.number, n.squad, n.kind, case when p.purged then ` + neutral + ` else n.title end, case when p.purged then '' else n.place end, n.building_id,
		       n.household_id, n.enquiry_id, n.due_at, n.volunteer_id, n.state, n.note, n.incident_id, n.created_at, n.created_by_role, n.created_by_id, n.version
		  from ` + givenRows(single, 2, "uuid", "bigint", "text", "text", "text", "text", "uuid", "uuid", "uuid", "timestamptz", "uuid", "text", "text", "uuid", "timestamptz",
		"text", "uuid", "bigint") + `
		       as n (` + columns + `)
		 cross join (select exists (select from communities c where c.community_id = $1 and c.purge_began_at is not null) as purged) p`
}

// InsertTasks inserts tasks of one community. If its personal data is purged, their texts are left out.
func (t *Tx) InsertTasks(ctx context.Context, rows []*delivery.Task) error {
	n, single := len(rows), len(rows) == 1
	if n == 0 {
		return nil
	}
	var (
		ids, squads, kinds, titles, places, due = make([]string, n), make([]string, n), make([]string, n), make([]string, n), make([]string, n), make([]string, n)
		states, notes, created, roles           = make([]string, n), make([]string, n), make([]string, n), make([]string, n)
		buildings, households, enquiries        = make([]*string, n), make([]*string, n), make([]*string, n)
		volunteers, incidents, by               = make([]*string, n), make([]*string, n), make([]*string, n)
		numbers, versions                       = make([]int64, n), make([]int64, n)
	)
	for i, k := range rows {
		ids[i], numbers[i], squads[i], kinds[i], titles[i], places[i] = string(k.UUID), k.Number, string(k.Squad), string(k.Kind), k.Title, k.Place
		buildings[i], households[i], enquiries[i] = (*string)(k.BuildingUUID), (*string)(k.HouseholdUUID), (*string)(k.EnquiryUUID)
		due[i], volunteers[i], states[i], notes[i], incidents[i] = instant(k.DueAt), (*string)(k.VolunteerUUID), string(k.State), k.Note, (*string)(k.IncidentUUID)
		created[i], roles[i], by[i], versions[i] = instant(k.CreatedAt), string(k.CreatedByRole), (*string)(k.CreatedByUUID), k.Version
	}
	query := insertManyTasks
	if single {
		query = insertOneTask
	}
	_, err := t.exec(ctx, "insert tasks", query, rows[0].CommunityID, givenColumn(single, ids), givenColumn(single, numbers), givenColumn(single, squads),
		givenColumn(single, kinds), givenColumn(single, titles), givenColumn(single, places), givenColumn(single, buildings), givenColumn(single, households),
		givenColumn(single, enquiries), givenColumn(single, due), givenColumn(single, volunteers), givenColumn(single, states), givenColumn(single, notes),
		givenColumn(single, incidents), givenColumn(single, created), givenColumn(single, roles), givenColumn(single, by), givenColumn(single, versions))
	return err
}

// SaveTasks writes how locked tasks have ended: all at once and in the same way, each with its incident. If the community's personal data is
// purged, their notes are left out.
func (t *Tx) SaveTasks(ctx context.Context, rows []*delivery.Task) error {
	if len(rows) == 0 {
		return nil
	}
	ids, incidents, versions := make([]string, len(rows)), make([]*string, len(rows)), make([]int64, len(rows))
	for i, k := range rows {
		ids[i], incidents[i], versions[i] = string(k.UUID), (*string)(k.IncidentUUID), k.Version
	}
	one := rows[0]
	_, err := t.exec(ctx, "save tasks", `
		update tasks k
		   set state = $5, incident_id = n.incident_id, version = n.version, ended_at = $6, ended_by_role = $7, ended_by_id = $8,
		       note = case when exists (select from communities p where p.community_id = $1 and p.purge_began_at is not null) then '' else $9 end
		  from unnest(cast($2 as uuid[]), cast($3 as uuid[]), cast($4 as bigint[])) as n (id, incident_id, version)
		 where k.community_id = $1 and k.id = n.id`,
		one.CommunityID, pq.StringArray(ids), pq.Array(incidents), pq.Int64Array(versions), string(one.State), one.EndedAt, one.EndedByRole, one.EndedByUUID, one.Note)
	return err
}
