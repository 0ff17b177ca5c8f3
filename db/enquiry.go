package db

import (
	"context"
	"fmt"
	"strconv"
	"time"

	"github.com/lib/pq"

	"baogong/delivery"
)

var enquiries = noun[delivery.Enquiry]{
	table: "enquiries", alias: "e",
	columns: []string{"community_id", "id", "number", "kind", "way", "household_id", "building_id", "phone", "text", "urgent", "state", "due_at", "next_at", "attempts",
		"logged_at", "logged_by_role", "logged_by_id", "taken_by", "lease_until", "handler_id", "outcome", "answer", "order_id", "closed_at", "closed_by_role",
		"closed_by_id", "version"},
	visible: visibleEnquiries,
	sorting: sorting{columns: []sortColumn{{"e.number", "bigint"}}, desc: true},
}

var enquiryKeys = keyColumns{community: "e.community_id", building: "e.building_id", household: "e.household_id"}

// visibleEnquiries adds the condition for enquiries that the scope sees. Members of the phone desk also see those of unknown callers.
func visibleEnquiries(w *where, s delivery.Scope) {
	if s.Class != delivery.SeesBuildings || s.Squad != delivery.SquadPersuasion {
		w.scope(s, enquiryKeys)
		return
	}
	w.and("e.community_id = ?", s.Community)
	w.and("(e.building_id is null or e.building_id = any(cast(? as uuid[])))", pq.StringArray(texts(s.Buildings)))
}

// EnquiryFilter selects enquiries. A nil list does not restrict.
type EnquiryFilter struct {
	States     []delivery.EnquiryState
	Kinds      []delivery.EnquiryKind
	Outcomes   []delivery.EnquiryOutcome
	Households []delivery.UUID
	Takers     []delivery.UUID // only those that one of these has taken at any time
}

// Enquiries reads one page of a community's enquiries that the scope sees, newest first.
func (d *DB) Enquiries(ctx context.Context, s delivery.Scope, community int32, f EnquiryFilter, p Range) (*Rows[delivery.Enquiry], error) {
	var w where
	w.and("e.community_id = ?", community)
	w.in("e.state", "text", texts(f.States))
	w.in("e.kind", "text", texts(f.Kinds))
	w.in("e.outcome", "text", texts(f.Outcomes))
	w.in("e.household_id", "uuid", texts(f.Households))
	if f.Takers != nil {
		w.and(`exists (select from enquiry_takes x where x.community_id = e.community_id and x.enquiry_id = e.id and x.volunteer_id = any(cast(? as uuid[])))`,
			pq.StringArray(texts(f.Takers)))
	}
	return enquiries.page(ctx, d, s, w, p)
}

// EnquiriesByID reads the enquiries with the ids that the scope sees, in no order.
func (d *DB) EnquiriesByID(ctx context.Context, s delivery.Scope, ids []delivery.ID) ([]*delivery.Enquiry, error) {
	return enquiries.byIDs(ctx, d, s, ids)
}

// MostQueued is the most enquiries that CallQueue lists.
const MostQueued = 200

// CallQueue reads the enquiries of the community that are not closed and that the scope sees: taken ones first, then the others in the order in
// which they are to be taken. It lists at most MostQueued and counts all.
func (d *DB) CallQueue(ctx context.Context, s delivery.Scope, community int32, at time.Time) (*delivery.CallQueue, error) {
	var w where
	now, own := w.arg(at), w.arg(community)
	w.and("e.community_id = " + own)
	w.and("e.state <> 'CLOSED'")
	enquiries.visible(&w, s)
	counts, err := list[*delivery.CallQueue](ctx, d, "count the enquiries of the queue", `
		select count(*) filter (where e.state = 'WAITING') as waiting,
		       count(*) filter (where e.state = 'WAITING' and e.due_at <= `+now+`) as due,
		       count(*) filter (where e.state = 'WAITING' and e.due_at <= `+now+` and e.urgent) as urgent,
		       count(*) filter (where e.state = 'TAKEN') as taken,
		       min(e.due_at) filter (where e.state = 'WAITING' and e.due_at <= `+now+`) as oldest_due_at,
		       (select count(*) from volunteers v
		         where v.community_id = `+own+` and v.squad = 'PERSUASION' and v.reachable and v.archived_at is null) as desks
		  from enquiries e
		 `+w.String(), w.args...)
	if err != nil {
		return nil, err
	}
	q := counts[0]
	q.CommunityID = community
	q.Enquiries, err = list[*delivery.Enquiry](ctx, d, "read the enquiries of the queue", "select "+enquiries.flat()+"\n  from enquiries e\n "+w.String()+`
		 order by e.state = 'WAITING', e.due_at > `+now+`, e.urgent desc, e.due_at, e.number
		 limit `+strconv.Itoa(MostQueued), w.args...)
	return q, err
}

