package db_test

import (
	"regexp"
	"strings"
	"testing"

	"baogong/db"
	"baogong/db/dbtest"
)

// noPurge are the columns of text that a purge leaves, by the reason. Columns of roles and of a few known words, which a check names, are not listed.
var noPurge = map[string]string{
	"words and numbers of ours": "city_releases.figures city_days.figures events.body events.kind import_rows.remarks money.kind money.party numbers.noun orders.consent_by communities.accepted_proofs webhooks.kinds imports.day scenarios.scenario plans.scenario plans.trucks plans.band plans.steps plans.measured",
	"the estate's places and names, and its number, which stay": "buildings.code buildings.code_key buildings.name buildings.access_note bins.code bins.code_key communities.code communities.code_key communities.name " +
		"communities.lane communities.desk_phone communities.time_zone households.address households.room households.room_key households.words shifts.station",
	"the team's codes, which stay":                   "volunteers.code volunteers.code_key",
	"who supplies and what, which stays":             "suppliers.code suppliers.code_key suppliers.name suppliers.phone packages.code packages.code_key packages.name packages.unit order_lines.unit order_windows.name",
	"numbers of platforms and what is found by them": "orders.external_number order_texts.number_key order_texts.words import_rows.key import_rows.number",
	"only migrations and triggers write it":          "orders.consent_note",
	"the team's own words, which name no one":        "notices.title notices.body",
	"ids of rows and accounts":                       "city_releases.homes quotas.actor leases.holder",
	"the purge deletes these accounts, or ends them": "accounts.issuer accounts.subject codes.selector codes.secret_hash tokens.hash tokens.replaces",
	"a key of the whole platform":                    "cursor_keys.secret",
}

// TestEveryTextIsClassified: a purge removes each text of the database, or a check keeps it to words of ours, or noPurge says why it stays.
func TestEveryTextIsClassified(t *testing.T) {
	t.Parallel()
	d := raw(t, dbtest.DSN(t))
	removed, whole := map[string]bool{}, map[string]bool{}
	for table, instead := range db.Removals() {
		whole[table] = instead == ""
		for _, m := range regexp.MustCompile(`(?:^|, )(\w+) = `).FindAllStringSubmatch(instead, -1) {
			removed[table+"."+m[1]] = true
		}
	}
	kept := map[string]bool{}
	for _, names := range noPurge {
		for name := range strings.FieldsSeq(names) {
			kept[name] = true
		}
	}
	seen := 0
	for _, c := range column[string](t, d, `
		select c.table_name || '.' || c.column_name
		  from information_schema.columns c
		 where c.table_schema = 'public' and c.table_name <> 'goose_db_version' and c.column_name not like '%role' and (c.data_type in ('text', 'jsonb', 'bytea') or c.udt_name in ('_text', '_jsonb'))
		   and not exists (
			select from pg_constraint k
			 where k.conrelid = cast(c.table_name as regclass) and k.contype = 'c' and k.conname = c.table_name || '_' || c.column_name || '_known')
		 order by 1`) {
		table, _, _ := strings.Cut(c, ".")
		if gone := removed[c] || whole[table]; gone == kept[c] {
			t.Errorf("%s: purged: %t, said to stay: %t", c, gone, kept[c])
		}
		if kept[c] {
			seen++
		}
	}
	if seen != len(kept) {
		t.Errorf("%d columns are said to stay, and %d of them exist", len(kept), seen)
	}
}
