package db

import (
	"cmp"
	"context"
	"errors"
	"slices"
	"strconv"

	"github.com/lib/pq"

	"baogong/delivery"
)

// communityQueue is the class of the advisory locks at which transactions queue before they lock a community's row.
const communityQueue = 26

// LockCommunity locks a community's row and returns it: exclusively for a change of its nouns, or shared for a change that
// depends on them. It fails with NOT_FOUND if there is no such community. Both first queue at an advisory lock, which is first
// come, first served. On the row itself PostgreSQL grants shared locks past a waiting exclusive one, which would starve.
func (t *Tx) LockCommunity(ctx context.Context, community int32, change bool) (*delivery.Community, error) {
	mode, queue := "for share of c", "pg_advisory_xact_lock_shared"
	if change {
		mode, queue = "for no key update of c", "pg_advisory_xact_lock"
	}
	query := "select " + communities.flat() + "\n  from communities c\n where c.community_id = $1"
	if !t.looking {
		query = "with turn as materialized (select " + queue + "(" + strconv.Itoa(communityQueue) + ", $1))\nselect " + communities.flat() +
			"\n  from turn\n cross join communities c\n where c.community_id = $1\n   " + mode
	}
	rows, err := listTx[*delivery.Community](ctx, t, "lock a community", query, community)
	return one(rows, err, delivery.KindCommunity)
}

// LockCommunityRow locks a community as LockCommunity does, for a change of its own row. It locks the table before the row:
// a change of several communities uses the same order.
func (t *Tx) LockCommunityRow(ctx context.Context, community int32) (*delivery.Community, error) {
	if !t.looking {
		if _, err := t.exec(ctx, "lock the communities for a change", `lock table communities in row exclusive mode`); err != nil {
			return nil, err
		}
	}
	return t.LockCommunity(ctx, community, true)
}

// LockAllCommunities locks the codes of the table and returns every community.
func (t *Tx) LockAllCommunities(ctx context.Context) ([]*delivery.Community, error) {
	if !t.looking {
		if _, err := t.exec(ctx, "lock the communities' codes", `lock table communities in share row exclusive mode`); err != nil {
			return nil, err
		}
	}
	return listTx[*delivery.Community](ctx, t, "read every community", "select "+communities.flat()+"\n  from communities c")
}

// InsertCommunity inserts a community and sets its number.
func (t *Tx) InsertCommunity(ctx context.Context, c *delivery.Community) error {
	if err := t.Decided(); err != nil {
		return err
	}
	rows, err := listTx[int32](ctx, t, "insert a community", `
		insert into communities (code, name, time_zone, version, created_at)
		values ($1, $2, $3, $4, $5)
		returning community_id`, c.Code, c.Name, c.TimeZone, c.Version, c.CreatedAt)
	c.CommunityID, err = one(rows, err, delivery.KindCommunity)
	return err
}

// SaveCommunities writes locked communities.
func (t *Tx) SaveCommunities(ctx context.Context, rows []*delivery.Community) error {
	return saveEach(ctx, t, "save communities", `
		update communities
		   set code = :code, name = :name, time_zone = :time_zone, version = :version, archived_at = :archived_at,
		       closure_ended_at = :closure_ended_at, purge_began_at = :purge_began_at, purged_at = :purged_at
		 where community_id = :community_id`, rows)
}

// Buildings reads all buildings of a locked community.
func (t *Tx) Buildings(ctx context.Context, community int32) ([]*delivery.Building, error) {
	return listTx[*delivery.Building](ctx, t, "read a community's buildings", "select "+buildings.flat()+"\n  from buildings b\n where b.community_id = $1", community)
}

// InsertBuildings inserts buildings.
func (t *Tx) InsertBuildings(ctx context.Context, rows []*delivery.Building) error {
	return insertAll(ctx, t, "insert buildings", `
		insert into buildings (community_id, id, code, name, has_lift, access_note, version, created_at, archived_at)
		values (:community_id, :id, :code, :name, :has_lift, :access_note, :version, :created_at, :archived_at)`, rows)
}

// SaveBuildings writes buildings of a locked community.
func (t *Tx) SaveBuildings(ctx context.Context, rows []*delivery.Building) error {
	return saveEach(ctx, t, "save buildings", `
		update buildings
		   set code = :code, name = :name, has_lift = :has_lift, access_note = :access_note, version = :version, archived_at = :archived_at
		 where community_id = :community_id and id = :id`, rows)
}

// Units reads all units of a locked community.
func (t *Tx) Units(ctx context.Context, community int32) ([]*delivery.Unit, error) {
	return listTx[*delivery.Unit](ctx, t, "read a community's units", "select "+units.flat()+"\n  from units u\n where u.community_id = $1", community)
}

// InsertUnits inserts units.
func (t *Tx) InsertUnits(ctx context.Context, rows []*delivery.Unit) error {
	return insertAll(ctx, t, "insert units", `
		insert into units (community_id, id, building_id, number, floors, version, created_at, archived_at)
		values (:community_id, :id, :building_id, :number, :floors, :version, :created_at, :archived_at)`, rows)
}

// SaveUnits writes units of a locked community.
func (t *Tx) SaveUnits(ctx context.Context, rows []*delivery.Unit) error {
	return saveEach(ctx, t, "save units", `
		update units
		   set number = :number, floors = :floors, version = :version, archived_at = :archived_at
		 where community_id = :community_id and id = :id`, rows)
}

