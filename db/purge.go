package db

import (
	"context"
	"fmt"
	"strings"
	"time"

	"baogong/delivery"
)

// PersonalData is one kind of personal data that a purge removes.
type PersonalData string

// The kinds, in the order of their removal.
const (
	PersonalHouseholds PersonalData = "households"  // contact name, phone, needs
	PersonalVolunteers PersonalData = "volunteers"  // name, phone, home organisation
	PersonalOrders     PersonalData = "orders"      // the household's own words
	PersonalLines      PersonalData = "lines"       // the household's shopping: medicine is health data
	PersonalDemand     PersonalData = "demand"      // what was ordered in each building
	PersonalForecasts  PersonalData = "forecasts"   // and was expected there
	PersonalEvents     PersonalData = "events"      // notes and device times beside events
	PersonalHolds      PersonalData = "holds"       // notes
	PersonalArrivals   PersonalData = "arrivals"    // vehicles, drivers' phones
	PersonalStrays     PersonalData = "strays"      // what their labels say, and where they stand
	PersonalIncidents  PersonalData = "incidents"   // notes
	PersonalTasks      PersonalData = "tasks"       // titles, places and notes
	PersonalScenarios  PersonalData = "scenarios"   // names
	PersonalFiles      PersonalData = "files"       // photos
	PersonalParts      PersonalData = "sheets"      // the bytes of sheets
	PersonalImports    PersonalData = "imports"     // pasted lists
	PersonalRows       PersonalData = "import rows" // as they were written, and why they were dropped
	PersonalAliases    PersonalData = "aliases"     // what people call a door
	PersonalErrands    PersonalData = "errands"     // answers
	PersonalReveals    PersonalData = "reveals"     // reasons for looking
	PersonalWebhooks   PersonalData = "webhooks"    // where events are sent, which ends
	PersonalSecrets    PersonalData = "secrets"     // what they are signed with
	PersonalCalls      PersonalData = "calls"       // stored outcomes, and hashes of inputs
	PersonalEnquiries  PersonalData = "enquiries"   // what people asked, numbers to call back, answers
	PersonalSignIns    PersonalData = "sign-ins"    // issuers' subjects of people who signed in
)

// AllPersonal lists the kinds.
var AllPersonal = []PersonalData{PersonalHouseholds, PersonalVolunteers, PersonalOrders, PersonalLines, PersonalDemand, PersonalForecasts, PersonalEvents,
	PersonalHolds, PersonalArrivals, PersonalStrays, PersonalIncidents, PersonalTasks, PersonalScenarios, PersonalEnquiries, PersonalFiles, PersonalParts, PersonalImports, PersonalRows, PersonalAliases, PersonalErrands, PersonalReveals, PersonalWebhooks, PersonalSecrets, PersonalCalls, PersonalSignIns}

// removal describes how to remove a kind of personal data: its table, the condition for rows that have it, the columns' new
// values, and the order in which rows are locked. Without new values the rows are deleted.
type removal struct{ table, there, instead, key string }

// neutral replaces a text that must not be empty.
const neutral = "'—'"

var removals = map[PersonalData]removal{
	PersonalHouseholds: {"households", "contact_name <> '' or phone <> '' or needs <> '{}'", "contact_name = '', phone = '', needs = '{}'", "id"},
	PersonalVolunteers: {"volunteers", "name <> " + neutral + " or phone <> '' or home_organisation <> ''", "name = " + neutral + ", phone = '', home_organisation = ''", "id"},
	PersonalOrders:     {"orders", "note <> ''", "note = ''", "id"},
	PersonalLines:      {"order_lines", "item <> " + neutral, "item = " + neutral, "id"},
	PersonalDemand:     {"demand_days", "true", "", "community_id, kind, day, series, part"},
	PersonalForecasts:  {"forecasts", "true", "", "community_id, kind, day, series"},
	PersonalEvents:     {"event_notes", "true", "", "community_id, seq"},
	PersonalHolds:      {"holds", "note <> ''", "note = ''", "id"},
	PersonalArrivals:   {"arrivals", "vehicle <> '' or driver_phone <> ''", "vehicle = '', driver_phone = ''", "id"},
	PersonalStrays:     {"strays", "label <> '' or place <> " + neutral, "label = '', place = " + neutral, "id"},
	PersonalIncidents:  {"incidents", "note <> '' or resolution_note <> ''", "note = '', resolution_note = ''", "id"},
	PersonalTasks:      {"tasks", "title <> " + neutral + " or place <> '' or note <> ''", "title = " + neutral + ", place = '', note = ''", "id"},
	PersonalScenarios:  {"scenarios", "name <> " + neutral, "name = " + neutral, "id"},
	PersonalEnquiries:  {"enquiries", "text <> '' or phone <> '' or answer <> ''", "text = '', phone = '', answer = ''", "id"},
	PersonalFiles:      {"files", "true", "", "community_id, id"},
	PersonalParts:      {"file_parts", "true", "", "community_id, file_id, part"},
	PersonalImports:    {"imports", "done_at is null or name <> '' or menu <> '[]' or headers <> '{}'", "text = '', name = '', menu = '[]', headers = '{}', retry_at = null, done_at = coalesce(done_at, started_at), stopped = case when done_at is null then 'PURGED' else stopped end", "id"},
	PersonalRows: {"import_rows", "text <> '' or place <> '' or place_key is not null or note <> '' or goods <> '[]' or (outcome = 'DROPPED' and reason <> " + neutral + ")",
		"text = '', place = '', place_key = null, note = '', goods = '[]', reason = case when outcome = 'DROPPED' then " + neutral + " else reason end", "id"},
	PersonalAliases:  {"address_aliases", "kind in ('DOOR', 'BUILDING')", "", "community_id, id"},
	PersonalErrands:  {"errands", "answer <> ''", "answer = ''", "id"},
	PersonalReveals:  {"reveals", "reason <> " + neutral, "reason = " + neutral, "id"},
	PersonalWebhooks: {"webhooks", "name <> " + neutral + " or url <> " + neutral, "name = " + neutral + ", url = " + neutral, "id"},
	PersonalSecrets:  {"webhook_secrets", "true", "", "community_id, webhook_id, id"},
	PersonalCalls:    {"calls", "true", "", "community_id, actor, mutation, client_mutation_id"},
	PersonalSignIns:  {"roles", "row_id is not null", "", "account_id, community_id"}, // roles of city officials stay. UnscopedPurgeSignIns deletes the accounts
}

