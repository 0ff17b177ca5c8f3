package db

import (
	"context"
	"time"

	"github.com/lib/pq"

	"baogong/delivery"
)

const incidentColumns = `i.community_id, i.id, i.number, i.kind, i.severity, i.level, i.state, i.bags, i.order_id, i.household_id, i.building_id,
	i.volunteer_id, i.arrival_id, i.stray_id, i.run_id, i.round_id, i.seen_building_id, i.seen_household_id, i.seen_supplier_id, i.opened_at,
	i.opened_by_role, i.opened_by_id, i.note, i.rises_at, i.taken_at, i.owner_id, i.owner_level, i.resolved_at, i.resolved_by_role,
	i.resolved_by_id, i.resolution, i.resolution_note, i.version`

// incidentKeys are the columns with an incident's keys. A tracking link sees none.
var incidentKeys = keyColumns{community: "i.community_id", building: "i.seen_building_id", household: "i.seen_household_id", supplier: "i.seen_supplier_id"}

// incidentSubject is the subject of an incident, in the form that its index serves.
const incidentSubject = `coalesce(i.order_id, i.household_id, i.building_id, i.volunteer_id, i.arrival_id, i.stray_id, i.run_id, i.round_id)`

// LockIncidents locks incidents in id order and returns those that exist.
func (t *Tx) LockIncidents(ctx context.Context, community int32, ids []delivery.UUID) ([]*delivery.Incident, error) {
	return listTx[*delivery.Incident](ctx, t, "lock incidents", `
		select `+incidentColumns+`
		  from incidents i
		 where i.community_id = $1 and i.id = any(cast($2 as uuid[]))
		 order by i.id`+t.locking("for no key update"), community, pq.StringArray(texts(ids)))
}

// LockOpenIncidents locks the incidents of the kinds that are not resolved on the subjects, in id order.
func (t *Tx) LockOpenIncidents(ctx context.Context, community int32, kinds []delivery.IncidentKind, subjects []delivery.UUID) ([]*delivery.Incident, error) {
	return listTx[*delivery.Incident](ctx, t, "lock the open incidents of subjects", `
		select `+incidentColumns+`
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

func writtenIncidents(incidents []*delivery.Incident) []insertedIncident {
	out := make([]insertedIncident, len(incidents))
	for i, one := range incidents {
		out[i] = insertedIncident{Incident: one, LevelNumber: one.Level.Number()}
		if one.OwnerLevel != nil {
			out[i].OwnerNumber = new(one.OwnerLevel.Number())
		}
	}
	return out
}

// InsertIncidents inserts incidents that were opened. If the community's personal data is purged, their notes are left out.
func (t *Tx) InsertIncidents(ctx context.Context, incidents []*delivery.Incident) error {
	return insertAll(ctx, t, "insert incidents", `
		insert into incidents (community_id, id, number, kind, severity, level, state, bags, order_id, household_id, building_id,
			volunteer_id, arrival_id, stray_id, run_id, round_id, seen_building_id, seen_household_id, seen_supplier_id, opened_at,
			opened_by_role, opened_by_id, note, rises_at, resolution_note, version)
		values (:community_id, :id, :number, :kind, :severity, :level_number, :state, :bags, :order_id, :household_id, :building_id,
			:volunteer_id, :arrival_id, :stray_id, :run_id, :round_id, :seen_building_id, :seen_household_id, :seen_supplier_id, :opened_at,
			:opened_by_role, :opened_by_id,
			case when exists (select from communities p where p.community_id = :community_id and p.purge_began_at is not null) then '' else :note end,
			:rises_at, '', :version)`, writtenIncidents(incidents))
}

// SaveIncidents writes what events changed of locked incidents.
func (t *Tx) SaveIncidents(ctx context.Context, community int32, incidents []*delivery.Incident) error {
	if len(incidents) == 0 {
		return nil
	}
	n := len(incidents)
	var (
		ids, states, resolutionNotes    = make([]string, n), make([]string, n), make([]string, n)
		levels, bags, versions          = make([]int64, n), make([]int64, n), make([]int64, n)
		rises, taken, resolved          = make([]*string, n), make([]*string, n), make([]*string, n)
		owners, ownerLevels             = make([]*string, n), make([]*int64, n)
		resolvedBy, resolvers, outcomes = make([]*string, n), make([]*string, n), make([]*string, n)
	)
	for k, i := range incidents {
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

// UnscopedRisingIncidents returns the incidents of a community whose level rises now, for the clock worker.
func (d *DB) UnscopedRisingIncidents(ctx context.Context, community int32, at time.Time, limit int) ([]delivery.UUID, error) {
	return list[delivery.UUID](ctx, d, "read the incidents that rise", `
		select id
		  from incidents
		 where community_id = $1 and rises_at <= $2
		 order by rises_at, id
		 limit $3`, community, at, limit)
}
