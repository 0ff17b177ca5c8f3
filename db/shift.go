package db

import (
	"cmp"
	"context"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/lib/pq"

	"baogong/delivery"
)

// shifts are seen by the team.
var shifts = noun[delivery.Shift]{
	table: "shifts", alias: "f",
	columns: []string{"community_id", "id", "squad", "station", "starts_at", "ends_at", "needed", "version", "created_at", "cancelled_at"},
	visible: func(w *where, s delivery.Scope) { w.seesTeam(s, "f.community_id") },
}

// MostShifts is the most shifts that a list holds.
const MostShifts = 500

const memberColumns = `m.community_id, m.shift_id, m.volunteer_id, m.starts_at, m.ends_at, m.state, m.in_at, m.out_at, m.missed_at, m.due_at, f.squad`

const membersAndShifts = `shift_members m
		  join shifts f on f.community_id = m.community_id and f.id = m.shift_id`

// ShiftsByID reads the shifts with the ids that the scope sees, in no order.
func (d *DB) ShiftsByID(ctx context.Context, s delivery.Scope, ids []delivery.ID) ([]*delivery.Shift, error) {
	return shifts.byIDs(ctx, d, s, ids)
}

// running adds the condition for shifts that run at some time of a span. No shift lasts longer than MaxShift, so the condition can use the index by
// beginning.
func running(w *where, from, until time.Time) {
	w.and("f.starts_at > ?", from.Add(-delivery.MaxShift-time.Microsecond))
	w.and("f.ends_at > ?", from)
	w.and("f.starts_at < ?", until)
}

// Shifts reads the shifts that the scope sees and that run at some time from (inclusive) to until (exclusive), by beginning: of all squads, or of
// one. Cancelled ones are left out. It reads at most MostShifts.
func (d *DB) Shifts(ctx context.Context, s delivery.Scope, community int32, from, until time.Time, squad *delivery.Squad) ([]*delivery.Shift, error) {
	var w where
	w.and("f.community_id = ?", community)
	running(&w, from, until)
	w.and("f.cancelled_at is null")
	if squad != nil {
		w.and("f.squad = ?", string(*squad))
	}
	shifts.visible(&w, s)
	return listOf[*delivery.Shift](ctx, d, "read the shifts of a day", "select "+shifts.flat()+"\n  from shifts f\n "+w.String()+
		"\n order by f.starts_at, f.squad, f.station, f.id\n limit "+strconv.Itoa(MostShifts), w.args...)
}

// MembersOfShifts reads the members of the shifts that the scope sees, by the volunteers' codes.
func (d *DB) MembersOfShifts(ctx context.Context, s delivery.Scope, ids []delivery.ID) ([]*delivery.ShiftMember, error) {
	var w where
	w.ids("m.community_id, m.shift_id", ids)
	shifts.visible(&w, s)
	return listOf[*delivery.ShiftMember](ctx, d, "read the members of shifts", `
		select `+memberColumns+`
		  from `+membersAndShifts+`
		  join volunteers v on v.community_id = m.community_id and v.id = m.volunteer_id
		 `+w.String()+`
		 order by length(v.code), v.code`, w.args...)
}

// ShiftOfVolunteer is the shift on which a volunteer is on duty.
type ShiftOfVolunteer struct {
	delivery.Shift
	VolunteerUUID delivery.UUID `db:"volunteer_id"`
}

// ShiftsOfVolunteers reads the shifts on which the volunteers are on duty, as far as the scope sees them.
func (d *DB) ShiftsOfVolunteers(ctx context.Context, s delivery.Scope, ids []delivery.ID) ([]*ShiftOfVolunteer, error) {
	var w where
	w.ids("m.community_id, m.volunteer_id", ids)
	w.and("m.state = 'ON'")
	shifts.visible(&w, s)
	return listOf[*ShiftOfVolunteer](ctx, d, "read the shifts of volunteers", `
		select `+shifts.flat()+`, m.volunteer_id
		  from `+membersAndShifts+`
		 `+w.String(), w.args...)
}