// Households reads households of a locked community: those with the ids, and all of the units.
func (t *Tx) Households(ctx context.Context, community int32, ids, units []delivery.UUID) ([]*delivery.Household, error) {
	return listTx[*delivery.Household](ctx, t, "read a community's households", "select "+households.flat()+`
		  from households h
		 where h.community_id = $1 and (h.id = any(cast($2 as uuid[])) or h.unit_id = any(cast($3 as uuid[])))`,
		community, pq.StringArray(texts(ids)), pq.StringArray(texts(units)))
}

// HouseholdsOfBuilding reads the households of a building, from the top floor down.
func (t *Tx) HouseholdsOfBuilding(ctx context.Context, community int32, building delivery.UUID) ([]*delivery.Household, error) {
	return listTx[*delivery.Household](ctx, t, "read a building's households", "select "+households.flat()+`
		  from `+households.from+`
		 where h.community_id = $1 and h.building_id = $2
		 order by h.unit_id, h.floor desc, h.room`, community, building)
}

// Rows returns those ids that belong to volunteers, suppliers or households.
func (t *Tx) Rows(ctx context.Context, community int32, ids []delivery.UUID) ([]delivery.UUID, error) {
	return listTx[delivery.UUID](ctx, t, "find rows by id", `
		select id from volunteers where community_id = $1 and id = any(cast($2 as uuid[]))
		union all
		select id from suppliers where community_id = $1 and id = any(cast($2 as uuid[]))
		union all
		select id from households where community_id = $1 and id = any(cast($2 as uuid[]))`, community, pq.StringArray(texts(ids)))
}

// InsertHouseholds inserts households.
func (t *Tx) InsertHouseholds(ctx context.Context, rows []*delivery.Household) error {
	return insertAll(ctx, t, "insert households", `
		insert into households (community_id, id, building_id, unit_id, address, floor, room, contact_name, phone, people, needs,
			version, created_at, archived_at)
		values (:community_id, :id, :building_id, :unit_id, :address, :floor, :room, :contact_name, :phone, :people, :needs,
			:version, :created_at, :archived_at)`, householdRows(rows))
}

// SaveHouseholds writes households of a locked community.
func (t *Tx) SaveHouseholds(ctx context.Context, rows []*delivery.Household) error {
	return saveEach(ctx, t, "save households", `
		update households
		   set address = :address, floor = :floor, room = :room, contact_name = :contact_name, phone = :phone, people = :people,
		       needs = :needs, version = :version, archived_at = :archived_at
		 where community_id = :community_id and id = :id`, householdRows(rows))
}

// householdRow writes the needs as text[], so that package delivery does not depend on the driver.
type householdRow struct {
	*delivery.Household
	Needs string `db:"needs"`
}

func householdRows(homes []*delivery.Household) []*householdRow {
	rows := make([]*householdRow, len(homes))
	for i, h := range homes {
		rows[i] = &householdRow{h, h.Needs.Array()}
	}
	return rows
}

// SaveAddresses rewrites the addresses of households after building codes or unit numbers changed. The event of the
// building or unit stands for them all.
func (t *Tx) SaveAddresses(ctx context.Context, community int32) error {
	if err := t.Decided(); err != nil {
		return err
	}
	locked, err := listTx[delivery.UUID](ctx, t, "lock households", `
		select h.id
		  from households h
		  join units u on u.community_id = h.community_id and u.id = h.unit_id
		  join buildings b on b.community_id = u.community_id and b.id = u.building_id
		 where h.community_id = $1 and h.address <> b.code || '-' || cast(u.number as text) || '-' || h.room
		 order by h.id
		   for no key update of h`, community)
	if err != nil {
		return err
	}
	_, err = t.exec(ctx, "rewrite the addresses of households", `
		update households h
		   set address = b.code || '-' || cast(u.number as text) || '-' || h.room, version = h.version + 1
		  from units u
		  join buildings b on b.community_id = u.community_id and b.id = u.building_id
		 where h.community_id = $1 and u.community_id = h.community_id and u.id = h.unit_id
		   and h.id = any(cast($2 as uuid[]))`, community, pq.StringArray(texts(locked)))
	return err
}

// insertAll inserts rows a few hundred at a time, within PostgreSQL's limit of 65,535 parameters.
func insertAll[T any](ctx context.Context, t *Tx, purpose, query string, rows []T) error {
	const chunk = 500
	for len(rows) > 0 {
		n := min(chunk, len(rows))
		if err := t.named(ctx, purpose, query, rows[:n]); err != nil {
			return err
		}
		rows = rows[n:]
	}
	return nil
}

// compareIDs orders ids as PostgreSQL orders the keys.
func compareIDs(a, b delivery.ID) int {
	return cmp.Or(cmp.Compare(a.Community, b.Community), cmp.Compare(a.UUID, b.UUID))
}

// saveEach updates rows one by one in id order, with one prepared statement. The order prevents deadlocks: callers name rows
// in any order, and some transactions lock such rows without the community's lock.
func saveEach[T delivery.Node](ctx context.Context, t *Tx, purpose, query string, rows []T) (err error) {
	if err := t.Decided(); err != nil || len(rows) == 0 {
		return err
	}
	rows = slices.SortedFunc(slices.Values(rows), func(a, b T) int { return compareIDs(a.ID(), b.ID()) })
	ctx = t.within(ctx)
	s, err := t.tx.PrepareNamedContext(ctx, query)
	if err != nil {
		return forPurpose(purpose, err)
	}
	defer func() { err = errors.Join(err, s.Close()) }()
	for _, row := range rows {
		t.db.statements.Add(1)
		if _, err := s.ExecContext(ctx, row); err != nil {
			return forPurpose(purpose, err)
		}
	}
	return nil
}