// contact is the condition that a household has been heard from since an instant: it has placed an order itself or by telephone, an enquiry
// of it was closed and it was reached, it logged one itself, it was visited, or an order was handed over to it.
//
// The steps are tried in this order, the cheap ones first, and "offset 0" makes the planner look for each household by its index: as one
// condition it read all orders of the community, which took two seconds. What was handed over is read once, by its stage, and only if
// some household has come to the last step; it is read distinct, because the planner gives up hashing 300,000 rows and then reads them for
// each household.
func contact(community, since string) string {
	return fmt.Sprintf(`(case
		when exists (
			select from orders o
			 where o.community_id = h.community_id and o.household_id = h.id and o.placed_at >= %[2]s
			   and (o.placed_by_role = 'RESIDENT' or (o.consent_by = 'HOUSEHOLD' and o.consent_note is null))
			offset 0) then true
		when exists (
			select from enquiries x
			 where x.community_id = h.community_id and x.household_id = h.id
			   and ((x.closed_at >= %[2]s and x.outcome <> 'UNREACHABLE') or (x.logged_at >= %[2]s and x.logged_by_role = 'RESIDENT'))
			offset 0) then true
		when h.id in (
			select k.household_id
			  from tasks k
			 where k.community_id = %[1]s and k.household_id is not null and k.kind = 'VISIT' and k.state = 'DONE' and k.ended_at >= %[2]s) then true
		else h.id in (
			select distinct o.household_id
			  from orders o
			 where o.community_id = %[1]s and o.stage = 'DELIVERED' and o.stage_since >= %[2]s) end)`, community, since)
}

// Unheard reads a page of the households that the scope sees and that were not heard from since an instant, by address.
func (d *DB) Unheard(ctx context.Context, s delivery.Scope, community int32, since time.Time, p Range) (*Rows[delivery.Household], error) {
	w := ofCommunity("h", community, false)
	w.and("not " + contact(w.arg(community), w.arg(since)))
	return households.page(ctx, d, s, w, p)
}

// LockEnquiry locks an enquiry that the scope sees. It fails with NOT_FOUND.
func (t *Tx) LockEnquiry(ctx context.Context, s delivery.Scope, id delivery.ID) (*delivery.Enquiry, error) {
	var w where
	w.and("e.community_id = ?", id.Community)
	w.and("e.id = ?", id.UUID)
	enquiries.visible(&w, s)
	rows, err := listTx[*delivery.Enquiry](ctx, t, "lock an enquiry", "select "+enquiries.flat()+"\n  from enquiries e\n "+w.String()+
		"\n order by e.id"+t.locking("for no key update of e"), w.args...)
	return one(rows, err, delivery.KindEnquiry)
}

// LockTakenEnquiry locks the enquiry that the volunteer has taken, or returns ErrNoRow.
func (t *Tx) LockTakenEnquiry(ctx context.Context, community int32, volunteer delivery.UUID) (*delivery.Enquiry, error) {
	return first(listTx[*delivery.Enquiry](ctx, t, "lock the enquiry of a volunteer", "select "+enquiries.flat()+`
		  from enquiries e
		 where e.community_id = $1 and e.taken_by = $2 and e.state = 'TAKEN'
		 order by e.id`+t.locking("for no key update of e"), community, volunteer))
}

