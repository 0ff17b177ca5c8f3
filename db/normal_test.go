package db_test

import (
	"database/sql"
	"os"
	"slices"
	"strings"
	"testing"
	"unicode"

	"github.com/lib/pq"
	"github.com/pressly/goose/v3"
	"pgregory.net/rapid"

	"baogong/db"
	"baogong/db/dbtest"
	"baogong/delivery"
	"baogong/internal/volume"
)

// TestKeysInTheDatabaseAreThoseInGo compares text_key with delivery.Key over every character of the scripts in use, alone and
// between others, and over random texts.
func TestKeysInTheDatabaseAreThoseInGo(t *testing.T) {
	t.Parallel()
	d := raw(t, dbtest.DSN(t))
	check := func(fatal func(string, ...any), texts []string) {
		keys := column[string](t, d, `select text_key(x) from unnest(cast($1 as text[])) with ordinality as u (x, n) order by n`, pq.StringArray(texts))
		for i, s := range texts {
			if want := delivery.Key(s); keys[i] != want {
				fatal("%q: the database has %q, Go %q", s, keys[i], want)
			}
		}
	}
	assigned := func(r rune) bool { // before the server's version of Unicode, which may be older than Go's
		return unicode.In(r, unicode.L, unicode.M, unicode.N, unicode.P, unicode.S, unicode.Z, unicode.C)
	}
	var texts []string
	for _, span := range [][2]rune{{1, 0x3400}, {0xa640, 0xa69f}, {0xf900, 0xffff}, {0x1d400, 0x1d7ff}, {0x1f100, 0x1f265}, {0xe0000, 0xe01ff}} {
		for r := span[0]; r <= span[1]; r++ {
			if assigned(r) && r != 0xfffe && r != 0xffff && (r < 0xd800 || r > 0xdfff) {
				texts = append(texts, string(r), "E"+string(r)+"6")
			}
		}
	}
	check(t.Errorf, texts)
	rapid.Check(t, func(rt *rapid.T) {
		part := rapid.OneOf(rapid.SampledFrom([]string{" ", "\u3000", "Ａ", "\u200b", "e", "\u0301", "—", "E6", "栋", "ς", "İ", "H\u0331", "ﾞ", "ｶ"}), rapid.Map(rapid.RuneFrom(nil, unicode.Latin, unicode.Han, unicode.Greek, unicode.Space), func(r rune) string { return string(r) }))
		check(rt.Fatalf, []string{strings.Join(rapid.SliceOfN(part, 0, 12).Draw(rt, "parts"), "")})
	})
}