// Presence counts the members of each squad's shifts that the scope sees: those on duty, and those planned and absent on the shifts that run at some
// time from (inclusive) to until (exclusive). Squads without any are left out.
func (d *DB) Presence(ctx context.Context, s delivery.Scope, community int32, from, until time.Time) ([]*delivery.SquadPresence, error) {
	var today where
	running(&today, from, until)
	w := where{args: today.args}
	w.and("m.community_id = ?", community)
	w.and("(m.state = 'ON' or (m.state in ('PLANNED', 'ABSENT') and m.starts_at > ?))", from.Add(-delivery.MaxShift-time.Microsecond))
	shifts.visible(&w, s)
	rows, err := listOf[*delivery.SquadPresence](ctx, d, "count who is on duty", `
		select f.squad, count(*) filter (where m.state = 'ON') as on_duty,
		       count(*) filter (where m.state = 'PLANNED' and `+strings.Join(today.clauses, " and ")+`) as planned,
		       count(*) filter (where m.state = 'ABSENT' and `+strings.Join(today.clauses, " and ")+`) as absent
		  from `+membersAndShifts+`
		 `+w.String()+`
		 group by f.squad`, w.args...)
	rows = slices.DeleteFunc(rows, func(p *delivery.SquadPresence) bool { return p.On+p.Planned+p.Absent == 0 })
	slices.SortFunc(rows, func(a, b *delivery.SquadPresence) int {
		return cmp.Compare(slices.Index(delivery.Squads, a.Squad), slices.Index(delivery.Squads, b.Squad))
	})
	return rows, err
}

// ShiftsToPlan reads the shifts of a locked community with the ids, those that the volunteers of new shifts could be on, which end after since, and
// those that begin on the days to copy from and to.
func (t *Tx) ShiftsToPlan(ctx context.Context, community int32, ids []delivery.UUID, since time.Time, days ...[2]time.Time) ([]*delivery.Shift, error) {
	from, until := make([]string, len(days)), make([]string, len(days))
	for i, day := range days {
		from[i], until[i] = instant(day[0]), instant(day[1])
	}
	return listTx[*delivery.Shift](ctx, t, "read the shifts to plan", `
		select `+shifts.flat()+`
		  from shifts f
		 where f.community_id = $1
		   and (f.id = any(cast($2 as uuid[])) or (f.starts_at > $3 and f.ends_at > $4)
		        or exists (select from unnest(cast($5 as timestamptz[]), cast($6 as timestamptz[])) as d (begins, ends)
		                    where f.starts_at >= d.begins and f.starts_at < d.ends))`,
		community, pq.StringArray(texts(ids)), since.Add(-delivery.MaxShift), since, pq.StringArray(from), pq.StringArray(until))
}

// MembersOf reads the members of shifts of a locked community.
func (t *Tx) MembersOf(ctx context.Context, community int32, ids []delivery.UUID) ([]*delivery.ShiftMember, error) {
	return listTx[*delivery.ShiftMember](ctx, t, "read the members of shifts in a transaction", `
		select `+memberColumns+`
		  from `+membersAndShifts+`
		 where m.community_id = $1 and m.shift_id = any(cast($2 as uuid[]))
		 order by m.shift_id, m.volunteer_id`, community, pq.StringArray(texts(ids)))
}

// ShiftsOf reads the rows of the volunteers on the shifts of a locked community that end after an instant, and those on which they are on duty, by
// beginning.
func (t *Tx) ShiftsOf(ctx context.Context, community int32, volunteers []delivery.UUID, since time.Time) ([]*delivery.ShiftMember, error) {
	return listTx[*delivery.ShiftMember](ctx, t, "read the shifts of volunteers in a transaction", `
		select `+memberColumns+`
		  from `+membersAndShifts+`
		 where m.community_id = $1 and m.volunteer_id = any(cast($2 as uuid[])) and (m.state = 'ON' or m.ends_at > $3)
		 order by m.volunteer_id, m.starts_at`, community, pq.StringArray(texts(volunteers)), since)
}

