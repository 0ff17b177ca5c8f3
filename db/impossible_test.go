package db_test

import (
	"database/sql"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/lib/pq"

	"baogong/db"
	"baogong/db/dbtest"
)

// possible is a row in every table, which the cases below make impossible one by one.
const possible = `
	insert into communities (community_id, code, name, time_zone, version, created_at)
	overriding system value
	values (1, 'A', '东', 'Asia/Shanghai', 1, now()), (2, 'B', '西', 'Asia/Shanghai', 1, now());
	insert into buildings (community_id, id, code, name, has_lift, access_note, version, created_at)
	values (1, '00000000-0000-0000-0000-0000000000b1', 'E6', '六', true, '', 1, now()),
	       (1, '00000000-0000-0000-0000-0000000000b2', 'E7', '七', true, '', 1, now());
	insert into units (community_id, id, building_id, number, floors, version, created_at)
	values (1, '00000000-0000-0000-0000-0000000000c1', '00000000-0000-0000-0000-0000000000b1', 1, 18, 1, now());
	insert into households (community_id, id, building_id, unit_id, address, floor, room, contact_name, phone, people, needs, version, created_at)
	values (1, '00000000-0000-0000-0000-0000000000d1', '00000000-0000-0000-0000-0000000000b1', '00000000-0000-0000-0000-0000000000c1',
	        'E6-1-1203', 12, '1203', '王', '', 1, '{PET}', 1, now());
	insert into volunteers (community_id, id, code, name, phone, home_organisation, squad, rank, reachable, version, created_at)
	values (1, '00000000-0000-0000-0000-0000000000e1', 'S1', '李', '', '', 'SUPPLY', 'MEMBER', true, 1, now());
	insert into services (community_id, volunteer_id, building_id, duty)
	values (1, '00000000-0000-0000-0000-0000000000e1', '00000000-0000-0000-0000-0000000000b1', 'PRIMARY');
	insert into suppliers (community_id, id, code, name, kind, phone, version, created_at)
	values (1, '00000000-0000-0000-0000-0000000000f1', 'P1', '菜', 'SHOP', '', 1, now());
	insert into bins (community_id, id, building_id, unit_id, code, cold, version, created_at)
	values (1, '00000000-0000-0000-0000-0000000000b3', '00000000-0000-0000-0000-0000000000b1', '00000000-0000-0000-0000-0000000000c1', '冷', true, 1, now());
	insert into runs (community_id, id, number, volunteer_id, capacity, state, started_at, departed_at, version)
	values (1, '00000000-0000-0000-0000-0000000000b4', 1, '00000000-0000-0000-0000-0000000000e1', 10, 'UNDERWAY', now(), now(), 1);
	insert into rounds (community_id, id, number, volunteer_id, implicit, started_at, version)
	values (1, '00000000-0000-0000-0000-0000000000b5', 1, '00000000-0000-0000-0000-0000000000e1', false, now(), 1);
	insert into numbers (community_id, noun, last) values (1, 'INCIDENT', 1);
	insert into city_releases (community_id, family, at, figures, homes) values (1, 'HELD', now(), '{}', '');
	insert into city_days (community_id, day, family, at, figures) values (1, '2020-02-18', 'HELD', now(), '{}');
	insert into targets (community_id, stage, mark, minutes, time_of_day, version) values (1, 'AT_GATE', 'COLD', 0, 600, 1);
	insert into order_numbers (community_id, last) values (1, 1);
	insert into orders (community_id, id, number, building_id, unit_id, household_id, supplier_id, channel, stage, stage_since, version,
		open_holds, placed_at, placed_by_role, moved_at, moved_by_role, total_fen, note, external_number)
	values (1, '00000000-0000-0000-0000-0000000000a1', 1, '00000000-0000-0000-0000-0000000000b1', '00000000-0000-0000-0000-0000000000c1',
	        '00000000-0000-0000-0000-0000000000d1', '00000000-0000-0000-0000-0000000000f1', 'APP', 'PLACED', now(), 1, 0, now(), 'RESIDENT',
	        now(), 'RESIDENT', 0, '', 'Mt-1');
	insert into round_orders (community_id, round_id, order_id, building_id, taken_version)
	values (1, '00000000-0000-0000-0000-0000000000b5', '00000000-0000-0000-0000-0000000000a1', '00000000-0000-0000-0000-0000000000b1', 1);
	insert into proofs (community_id, order_id, version, kind, file_id, at, by_role)
	values (1, '00000000-0000-0000-0000-0000000000a1', 1, 'PHOTO', '00000000-0000-0000-0000-0000000000a1', now(), 'LEAD');
	insert into code_attempts (community_id, order_id, wrong) values (1, '00000000-0000-0000-0000-0000000000a1', 1);
	insert into run_orders (community_id, run_id, order_id, building_id, from_bin_id, bags)
	values (1, '00000000-0000-0000-0000-0000000000b4', '00000000-0000-0000-0000-0000000000a1', '00000000-0000-0000-0000-0000000000b1',
	        '00000000-0000-0000-0000-0000000000b3', 1);
	insert into drops (community_id, run_id, building_id, bags_left, left_at, bags_accepted, accepted_by, accepted_at)
	values (1, '00000000-0000-0000-0000-0000000000b4', '00000000-0000-0000-0000-0000000000b1', 1, now(), 1, '00000000-0000-0000-0000-0000000000e1', now());
	insert into packages (community_id, id, supplier_id, code, name, unit, price_fen, marks, version, created_at)
	values (1, '00000000-0000-0000-0000-0000000000a5', '00000000-0000-0000-0000-0000000000f1', 'A', '菜', '份', 500, '{COLD}', 1, now());
	insert into order_windows (community_id, id, supplier_id, name, opens_at, closes_at, deliver_at, minimum, orders, next_at, version, created_at)
	values (1, '00000000-0000-0000-0000-0000000000a6', '00000000-0000-0000-0000-0000000000f1', '周二', '2020-02-18 01:00Z', '2020-02-18 02:00Z', '2020-02-18 03:00Z', 0, 1,
	        '2020-02-18 02:00Z', 1, now());
	insert into offers (community_id, window_id, package_id, supplier_id, price_fen, stock, household_cap, phone_reserve, reserve_open, sold, sold_by_phone)
	values (1, '00000000-0000-0000-0000-0000000000a6', '00000000-0000-0000-0000-0000000000a5', '00000000-0000-0000-0000-0000000000f1', 500, 10, 2, 3, true, 1, 0);
	insert into purses (community_id, order_id, purse_fen, owes_fen, spent_fen, volunteer_fen, fund_fen, waived_fen, opened_at, version)
	values (1, '00000000-0000-0000-0000-0000000000a1', 100, -100, 0, 0, 0, 0, now(), 1);
	insert into money (community_id, id, order_id, kind, party, amount_fen, method, at, by_role)
	values (1, '00000000-0000-0000-0000-0000000000a7', '00000000-0000-0000-0000-0000000000a1', 'IN', 'HOUSEHOLD', 100, 'CASH', now(), 'LEAD');
	insert into money (community_id, id, order_id, kind, party, amount_fen, method, reverses, at, by_role)
	values (1, '00000000-0000-0000-0000-0000000000a8', '00000000-0000-0000-0000-0000000000a1', 'IN', 'HOUSEHOLD', 100, 'CASH', '00000000-0000-0000-0000-0000000000a7', now(), 'LEAD');
	insert into errands (community_id, id, kind, answer, answered_at, answered_by_role)
	values (1, '00000000-0000-0000-0000-0000000000a1', 'MEDICINE', '已取药', now(), 'VOLUNTEER');
	insert into documents (community_id, id, order_id, kind, taken_at, taken_by_role)
	values (1, '00000000-0000-0000-0000-0000000000a9', '00000000-0000-0000-0000-0000000000a1', 'MEDICAL_CARD', now(), 'VOLUNTEER');
	insert into order_lines (community_id, id, order_id, position, item, quantity, unit, unit_price_fen)
	values (1, '00000000-0000-0000-0000-000000000091', '00000000-0000-0000-0000-0000000000a1', 1, '米', 1, '袋', 0);
	insert into holds (community_id, id, order_id, reason, note, placed_at, placed_by_role, until, ended_at)
	values (1, '00000000-0000-0000-0000-000000000081', '00000000-0000-0000-0000-0000000000a1', 'TESTING', '', now(), 'LEAD', now() + interval '1 hour', now());
	insert into incidents (community_id, id, number, kind, severity, level, state, bags, order_id, seen_building_id, seen_household_id, seen_supplier_id,
		opened_at, opened_by_role, note, rises_at, resolution_note, version)
	values (1, '00000000-0000-0000-0000-000000000041', 1, 'SHORT', 'NORMAL', 1, 'OPEN', 1, '00000000-0000-0000-0000-0000000000a1', '00000000-0000-0000-0000-0000000000b1',
	        '00000000-0000-0000-0000-0000000000d1', '00000000-0000-0000-0000-0000000000f1', now(), 'VOLUNTEER', '', now() + interval '30 minutes', '', 1);
	insert into enquiries (community_id, id, number, kind, way, household_id, building_id, phone, text, urgent, state, due_at, attempts, logged_at, logged_by_role, taken_by,
		lease_until, next_at, handler_id, answer, version)
	values (1, '00000000-0000-0000-0000-000000000016', 1, 'WELFARE', 'PHONE', '00000000-0000-0000-0000-0000000000d1', '00000000-0000-0000-0000-0000000000b1', '', '', false, 'TAKEN',
	        '2020-02-18 01:00Z', 0, '2020-02-18 01:00Z', 'SYSTEM', '00000000-0000-0000-0000-0000000000e1', '2020-02-18 02:00Z', '2020-02-18 02:00Z',
	        '00000000-0000-0000-0000-0000000000e1', '', 1);
	insert into enquiry_takes (community_id, volunteer_id, enquiry_id, at)
	values (1, '00000000-0000-0000-0000-0000000000e1', '00000000-0000-0000-0000-000000000016', now());
	insert into tasks (community_id, id, number, squad, kind, title, place, building_id, household_id, enquiry_id, due_at, state, note, created_at, created_by_role, version)
	values (1, '00000000-0000-0000-0000-000000000042', 1, 'PATROL', 'VISIT', '看看老人', '', '00000000-0000-0000-0000-0000000000b1', '00000000-0000-0000-0000-0000000000d1',
	        '00000000-0000-0000-0000-000000000016', now(), 'TODO', '', now(), 'LEAD', 1);
	insert into notices (community_id, id, number, kind, level, title, body, households, building_ids, squads, suppliers, effective_at, published_at, published_by_role, audience, seen, told)
	values (1, '00000000-0000-0000-0000-000000000044', 1, 'CLOSURE', 'SEALED', '封闭', '', true, '{}', '{SUPPLY}', true, now(), now(), 'COMMANDER', 1, 0, 1);
	insert into notice_reach (community_id, notice_id, household_id, told_at, told_by_role)
	values (1, '00000000-0000-0000-0000-000000000044', '00000000-0000-0000-0000-0000000000d1', now(), 'VOLUNTEER');
	insert into arrivals (community_id, id, number, supplier_id, state, vehicle, driver_phone, expected_at, slot_at, dock, announced_at, announced_by_role, due_at, bags_announced, version)
	values (1, '00000000-0000-0000-0000-000000000031', 1, '00000000-0000-0000-0000-0000000000f1', 'ANNOUNCED', '鄂E·1', '', now(), now(), 1, now() - interval '1 hour', 'SUPPLIER', now(), 1, 1);
	insert into arrival_orders (community_id, arrival_id, order_id, announced, counted, damaged, open, held)
	values (1, '00000000-0000-0000-0000-000000000031', '00000000-0000-0000-0000-0000000000a1', 1, 1, 0, true, false);
	insert into strays (community_id, id, number, label, place, state, found_at, found_by_role, version)
	values (1, '00000000-0000-0000-0000-000000000021', 1, 'E6', '3 号架', 'OPEN', now(), 'VOLUNTEER', 1);
	insert into holds (community_id, id, arrival_id, reason, note, placed_at, placed_by_role, ends_at)
	values (1, '00000000-0000-0000-0000-000000000082', '00000000-0000-0000-0000-000000000031', 'SETTLING', '', now(), 'LEAD', now() + interval '1 hour');
	insert into scenarios (community_id, id, name, scenario, version, created_at)
	values (1, '00000000-0000-0000-0000-000000000048', '雨天', '{"v": 1, "replications": 100}', 1, now());
	insert into welfare_days (community_id, day) values (1, current_date);
	insert into demand_marks (community_id, demand_day) values (1, current_date);
	insert into demand_days (community_id, kind, day, series, part, building_id, package_id, item, unit, orders, households, quantity)
	values (1, 'BUILDING_ITEM', current_date, 'x', '*', '00000000-0000-0000-0000-0000000000b1', null, '菜', '袋', 2, 1, 2);
	insert into forecasts (community_id, kind, day, series, building_id, package_id, item, unit, expected, low, high, like_days, method, made_at)
	values (1, 'BUILDING_ITEM', current_date, 'x', '00000000-0000-0000-0000-0000000000b1', null, '菜', '袋', 6, 4, 8, 7, 'MEAN', now());
	insert into plans (community_id, day, starts_at, ends_at, by_hand, scenario, orders, all_by, chance, trucks, band, steps, made_at, measured)
	values (1, current_date, now(), now() + interval '1 day', false, '{"v": 1}', 3, now(), 0.5, '[]', '[]', '[]', now(), '[]');
	insert into feeds (community_id, head, epoch, day) values (1, 1, 1, current_date);
	insert into events (community_id, seq, kind, at, by_role, building_id, household_id, order_id, body)
	values (1, 1, 'ORDER_PLACED', now(), 'RESIDENT', '00000000-0000-0000-0000-0000000000b1', '00000000-0000-0000-0000-0000000000d1',
	        '00000000-0000-0000-0000-0000000000a1', '{"v": 1, "order": {}}');
	insert into event_notes (community_id, seq, note) values (1, 1, '好');
	insert into calls (community_id, actor, mutation, client_mutation_id, input_hash, created_at)
	values (1, 'LEAD:', 'placeOrder', 'x', decode(repeat('00', 32), 'hex'), now());
	insert into quotas (community_id, day, actor, quota, used) values (1, current_date, 'LEAD:', 'ORDERS', 1);
	insert into files (community_id, id, purpose, media_type, bytes, hash, data, by_role, by_id, created_at, expires_at, attached_at, seen_building_id, seen_household_id)
	values (1, '00000000-0000-0000-0000-000000000011', 'PHOTO', 'image/png', 3, decode(repeat('00', 32), 'hex'), 'PNG', 'VOLUNTEER',
	        '00000000-0000-0000-0000-0000000000e1', now(), now() + interval '30 days', now(), '00000000-0000-0000-0000-0000000000b1', '00000000-0000-0000-0000-0000000000d1');
	insert into file_parts (community_id, file_id, part, data, at) values (1, '00000000-0000-0000-0000-000000000012', 0, 'a,b', now());
	insert into address_aliases (community_id, id, kind, text, text_key, building_id, at, by_role)
	values (1, '00000000-0000-0000-0000-000000000013', 'BUILDING', '小白楼', '小白楼', '00000000-0000-0000-0000-0000000000b1', now(), 'LEAD');
	insert into imports (community_id, id, kind, name, supplier_id, building_id, day, text, menu, headers, started_at, by_role, rows, placed, changed, unchanged, in_review, refused, dropped,
		next, total, passed_over, retry_at, stopped, version)
	values (1, '00000000-0000-0000-0000-000000000014', 'JIELONG', '', '00000000-0000-0000-0000-0000000000f1', '00000000-0000-0000-0000-0000000000b1', '2022-04-12', '1. 1203', '[]', '{}',
	        now(), 'SUPPLIER', 1, 0, 0, 0, 1, 0, 0, 1, 1, 0, now(), '', 1);
	insert into import_rows (community_id, id, import_id, row, file_rows, number, key, text, place, goods, note, outcome, reason, remarks, guesses, household_id)
	values (1, '00000000-0000-0000-0000-000000000015', '00000000-0000-0000-0000-000000000014', 1, '{1}', '', '', '1. 1203', '1203', '[]', '', 'REVIEW', 'UNCLEAR', '{}', '{}',
	        '00000000-0000-0000-0000-0000000000d1');
	insert into reveals (community_id, id, household_id, order_id, by_role, reason, at)
	values (1, '00000000-0000-0000-0000-000000000071', '00000000-0000-0000-0000-0000000000d1', '00000000-0000-0000-0000-0000000000a1', 'ADMIN', '敲门无人', now());
	insert into exports (community_id, id, noun, format, contacts, row_count, by_role, by_id, at, ended_at)
	values (1, '00000000-0000-0000-0000-000000000072', 'HOUSEHOLDS', 'CSV', true, 3, 'COMMANDER', '00000000-0000-0000-0000-0000000000e1', now(), now() + interval '1 minute');
	insert into shifts (community_id, id, squad, station, starts_at, ends_at, needed, version, created_at)
	values (1, '00000000-0000-0000-0000-000000000073', 'SUPPLY', '南门', '2020-02-18 01:00Z', '2020-02-18 02:00Z', 2, 1, now());
	insert into shift_members (community_id, shift_id, volunteer_id, starts_at, ends_at, state, due_at)
	values (1, '00000000-0000-0000-0000-000000000073', '00000000-0000-0000-0000-0000000000e1', '2020-02-18 01:00Z', '2020-02-18 02:00Z', 'PLANNED', '2020-02-18 01:15Z');
	insert into webhooks (community_id, id, supplier_id, name, url, kinds, off, off_at, position, counted_from, counted_before, acked, parked, resending, attempts,
		failing_since, next_at, last_at, last_status, last_problem, lease, lease_until, created_by_role, version, created_at)
	values (1, '00000000-0000-0000-0000-000000000016', '00000000-0000-0000-0000-0000000000f1', '仓库', 'https://x.example', '{ORDER_MOVED}', 'GONE', now(), 5, 1, 2, 3, 1, 1, 1,
	        now(), now(), now(), 410, 'REFUSED', '00000000-0000-0000-0000-000000000017', now(), 'SUPPLIER', 1, now());
	insert into webhook_secrets (community_id, webhook_id, id, secret, created_at)
	values (1, '00000000-0000-0000-0000-000000000016', '00000000-0000-0000-0000-000000000018', decode(repeat('00', 32), 'hex'), now());
	insert into webhook_parked (community_id, webhook_id, seq, parked_at, again_at)
	values (1, '00000000-0000-0000-0000-000000000016', 1, now(), now());
	insert into leases (work, holder, until) values (1, 'x', now());
	insert into cursor_keys (id, secret, created_at) values (1, decode(repeat('00', 32), 'hex'), now());
	insert into accounts (id, issuer, subject, created_at) values ('00000000-0000-0000-0000-000000000071', 'https://id.example', 'wang', now());
	insert into roles (account_id, community_id, role, row_id) values ('00000000-0000-0000-0000-000000000071', 1, 'VOLUNTEER', '00000000-0000-0000-0000-0000000000e1');
	insert into codes (id, community_id, purpose, role, row_id, selector, secret_hash, uses_left, created_at, expires_at, created_by_role)
	values ('00000000-0000-0000-0000-000000000061', 1, 'INVITATION', 'VOLUNTEER', '00000000-0000-0000-0000-0000000000e1', '7K2QM0', decode(repeat('00', 32), 'hex'),
	        1, now(), now() + interval '1 day', 'COMMANDER');
	insert into sessions (id, account_id, code_id, created_at)
	values ('00000000-0000-0000-0000-000000000051', '00000000-0000-0000-0000-000000000071', '00000000-0000-0000-0000-000000000061', now());
	insert into tokens (hash, session_id, created_at, expires_at)
	values (decode(repeat('01', 32), 'hex'), '00000000-0000-0000-0000-000000000051', now(), now() + interval '1 day');
	insert into tokens (hash, session_id, replaces, created_at, expires_at)
	values (decode(repeat('02', 32), 'hex'), '00000000-0000-0000-0000-000000000051', decode(repeat('01', 32), 'hex'), now(), now() + interval '1 day');`

