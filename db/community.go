package db

import (
	"context"
	"strconv"

	"baogong/delivery"
)

var communities = noun[delivery.Community]{
	table: "communities", alias: "c",
	columns: []string{"community_id", "code", "name", "time_zone", "docks", "accepted_proofs", "welfare_days", "desk_phone", "version", "created_at", "archived_at", "quiet_from", "quiet_until", "closure_ended_at",
		"purge_began_at", "purged_at"},
	visible: func(w *where, s delivery.Scope) { w.seesCommunity(s, "c.community_id") },
	sorting: sorting{columns: byCode("c")},
}

// Communities reads a page of the communities that the scope enters, or may count, by code.
func (d *DB) Communities(ctx context.Context, s delivery.Scope, p Range) (*Rows[delivery.Community], error) {
	listed := communities
	listed.visible = func(w *where, s delivery.Scope) { w.counts(s, "c.community_id") }
	return listed.page(ctx, d, s, where{}, p)
}

// CommunitiesByID reads the communities with the ids that the scope enters, in no order.
func (d *DB) CommunitiesByID(ctx context.Context, s delivery.Scope, ids []delivery.ID) ([]*delivery.Community, error) {
	var w where
	numbers := make([]int64, len(ids))
	for i, id := range ids {
		numbers[i] = int64(id.Community)
	}
	w.and("c.community_id = any(cast(? as int[]))", int64s(numbers))
	communities.visible(&w, s)
	return listOf[*delivery.Community](ctx, d, "read communities by id", "select "+communities.flat()+"\n  from communities c\n "+w.String(), w.args...)
}

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
		insert into communities (code, name, time_zone, docks, version, created_at, quiet_from, quiet_until, accepted_proofs, welfare_days, desk_phone)
		values ($1, $2, $3, $4, $5, $6, $7, $8, cast($9 as text[]), $10, $11)
		returning community_id`, c.Code, c.Name, c.TimeZone, c.Docks, c.Version, c.CreatedAt, c.QuietFrom, c.QuietUntil, c.Proofs.Array(), c.WelfareDays, c.DeskPhone)
	c.CommunityID, err = one(rows, err, delivery.KindCommunity)
	return err
}

// savedCommunity is a community in the form that the driver can write.
type savedCommunity struct {
	*delivery.Community
	ProofArray string `db:"proof_array"`
}

// SaveCommunities writes locked communities.
func (t *Tx) SaveCommunities(ctx context.Context, rows []*delivery.Community) error {
	t.touch("communities")
	list := make([]savedCommunity, len(rows))
	for i, c := range rows {
		list[i] = savedCommunity{c, c.Proofs.Array()}
	}
	return saveEach(ctx, t, "save communities", `
		update communities
		   set code = :code, name = :name, time_zone = :time_zone, docks = :docks, welfare_days = :welfare_days, desk_phone = :desk_phone, version = :version, archived_at = :archived_at,
		       quiet_from = :quiet_from, quiet_until = :quiet_until, accepted_proofs = cast(:proof_array as text[]),
		       closure_ended_at = :closure_ended_at, purge_began_at = :purge_began_at, purged_at = :purged_at
		 where community_id = :community_id`, list)
}