func TestRowsThatAlreadyClash(t *testing.T) {
	t.Parallel()
	dsn := dbtest.Empty(t)
	d := raw(t, dsn)
	p, err := goose.NewProvider(goose.DialectPostgres, d, os.DirFS("migrations"))
	if err != nil {
		t.Fatal(err)
	}
	if _, err := p.UpTo(t.Context(), 6); err != nil {
		t.Fatal(err)
	}
	before := func(statement string) {
		t.Helper()
		if _, err := d.ExecContext(t.Context(), statement); err != nil {
			t.Fatal(err)
		}
	}
	for statement := range strings.SplitSeq(possible, ";\n") {
		if err := try(t, d, statement); pq.As(err, "42P01", "42703") == nil { // of a later migration
			before(statement)
		}
	}
	before(`insert into buildings select (jsonb_populate_record(b, jsonb_build_object('id', gen_random_uuid(), 'code', c))).* from buildings b, unnest(array['e6', 'Ｅ６']) c where code = 'E6'`)
	before(`insert into households select (jsonb_populate_record(h, '{"id": "00000000-0000-0000-0000-0000000000d2", "room": "１２０３", "address": "E6-1-１２０３"}')).* from households h`)
	before(`insert into orders select (jsonb_populate_record(o, '{"id": "00000000-0000-0000-0000-0000000000a2", "number": 2, "external_number": "MT-1"}')).* from orders o`)
	if _, err := db.Migrate(t.Context(), dsn); err != nil {
		t.Fatal(err)
	}
	clashes, err := open(t, dsn, db.Options{}).UnscopedClashes(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, c := range clashes {
		got = append(got, c.Table+" "+c.Code)
	}
	slices.Sort(got)
	// The random ids decide which of the three buildings keeps its key.
	if len(got) != 4 || !strings.HasPrefix(got[0], "buildings ") || got[2] != "households １２０３" || got[3] != "order_texts MT-1" {
		t.Errorf("got %q, want two buildings, a room and a platform's number", got)
	}
	for _, allowed := range []string{`update buildings set name = 'x', version = version + 1`, `update households set floor = 3`, `update orders set version = version + 1`} {
		if err := try(t, d, allowed); err != nil {
			t.Errorf("%s: got %v", allowed, err)
		}
	}
	for statement, constraint := range map[string]string{
		`insert into buildings select (jsonb_populate_record(b, jsonb_build_object('id', gen_random_uuid(), 'code', 'ｅ6'))).* from buildings b where code = 'E6'`: "buildings_code_key_taken",
		`update households set room = '１203' where room = '１２０３'`:                                                                                                 "households_room_key_taken",
	} {
		if got := db.Constraint(try(t, d, statement)); got != constraint {
			t.Errorf("%s: got %q, want %s", statement, got, constraint)
		}
	}
	if err := try(t, d, `update buildings set code = 'E9' where code = 'e6'; insert into buildings select (jsonb_populate_record(b, jsonb_build_object('id', gen_random_uuid(), 'code', 'e9'))).* from buildings b where code = 'E9'`); db.Constraint(err) != "buildings_code_key_taken" {
		t.Errorf("a code that was corrected: got %v, want that it is unique again", err)
	}
}

// TestSearchFindsWhatPeopleType checks that each form of an address finds the same door.
func TestSearchFindsWhatPeopleType(t *testing.T) {
	t.Parallel()
	w := newTown(t).fill(seeded(7), 60, 0, 0)
	const door = "E10-1-902"
	var there *delivery.Household
	for _, h := range of(w.households, 1) {
		if h.Address == door {
			there = h
		}
	}
	o := w.draw(seeded(1), 1)
	o.HouseholdUUID, o.UnitUUID, o.BuildingUUID, o.Address, o.ExternalNumber, o.SupplierUUID = there.UUID, there.UnitUUID, there.BuildingUUID, door, "ＪＤ–2020／77", &of(w.suppliers, 1)[0].UUID
	w.tx(func(tx *db.Tx) {
		w.must(tx.InsertOrder(t.Context(), o, []*delivery.Line{{CommunityID: 1, UUID: newUUID(), OrderUUID: o.UUID, Position: 1, Item: "米", Quantity: 1000, Unit: "袋"}}))
	})
	orders := func(text string, s delivery.Scope) []delivery.UUID {
		t.Helper()
		rows, err := w.db.Orders(t.Context(), s, 1, db.OrderFilter{Text: text}, db.SortRound, true, everything)
		if err != nil {
			t.Fatalf("%q: %v", text, err)
		}
		return uuids(rows.Items)
	}
	for _, s := range []delivery.Scope{w.all(1), {Class: delivery.SeesHousehold, Community: 1, UUID: there.UUID}, {Class: delivery.SeesBuildings, Community: 1, Buildings: []delivery.UUID{there.BuildingUUID}}} {
		for _, text := range []string{door, "ｅ１０－１－９０２", "E10-1-902 ", "10栋1单元902室", "E10栋902", "e10 1 902", "E10 902", "e10—1—902", "１０号楼 1单元 902", "\u200bE10-1-902", "jd-2020/77", "ＪＤ－２０２０", "%", "_", `\`} {
			got, wanted := orders(text, s), !slices.Contains([]string{"%", "_", `\`}, text)
			if slices.Contains(got, o.UUID) != wanted {
				t.Errorf("%q finds the order: got %v, want %v", text, !wanted, wanted)
			}
			if strings.Contains(delivery.Key(text), "902") {
				for _, id := range got {
					for _, found := range w.orders {
						if unitless := strings.HasSuffix(text, "E10栋902") || text == "E10 902"; found.UUID == id && found.Address != door && (found.Address != "E10-2-902" || !unitless) {
							t.Errorf("%q finds %s too", text, found.Address)
						}
					}
				}
			}
		}
	}
	for _, text := range []string{"＃61", "#61", "61 ", "６１"} {
		if got := orders(text, w.all(1)); !slices.Contains(got, o.UUID) {
			t.Errorf("%q does not find order %d", text, o.Number)
		}
	}
	for _, text := range []string{door, "10栋1单元902室", "E10栋902", "ｅ10 902", "9", "９０２"} {
		rows, err := w.db.Households(t.Context(), w.all(1), 1, db.HouseholdFilter{Text: text}, everything)
		if err != nil || !slices.Contains(uuids(rows.Items), there.UUID) {
			t.Errorf("%q does not find the household (error %v)", text, err)
		}
	}
}

// TestSearchFindsABuilding checks that a building's number, in every way people write it, finds the orders of that building and
// no others, also among many orders.
func TestSearchFindsABuilding(t *testing.T) {
	volume.OnlyInCI(t)
	t.Parallel()
	w := newTown(t).fill(seeded(11), 80, 0, 0)
	byBuilding := map[string]int{}
	for _, o := range of(w.orders, 1) {
		byBuilding[strings.SplitN(o.Address, "-", 2)[0]]++
	}
	rows, err := sql.Open("postgres", w.dsn)
	if err != nil {
		t.Fatal(err)
	}
	defer rows.Close()
	if _, err := rows.ExecContext(t.Context(), `update order_numbers set last = 1000000`); err != nil {
		t.Fatal(err)
	}
	for building, forms := range map[string][]string{
		"E2":  {"2号", "２号", "2号楼", "２号楼", "2栋", "E2栋", "Ｅ２栋", "2幢", "第2栋", "东辰心语2栋", "东辰心语2号", "2 栋", "e2号"},
		"E10": {"10号", "１０号", "10号楼", "10栋", "E10栋", "10幢", "10座", "东辰心语 10号"},
	} {
		for _, text := range forms {
			rows, err := w.db.Orders(t.Context(), w.all(1), 1, db.OrderFilter{Text: text}, db.SortRound, true, everything)
			if err != nil {
				t.Fatalf("%q: %v", text, err)
			}
			for _, o := range rows.Items {
				if !strings.HasPrefix(o.Address, building+"-") {
					t.Errorf("%q finds %s too", text, o.Address)
				}
			}
			if len(rows.Items) != byBuilding[building] || len(rows.Items) == 0 {
				t.Errorf("%q: got %d orders, want the %d of %s", text, len(rows.Items), byBuilding[building], building)
			}
		}
	}
}