// notPurged is the condition that the community $1 still accepts free text.
const notPurged = "exists (select from communities p where p.community_id = $1 and p.purge_began_at is null)"

// UnscopedPurgeable returns the communities whose closure ended at or before an instant and that still have personal data,
// and those whose purge was interrupted.
func (d *DB) UnscopedPurgeable(ctx context.Context, ended time.Time) ([]*delivery.Community, error) {
	return list[*delivery.Community](ctx, d, "read the communities to purge", "select "+communities.flat()+`
		  from communities c
		 where c.purged_at is null and (c.closure_ended_at <= $1 or c.purge_began_at is not null)
		 order by c.community_id`, ended)
}

// UnscopedPersonal counts the rows of a community that hold personal data, by kind.
func (d *DB) UnscopedPersonal(ctx context.Context, community int32) (map[PersonalData]int64, error) {
	return personalOf(list[personalCount](ctx, d, "count personal data", countPersonal, community))
}

// Personal counts the rows of a locked community that hold personal data, by kind.
func (t *Tx) Personal(ctx context.Context, community int32) (map[PersonalData]int64, error) {
	return personalOf(listTx[personalCount](ctx, t, "count personal data", countPersonal, community))
}

type personalCount struct {
	What PersonalData `db:"what"`
	Rows int64        `db:"rows"`
}

func personalOf(rows []personalCount, err error) (map[PersonalData]int64, error) {
	out := map[PersonalData]int64{}
	for _, r := range rows {
		out[r.What] = r.Rows
	}
	return out, err
}

var countPersonal = func() string {
	var parts []string
	for _, what := range AllPersonal {
		r := removals[what]
		parts = append(parts, fmt.Sprintf("select '%s' as what, count(*) as rows from %s where community_id = $1 and (%s)", what, r.table, r.there))
	}
	return strings.Join(parts, "\nunion all\n")
}()

// BeginPurge records that the locked community accepts and returns no personal data from now on.
func (t *Tx) BeginPurge(ctx context.Context, community int32, at time.Time) error {
	_, err := t.exec(ctx, "begin a purge", `
		update communities set purge_began_at = coalesce(purge_began_at, $2)
		 where community_id = $1`, community, at)
	return err
}

// RowsWithAccess returns at most limit rows of a community that have an open code or a sign-in.
func (t *Tx) RowsWithAccess(ctx context.Context, community int32, limit int) ([]delivery.UUID, error) {
	return listTx[delivery.UUID](ctx, t, "read the rows with access", `
		select row_id from codes where community_id = $1 and ended_at is null and row_id is not null
		union
		select r.row_id
		  from roles r
		  join accounts a on a.id = r.account_id
		 where r.community_id = $1 and r.row_id is not null
		   and (a.subject <> '' or exists (select from sessions s where s.account_id = a.id and s.ended_at is null))
		 order by 1
		 limit $2`, community, limit)
}

// EndPurge records that the last personal data of the locked community is removed.
func (t *Tx) EndPurge(ctx context.Context, community int32, at time.Time) error {
	_, err := t.exec(ctx, "end a purge", `
		update communities set purged_at = $2
		 where community_id = $1 and purge_began_at is not null`, community, at)
	return err
}

// Purge removes personal data of one kind from at most limit rows. Where rows stay, it continues after an id. It returns the
// ids of the changed rows, in no order, and an empty id for each deleted row.
func (t *Tx) Purge(ctx context.Context, community int32, what PersonalData, after delivery.UUID, limit int) ([]delivery.UUID, error) {
	if err := t.Decided(); err != nil {
		return nil, err
	}
	r := removals[what]
	if r.instead == "" {
		return listTx[delivery.UUID](ctx, t, "delete personal data", `
			delete from `+r.table+`
			 where ctid = any(array(select ctid from `+r.table+` where community_id = $1 and (`+r.there+`) order by `+r.key+` limit $2 for update))
			returning ''`, community, limit)
	}
	if after == "" {
		after = "00000000-0000-0000-0000-000000000000"
	}
	return listTx[delivery.UUID](ctx, t, "clear personal data", `
		update `+r.table+` set `+r.instead+`
		 where community_id = $1 and id = any(array(
			select id from `+r.table+`
			 where community_id = $1 and id > cast($3 as uuid) and (`+r.there+`)
			 order by `+r.key+`
			 limit $2
			   for update))
		returning id`, community, limit, after)
}
