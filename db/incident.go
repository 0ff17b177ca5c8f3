package db

import (
	"context"
	"slices"
	"strconv"
	"time"

	"github.com/lib/pq"

	"baogong/delivery"
)

var incidents = noun[delivery.Incident]{
	table: "incidents", alias: "i",
	columns: []string{"community_id", "id", "number", "kind", "severity", "level", "state", "bags", "order_id", "household_id",
		"building_id", "volunteer_id", "arrival_id", "stray_id", "run_id", "round_id", "shift_id", "task_id", "enquiry_id",
		"webhook_id", "seen_building_id", "seen_household_id", "seen_supplier_id", "opened_at", "opened_by_role", "opened_by_id", "note", "rises_at", "taken_at", "owner_id", "owner_level",
		"resolved_at", "resolved_by_role", "resolved_by_id", "resolution", "resolution_note", "version"},
	visible: func(w *where, s delivery.Scope) { w.scope(s, incidentKeys) },
	sorting: sorting{columns: []sortColumn{{"i.number", "bigint"}}, desc: true},
}

// incidentKeys are the columns with an incident's keys. A tracking link sees none.
var incidentKeys = keyColumns{community: "i.community_id", building: "i.seen_building_id", household: "i.seen_household_id", supplier: "i.seen_supplier_id"}

// incidentSubject is the subject of an incident, in the form that its index serves.
const incidentSubject = `coalesce(i.order_id, i.household_id, i.building_id, i.volunteer_id, i.arrival_id, i.stray_id, i.run_id, i.round_id,
	i.shift_id, i.task_id, i.enquiry_id, i.webhook_id)`

// LockIncidents locks incidents in id order and returns those that exist.
func (t *Tx) LockIncidents(ctx context.Context, community int32, ids []delivery.UUID) ([]*delivery.Incident, error) {
	return listTx[*delivery.Incident](ctx, t, "lock incidents", `
		select `+incidents.flat()+`
		  from incidents i
		 where i.community_id = $1 and i.id = any(cast($2 as uuid[]))
		 order by i.id`+t.locking("for no key update"), community, pq.StringArray(texts(ids)))
}

// LockOpenIncidents locks the incidents of the kinds that are not resolved on the subjects, in id order.
func (t *Tx) LockOpenIncidents(ctx context.Context, community int32, kinds []delivery.IncidentKind, subjects []delivery.UUID) ([]*delivery.Incident, error) {
	return listTx[*delivery.Incident](ctx, t, "lock the open incidents of subjects", `
		select `+incidents.flat()+`
		  from incidents i
		 where i.community_id = $1 and i.state <> 'RESOLVED' and i.kind = any($2)
		   and `+incidentSubject+` = any(cast($3 as uuid[]))
		 order by i.id`+t.locking("for no key update"), community, pq.StringArray(texts(kinds)), pq.StringArray(texts(subjects)))
}

// CountOpenIncidents counts the incidents that LockOpenIncidents would lock, without locking them.
func (t *Tx) CountOpenIncidents(ctx context.Context, community int32, kinds []delivery.IncidentKind, subjects []delivery.UUID) (int, error) {
	rows, err := listTx[int](ctx, t, "count the open incidents of subjects", `
		select count(*)
		  from incidents i
		 where i.community_id = $1 and i.state <> 'RESOLVED' and i.kind = any($2)
		   and `+incidentSubject+` = any(cast($3 as uuid[]))`, community, pq.StringArray(texts(kinds)), pq.StringArray(texts(subjects)))
	return one(rows, err, delivery.KindIncident)
}

// insertedIncident is an incident in the form that the driver can write.
type insertedIncident struct {
	*delivery.Incident
	LevelNumber int  `db:"level_number"`
	OwnerNumber *int `db:"owner_number"`
}

func writtenIncidents(rows []*delivery.Incident) []insertedIncident {
	out := make([]insertedIncident, len(rows))
	for i, one := range rows {
		out[i] = insertedIncident{Incident: one, LevelNumber: one.Level.Number()}
		if one.OwnerLevel != nil {
			out[i].OwnerNumber = new(one.OwnerLevel.Number())
		}
	}
	return out
}