// LockTakenOrNextEnquiry locks the enquiry that the volunteer has taken, as LockTakenEnquiry does, or else the next one, as LockNextEnquiry does, in one
// round trip. It returns ErrNoRow if there is neither.
func (t *Tx) LockTakenOrNextEnquiry(ctx context.Context, s delivery.Scope, community int32, volunteer delivery.UUID, kinds []delivery.EnquiryKind, at time.Time) (*delivery.Enquiry, error) {
	var w where
	own, taker := w.arg(community), w.arg(volunteer)
	dueEnquiries(&w, s, community, kinds, at)
	w.and("not exists (select from held)")
	// The next one is one row, and locked rows are passed over.
	return first(listTx[*delivery.Enquiry](ctx, t, "lock the enquiry of a volunteer or the next one", `
		with held as (
			select `+enquiries.flat()+`
			  from enquiries e
			 where e.community_id = `+own+` and e.taken_by = `+taker+` and e.state = 'TAKEN'
			 order by e.id`+t.locking("for no key update of e")+`
		), next as (
			select `+enquiries.flat()+`
			  from enquiries e
			 `+w.String()+`
			 order by e.urgent desc, e.due_at, e.number
			 limit 1`+t.locking("for no key update of e skip locked")+`
		)
		select * from held
		 union all
		select * from next`, w.args...))
}

// LockNextEnquiry locks the enquiry that is to be taken next among those that are due and that the scope sees, or returns ErrNoRow: urgent
// ones before others, then the one that is due longest. It passes over those that other transactions have locked.
func (t *Tx) LockNextEnquiry(ctx context.Context, s delivery.Scope, community int32, kinds []delivery.EnquiryKind, at time.Time) (*delivery.Enquiry, error) {
	var w where
	dueEnquiries(&w, s, community, kinds, at)
	// It locks one row, and does not wait for locked rows.
	return first(listTx[*delivery.Enquiry](ctx, t, "lock the next enquiry", "select "+enquiries.flat()+"\n  from enquiries e\n "+w.String()+`
		 order by e.urgent desc, e.due_at, e.number
		 limit 1`+t.locking("for no key update of e skip locked"), w.args...))
}

// dueEnquiries adds the conditions of the enquiries that the scope sees and that are to be taken now.
func dueEnquiries(w *where, s delivery.Scope, community int32, kinds []delivery.EnquiryKind, at time.Time) {
	w.and("e.community_id = ?", community)
	w.and("e.state = 'WAITING'")
	w.and("e.due_at <= ?", at)
	w.in("e.kind", "text", texts(kinds))
	enquiries.visible(w, s)
}

// InsertEnquiries inserts enquiries. welfareDay is the day whose welfare calls they are, empty for others. The constraint
// enquiries_welfare_once refuses a second one of a household and day.
func (t *Tx) InsertEnquiries(ctx context.Context, rows []*delivery.Enquiry, welfareDay string) error {
	type inserted struct {
		*delivery.Enquiry
		WelfareDay *string `db:"welfare_day"`
	}
	day := &welfareDay
	if welfareDay == "" {
		day = nil
	}
	list := make([]inserted, len(rows))
	for i, e := range rows {
		list[i] = inserted{e, day}
	}
	return insertAll(ctx, t, "insert enquiries", `
		insert into enquiries (community_id, id, number, kind, way, household_id, building_id, phone, text, urgent, state, due_at, next_at, attempts, logged_at,
			logged_by_role, logged_by_id, outcome, answer, closed_at, closed_by_role, closed_by_id, welfare_day, version)
		values (:community_id, :id, :number, :kind, :way, :household_id, :building_id, :phone, :text, :urgent, :state, :due_at, :next_at, :attempts, :logged_at,
			:logged_by_role, :logged_by_id, :outcome, :answer, :closed_at, :closed_by_role, :closed_by_id, cast(:welfare_day as date), :version)`, list)
}

// saveEnquiry writes what an event changed of an enquiry.
const saveEnquiry = `
		update enquiries
		   set state = :state, due_at = :due_at, next_at = :next_at, attempts = :attempts, taken_by = :taken_by, lease_until = :lease_until, handler_id = :handler_id,
		       household_id = :household_id, building_id = :building_id, outcome = :outcome, order_id = :order_id, closed_at = :closed_at,
		       closed_by_role = :closed_by_role, closed_by_id = :closed_by_id, version = :version,
		       answer = case when exists (select from communities p where p.community_id = :community_id and p.purge_began_at is not null) then '' else :answer end
		 where community_id = :community_id and id = :id`

// SaveEnquiry writes what an event changed of a locked enquiry. If the community's personal data is purged, the answer is left out.
func (t *Tx) SaveEnquiry(ctx context.Context, e *delivery.Enquiry) error {
	return t.named(ctx, "save an enquiry", saveEnquiry, e)
}

