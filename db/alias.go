package db

import (
	"context"

	"github.com/lib/pq"

	"baogong/delivery"
)

// BookDoor is a door of an estate's address book.
type BookDoor struct {
	Household delivery.UUID  `db:"id"`
	Building  delivery.UUID  `db:"building_id"`
	Code      string         `db:"code"`
	Unit      int            `db:"unit"`
	Room      string         `db:"room"`
	Phone     delivery.Phone `db:"phone"`
}

// AddressBook is what texts are read against: the doors of an estate, its name and lane, the names of its buildings, and its words.
type AddressBook struct {
	Name      string
	Lane      string
	Doors     []BookDoor // by building, unit, floor and room
	Buildings []*delivery.Building
	Words     []*delivery.AddressAlias
}

// UnscopedAddressBook reads the address book of a community, without what is archived. Which doors a caller may be told is decided after the
// reading: a door out of sight is not another door. It fails with NOT_FOUND if there is no such community.
func (d *DB) UnscopedAddressBook(ctx context.Context, community int32) (*AddressBook, error) {
	names, err := list[struct {
		Name string `db:"name"`
		Lane string `db:"lane"`
	}](ctx, d, "read the name of an estate", `select name, lane from communities where community_id = $1`, community)
	name, err := one(names, err, delivery.KindCommunity)
	if err != nil {
		return nil, err
	}
	out := &AddressBook{Name: name.Name, Lane: name.Lane}
	if out.Doors, err = list[BookDoor](ctx, d, "read the doors of an estate", `
		select h.id, h.building_id, b.code, u.number as unit, h.room, h.phone
		  from households h
		  join units u on u.community_id = h.community_id and u.id = h.unit_id
		  join buildings b on b.community_id = h.community_id and b.id = h.building_id
		 where h.community_id = $1 and h.archived_at is null and u.archived_at is null and b.archived_at is null
		 order by length(b.code), b.code, u.number, h.floor, length(h.room), h.room`, community); err != nil {
		return nil, err
	}
	if out.Buildings, err = list[*delivery.Building](ctx, d, "read the buildings of an estate", "select "+buildings.flat()+`
		  from buildings b
		 where b.community_id = $1 and b.archived_at is null
		 order by length(b.code), b.code`, community); err != nil {
		return nil, err
	}
	out.Words, err = list[*delivery.AddressAlias](ctx, d, "read the words of an estate", `
		select w.community_id, w.id, w.kind, w.text, w.text_key, w.building_id, w.household_id, w.at, w.by_role, w.by_id
		  from address_aliases w
		 where w.community_id = $1
		 order by w.id`, community)
	return out, err
}

// SaveAliases inserts words of an estate, or gives a text that it has already its new meaning.
func (t *Tx) SaveAliases(ctx context.Context, community int32, words []*delivery.AddressAlias) error {
	if len(words) == 0 {
		return nil
	}
	n := len(words)
	ids, kinds, written, keys, at, roles := make([]string, n), make([]string, n), make([]string, n), make([]string, n), make([]string, n), make([]string, n)
	buildings, households, by := make([]*string, n), make([]*string, n), make([]*string, n)
	for k, w := range words {
		ids[k], kinds[k], written[k], keys[k], at[k], roles[k] = string(w.UUID), string(w.Kind), w.Text, w.TextKey, instant(w.At), string(w.ByRole)
		buildings[k], households[k], by[k] = (*string)(w.BuildingUUID), (*string)(w.HouseholdUUID), (*string)(w.ByUUID)
	}
	_, err := t.exec(ctx, "save words of an estate", `
		insert into address_aliases as w (community_id, id, kind, text, text_key, building_id, household_id, at, by_role, by_id)
		select $1, n.id, n.kind, n.text, n.text_key, n.building_id, n.household_id, n.at, n.role, n.by
		  from unnest(cast($2 as uuid[]), cast($3 as text[]), cast($4 as text[]), cast($5 as text[]), cast($6 as uuid[]), cast($7 as uuid[]),
		              cast($8 as timestamptz[]), cast($9 as text[]), cast($10 as uuid[]))
		       as n (id, kind, text, text_key, building_id, household_id, at, role, by)
		 order by n.text_key
		    on conflict (community_id, text_key) do update
		   set kind = excluded.kind, text = excluded.text, building_id = excluded.building_id, household_id = excluded.household_id, at = excluded.at,
		       by_role = excluded.by_role, by_id = excluded.by_id`,
		community, pq.StringArray(ids), pq.StringArray(kinds), pq.StringArray(written), pq.StringArray(keys), pq.Array(buildings), pq.Array(households),
		pq.StringArray(at), pq.StringArray(roles), pq.Array(by))
	return err
}