// InsertIncidents inserts incidents that were opened. If the community's personal data is purged, their notes are left out.
func (t *Tx) InsertIncidents(ctx context.Context, rows []*delivery.Incident) error {
	return insertAll(ctx, t, "insert incidents", `
		insert into incidents (community_id, id, number, kind, severity, level, state, bags, order_id, household_id, building_id,
			volunteer_id, arrival_id, stray_id, run_id, round_id, shift_id, task_id, enquiry_id, webhook_id, seen_building_id, seen_household_id, seen_supplier_id, opened_at,
			opened_by_role, opened_by_id, note, rises_at, resolution_note, version)
		values (:community_id, :id, :number, :kind, :severity, :level_number, :state, :bags, :order_id, :household_id, :building_id,
			:volunteer_id, :arrival_id, :stray_id, :run_id, :round_id, :shift_id, :task_id, :enquiry_id, :webhook_id,
			:seen_building_id, :seen_household_id, :seen_supplier_id, :opened_at,
			:opened_by_role, :opened_by_id,
			case when exists (select from communities p where p.community_id = :community_id and p.purge_began_at is not null) then '' else :note end,
			:rises_at, '', :version)`, writtenIncidents(rows))
}

// SaveIncidents writes what events changed of locked incidents.
func (t *Tx) SaveIncidents(ctx context.Context, community int32, rows []*delivery.Incident) error {
	if len(rows) == 0 {
		return nil
	}
	n := len(rows)
	var (
		ids, states, resolutionNotes    = make([]string, n), make([]string, n), make([]string, n)
		levels, bags, versions          = make([]int64, n), make([]int64, n), make([]int64, n)
		rises, taken, resolved          = make([]*string, n), make([]*string, n), make([]*string, n)
		owners, ownerLevels             = make([]*string, n), make([]*int64, n)
		resolvedBy, resolvers, outcomes = make([]*string, n), make([]*string, n), make([]*string, n)
	)
	for k, i := range rows {
		ids[k], states[k], resolutionNotes[k] = string(i.UUID), string(i.State), i.ResolutionNote
		levels[k], bags[k], versions[k] = int64(i.Level.Number()), int64(i.Bags), i.Version
		rises[k], taken[k], resolved[k] = instantOrNil(i.RisesAt), instantOrNil(i.TakenAt), instantOrNil(i.ResolvedAt)
		owners[k] = (*string)(i.OwnerUUID)
		if i.OwnerLevel != nil {
			ownerLevels[k] = new(int64(i.OwnerLevel.Number()))
		}
		resolvedBy[k], resolvers[k], outcomes[k] = (*string)(i.ResolvedByRole), (*string)(i.ResolvedByUUID), (*string)(i.Resolution)
	}
	_, err := t.exec(ctx, "save incidents", `
		update incidents i
		   set state = n.state, level = n.level, bags = n.bags, version = n.version, rises_at = n.rises_at, taken_at = n.taken_at,
		       owner_id = n.owner_id, owner_level = n.owner_level, resolved_at = n.resolved_at, resolved_by_role = n.resolved_by_role,
		       resolved_by_id = n.resolved_by_id, resolution = n.resolution,
		       resolution_note = case when exists (select from communities p where p.community_id = i.community_id and p.purge_began_at is not null)
		                              then '' else n.resolution_note end
		  from unnest(cast($2 as uuid[]), cast($3 as text[]), cast($4 as int[]), cast($5 as int[]), cast($6 as bigint[]),
		              cast($7 as timestamptz[]), cast($8 as timestamptz[]), cast($9 as uuid[]), cast($10 as int[]),
		              cast($11 as timestamptz[]), cast($12 as text[]), cast($13 as uuid[]), cast($14 as text[]), cast($15 as text[]))
		       as n (id, state, level, bags, version, rises_at, taken_at, owner_id, owner_level, resolved_at, resolved_by_role, resolved_by_id,
		             resolution, resolution_note)
		 where i.community_id = $1 and i.id = n.id`,
		community, pq.StringArray(ids), pq.StringArray(states), pq.Int64Array(levels), pq.Int64Array(bags), pq.Int64Array(versions),
		pq.Array(rises), pq.Array(taken), pq.Array(owners), pq.Array(ownerLevels), pq.Array(resolved), pq.Array(resolvedBy), pq.Array(resolvers),
		pq.Array(outcomes), pq.StringArray(resolutionNotes))
	return err
}

// instantOrNil formats a time for an array of timestamptz, nil for none.
func instantOrNil(t *time.Time) *string {
	if t == nil {
		return nil
	}
	at := instant(*t)
	return &at
}