// DueMembers reads the members that the clock looks at by an instant, at most limit.
func (t *Tx) DueMembers(ctx context.Context, community int32, at time.Time, limit int) ([]*delivery.ShiftMember, error) {
	return listTx[*delivery.ShiftMember](ctx, t, "read the members of shifts that are due", `
		select `+memberColumns+`
		  from `+membersAndShifts+`
		 where m.community_id = $1 and m.due_at <= $2
		 order by m.due_at, m.shift_id, m.volunteer_id
		 limit $3`, community, at, limit)
}

// MissedOf returns which of the volunteers are missed on a shift.
func (t *Tx) MissedOf(ctx context.Context, community int32, volunteers []delivery.UUID) ([]delivery.UUID, error) {
	return listTx[delivery.UUID](ctx, t, "read which volunteers are missed", `
		select distinct m.volunteer_id
		  from shift_members m
		 where m.community_id = $1 and m.volunteer_id = any(cast($2 as uuid[])) and m.state = 'PLANNED' and m.missed_at is not null`,
		community, pq.StringArray(texts(volunteers)))
}

// InsertShifts inserts shifts.
func (t *Tx) InsertShifts(ctx context.Context, rows []*delivery.Shift) error {
	return table[delivery.Shift, *delivery.Shift]{t, shifts}.Insert(ctx, rows)
}

// SaveShifts writes shifts of a locked community.
func (t *Tx) SaveShifts(ctx context.Context, rows []*delivery.Shift) error {
	return table[delivery.Shift, *delivery.Shift]{t, shifts}.Save(ctx, rows)
}

// SaveMembers takes members off shifts of a locked community, and then adds and writes others. A constraint refuses a volunteer who would be on
// two shifts at once (shift_members_not_twice).
func (t *Tx) SaveMembers(ctx context.Context, community int32, gone, rows []*delivery.ShiftMember) error {
	if err := t.Decided(); err != nil {
		return err
	}
	if len(gone) > 0 {
		of, who := make([]string, len(gone)), make([]string, len(gone))
		for i, m := range gone {
			of[i], who[i] = string(m.ShiftUUID), string(m.VolunteerUUID)
		}
		if _, err := t.exec(ctx, "take members off shifts", `
			delete from shift_members
			 where community_id = $1 and (shift_id, volunteer_id) in (select * from unnest(cast($2 as uuid[]), cast($3 as uuid[])))`,
			community, pq.StringArray(of), pq.StringArray(who)); err != nil {
			return err
		}
	}
	if len(rows) == 0 {
		return nil
	}
	// Rows that end a duty come before rows that begin one, so that no volunteer is on two shifts in between.
	first := []delivery.ShiftState{delivery.ShiftDone, delivery.ShiftAbsent, delivery.ShiftOn, delivery.ShiftPlanned}
	rows = slices.SortedFunc(slices.Values(rows), func(a, b *delivery.ShiftMember) int {
		return cmp.Or(cmp.Compare(slices.Index(first, a.State), slices.Index(first, b.State)), cmp.Compare(a.ShiftUUID, b.ShiftUUID), cmp.Compare(a.VolunteerUUID, b.VolunteerUUID))
	})
	n := len(rows)
	of, who, states := make([]string, n), make([]string, n), make([]string, n)
	starts, ends := make([]string, n), make([]string, n)
	in, out, missed, due := make([]*string, n), make([]*string, n), make([]*string, n), make([]*string, n)
	for i, m := range rows {
		of[i], who[i], states[i], starts[i], ends[i] = string(m.ShiftUUID), string(m.VolunteerUUID), string(m.State), instant(m.StartsAt), instant(m.EndsAt)
		in[i], out[i], missed[i], due[i] = instantOrNil(m.InAt), instantOrNil(m.OutAt), instantOrNil(m.MissedAt), instantOrNil(m.DueAt)
	}
	_, err := t.exec(ctx, "save the members of shifts", `
		insert into shift_members as m (community_id, shift_id, volunteer_id, starts_at, ends_at, state, in_at, out_at, missed_at, due_at)
		select $1, n.shift_id, n.volunteer_id, n.starts_at, n.ends_at, n.state, n.in_at, n.out_at, n.missed_at, n.due_at
		  from unnest(cast($2 as uuid[]), cast($3 as uuid[]), cast($4 as timestamptz[]), cast($5 as timestamptz[]), cast($6 as text[]),
		              cast($7 as timestamptz[]), cast($8 as timestamptz[]), cast($9 as timestamptz[]), cast($10 as timestamptz[])) with ordinality
		       as n (shift_id, volunteer_id, starts_at, ends_at, state, in_at, out_at, missed_at, due_at, place)
		 order by n.place
		    on conflict (community_id, shift_id, volunteer_id) do update
		   set starts_at = excluded.starts_at, ends_at = excluded.ends_at, state = excluded.state, in_at = excluded.in_at, out_at = excluded.out_at,
		       missed_at = excluded.missed_at, due_at = excluded.due_at`,
		community, pq.StringArray(of), pq.StringArray(who), pq.StringArray(starts), pq.StringArray(ends), pq.StringArray(states),
		pq.Array(in), pq.Array(out), pq.Array(missed), pq.Array(due))
	return err
}