const missing = "'00000000-0000-0000-0000-000000000000'"

// set makes every row of a table impossible; text is one character longer than a limit.
func set(table, values string) string { return "update " + table + " set " + values }
func text(n int) string               { return fmt.Sprintf("repeat('字', %d)", n) }

// decided is a row of an import that a person has decided.
const decided = "update import_rows set outcome = 'PLACED', reason = '', text = '', place = '', order_id = " + missing + ", settled_at = now(), settled_by_role = 'LEAD'"

// again writes a table's rows once more, with some columns changed.
func again(table, changes string) string {
	overriding := ""
	if table == "communities" {
		overriding = " overriding system value"
	}
	return fmt.Sprintf("insert into %[1]s%[2]s select (jsonb_populate_record(x, '{%[3]s}')).* from %[1]s x", table, overriding, changes)
}

// twoShifts adds another shift.
var twoShifts = again("shifts", other) + "; "

const other = `"id": "00000000-0000-0000-0000-00000000ffff"`

// waiting and closed are an enquiry that no one has, and one that is closed but for its outcome.
const (
	waiting = "state = 'WAITING', taken_by = null, lease_until = null, next_at = null"
	closed  = "state = 'CLOSED', taken_by = null, lease_until = null, next_at = null, closed_at = logged_at, closed_by_role = 'LEAD'"
)