// subjectKeys are the statements that read the keys of subjects, by the kind of their ids. $1 is the community, $2 the ids.
var subjectKeys = map[delivery.Kind]string{
	delivery.KindOrder: `
		select id, building_id, household_id, supplier_id
		  from orders
		 where community_id = $1 and id = any(cast($2 as uuid[]))`,
	delivery.KindHousehold: `
		select id, building_id, id as household_id
		  from households
		 where community_id = $1 and id = any(cast($2 as uuid[]))`,
	delivery.KindBuilding: `
		select id, id as building_id
		  from buildings
		 where community_id = $1 and id = any(cast($2 as uuid[]))`,
	delivery.KindVolunteer: `
		select id
		  from volunteers
		 where community_id = $1 and id = any(cast($2 as uuid[]))`,
	delivery.KindArrival: `
		select id, supplier_id
		  from arrivals
		 where community_id = $1 and id = any(cast($2 as uuid[]))`,
	delivery.KindStray: `
		select id
		  from strays
		 where community_id = $1 and id = any(cast($2 as uuid[]))`,
	delivery.KindRun: `
		select id
		  from runs
		 where community_id = $1 and id = any(cast($2 as uuid[]))`,
	delivery.KindTask: `
		select id, building_id
		  from tasks
		 where community_id = $1 and id = any(cast($2 as uuid[]))`,
	delivery.KindShift: `
		select id
		  from shifts
		 where community_id = $1 and id = any(cast($2 as uuid[]))`,
	// A round that went to one building is of it; one that went to several is of the whole community.
	delivery.KindRound: `
		select r.id, (select case when count(distinct x.building_id) = 1 then (array_agg(x.building_id))[1] end
		                from round_orders x
		               where x.community_id = r.community_id and x.round_id = r.id) as building_id
		  from rounds r
		 where r.community_id = $1 and r.id = any(cast($2 as uuid[]))`,
	delivery.KindEnquiry: `
		select id, building_id, household_id
		  from enquiries
		 where community_id = $1 and id = any(cast($2 as uuid[]))`,
	delivery.KindWebhook: `
		select id, supplier_id
		  from webhooks
		 where community_id = $1 and id = any(cast($2 as uuid[]))`,
}

// SubjectKeys reads the keys of the rows that incidents can be about. Rows that do not exist are missing.
func (t *Tx) SubjectKeys(ctx context.Context, community int32, ids []delivery.ID) (map[delivery.ID]*delivery.Keys, error) {
	by := map[delivery.Kind][]delivery.UUID{}
	for _, id := range ids {
		by[id.Kind] = append(by[id.Kind], id.UUID)
	}
	out := make(map[delivery.ID]*delivery.Keys, len(ids))
	for _, kind := range delivery.IncidentSubjects {
		if len(by[kind]) == 0 {
			continue
		}
		rows, err := listTx[struct {
			ID        delivery.UUID  `db:"id"`
			Building  *delivery.UUID `db:"building_id"`
			Household *delivery.UUID `db:"household_id"`
			Supplier  *delivery.UUID `db:"supplier_id"`
		}](ctx, t, "read the keys of subjects", subjectKeys[kind], community, pq.StringArray(texts(by[kind])))
		if err != nil {
			return nil, err
		}
		for _, r := range rows {
			k := &delivery.Keys{Community: community}
			for _, f := range []struct{ to, from *delivery.UUID }{{&k.Building, r.Building}, {&k.Household, r.Household}, {&k.Supplier, r.Supplier}} {
				if f.from != nil {
					*f.to = *f.from
				}
			}
			if kind == delivery.KindOrder {
				k.Order = r.ID
			}
			out[delivery.ID{Kind: kind, Community: community, UUID: r.ID}] = k
		}
	}
	return out, nil
}

// IncidentFilter selects incidents. A nil list does not restrict.
type IncidentFilter struct {
	States    []delivery.IncidentState
	Kinds     []delivery.IncidentKind
	Levels    []delivery.EscalationLevel
	Buildings []delivery.UUID
	Orders    []delivery.UUID
}

// Incidents reads one page of a community's incidents that the scope sees, newest first.
func (d *DB) Incidents(ctx context.Context, s delivery.Scope, community int32, f IncidentFilter, p Range) (*Rows[delivery.Incident], error) {
	var w where
	w.and("i.community_id = ?", community)
	w.in("i.state", "text", texts(f.States))
	if f.States != nil && !slices.Contains(f.States, delivery.IncidentResolved) {
		w.and("i.state <> 'RESOLVED'") // the same again, in the form that the index of open incidents serves
	}
	w.in("i.kind", "text", texts(f.Kinds))
	w.in("i.level", "int", delivery.Numbers(f.Levels))
	w.in("i.seen_building_id", "uuid", texts(f.Buildings))
	w.in("i.order_id", "uuid", texts(f.Orders))
	return incidents.page(ctx, d, s, w, p)
}