// CountChange increases the versions of the shifts from which a change of the team has taken members. The community is locked.
func (t *Tx) CountChange(ctx context.Context, community int32, ids []delivery.UUID) error {
	_, err := t.exec(ctx, "count a change of shifts", `
		update shifts
		   set version = version + 1
		 where community_id = $1 and id = any(cast($2 as uuid[]))`, community, pq.StringArray(texts(ids)))
	return err
}

// Assignments reads the buildings with households and the supply squad of a community, for suggesting who serves which building. Volunteers take
// part who are on duty and reachable, or planned on a shift on which they can check in now and are not missed; in a community without a shift on the
// day, from (inclusive) to until (exclusive), all who are reachable.
func (d *DB) Assignments(ctx context.Context, s delivery.Scope, community int32, at, from, until time.Time) (*delivery.Assignments, error) {
	if !s.SeesCommunity(community) {
		return nil, delivery.Refuse(delivery.ReasonNoSuch, delivery.KindCommunity.String())
	}
	buildings, err := list[*delivery.CoveredBuilding](ctx, d, "read the loads of buildings", `
		select b.id, b.code, b.has_lift, h.households, (select count(*) from orders o where o.community_id = b.community_id and o.building_id = b.id and `+openOrder+`) as orders
		  from buildings b
		 cross join lateral (
			select count(*) as households from households h where h.community_id = b.community_id and h.building_id = b.id and h.archived_at is null) h
		 where b.community_id = $1 and b.archived_at is null and h.households > 0
		 order by length(b.code), b.code`, community)
	if err != nil {
		return nil, err
	}
	volunteers, err := list[*delivery.CoveredVolunteer](ctx, d, "read who takes part in serving buildings", `
		select v.community_id, v.id, v.code, v.version,
		       case when exists (select from shifts f where f.community_id = $1 and f.cancelled_at is null and f.starts_at > $3 and f.ends_at > $4 and f.starts_at < $5)
		            then exists (
					select from shift_members m
					 where m.community_id = v.community_id and m.volunteer_id = v.id
					   and (m.state = 'ON' and v.reachable or m.state = 'PLANNED' and m.missed_at is null and m.starts_at <= $6 and m.ends_at > $2))
		            else v.reachable end as present,
		       v.rank = 'COMMANDER' as commands
		  from volunteers v
		 where v.community_id = $1 and v.squad = 'SUPPLY' and v.archived_at is null
		 order by length(v.code), v.code`, community, at, from.Add(-delivery.MaxShift-time.Microsecond), from, until, at.Add(delivery.CheckInEarly))
	if err != nil {
		return nil, err
	}
	services, err := list[*delivery.Service](ctx, d, "read the services of the supply squad", `
		select x.community_id, x.volunteer_id, x.building_id, x.duty
		  from services x
		  join volunteers v on v.community_id = x.community_id and v.id = x.volunteer_id
		 where x.community_id = $1 and v.squad = 'SUPPLY' and v.archived_at is null
		 order by x.volunteer_id, x.building_id`, community)
	return &delivery.Assignments{Buildings: buildings, Volunteers: volunteers, Services: services}, err
}