// impossible is a statement by the name of the constraint that must refuse it. Where there are several, each must be.
var impossible = map[string][]string{
	"communities_pkey":                    {again("communities", `"code": "Z"`)},
	"communities_code_key_taken":          {again("communities", `"community_id": 7, "code": "ａ"`)},
	"buildings_code_key_taken":            {set("buildings", "code = 'Ｅ' || right(code, 1)") + " where code = 'E6'; " + set("buildings", "code = 'e6'") + " where code = 'E7'"},
	"volunteers_code_key_taken":           {again("volunteers", other+`, "code": "ｓ１"`)},
	"suppliers_code_key_taken":            {again("suppliers", other+`, "code": "p1"`)},
	"households_room_key_taken":           {again("households", other+`, "room": "１２０３"`)},
	"order_texts_pkey":                    {again("order_texts", `"number_key": "x"`)},
	"order_texts_team_number_taken":       {set("orders", "placed_by_role = 'LEAD'") + "; " + set("order_texts", "household_id = null") + "; " + again("orders", other+`, "number": 2, "external_number": "MT－1", "placed_by_role": "LEAD"`)},
	"order_texts_household_number_taken":  {again("orders", other+`, "number": 2, "external_number": "MT－1"`)},
	"communities_id_positive":             {again("communities", `"community_id": 0`)},
	"communities_code_taken":              {again("communities", `"community_id": 7`)},
	"communities_code_length":             {set("communities", "code = ''"), set("communities", "code = "+text(33))},
	"communities_name_length":             {set("communities", "name = ''"), set("communities", "name = "+text(81))},
	"communities_time_zone_length":        {set("communities", "time_zone = ''"), set("communities", "time_zone = "+text(65))},
	"communities_version_positive":        {set("communities", "version = 0")},
	"communities_purge_after_closure":     {set("communities", "purge_began_at = now()")},
	"communities_purged_after_began":      {set("communities", "closure_ended_at = now(), purged_at = now()")},
	"buildings_pkey":                      {again("buildings", `"code": "Z"`)},
	"buildings_community":                 {`alter table bins drop constraint bins_building; ` + set("buildings", "community_id = 9") + " where code = 'E7'"},
	"buildings_code_taken":                {set("buildings", "code = 'E7'")},
	"buildings_code_length":               {set("buildings", "code = ''"), set("buildings", "code = "+text(33))},
	"buildings_name_length":               {set("buildings", "name = ''"), set("buildings", "name = "+text(81))},
	"buildings_access_note_length":        {set("buildings", "access_note = "+text(501))},
	"buildings_version_positive":          {set("buildings", "version = 0")},
	"units_pkey":                          {again("units", `"number": 2`)},
	"units_of_building":                   {`alter table units drop constraint units_pkey cascade; ` + again("units", `"number": 2`)},
	"units_building":                      {again("units", other+`, "building_id": "00000000-0000-0000-0000-00000000ffff"`), again("units", other+`, "community_id": 2`)},
	"units_number_taken":                  {again("units", other)},
	"units_number_range":                  {set("units", "number = 0"), set("units", "number = 100")},
	"units_floors_range":                  {set("units", "floors = 0"), set("units", "floors = 121")},
	"units_version_positive":              {set("units", "version = 0")},
	"households_pkey":                     {again("households", `"room": "Z"`)},
	"households_of_unit":                  {`alter table households drop constraint households_pkey cascade; ` + again("households", `"room": "Z"`)},
	"households_unit":                     {again("households", other+`, "room": "Z", "building_id": "00000000-0000-0000-0000-0000000000b2"`), again("households", other+`, "community_id": 2`)},
	"households_room_taken":               {again("households", other)},
	"households_address_length":           {set("households", "address = 'E6-1'"), set("households", "address = "+text(81))},
	"households_floor_range":              {set("households", "floor = -4"), set("households", "floor = 121")},
	"households_room_length":              {set("households", "room = ''"), set("households", "room = "+text(33))},
	"households_contact_name_length":      {set("households", "contact_name = "+text(81))},
	"households_phone_length":             {set("households", "phone = "+text(26))},
	"households_people_range":             {set("households", "people = 0"), set("households", "people = 51")},
	"households_needs_known":              {set("households", "needs = '{PET,TALL}'")},
	"households_version_positive":         {set("households", "version = 0")},
	"volunteers_pkey":                     {again("volunteers", `"code": "Z"`)},
	"volunteers_community":                {again("volunteers", `"community_id": 9`)},
	"volunteers_code_taken":               {again("volunteers", other)},
	"volunteers_code_length":              {set("volunteers", "code = ''"), set("volunteers", "code = "+text(33))},
	"volunteers_name_length":              {set("volunteers", "name = ''"), set("volunteers", "name = "+text(81))},
	"volunteers_phone_length":             {set("volunteers", "phone = "+text(26))},
	"volunteers_home_organisation_length": {set("volunteers", "home_organisation = "+text(81))},
	"volunteers_squad_known":              {set("volunteers", "squad = 'CHOIR'")},
	"volunteers_rank_known":               {set("volunteers", "rank = 'EMPEROR'")},
	"volunteers_version_positive":         {set("volunteers", "version = 0")},
	"volunteers_reveal_allowance_range":   {set("volunteers", "reveal_allowance = 1001, reveal_allowance_until = now()"), set("volunteers", "reveal_allowance = -1, reveal_allowance_until = now()")},
	"volunteers_reveal_allowance_ends":    {set("volunteers", "reveal_allowance = 5")},
	"services_pkey":                       {again("services", `"duty": "BACKUP"`)},
	"services_volunteer":                  {set("services", "volunteer_id = "+missing), set("services", "community_id = 2")},
	"services_building":                   {set("services", "building_id = "+missing)},
	"services_duty_known":                 {set("services", "duty = 'SOMETIMES'")},
	"suppliers_pkey":                      {again("suppliers", `"code": "Z"`)},
	"suppliers_community":                 {again("suppliers", `"community_id": 9`)},
	"suppliers_code_taken":                {again("suppliers", other)},
	"suppliers_code_length":               {set("suppliers", "code = ''"), set("suppliers", "code = "+text(33))},
	"suppliers_name_length":               {set("suppliers", "name = ''"), set("suppliers", "name = "+text(81))},
	"suppliers_kind_known":                {set("suppliers", "kind = 'CIRCUS'")},
	"suppliers_phone_length":              {set("suppliers", "phone = "+text(26))},
	"suppliers_version_positive":          {set("suppliers", "version = 0")},
	"order_numbers_pkey":                  {again("order_numbers", "")},
	"order_numbers_community":             {set("order_numbers", "community_id = 9")},
	"order_numbers_not_negative":          {set("order_numbers", "last = -1")},
	"orders_pkey":                         {again("orders", `"number": 2, "external_number": ""`)},
	"orders_number_taken":                 {again("orders", other+`, "external_number": ""`)},
	"orders_household": {set("orders", "household_id = "+missing), set("orders", "unit_id = "+missing),
		set("orders", "building_id = '00000000-0000-0000-0000-0000000000b2'"), again("orders", other+`, "community_id": 2`)},
	"orders_supplier":                   {set("orders", "supplier_id = "+missing)},
	"orders_taker":                      {set("orders", "channel = 'ERRAND', taker_id = "+missing)},
	"orders_holder_volunteer":           {set("orders", "holder_volunteer_id = "+missing)},
	"orders_holder_supplier":            {`alter table orders drop constraint orders_supplier_holds_own; ` + set("orders", "holder_supplier_id = "+missing)},
	"orders_number_positive":            {set("orders", "number = 0")},
	"orders_channel_known":              {set("orders", "channel = 'PIGEON'")},
	"orders_stage_known":                {set("orders", "stage = 'LOST'")},
	"orders_delivered_has_time":         {set("orders", "stage = 'DELIVERED'"), set("orders", "delivered_at = now()")},
	"orders_supplier_needed":            {set("orders", "supplier_id = null")},
	"orders_taker_fits":                 {set("orders", "channel = 'BUY_FOR'"), set("orders", "taker_id = '00000000-0000-0000-0000-0000000000e1'")},
	"orders_one_holder":                 {set("orders", "holder_volunteer_id = '00000000-0000-0000-0000-0000000000e1', holder_supplier_id = supplier_id")},
	"orders_final_has_no_holder":        {set("orders", "stage = 'CANCELLED', holder_supplier_id = supplier_id"), set("orders", "stage = 'DELIVERED', delivered_at = now(), holder_volunteer_id = '00000000-0000-0000-0000-0000000000e1'")},
	"orders_final_has_no_holds":         {set("orders", "stage = 'CANCELLED', open_holds = 1")},
	"orders_supplier_holds_own":         {set("orders", "channel = 'ERRAND', taker_id = '00000000-0000-0000-0000-0000000000e1', holder_supplier_id = supplier_id, supplier_id = null")},
	"orders_supplier_holds_before_gate": {set("orders", "stage = 'AT_GATE', holder_supplier_id = supplier_id")},
	"orders_version_positive":           {set("orders", "version = 0")},
	"orders_open_holds_not_negative":    {set("orders", "open_holds = -1")},
	"orders_total_not_negative":         {set("orders", "total_fen = -1")},
	"orders_placed_by_known":            {set("orders", "placed_by_role = 'CAT'")},
	"orders_moved_by_known":             {set("orders", "moved_by_role = 'CAT'")},
	"orders_note_length":                {set("orders", "note = "+text(501))},
	"orders_external_number_length":     {set("orders", "external_number = "+text(81))},
	"orders_bags_range":                 {set("orders", "bags = 0"), set("orders", "bags = 201"), set("orders", "bags_in = -1"), set("orders", "bags_in = 2")},
	"orders_marks_known":                {set("orders", "marks = '{COLD,TALL}'")},
	"orders_bin": {set("orders", "stage = 'SORTED', bin_id = "+missing),
		set("orders", "stage = 'SORTED', bin_id = '00000000-0000-0000-0000-0000000000b2'")}, // the bin of another building
	"bins_pkey":                         {again("bins", `"code": "Z"`)},
	"bins_of_building":                  {`alter table bins drop constraint bins_pkey cascade; ` + again("bins", `"code": "Z"`)},
	"bins_code_key_taken":               {again("bins", other+`, "code": "冷 "`) + " where cold"},
	"bins_building":                     {again("bins", other+`, "unit_id": null, "building_id": "00000000-0000-0000-0000-00000000fffe"`) + " where cold"},
	"bins_unit":                         {set("bins", "unit_id = "+missing) + " where cold", `delete from run_orders; ` + set("bins", "building_id = '00000000-0000-0000-0000-0000000000b2'") + " where cold"},
	"bins_code_length":                  {set("bins", "code = ''"), set("bins", "code = "+text(33))},
	"bins_version_positive":             {set("bins", "version = 0")},
	"bins_default_takes_all":            {set("bins", "cold = true"), set("bins", "archived_at = now()"), set("bins", "unit_id = '00000000-0000-0000-0000-0000000000c1' where code = 'E6'")},
	"enquiries_pkey":                    {again("enquiries", `"number": 2`)},
	"enquiries_number_taken":            {again("enquiries", other)},
	"enquiries_one_each":                {again("enquiries", other+`, "number": 2`)},
	"enquiries_welfare_once":            {set("enquiries", "welfare_day = current_date") + "; " + again("enquiries", other+`, "number": 2, "state": "WAITING", "taken_by": null, "lease_until": null, "next_at": null`)},
	"enquiries_community":               {again("enquiries", other+`, "community_id": 9`)},
	"enquiries_household":               {set("enquiries", "household_id = "+missing)},
	"enquiries_building":                {set("enquiries", "building_id = "+missing)},
	"enquiries_taker":                   {set("enquiries", "taken_by = "+missing+", handler_id = "+missing)},
	"enquiries_handler":                 {set("enquiries", waiting+", handler_id = "+missing)},
	"enquiries_order":                   {set("enquiries", closed+", outcome = 'ORDERED', order_id = "+missing)},
	"enquiries_number_positive":         {set("enquiries", "number = 0")},
	"enquiries_kind_known":              {set("enquiries", "kind = 'SONG'")},
	"enquiries_way_known":               {set("enquiries", "way = 'PIGEON'")},
	"enquiries_building_of_household":   {set("enquiries", "building_id = null"), set("enquiries", "household_id = null")},
	"enquiries_phone_length":            {set("enquiries", "phone = "+text(26))},
	"enquiries_text_length":             {set("enquiries", "text = "+text(501))},
	"enquiries_answer_length":           {set("enquiries", "answer = "+text(501))},
	"enquiries_state_known":             {set("enquiries", "state = 'LOST', taken_by = null, lease_until = null, next_at = null")},
	"enquiries_next_when":               {set("enquiries", "next_at = null"), set("enquiries", "state = 'WAITING', taken_by = null, lease_until = null, next_at = due_at + interval '1 microsecond'"), strings.Replace(set("enquiries", closed+", outcome = 'ANSWERED'"), "next_at = null", "next_at = due_at", 1)},
	"enquiries_attempts_not_negative":   {set("enquiries", "attempts = -1")},
	"enquiries_logged_by_known":         {set("enquiries", "logged_by_role = 'SUPPLIER'")},
	"enquiries_taken_together":          {set("enquiries", "taken_by = null"), strings.Replace(set("enquiries", waiting), "taken_by = null", "taken_by = handler_id", 1)},
	"enquiries_taker_handles":           {set("enquiries", "handler_id = null")},
	"enquiries_outcome_known":           {set("enquiries", closed+", outcome = 'FORGOTTEN'")},
	"enquiries_ordered_names_order":     {set("enquiries", closed+", outcome = 'ORDERED'"), set("enquiries", closed+", outcome = 'ANSWERED', order_id = '00000000-0000-0000-0000-0000000000a1'")},
	"enquiries_closed_when":             {set("enquiries", "closed_at = logged_at"), set("enquiries", closed), strings.Replace(set("enquiries", closed+", outcome = 'ANSWERED'"), "'LEAD'", "null", 1)},
	"enquiries_closed_by_known":         {strings.Replace(set("enquiries", closed+", outcome = 'ANSWERED'"), "'LEAD'", "'RESIDENT'", 1)},
	"enquiries_closed_after":            {strings.Replace(set("enquiries", closed+", outcome = 'ANSWERED'"), "= logged_at", "= logged_at - interval '1 microsecond'", 1)},
	"enquiries_welfare_of_household":    {set("enquiries", "welfare_day = current_date, kind = 'QUESTION'"), set("enquiries", "welfare_day = current_date, household_id = null, building_id = null")},
	"enquiries_version_positive":        {set("enquiries", "version = 0")},
	"enquiry_takes_pkey":                {again("enquiry_takes", "")},
	"enquiry_takes_volunteer":           {set("enquiry_takes", "volunteer_id = "+missing)},
	"enquiry_takes_enquiry":             {set("enquiry_takes", "enquiry_id = "+missing)},
	"demand_marks_pkey":                 {again("demand_marks", "")},
	"demand_marks_community":            {set("demand_marks", "community_id = 9")},
	"demand_days_pkey":                  {again("demand_days", "")},
	"demand_days_building":              {set("demand_days", "building_id = "+missing)},
	"demand_days_package":               {set("demand_days", "package_id = "+missing)},
	"demand_days_kind_known":            {set("demand_days", "kind = 'COLOUR'")},
	"demand_days_channel_known":         {set("demand_days", "kind = 'CHANNEL', building_id = null, item = null, unit = null, quantity = null, channel = 'PIGEON'")},
	"demand_days_of_kind":               {set("demand_days", "building_id = null"), set("demand_days", "item = null"), set("demand_days", "unit = null"), set("demand_days", "quantity = null"), set("demand_days", "channel = 'APP'")},
	"demand_days_counts":                {set("demand_days", "orders = 0"), set("demand_days", "households = 3"), set("demand_days", "households = 0"), set("demand_days", "quantity = 0")},
	"forecasts_pkey":                    {again("forecasts", "")},
	"forecasts_building":                {set("forecasts", "building_id = "+missing)},
	"forecasts_package":                 {set("forecasts", "package_id = "+missing)},
	"forecasts_kind_known":              {set("forecasts", "kind = 'CHANNEL', building_id = null, item = null, unit = null")},
	"forecasts_of_kind":                 {set("forecasts", "building_id = null"), set("forecasts", "item = null"), set("forecasts", "unit = null")},
	"forecasts_method_known":            {set("forecasts", "method = 'YESTERDAY'")},
	"forecasts_expected_when":           {set("forecasts", "method = 'UP_TO'"), set("forecasts", "expected = null")},
	"forecasts_in_order":                {set("forecasts", "low = 7"), set("forecasts", "high = 5"), set("forecasts", "low = -1")},
	"forecasts_like_days_range":         {set("forecasts", "like_days = 8"), set("forecasts", "like_days = -1")},
	"plans_pkey":                        {again("plans", "")},
	"plans_community":                   {set("plans", "community_id = 9")},
	"plans_day_ends_later":              {set("plans", "ends_at = starts_at")},
	"plans_orders_positive":             {set("plans", "orders = 0")},
	"plans_chance_range":                {set("plans", "chance = 1.01"), set("plans", "chance = -0.01")},
	"plans_scenario_versioned":          {set("plans", "scenario = '{}'"), set("plans", "scenario = '[]'")},
	"plans_lists":                       {set("plans", "trucks = '{}'"), set("plans", "band = '{}'"), set("plans", "steps = '{}'"), set("plans", "measured = '{}'")},
	"plans_expected_positive":           {set("plans", "expected = -1")},
	"plans_present_when":                {set("plans", "clear_now = now()"), set("plans", "clear_now_p95 = now()"), set("plans", "behind = 1")},
	"welfare_days_pkey":                 {again("welfare_days", "")},
	"welfare_days_community":            {set("welfare_days", "community_id = 9")},
	"tasks_enquiry":                     {set("tasks", "enquiry_id = "+missing)},
	"incidents_enquiry":                 {set("incidents", "order_id = null, enquiry_id = "+missing)},
	"communities_welfare_days_range":    {set("communities", "welfare_days = 0"), set("communities", "welfare_days = 15")},
	"communities_desk_phone_length":     {set("communities", "desk_phone = "+text(26))},
	"orders_consent_known":              {set("orders", "consent_by = 'CAT'")},
	"orders_consent_note_length":        {set("orders", "consent_by = 'CARER', consent_note = ''"), set("orders", "consent_by = 'CARER', consent_note = "+text(81))},
	"orders_consent_note_of_consent":    {set("orders", "consent_note = 'x'")},
	"orders_phone_has_consent":          {set("orders", "channel = 'PHONE'")},
	"communities_quiet_both":            {set("communities", "quiet_from = 0")},
	"communities_quiet_range":           {set("communities", "quiet_from = -1, quiet_until = 1"), set("communities", "quiet_from = 1, quiet_until = 1440"), set("communities", "quiet_from = 1, quiet_until = 1")},
	"orders_in_one_place":               {set("orders", "stage = 'SORTED', bin_id = '00000000-0000-0000-0000-0000000000b3', run_id = '00000000-0000-0000-0000-0000000000b4'"), set("orders", "run_id = '00000000-0000-0000-0000-0000000000b4'"), set("orders", "bin_id = '00000000-0000-0000-0000-0000000000b3'")},
	"orders_run":                        {set("orders", "stage = 'SORTED', run_id = "+missing)},
	"incidents_run":                     {set("incidents", "order_id = null, run_id = "+missing)},
	"runs_pkey":                         {again("runs", `"number": 2, "volunteer_id": "00000000-0000-0000-0000-0000000000e2"`)},
	"runs_number_taken":                 {again("runs", other+`, "state": "DONE", "ended_at": "2020-02-18"`)},
	"runs_one_open":                     {again("runs", other+`, "number": 2`)},
	"runs_volunteer":                    {set("runs", "volunteer_id = "+missing)},
	"runs_number_positive":              {set("runs", "number = 0")},
	"runs_capacity_range":               {set("runs", "capacity = 0"), set("runs", "capacity = 10001")},
	"runs_state_known":                  {set("runs", "state = 'LOST', departed_at = null")},
	"runs_departed_when":                {set("runs", "state = 'LOADING'"), set("runs", "departed_at = null")},
	"runs_ended_when":                   {set("runs", "state = 'DONE'"), set("runs", "ended_at = now()")},
	"runs_version_positive":             {set("runs", "version = 0")},
	"run_orders_pkey":                   {again("run_orders", `"outcome": "RETURNED"`)},
	"run_orders_one_open":               {`insert into runs select (jsonb_populate_record(x, '{` + other + `, "number": 2, "state": "DONE", "ended_at": "2020-02-18"}')).* from runs x; ` + again("run_orders", `"run_id": "00000000-0000-0000-0000-00000000ffff"`)},
	"run_orders_run":                    {set("run_orders", "run_id = "+missing)},
	"run_orders_order":                  {set("run_orders", "order_id = "+missing)},
	"run_orders_bin":                    {set("run_orders", "from_bin_id = "+missing), set("run_orders", "building_id = '00000000-0000-0000-0000-0000000000b2'")},
	"run_orders_bags_range":             {set("run_orders", "bags = 0"), set("run_orders", "bags = 201")},
	"run_orders_outcome_known":          {set("run_orders", "outcome = 'LOST'")},
	"drops_pkey":                        {again("drops", "")},
	"drops_run":                         {set("drops", "run_id = "+missing)},
	"drops_building":                    {set("drops", "building_id = "+missing)},
	"drops_accepted_by":                 {set("drops", "accepted_by = "+missing)},
	"drops_bags_not_negative":           {set("drops", "bags_left = -1"), set("drops", "bags_accepted = -1")},
	"drops_accepted_when":               {set("drops", "bags_accepted = null"), set("drops", "accepted_at = null"), set("drops", "accepted_at = null, bags_accepted = null")},
	"incidents_round":                   {set("incidents", "order_id = null, round_id = "+missing)},
	"notices_pkey":                      {again("notices", `"number": 2, "ended_at": "2120-02-18"`)},
	"notices_number_taken":              {again("notices", other+`, "ended_at": "2120-02-18"`)},
	"notices_one_closure":               {again("notices", other+`, "number": 2`)},
	"notices_community":                 {`alter table notice_reach drop constraint notice_reach_notice; ` + set("notices", "community_id = 9")},
	"notices_number_positive":           {set("notices", "number = 0")},
	"notices_kind_known":                {set("notices", "kind = 'ADVERT', level = null")},
	"notices_level_known":               {set("notices", "level = 'OPEN'")},
	"notices_closure_has_level":         {set("notices", "level = null"), set("notices", "kind = 'NOTICE'")},
	"notices_title_length":              {set("notices", "title = ''"), set("notices", "title = "+text(81))},
	"notices_body_length":               {set("notices", "body = "+text(2001))},
	"notices_squads_known":              {set("notices", "squads = '{CHOIR}'")},
	"notices_addressed":                 {set("notices", "kind = 'NOTICE', level = null, households = false, suppliers = false, squads = '{}'")},
	"notices_buildings_of_households":   {set("notices", "kind = 'NOTICE', level = null, households = false, building_ids = array[id]")},
	"notices_closure_to_all":            {set("notices", "building_ids = array[id]"), set("notices", "households = false")},
	"notices_published_by_known":        {set("notices", "published_by_role = 'VOLUNTEER'")},
	"notices_ended_after":               {set("notices", "ended_at = published_at - interval '1 second'")},
	"notices_reach_fits":                {set("notices", "seen = 1"), set("notices", "told = -1"), set("notices", "seen = -1")},
	"notice_reach_pkey":                 {again("notice_reach", "")},
	"notice_reach_notice":               {set("notice_reach", "notice_id = "+missing)},
	"notice_reach_household":            {set("notice_reach", "household_id = "+missing)},
	"notice_reach_told_together":        {set("notice_reach", "told_by_role = null"), set("notice_reach", "told_at = null")},
	"notice_reach_told_by_known":        {set("notice_reach", "told_by_role = 'RESIDENT'")},
	"incidents_task":                    {set("incidents", "order_id = null, task_id = "+missing)},
	"tasks_pkey":                        {again("tasks", `"number": 2, "enquiry_id": null`)},
	"tasks_number_taken":                {again("tasks", other+`, "enquiry_id": null`)},
	"tasks_one_per_enquiry":             {again("tasks", other+`, "number": 2`)},
	"tasks_community":                   {`alter table tasks drop constraint tasks_building, drop constraint tasks_household; ` + set("tasks", "community_id = 9")},
	"tasks_building":                    {set("tasks", "building_id = "+missing)},
	"tasks_household":                   {set("tasks", "household_id = "+missing)},
	"tasks_volunteer":                   {set("tasks", "volunteer_id = "+missing)},
	"tasks_incident":                    {set("tasks", "state = 'PROBLEM', ended_at = created_at, ended_by_role = 'LEAD', incident_id = "+missing)},
	"tasks_number_positive":             {set("tasks", "number = 0")},
	"tasks_squad_known":                 {set("tasks", "squad = 'CHOIR'")},
	"tasks_kind_known":                  {set("tasks", "kind = 'REST'")},
	"tasks_title_length":                {set("tasks", "title = ''"), set("tasks", "title = "+text(81))},
	"tasks_place_length":                {set("tasks", "place = "+text(81))},
	"tasks_note_length":                 {set("tasks", "note = "+text(501))},
	"tasks_household_has_building":      {set("tasks", "building_id = null")},
	"tasks_state_known":                 {set("tasks", "state = 'LATER', ended_at = created_at, ended_by_role = 'LEAD'")},
	"tasks_over_has_end":                {set("tasks", "state = 'DONE'"), set("tasks", "ended_at = created_at, ended_by_role = 'LEAD'"), set("tasks", "state = 'DONE', ended_at = created_at")},
	"tasks_problem_has_incident":        {set("tasks", "state = 'PROBLEM', ended_at = created_at, ended_by_role = 'LEAD'"), set("tasks", "incident_id = '00000000-0000-0000-0000-000000000041'")},
	"tasks_ended_after_creation":        {set("tasks", "state = 'DONE', ended_at = created_at - interval '1 second', ended_by_role = 'LEAD'")},
	"tasks_created_by_known":            {set("tasks", "created_by_role = 'RESIDENT'")},
	"tasks_ended_by_known":              {set("tasks", "state = 'DONE', ended_at = created_at, ended_by_role = 'SYSTEM'")},
	"tasks_version_positive":            {set("tasks", "version = 0")},
	"orders_round":                      {set("orders", "stage = 'OUT_FOR_DELIVERY', round_id = "+missing)},
	"orders_confirmed_after":            {set("orders", "confirmed_at = now()")},
	"shifts_pkey":                       {again("shifts", "")},
	"shifts_community":                  {again("shifts", `"community_id": 9`)},
	"shifts_squad_known":                {set("shifts", "squad = 'PHONE'")},
	"shifts_station_length":             {set("shifts", "station = ''"), set("shifts", "station = "+text(81))},
	"shifts_in_order":                   {set("shifts", "ends_at = starts_at"), set("shifts", "ends_at = starts_at + interval '24 hours 1 microsecond'")},
	"shifts_needed_range":               {set("shifts", "needed = -1"), set("shifts", "needed = 201")},
	"shifts_version_positive":           {set("shifts", "version = 0")},
	"shift_members_pkey":                {again("shift_members", `"state": "ABSENT", "due_at": null`)},
	"shift_members_shift":               {set("shift_members", "shift_id = "+missing)},
	"shift_members_volunteer":           {set("shift_members", "volunteer_id = "+missing)},
	"shift_members_state_known":         {set("shift_members", "state = 'ILL', due_at = null")},
	"shift_members_in_order":            {set("shift_members", "ends_at = starts_at"), set("shift_members", "starts_at = ends_at + interval '1 microsecond'")},
	"shift_members_in_when":             {set("shift_members", "in_at = starts_at"), set("shift_members", "state = 'ON'"), set("shift_members", "out_at = starts_at"), set("shift_members", "state = 'DONE', in_at = starts_at, due_at = null")},
	"shift_members_out_after_in":        {set("shift_members", "state = 'DONE', in_at = ends_at, out_at = starts_at, due_at = null")},
	"shift_members_due_when":            {set("shift_members", "due_at = null"), set("shift_members", "state = 'ABSENT'")},
	"shift_members_not_twice":           {twoShifts + again("shift_members", `"shift_id": "00000000-0000-0000-0000-00000000ffff"`)},
	"shift_members_one_on":              {twoShifts + set("shift_members", "state = 'ON', in_at = starts_at") + "; " + again("shift_members", `"shift_id": "00000000-0000-0000-0000-00000000ffff", "starts_at": "2020-02-18 02:00Z", "ends_at": "2020-02-18 03:00Z"`)},
	"incidents_shift":                   {set("incidents", "order_id = null, shift_id = "+missing)},
	"rounds_pkey":                       {again("rounds", `"number": 2, "volunteer_id": null, "implicit": true`)},
	"rounds_number_taken":               {again("rounds", other+`, "ended_at": "2120-02-18"`)},
	"rounds_one_open":                   {again("rounds", other+`, "number": 2`)},
	"rounds_community":                  {again("rounds", `"community_id": 9, "volunteer_id": null, "implicit": true`)},
	"rounds_volunteer":                  {set("rounds", "volunteer_id = "+missing)},
	"rounds_number_positive":            {set("rounds", "number = 0")},
	"rounds_ended_after_start":          {set("rounds", "ended_at = started_at - interval '1 microsecond'")},
	"rounds_explicit_has_volunteer":     {set("rounds", "volunteer_id = null")},
	"rounds_version_positive":           {set("rounds", "version = 0")},
	"round_orders_pkey":                 {again("round_orders", `"outcome": "FAILED"`)},
	"round_orders_one_open":             {again("round_orders", `"taken_version": 2`)},
	"round_orders_taken_positive":       {set("round_orders", "taken_version = 0")},
	"round_orders_outcome_known":        {set("round_orders", "outcome = 'LOST'")},
	"proofs_pkey":                       {again("proofs", "")},
	"proofs_version_positive":           {set("proofs", "version = 0")},
	"proofs_kind_known":                 {set("proofs", "kind = 'FAX', file_id = null")},
	"proofs_photo_has_file":             {set("proofs", "file_id = null"), set("proofs", "kind = 'CODE'")},
	"proofs_voided_after":               {set("proofs", "voided_at = at - interval '1 microsecond'")},
	"proofs_by_known":                   {set("proofs", "by_role = 'CAT'")},
	"code_attempts_pkey":                {again("code_attempts", "")},
	"code_attempts_order":               {set("code_attempts", "order_id = "+missing)},
	"code_attempts_wrong_range":         {set("code_attempts", "wrong = 0"), set("code_attempts", "wrong = 6")},
	"numbers_pkey":                      {again("numbers", "")},
	"numbers_community":                 {set("numbers", "community_id = 9")},
	"numbers_noun_form":                 {set("numbers", "noun = 'order'"), set("numbers", "noun = ''")},
	"numbers_last_positive":             {set("numbers", "last = 0")},
	"order_lines_package":               {set("order_lines", "package_id = "+missing)},
	"order_lines_substitute_known":      {set("order_lines", "substitute = 'MAYBE'")},
	"orders_window":                     {set("orders", "window_id = "+missing), again("suppliers", other+`, "code": "P2"`) + "; " + set("orders", "window_id = '00000000-0000-0000-0000-0000000000a6', supplier_id = '00000000-0000-0000-0000-00000000ffff'")},
	"orders_window_of_supplier":         {set("orders", "window_id = '00000000-0000-0000-0000-0000000000a6', channel = 'ERRAND', taker_id = '00000000-0000-0000-0000-0000000000e1'"), set("orders", "window_id = '00000000-0000-0000-0000-0000000000a6', channel = 'ERRAND', taker_id = '00000000-0000-0000-0000-0000000000e1', supplier_id = null")},
	"packages_pkey":                     {again("packages", `"code": "B"`)},
	"packages_of_supplier":              {`alter table packages drop constraint packages_pkey cascade; ` + again("packages", `"code": "B"`)},
	"packages_code_key_taken":           {again("packages", other+`, "code": "ａ"`)},
	"packages_supplier":                 {`alter table offers drop constraint offers_package; ` + set("packages", "supplier_id = "+missing)},
	"packages_code_length":              {set("packages", "code = ''"), set("packages", "code = "+text(33))},
	"packages_name_length":              {set("packages", "name = ''"), set("packages", "name = "+text(81))},
	"packages_unit_length":              {set("packages", "unit = ''"), set("packages", "unit = "+text(17))},
	"packages_price_range":              {set("packages", "price_fen = -1"), set("packages", "price_fen = 100000001")},
	"packages_marks_known":              {set("packages", "marks = '{COLD,TALL}'")},
	"packages_version_positive":         {set("packages", "version = 0")},
	"order_windows_pkey":                {again("order_windows", "")},
	"order_windows_of_supplier":         {`alter table order_windows drop constraint order_windows_pkey cascade; ` + again("order_windows", "")},
	"order_windows_supplier":            {`alter table offers drop constraint offers_window; alter table orders drop constraint orders_window; ` + set("order_windows", "supplier_id = "+missing)},
	"order_windows_name_length":         {set("order_windows", "name = ''"), set("order_windows", "name = "+text(81))},
	"order_windows_in_order":            {set("order_windows", "opens_at = closes_at"), set("order_windows", "deliver_at = closes_at - interval '1 microsecond'")},
	"order_windows_minimum_range":       {set("order_windows", "minimum = -1"), set("order_windows", "minimum = 100001")},
	"order_windows_orders_not_negative": {set("order_windows", "orders = -1")},
	"order_windows_decision_known":      {set("order_windows", "next_at = null, decision = 'OPEN', decided_at = closes_at, decided_by_role = 'LEAD'")},
	"order_windows_decided_when":        {set("order_windows", "decided_at = closes_at"), set("order_windows", "decided_by_role = 'LEAD'"), set("order_windows", "next_at = null, decision = 'CONFIRMED'")},
	"order_windows_decided_after":       {set("order_windows", "next_at = null, decision = 'CONFIRMED', decided_by_role = 'LEAD', decided_at = closes_at - interval '1 microsecond'")},
	"order_windows_decided_by_known":    {set("order_windows", "next_at = null, decision = 'CONFIRMED', decided_by_role = 'SYSTEM', decided_at = closes_at")},
	"order_windows_next_when":           {set("order_windows", "next_at = deliver_at"), set("order_windows", "decision = 'CONFIRMED', decided_by_role = 'LEAD', decided_at = closes_at")},
	"order_windows_version_positive":    {set("order_windows", "version = 0")},
	"offers_pkey":                       {again("offers", "")},
	"offers_window":                     {set("offers", "window_id = "+missing)},
	"offers_package":                    {set("offers", "package_id = "+missing), again("suppliers", other+`, "code": "P2"`) + "; alter table offers drop constraint offers_window; " + set("offers", "supplier_id = '00000000-0000-0000-0000-00000000ffff'")},
	"offers_price_range":                {set("offers", "price_fen = -1"), set("offers", "price_fen = 100000001")},
	"offers_stock_positive":             {set("offers", "stock = 0, sold = 0, phone_reserve = 0")},
	"offers_cap_positive":               {set("offers", "household_cap = 0")},
	"offers_reserve_fits":               {set("offers", "phone_reserve = -1"), set("offers", "phone_reserve = 10.001, reserve_open = false"), set("offers", "stock = null")},
	"offers_sold_fits":                  {set("offers", "sold = -1"), set("offers", "sold_by_phone = 1.001"), set("offers", "sold_by_phone = -1")},
	"offers_never_oversold":             {set("offers", "sold = 10.001, sold_by_phone = 10.001")},
	"offers_sold_out_has_stock":         {set("offers", "stock = null, phone_reserve = 0, reserve_open = false, sold_out_at = now()")},
	"offers_reserve_kept":               {set("offers", "sold = 7.001")},
	"order_lines_pkey":                  {again("order_lines", `"position": 2`)},
	"order_lines_order":                 {set("order_lines", "order_id = "+missing), set("order_lines", "community_id = 2")},
	"order_lines_position_taken":        {again("order_lines", other)},
	"order_lines_position_range":        {set("order_lines", "position = 0"), set("order_lines", "position = 101")},
	"order_lines_item_length":           {set("order_lines", "item = ''"), set("order_lines", "item = "+text(81))},
	"order_lines_quantity_positive":     {set("order_lines", "quantity = 0")},
	"order_lines_quantity_number":       {set("order_lines", "quantity = 'NaN'")},
	"order_lines_unit_length":           {set("order_lines", "unit = ''"), set("order_lines", "unit = "+text(17))},
	"order_lines_price_range":           {set("order_lines", "unit_price_fen = -1"), set("order_lines", "unit_price_fen = 100000001")},
	"holds_pkey":                        {again("holds", "")},
	"holds_building":                    {set("holds", "order_id = null, building_id = "+missing) + " where order_id is not null"},
	"holds_order":                       {set("holds", "order_id = "+missing) + " where order_id is not null", set("holds", "community_id = 2") + " where order_id is not null"},
	"holds_one_subject":                 {set("holds", "order_id = null"), set("holds", "building_id = '00000000-0000-0000-0000-0000000000b1'"), set("holds", "supplier_id = "+missing)},
	"holds_arrival":                     {set("holds", "arrival_id = "+missing) + " where arrival_id is not null"},
	"holds_arrival_one_open":            {again("holds", other+`, "ends_at": null`) + " where x.arrival_id is not null"},
	"holds_ends_of_arrival":             {set("holds", "ends_at = now() + interval '1 hour'")},
	"holds_until_of_others":             {set("holds", "until = now() + interval '1 hour'")},
	"holds_household":                   {set("holds", "order_id = null, until = null, household_id = "+missing) + " where order_id is not null"},
	"holds_supplier":                    {set("holds", "order_id = null, until = null, supplier_id = "+missing) + " where order_id is not null"},
	"holds_ends_after_placed":           {set("holds", "ends_at = placed_at") + " where arrival_id is not null"},
	"communities_proofs_known":          {set("communities", "accepted_proofs = '{PHOTO,WORD}'")},
	"communities_proofs_for_medicine":   {set("communities", "accepted_proofs = '{}'"), set("communities", "accepted_proofs = '{ATTESTED,UNIT_COUNT}'")},
	"communities_docks_range":           {set("communities", "docks = 0"), set("communities", "docks = 21")},
	"orders_arrival":                    {set("orders", "arrival_id = "+missing)},
	"incidents_arrival":                 {set("incidents", "order_id = null, arrival_id = "+missing)},
	"incidents_stray":                   {set("incidents", "order_id = null, stray_id = "+missing)},
	"arrivals_pkey":                     {again("arrivals", `"number": 2, "dock": 2`)},
	"arrivals_number_taken":             {again("arrivals", other+`, "dock": 2`)},
	"arrivals_dock_taken":               {again("arrivals", other+`, "number": 2`)},
	"arrivals_supplier":                 {set("arrivals", "supplier_id = "+missing)},
	"arrivals_number_positive":          {set("arrivals", "number = 0")},
	"arrivals_state_known":              {set("arrivals", "state = 'LOST'")},
	"arrivals_vehicle_length":           {set("arrivals", "vehicle = "+text(33))},
	"arrivals_driver_phone_length":      {set("arrivals", "driver_phone = "+text(26))},
	"arrivals_expected_has_slot":        {set("arrivals", "dock = null"), set("arrivals", "slot_at = null, due_at = announced_at"), set("arrivals", "expected_at = null")},
	"arrivals_due_when":                 {set("arrivals", "due_at = announced_at")},
	"arrivals_dock_positive":            {set("arrivals", "dock = 0")},
	"arrivals_announced_by_known":       {set("arrivals", "announced_by_role = 'RESIDENT'")},
	"arrivals_arrived_when":             {set("arrivals", "arrived_at = now()"), set("arrivals", "state = 'ARRIVED'")},
	"city_releases_pkey":                {again("city_releases", "")},
	"city_releases_community":           {set("city_releases", "community_id = 9")},
	"city_releases_family_known":        {set("city_releases", "family = 'RAIN'")},
	"city_releases_figures_object":      {set("city_releases", "figures = '[]'")},
	"city_days_pkey":                    {again("city_days", "")},
	"city_days_community":               {set("city_days", "community_id = 9")},
	"city_days_family_known":            {set("city_days", "family = 'RAIN'")},
	"city_days_figures_object":          {set("city_days", "figures = '[]'")},
	"scenarios_pkey":                    {again("scenarios", "")},
	"scenarios_community":               {set("scenarios", "community_id = 9")},
	"scenarios_name_length":             {set("scenarios", "name = ''"), set("scenarios", "name = "+text(61))},
	"scenarios_scenario_versioned":      {set("scenarios", "scenario = '{}'"), set("scenarios", "scenario = '[1]'"), set("scenarios", `scenario = '{"v": "1"}'`)},
	"scenarios_scenario_size":           {set("scenarios", `scenario = jsonb_build_object('v', 1, 'x', repeat('x', 100001))`)},
	"scenarios_version_positive":        {set("scenarios", "version = 0")},
	"targets_pkey":                      {again("targets", "")},
	"targets_community":                 {set("targets", "community_id = 9")},
	"targets_stage_known":               {set("targets", "stage = 'PLACED'")},
	"targets_mark_known":                {set("targets", "mark = 'BIG'")},
	"targets_of_something":              {set("targets", "stage = '', mark = ''")},
	"targets_minutes_range":             {set("targets", "minutes = -1, time_of_day = null"), set("targets", "minutes = 1441, time_of_day = null")},
	"targets_time_of_day_range":         {set("targets", "time_of_day = -1"), set("targets", "time_of_day = 1440")},
	"targets_one_figure":                {set("targets", "minutes = 5")},
	"targets_version_positive":          {set("targets", "version = 0")},
	"orders_late_range":                 {set("orders", "late_level = 1"), set("orders", "late_level = 4, stage = 'AT_GATE', target_at = now()"), set("orders", "late_level = -1, stage = 'AT_GATE', target_at = now()")},
	"orders_final_not_late":             {set("orders", "late_level = 1, target_at = now(), stage = 'CANCELLED', holder_supplier_id = null")},
	"orders_target_where_due":           {set("orders", "target_at = now()"), set("orders", "target_at = now(), stage = 'RETURNED', holder_supplier_id = null")},
	"orders_held_since_while_held":      {set("orders", "held_since = now(), target_at = now(), stage = 'AT_GATE'"), set("orders", "held_since = now(), open_holds = 1")},
	"arrivals_received_when": {set("arrivals", "state = 'RECEIVED', arrived_at = now(), bags_counted = 1"), set("arrivals", "state = 'RECEIVED', arrived_at = now(), received_at = now()"),
		set("arrivals", "bags_counted = 1")},
	"arrivals_cancelled_when":            {set("arrivals", "state = 'CANCELLED'"), set("arrivals", "cancelled_at = now()")},
	"arrivals_late_if_expected":          {set("arrivals", "late_since = now(), expected_at = null, slot_at = null, dock = null, due_at = announced_at")},
	"arrivals_settles_after_count":       {set("arrivals", "settle_until = now()")},
	"arrivals_bags_fit":                  {set("arrivals", "bags_announced = -1"), set("arrivals", "state = 'RECEIVED', arrived_at = now(), received_at = now(), bags_counted = -1")},
	"arrivals_version_positive":          {set("arrivals", "version = 0")},
	"arrival_orders_pkey":                {again("arrival_orders", `"open": false`)},
	"arrival_orders_one_open":            {again("arrivals", other+`, "number": 2, "dock": 2`) + "; " + again("arrival_orders", `"arrival_id": "00000000-0000-0000-0000-00000000ffff"`)},
	"arrival_orders_arrival":             {set("arrival_orders", "arrival_id = "+missing)},
	"arrival_orders_order":               {set("arrival_orders", "order_id = "+missing)},
	"arrival_orders_fit":                 {set("arrival_orders", "announced = 201"), set("arrival_orders", "counted = -1"), set("arrival_orders", "damaged = 2"), set("arrival_orders", "open = false, received = 201")},
	"arrival_orders_open_until_received": {set("arrival_orders", "received = 1")},
	"arrival_orders_held_if_received":    {set("arrival_orders", "held = true"), set("arrival_orders", "held = true, open = false, received = 0")},
	"strays_pkey":                        {again("strays", `"number": 2`)},
	"strays_number_taken":                {again("strays", other)},
	"strays_arrival":                     {set("strays", "arrival_id = "+missing)},
	"strays_order":                       {set("strays", "state = 'MATCHED', closed_at = now(), closed_by_role = 'LEAD', order_id = "+missing)},
	"strays_number_positive":             {set("strays", "number = 0")},
	"strays_label_length":                {set("strays", "label = "+text(301))},
	"strays_place_length":                {set("strays", "place = ''"), set("strays", "place = "+text(81))},
	"strays_state_known":                 {set("strays", "state = 'EATEN', closed_at = now(), closed_by_role = 'LEAD'")},
	"strays_matched_to":                  {set("strays", "state = 'MATCHED', closed_at = now(), closed_by_role = 'LEAD'"), set("strays", "order_id = '00000000-0000-0000-0000-0000000000a1'")},
	"strays_found_by_known":              {set("strays", "found_by_role = 'SUPPLIER'")},
	"strays_closed_together":             {set("strays", "closed_at = now()"), set("strays", "state = 'RETURNED'"), set("strays", "state = 'RETURNED', closed_at = now()")},
	"strays_closed_by_known":             {set("strays", "state = 'RETURNED', closed_at = now(), closed_by_role = 'RESIDENT'")},
	"strays_version_positive":            {set("strays", "version = 0")},
	"holds_reason_known":                 {set("holds", "reason = 'BORED'")},
	"holds_note_length":                  {set("holds", "note = "+text(501))},
	"holds_until_after_placed":           {set("holds", "until = placed_at") + " where arrival_id is null"},
	"holds_ended_after_placed":           {set("holds", "ended_at = placed_at - interval '1 microsecond'")},
	"holds_placed_by_known":              {set("holds", "placed_by_role = 'CAT'")},
	"incidents_pkey":                     {again("incidents", `"number": 2, "kind": "OTHER"`)},
	"incidents_number_taken":             {again("incidents", other+`, "kind": "OTHER"`)},
	"incidents_one_open":                 {again("incidents", other+`, "number": 2`)},
	"incidents_order":                    {set("incidents", "order_id = "+missing), again("incidents", other+`, "community_id": 2`)},
	"incidents_household":                {set("incidents", "order_id = null, seen_household_id = "+missing+", household_id = "+missing)},
	"incidents_building":                 {set("incidents", "order_id = null, seen_building_id = "+missing+", building_id = "+missing)},
	"incidents_volunteer":                {set("incidents", "order_id = null, volunteer_id = "+missing)},
	"incidents_owner":                    {set("incidents", "state = 'TAKEN', taken_at = now(), owner_level = 1, owner_id = "+missing)},
	"incidents_number_positive":          {set("incidents", "number = 0")},
	"incidents_kind_known":               {set("incidents", "kind = 'RAIN'")},
	"incidents_severity_known":           {set("incidents", "severity = 'DIRE'")},
	"incidents_level_range":              {set("incidents", "level = 0"), set("incidents", "level = 4, rises_at = null")},
	"incidents_state_known":              {set("incidents", "state = 'ASLEEP'")},
	"incidents_bags_range":               {set("incidents", "bags = -1"), set("incidents", "bags = 10001")},
	"incidents_one_subject": {set("incidents", "order_id = null"), set("incidents", "run_id = "+missing), set("incidents", "round_id = "+missing), set("incidents", "shift_id = "+missing),
		set("incidents", "task_id = "+missing), set("incidents", "enquiry_id = "+missing), set("incidents", "webhook_id = "+missing), set("incidents", "arrival_id = '00000000-0000-0000-0000-000000000031'"), set("incidents", "stray_id = '00000000-0000-0000-0000-000000000021'")},
	"incidents_keys_of_subject": {set("incidents", "seen_building_id = null"), set("incidents", "seen_household_id = null"),
		set("incidents", "order_id = null, household_id = '00000000-0000-0000-0000-0000000000d1', seen_household_id = "+missing),
		set("incidents", "order_id = null, household_id = '00000000-0000-0000-0000-0000000000d1', seen_building_id = null"),
		set("incidents", "order_id = null, building_id = '00000000-0000-0000-0000-0000000000b1', seen_building_id = "+missing)},
	"incidents_opened_by_known": {set("incidents", "opened_by_role = 'CAT'")},
	"incidents_note_length":     {set("incidents", "note = "+text(501))},
	"incidents_rises_while_open": {set("incidents", "rises_at = null"), set("incidents", "level = 3"),
		set("incidents", "state = 'RESOLVED', resolved_at = now(), resolved_by_role = 'LEAD', resolution = 'FOUND'")},
	"incidents_taken_has_owner": {set("incidents", "state = 'TAKEN'"), set("incidents", "taken_at = now(), owner_level = 1, owner_id = '00000000-0000-0000-0000-0000000000e1'"),
		set("incidents", "state = 'TAKEN', taken_at = now(), owner_id = '00000000-0000-0000-0000-0000000000e1'"),
		set("incidents", "state = 'TAKEN', owner_level = 1, owner_id = '00000000-0000-0000-0000-0000000000e1'")},
	"incidents_owner_level_range": {set("incidents", "state = 'TAKEN', taken_at = now(), owner_level = 0, owner_id = '00000000-0000-0000-0000-0000000000e1'")},
	"incidents_resolved_together": {set("incidents", "state = 'RESOLVED', rises_at = null"), set("incidents", "resolution = 'FOUND'"), set("incidents", "resolved_at = now()"),
		set("incidents", "state = 'RESOLVED', rises_at = null, resolved_at = now(), resolution = 'FOUND'")},
	"incidents_resolved_by_known":      {set("incidents", "state = 'RESOLVED', rises_at = null, resolved_at = now(), resolved_by_role = 'CAT', resolution = 'FOUND'")},
	"incidents_resolution_known":       {set("incidents", "state = 'RESOLVED', rises_at = null, resolved_at = now(), resolved_by_role = 'LEAD', resolution = 'LUCK'")},
	"incidents_resolution_note_length": {set("incidents", "resolution_note = "+text(501))},
	"incidents_version_positive":       {set("incidents", "version = 0")},
	"feeds_pkey":                       {again("feeds", "")},
	"feeds_community":                  {set("feeds", "community_id = 9")},
	"feeds_head_not_negative":          {set("feeds", "head = -1")},
	"feeds_epoch_positive":             {set("feeds", "epoch = 0")},
	"events_pkey":                      {again("events", "")},
	"events_order":                     {set("events", "order_id = "+missing)},
	"events_seq_positive":              {again("events", `"seq": 0`)},
	"events_kind_form":                 {set("events", "kind = ''"), set("events", "kind = 'order placed'"), set("events", "kind = repeat('A', 41)")},
	"events_by_known":                  {set("events", "by_role = 'CAT'")},
	"events_order_has_snapshot":        {set("events", `body = '{"v": 1}'`), set("events", `body = '{"v": 1, "order": null}'`), set("events", "order_id = null")},
	"events_order_has_keys":            {set("events", "building_id = null"), set("events", "household_id = null")},
	"events_body_versioned":            {set("events", `body = '{"v": "1", "order": {}}'`), set("events", `body = '{"order": {}}'`)},
	"event_notes_pkey":                 {again("event_notes", "")},
	"event_notes_event":                {again("event_notes", `"seq": 2`), set("event_notes", "community_id = 2")},
	"event_notes_note_length":          {set("event_notes", "note = "+text(501))},
	"event_notes_something":            {set("event_notes", "note = ''")},
	"calls_pkey":                       {again("calls", `"outcome": {}`)},
	"calls_client_mutation_id_length": {set("calls", "client_mutation_id = ''"), set("calls", "client_mutation_id = repeat('x', 65)"),
		set("calls", "client_mutation_id = "+text(22))},
	"calls_input_hash_length":         {set("calls", "input_hash = ''")},
	"reveals_pkey":                    {again("reveals", "")},
	"reveals_household":               {set("reveals", "household_id = "+missing), set("reveals", "community_id = 2, order_id = null")},
	"reveals_order":                   {set("reveals", "order_id = "+missing)},
	"reveals_by_known":                {set("reveals", "by_role = 'SUPPLIER'"), set("reveals", "by_role = 'CAT'")},
	"reveals_by_somebody":             {set("reveals", "by_role = 'LEAD', by_id = null")},
	"reveals_charged_to":              {set("reveals", "charged_to = "+missing)},
	"reveals_reason_length":           {set("reveals", "reason = ''"), set("reveals", "reason = "+text(201))},
	"exports_pkey":                    {again("exports", "")},
	"exports_community":               {set("exports", "community_id = 9")},
	"exports_noun_known":              {set("exports", "noun = 'BAGS', contacts = false")},
	"exports_format_known":            {set("exports", "format = 'PDF'")},
	"exports_by_known":                {set("exports", "by_role = 'LINK', contacts = false"), set("exports", "by_role = 'CITY', contacts = false")},
	"exports_by_somebody":             {set("exports", "by_id = null")},
	"exports_contacts_of_households":  {set("exports", "noun = 'ORDERS'"), set("exports", "by_role = 'LEAD'")},
	"exports_row_count_range":         {set("exports", "row_count = -1")},
	"exports_ended_after":             {set("exports", "ended_at = at - interval '1 second'")},
	"accounts_pkey":                   {again("accounts", `"subject": "li"`)},
	"accounts_issuer_length":          {set("accounts", "issuer = "+text(256))},
	"accounts_subject_length":         {set("accounts", "subject = "+text(256))},
	"accounts_subject_has_issuer":     {set("accounts", "issuer = ''"), set("accounts", "subject = ''")},
	"accounts_subject_taken":          {again("accounts", other)},
	"roles_pkey":                      {again("roles", `"row_id": "00000000-0000-0000-0000-00000000ffff"`)},
	"roles_account":                   {set("roles", "account_id = "+missing)},
	"roles_role_known":                {set("roles", "role = 'EMPEROR'")},
	"roles_row_fits":                  {set("roles", "row_id = null"), set("roles", "role = 'CITY'")},
	"roles_community_fits":            {set("roles", "community_id = 0"), set("roles", "role = 'ADMIN', row_id = null")},
	"roles_row_taken":                 {`insert into accounts (id, issuer, subject, created_at) values ('00000000-0000-0000-0000-000000000072', '', '', now()); ` + again("roles", `"account_id": "00000000-0000-0000-0000-000000000072"`)},
	"codes_pkey":                      {again("codes", `"selector": "7K2QM1"`)},
	"codes_selector_taken":            {again("codes", other)},
	"codes_purpose_known":             {set("codes", "purpose = 'FUN'")},
	"codes_role_fits":                 {set("codes", "role = 'RESIDENT'"), set("codes", "purpose = 'CARD'"), set("codes", "purpose = 'LINK'")},
	"codes_row_fits":                  {set("codes", "row_id = null"), set("codes", "role = 'ADMIN'")},
	"codes_secret_hash_length":        {set("codes", "secret_hash = ''")},
	"codes_selector_length":           {set("codes", "selector = '7K2QM'")},
	"codes_uses_left_range":           {set("codes", "uses_left = -1"), set("codes", "uses_left = 10001")},
	"codes_life":                      {set("codes", "expires_at = created_at")},
	"sessions_pkey":                   {again("sessions", "")},
	"sessions_account":                {set("sessions", "account_id = "+missing)},
	"sessions_code":                   {set("sessions", "code_id = "+missing)},
	"tokens_pkey":                     {`insert into tokens select * from tokens where replaces is null`},
	"tokens_session":                  {set("tokens", "session_id = "+missing)},
	"tokens_replaces":                 {set("tokens", "replaces = decode(repeat('03', 32), 'hex')") + " where replaces is not null"},
	"tokens_replaced_once":            {`insert into tokens (hash, session_id, replaces, created_at, expires_at) select decode(repeat('03', 32), 'hex'), session_id, replaces, created_at, expires_at from tokens where replaces is not null`},
	"tokens_hash_length":              {`insert into tokens (hash, session_id, created_at, expires_at) select decode('03', 'hex'), session_id, created_at, expires_at from tokens`},
	"tokens_life":                     {set("tokens", "expires_at = created_at")},
	"quotas_pkey":                     {again("quotas", "")},
	"quotas_actor_length":             {set("quotas", "actor = ''"), set("quotas", "actor = "+text(61))},
	"communities_lane_length":         {set("communities", "lane = "+text(33))},
	"file_parts_pkey":                 {again("file_parts", "")},
	"file_parts_part_range":           {set("file_parts", "part = -1"), set("file_parts", "part = 200")},
	"file_parts_data_length":          {set("file_parts", "data = ''"), set("file_parts", "data = cast(repeat('x', 262145) as bytea)")},
	"address_aliases_pkey":            {again("address_aliases", `"text_key": "x"`)},
	"address_aliases_text_taken":      {again("address_aliases", other)},
	"address_aliases_community":       {`alter table address_aliases drop constraint address_aliases_building; ` + set("address_aliases", "community_id = 9")},
	"address_aliases_building":        {set("address_aliases", "building_id = "+missing)},
	"address_aliases_household":       {set("address_aliases", "kind = 'DOOR', building_id = null, household_id = "+missing)},
	"address_aliases_kind_known":      {set("address_aliases", "kind = 'X', building_id = null")},
	"address_aliases_means":           {set("address_aliases", "building_id = null"), set("address_aliases", "kind = 'NOISE'"), set("address_aliases", "kind = 'DOOR', building_id = null")},
	"address_aliases_text_length":     {set("address_aliases", "text = ''"), set("address_aliases", "text = "+text(81))},
	"address_aliases_text_key_length": {set("address_aliases", "text_key = ''"), set("address_aliases", "text_key = "+text(241))},
	"address_aliases_by_known":        {set("address_aliases", "by_role = 'SUPPLIER'")},
	"imports_pkey":                    {again("imports", "")},
	"imports_community": {`alter table import_rows drop constraint import_rows_import; alter table imports drop constraint imports_supplier, drop constraint imports_building; ` +
		set("imports", "community_id = 9")},
	"imports_supplier":              {set("imports", "supplier_id = "+missing)},
	"imports_window":                {set("imports", "window_id = "+missing)},
	"imports_building":              {set("imports", "building_id = "+missing)},
	"imports_kind_known":            {set("imports", "kind = 'PDF'")},
	"imports_day_date":              {set("imports", "day = '2022-4-12'"), set("imports", "day = ''")},
	"imports_name_length":           {set("imports", "name = "+text(81))},
	"imports_text_length":           {set("imports", "text = "+text(100_001))},
	"imports_by_known":              {set("imports", "by_role = 'RESIDENT'")},
	"imports_rows_all":              {set("imports", "rows = 2"), set("imports", "placed = 1")},
	"imports_not_negative":          {set("imports", "placed = -1, rows = 0"), set("imports", "next = -1"), set("imports", "passed_over = -1")},
	"imports_one_source":            {set("imports", "text = ''"), set("imports", "file_id = "+missing)},
	"imports_retried_until_done":    {set("imports", "done_at = started_at")},
	"imports_done_after":            {set("imports", "retry_at = null, done_at = started_at - interval '1 second'")},
	"imports_stopped_length":        {set("imports", "retry_at = null, done_at = started_at, stopped = "+text(65))},
	"imports_stopped_when_done":     {set("imports", "stopped = 'ARCHIVED'")},
	"imports_version_positive":      {set("imports", "version = 0")},
	"import_rows_pkey":              {again("import_rows", `"row": 2`)},
	"import_rows_row_taken":         {again("import_rows", other)},
	"import_rows_import":            {set("import_rows", "import_id = "+missing)},
	"import_rows_household":         {set("import_rows", "household_id = "+missing)},
	"import_rows_row_positive":      {set("import_rows", "row = 0")},
	"import_rows_number_length":     {set("import_rows", "number = "+text(81))},
	"import_rows_key_length":        {set("import_rows", "key = "+text(121))},
	"import_rows_text_length":       {set("import_rows", "text = "+text(4001))},
	"import_rows_place_length":      {set("import_rows", "place = "+text(241))},
	"import_rows_note_length":       {set("import_rows", "note = "+text(501))},
	"import_rows_outcome_known":     {set("import_rows", "outcome = 'LOST', text = '', place = '', reason = ''")},
	"import_rows_order_when":        {set("import_rows", "outcome = 'PLACED', text = '', place = '', reason = ''"), set("import_rows", "outcome = 'REFUSED', order_id = "+missing)},
	"import_rows_reason_when":       {set("import_rows", "reason = ''")},
	"import_rows_reason_length":     {set("import_rows", "reason = "+text(201))},
	"import_rows_text_while_open":   {set("import_rows", "outcome = 'DROPPED'")},
	"import_rows_settled_together":  {set("import_rows", "settled_at = now()")},
	"import_rows_place_key_length":  {decided + ", place_key = ''", decided + ", place_key = " + text(241)},
	"import_rows_place_key_settled": {set("import_rows", "place_key = '1203'"), decided + ", place_key = '1203', household_id = null"},
	"import_rows_settled_by_known":  {set("import_rows", "settled_at = now(), settled_by_role = 'RESIDENT'")},
	"purses_pkey":                   {again("purses", "")},
	"purses_order":                  {`alter table money drop constraint money_purse; ` + set("purses", "order_id = "+missing)},
	"purses_not_negative":           {set("purses", "purse_fen = -1, owes_fen = 1")},
	"purses_add_up":                 {set("purses", "purse_fen = 101"), set("purses", "waived_fen = 1")},
	"purses_settled_is_even":        {set("purses", "settled_at = now()"), set("purses", "purse_fen = 0, owes_fen = 0, volunteer_fen = 1, fund_fen = -1, settled_at = now()")},
	"purses_settled_after":          {set("purses", "purse_fen = 0, owes_fen = 0, settled_at = opened_at - interval '1 second'")},
	"purses_version_positive":       {set("purses", "version = 0")},
	"money_pkey":                    {`alter table money drop constraint money_reverses, drop constraint money_of_purse, drop constraint money_reversed_once; ` + again("money", "")},
	"money_of_purse":                {`alter table money drop constraint money_pkey, drop constraint money_reversed_once; ` + again("money", "")},
	"money_purse":                   {set("money", "order_id = "+missing+", reverses = null")},
	"money_reverses":                {set("money", "reverses = "+missing) + " where reverses is not null"},
	"money_reversed_once":           {again("money", other) + " where reverses is not null"},
	"money_reverses_another":        {set("money", "reverses = id")},
	"money_amount_range":            {set("money", "amount_fen = 0"), set("money", "amount_fen = 10000001")},
	"money_kind_party":              {set("money", "party = 'SHOP'"), set("money", "kind = 'SPENT'"), set("money", "kind = 'WAIVED'"), set("money", "kind = 'STOLEN'"), set("money", "party = 'CAT'")},
	"money_method_known":            {set("money", "method = 'SHELLS'")},
	"money_by_known":                {set("money", "by_role = 'RESIDENT'")},
	"errands_pkey":                  {again("errands", "")},
	"errands_order":                 {`alter table documents drop constraint documents_errand; ` + set("errands", "id = "+missing)},
	"errands_kind_known":            {set("errands", "kind = 'X'")},
	"errands_answer_length":         {set("errands", "answer = "+text(501))},
	"errands_answered_together":     {set("errands", "answered_by_role = null"), set("errands", "answered_at = null, answered_by_role = null"), set("errands", "answer = '', answered_at = null, answered_by_role = null, answered_by_id = "+missing)},
	"errands_answered_by_known":     {set("errands", "answered_by_role = 'RESIDENT'")},
	"documents_pkey":                {again("documents", "")},
	"documents_errand":              {set("documents", "order_id = "+missing)},
	"documents_incident":            {set("documents", "lost_at = now(), incident_id = "+missing)},
	"documents_kind_known":          {set("documents", "kind = 'X'")},
	"documents_taken_by_known":      {set("documents", "taken_by_role = 'RESIDENT'")},
	"documents_returned_by_known":   {set("documents", "returned_at = taken_at, returned_by_role = 'RESIDENT'")},
	"documents_one_end":             {set("documents", "returned_at = taken_at, returned_by_role = 'LEAD', lost_at = taken_at, incident_id = '00000000-0000-0000-0000-000000000041'")},
	"documents_returned_together":   {set("documents", "returned_at = taken_at"), set("documents", "returned_by_id = "+missing)},
	"documents_lost_has_incident":   {set("documents", "lost_at = taken_at"), set("documents", "incident_id = '00000000-0000-0000-0000-000000000041'")},
	"documents_ends_after":          {set("documents", "returned_at = taken_at - interval '1 second', returned_by_role = 'LEAD'"), set("documents", "lost_at = taken_at - interval '1 second', incident_id = '00000000-0000-0000-0000-000000000041'")},
	"files_pkey":                    {again("files", `"media_type": "image/webp", "by_id": null`)},
	"files_once":                    {again("files", other), again("files", other+`, "media_type": "image/webp", "by_role": "LEAD"`)},
	"files_community":               {set("files", "community_id = 9, seen_building_id = null, seen_household_id = null")},
	"files_building":                {set("files", "seen_household_id = null, seen_building_id = "+missing)},
	"files_household":               {set("files", "seen_household_id = "+missing)},
	"files_purpose_known":           {set("files", "purpose = 'X', media_type = 'text/csv', data = ''")},
	"files_media_type_known":        {set("files", "media_type = 'image/gif'"), set("files", "media_type = 'text/csv'"), set("files", "purpose = 'SHEET', data = ''")},
	"files_bytes_range":             {set("files", "bytes = 0, data = ''"), set("files", "bytes = 5242881, data = cast(repeat('x', 5242881) as bytea)"), set("files", "purpose = 'SHEET', media_type = 'text/csv', data = '', bytes = 52428801")},
	"files_bytes_of_data":           {set("files", "bytes = 4"), set("files", "data = 'PN'"), set("files", "purpose = 'SHEET', media_type = 'text/csv'")},
	"files_hash_length":             {set("files", "hash = 'x'")},
	"files_by_known":                {set("files", "by_role = 'LINK'")},
	"files_photos_of_others":        {set("files", "by_role = 'SUPPLIER'")},
	"files_expires_after":           {set("files", "expires_at = created_at")},
	"files_keys_when_attached":      {set("files", "attached_at = null")},
	"files_household_has_building":  {set("files", "seen_building_id = null")},

	"webhooks_pkey": {again("webhooks", "")},
	"webhooks_community": {`alter table webhook_secrets drop constraint webhook_secrets_webhook; alter table webhook_parked drop constraint webhook_parked_webhook; ` +
		set("webhooks", "community_id = 9, supplier_id = null")},
	"webhooks_supplier":           {set("webhooks", "supplier_id = "+missing)},
	"webhooks_name_length":        {set("webhooks", "name = ''"), set("webhooks", "name = "+text(81))},
	"webhooks_url_length":         {set("webhooks", "url = ''"), set("webhooks", "url = "+text(501))},
	"webhooks_kinds_length":       {set("webhooks", "kinds = array_fill(cast('X' as text), array[201])")},
	"webhooks_off_known":          {set("webhooks", "off = 'TIRED'")},
	"webhooks_off_together":       {set("webhooks", "off = null"), set("webhooks", "off_at = null")},
	"webhooks_place_range":        {set("webhooks", "counted_from = -1, position = 3")},
	"webhooks_not_negative":       {set("webhooks", "counted_before = -1, acked = 0"), set("webhooks", "acked = -1, counted_before = 0"), set("webhooks", "resending = -1"), set("webhooks", "attempts = -1")},
	"webhooks_counted":            {set("webhooks", "acked = 0"), set("webhooks", "acked = 6")},
	"webhooks_resending_parked":   {set("webhooks", "resending = 2")},
	"webhooks_failing_together":   {set("webhooks", "failing_since = null"), set("webhooks", "next_at = null"), set("webhooks", "attempts = 0")},
	"webhooks_last_status_range":  {set("webhooks", "last_status = 99"), set("webhooks", "last_status = 1000")},
	"webhooks_last_problem_known": {set("webhooks", "last_problem = 'BORED'")},
	"webhooks_last_after_attempt": {set("webhooks", "last_at = null")},
	"webhooks_lease_together":     {set("webhooks", "lease = null"), set("webhooks", "lease_until = null")},
	"webhooks_created_by_known":   {set("webhooks", "created_by_role = 'LEAD'")},
	"webhooks_version_positive":   {set("webhooks", "version = 0")},
	"webhook_secrets_pkey":        {again("webhook_secrets", `"ends_at": "2100-01-01T00:00:00Z"`)},
	"webhook_secrets_webhook":     {set("webhook_secrets", "webhook_id = "+missing)},
	"webhook_secrets_length":      {set("webhook_secrets", "secret = decode(repeat('00', 23), 'hex')"), set("webhook_secrets", "secret = decode(repeat('00', 65), 'hex')")},
	"webhook_secrets_ends_after":  {set("webhook_secrets", "ends_at = created_at - interval '1 second'")},
	"webhook_secrets_one_current": {again("webhook_secrets", other)},
	"webhook_parked_pkey":         {again("webhook_parked", "")},
	"webhook_parked_webhook":      {set("webhook_parked", "webhook_id = "+missing)},
	"webhook_parked_event":        {set("webhook_parked", "seq = 2")},
	"webhook_parked_again_after":  {set("webhook_parked", "again_at = parked_at - interval '1 second'")},
	"incidents_webhook":           {set("incidents", "order_id = null, webhook_id = "+missing)},

	"quotas_quota_known":              {set("quotas", "quota = 'X'")},
	"quotas_used_positive":            {set("quotas", "used = 0")},
	"leases_pkey":                     {again("leases", "")},
	"leases_holder_length":            {set("leases", "holder = ''"), set("leases", "holder = "+text(65))},
	"schema_contract_pkey":            {again("schema_contract", "")},
	"schema_contract_one_row":         {set("schema_contract", "single = false")},
	"schema_contract_oldest_positive": {set("schema_contract", "oldest = 0")},
	"cursor_keys_pkey":                {again("cursor_keys", "")},
	"cursor_keys_id_range":            {set("cursor_keys", "id = 0"), set("cursor_keys", "id = 256")},
	"cursor_keys_secret_length":       {set("cursor_keys", "secret = ''")},
}