// SaveTake writes a locked enquiry as SaveEnquiry does, and records that a volunteer has taken it.
func (t *Tx) SaveTake(ctx context.Context, e *delivery.Enquiry, at time.Time) error {
	return t.named(ctx, "save an enquiry and who takes it", `
		with taken as (
			insert into enquiry_takes (community_id, volunteer_id, enquiry_id, at)
			values (:community_id, :taken_by, :id, :at)
			    on conflict (community_id, volunteer_id, enquiry_id) do update
			   set at = excluded.at
		)`+saveEnquiry, struct {
		*delivery.Enquiry
		At time.Time `db:"at"`
	}{e, at})
}

// HasTaken reports whether the volunteer has taken the enquiry at any time.
func (t *Tx) HasTaken(ctx context.Context, id delivery.ID, volunteer delivery.UUID) (bool, error) {
	rows, err := listTx[bool](ctx, t, "look who has taken an enquiry", `
		select true
		  from enquiry_takes
		 where community_id = $1 and volunteer_id = $2 and enquiry_id = $3`, id.Community, volunteer, id.UUID)
	return len(rows) > 0, err
}

// UnscopedPassingEnquiries reads the enquiries of a community on which the clock acts by the instant, at most limit.
func (d *DB) UnscopedPassingEnquiries(ctx context.Context, community int32, at time.Time, limit int) ([]delivery.UUID, error) {
	return list[delivery.UUID](ctx, d.feeding, "read the enquiries whose lease ends or that come due", `
		select id
		  from enquiries
		 where community_id = $1 and next_at <= $2
		 order by next_at, id
		 limit $3`, community, at, limit)
}

// LockEnquiries locks enquiries in id order and returns them.
func (t *Tx) LockEnquiries(ctx context.Context, community int32, ids []delivery.UUID) ([]*delivery.Enquiry, error) {
	return listTx[*delivery.Enquiry](ctx, t, "lock enquiries", "select "+enquiries.flat()+`
		  from enquiries e
		 where e.community_id = $1 and e.id = any(cast($2 as uuid[]))
		 order by e.id`+t.locking("for no key update of e"), community, pq.StringArray(texts(ids)))
}

// LonelyHousehold is a household that is to be called.
type LonelyHousehold struct {
	UUID     delivery.UUID `db:"id"`
	Building delivery.UUID `db:"building_id"`
}

// LonelyHouseholds reads households that asked for welfare calls or where old people live alone, that were not heard from since the instant,
// and of which no welfare call waits or was logged for the day: by id, at most limit.
func (t *Tx) LonelyHouseholds(ctx context.Context, community int32, since time.Time, day string, limit int) ([]LonelyHousehold, error) {
	return listTx[LonelyHousehold](ctx, t, "read the households to call", `
		select h.id, h.building_id
		  from households h
		 where h.community_id = $1 and h.archived_at is null and h.needs && array['ELDERLY_ALONE', 'WELFARE_CALL']
		   and not exists (
			select from enquiries w
			 where w.community_id = h.community_id and w.household_id = h.id and w.kind = 'WELFARE'
			   and (w.state <> 'CLOSED' or w.welfare_day = cast($3 as date)))
		   and not `+contact("$1", "$2")+`
		 order by h.id
		 limit $4`, community, since, day, limit)
}

// LockWelfareDay locks the community's last day of welfare calls, so that one transaction at a time logs some, and returns it; empty if there
// is none.
func (t *Tx) LockWelfareDay(ctx context.Context, community int32) (string, error) {
	rows, err := listTx[string](ctx, t, "lock the day of welfare calls", `
		select cast(day as text)
		  from welfare_days
		 where community_id = $1`+t.locking("for no key update"), community)
	if err != nil || len(rows) == 0 {
		return "", err
	}
	return rows[0], nil
}

// SaveWelfareDay records that the welfare calls of a day are all in the queue.
func (t *Tx) SaveWelfareDay(ctx context.Context, community int32, day string) error {
	_, err := t.exec(ctx, "save the day of welfare calls", `
		insert into welfare_days (community_id, day)
		values ($1, cast($2 as date))
		    on conflict (community_id) do update
		   set day = excluded.day`, community, day)
	return err
}