// IncidentsByID reads the incidents with the ids that the scope sees, in no order.
func (d *DB) IncidentsByID(ctx context.Context, s delivery.Scope, ids []delivery.ID) ([]*delivery.Incident, error) {
	return incidents.byIDs(ctx, d, s, ids)
}

// IncidentsOfOrders reads the incidents about the orders that the scope sees, newest first.
func (d *DB) IncidentsOfOrders(ctx context.Context, s delivery.Scope, ids []delivery.ID) ([]*delivery.Incident, error) {
	var w where
	w.ids("i.community_id, i.order_id", ids)
	incidents.visible(&w, s)
	return list[*delivery.Incident](ctx, d, "read the incidents of orders", "select "+incidents.flat()+"\n  from incidents i\n "+w.String()+"\n order by i.number desc", w.args...)
}

// MostAlerts is the most incidents that OpenIncidents reads.
const MostAlerts = 500

// OpenIncidents reads the community's incidents that are not resolved, at most up to a level, and that the scope sees: the highest
// level first, then the oldest. It reads at most MostAlerts.
func (d *DB) OpenIncidents(ctx context.Context, s delivery.Scope, community int32, most delivery.EscalationLevel) ([]*delivery.Incident, error) {
	var w where
	w.and("i.community_id = ?", community)
	w.and("i.state <> 'RESOLVED'")
	w.and("i.level <= ?", most.Number())
	incidents.visible(&w, s)
	return list[*delivery.Incident](ctx, d, "read the open incidents", "select "+incidents.flat()+"\n  from incidents i\n "+w.String()+
		"\n order by i.level desc, i.number\n limit "+strconv.Itoa(MostAlerts), w.args...)
}

// Rising is an incident whose level is due to rise.
type Rising struct {
	UUID  delivery.UUID  `db:"id"`
	Order *delivery.UUID `db:"late_order"` // the order of an incident LATE: its level is the incident's
}

// UnscopedRisingIncidents returns the incidents of a community whose level rises now, for the clock worker.
func (d *DB) UnscopedRisingIncidents(ctx context.Context, community int32, at time.Time, limit int) ([]Rising, error) {
	return list[Rising](ctx, d, "read the incidents that rise", `
		select id, case when kind = 'LATE' then order_id end as late_order
		  from incidents
		 where community_id = $1 and rises_at <= $2
		 order by rises_at, id
		 limit $3`, community, at, limit)
}

// Coverage is a building whose incident UNCOVERED does not fit: it is to be opened, or to be closed.
type Coverage struct {
	Building  delivery.UUID `db:"id"`
	Uncovered bool          `db:"uncovered"` // to be opened
}

// Coverage returns the buildings of a community that became uncovered or covered since their incidents were opened and closed. A
// building is uncovered if it has households, and no reachable volunteer of the supply squad serves it, while the community is closed
// off at the instant: an end that was announced has not come yet. A household with open orders is never archived, so a building with open orders has households.
func (t *Tx) Coverage(ctx context.Context, community int32, at time.Time) ([]Coverage, error) {
	return listTx[Coverage](ctx, t, "read which buildings are covered", `
		select x.id, x.uncovered
		  from (
			select b.id,
			       b.archived_at is null and c.archived_at is null and (c.closure_ended_at is null or c.closure_ended_at > $2)
			       and exists (
					select from households h
					 where h.community_id = b.community_id and h.building_id = b.id and h.archived_at is null)
			       and not exists (
					select from services s
					  join volunteers v on v.community_id = s.community_id and v.id = s.volunteer_id
					 where s.community_id = b.community_id and s.building_id = b.id
					   and v.squad = 'SUPPLY' and v.reachable and v.archived_at is null) as uncovered,
			       exists (
					select from incidents i
					 where i.community_id = b.community_id and i.building_id = b.id and `+incidentSubject+` = b.id
					   and i.kind = 'UNCOVERED' and i.state <> 'RESOLVED') as raised
			  from buildings b
			  join communities c on c.community_id = b.community_id
			 where b.community_id = $1) x
		 where x.uncovered <> x.raised
		 order by x.id`, community, at)
}