func TestImpossibleRows(t *testing.T) {
	t.Parallel()
	d := raw(t, newPossible(t))
	var known []string
	for _, c := range constraints(t, d) {
		if known = append(known, c.name); impossible[c.name] == nil && c.table != "goose_db_version" {
			t.Errorf("%s (%s) has no case here that it refuses", c.name, c.kind)
		}
	}
	for name, statements := range impossible {
		if !slices.Contains(known, name) {
			t.Errorf("%s is no constraint", name)
		}
		for _, statement := range statements {
			if err := try(t, d, statement); db.Constraint(err) != name {
				t.Errorf("%s\ngot %v (%q), want %s to refuse it", statement, err, db.Constraint(err), name)
			}
		}
	}
}

func TestImpossibleNulls(t *testing.T) {
	t.Parallel()
	d := raw(t, newPossible(t))
	for _, c := range column[string](t, d, `
		select table_name || ' ' || column_name
		  from information_schema.columns
		 where table_schema = 'public' and table_name <> 'goose_db_version' and is_nullable = 'NO'`) {
		table, name, _ := strings.Cut(c, " ")
		if err := try(t, d, set(table, name+" = null")); pq.As(err, "23502") == nil && pq.As(err, "428C9") == nil {
			t.Errorf("%s.%s = null: got %v, want it refused", table, name, err)
		}
	}
}

// newPossible is a database with a possible row in every table.
func newPossible(t *testing.T) string {
	t.Helper()
	w := dbtest.DSN(t)
	if _, err := raw(t, w).ExecContext(t.Context(), possible); err != nil {
		t.Fatal(err)
	}
	return w
}

// try carries out statements and takes them back.
func try(t *testing.T, d *sql.DB, statements string) error {
	t.Helper()
	tx, err := d.BeginTx(t.Context(), nil)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = tx.Rollback() }()
	_, err = tx.ExecContext(t.Context(), statements)
	return err
}
