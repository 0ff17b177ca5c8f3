package db

import (
	"context"
	"strconv"
	"time"

	"github.com/lib/pq"

	"baogong/delivery"
)

// notices are seen as delivery.Scope.SeesNotice says.
var notices = noun[delivery.Notice]{
	table: "notices", alias: "n",
	columns: []string{"community_id", "id", "number", "kind", "level", "title", "body", "households", "building_ids", "squads", "suppliers", "effective_at",
		"published_at", "published_by_role", "published_by_id", "ended_at", "audience", "seen", "told"},
	visible: func(w *where, s delivery.Scope) {
		w.seesDirectory(s, "n.community_id")
		switch {
		case s.Class == delivery.SeesSupplier:
			w.and("n.suppliers")
		case s.Class == delivery.SeesHousehold:
			w.and(`n.households and (n.building_ids = '{}' or n.building_ids && cast(? as uuid[]) or exists (
				select from households h where h.community_id = n.community_id and cast(h.id as text) = ? and h.building_id = any(n.building_ids)))`,
				pq.StringArray(texts(s.Buildings)), string(s.UUID))
		case !s.Sight().Team:
			w.and("false")
		}
	},
	sorting: sorting{columns: []sortColumn{{"n.number", "bigint"}}, desc: true},
}

// Notices reads one page of a community's notices that the scope sees, newest first: of all kinds or some, and only those in force at an
// instant, unless it is zero.
func (d *DB) Notices(ctx context.Context, s delivery.Scope, community int32, kinds []delivery.NoticeKind, inForce time.Time, p Range) (*Rows[delivery.Notice], error) {
	var w where
	w.and("n.community_id = ?", community)
	w.in("n.kind", "text", texts(kinds))
	if !inForce.IsZero() {
		w.and("(n.ended_at is null or n.ended_at > ?)", inForce)
	}
	return notices.page(ctx, d, s, w, p)
}

// NoticesByID reads the notices with the ids that the scope sees, in no order.
func (d *DB) NoticesByID(ctx context.Context, s delivery.Scope, ids []delivery.ID) ([]*delivery.Notice, error) {
	return notices.byIDs(ctx, d, s, ids)
}

// MostNotices is the most notices that NoticesInForce reads.
const MostNotices = 50

// NoticesInForce reads the notices of a community that the scope sees and that no other has replaced by the instant, newest first, at most MostNotices.
func (d *DB) NoticesInForce(ctx context.Context, s delivery.Scope, community int32, at time.Time) ([]*delivery.Notice, error) {
	var w where
	w.and("n.community_id = ?", community)
	w.and("(n.ended_at is null or n.ended_at > ?)", at)
	notices.visible(&w, s)
	return list[*delivery.Notice](ctx, d, "read the notices in force", "select "+notices.flat()+"\n  from notices n\n "+w.String()+
		"\n order by n.number desc\n limit "+strconv.Itoa(MostNotices), w.args...)
}

// Closure is the level at which a community is closed.
type Closure struct {
	CommunityID int32                 `db:"community_id"`
	Level       delivery.ClosureLevel `db:"level"`
}

// ClosuresOf reads the closures in force at an instant, of the communities that the scope may enter: a notice of closure has taken effect
// and no other has replaced it, and the community's closure has not ended.
func (d *DB) ClosuresOf(ctx context.Context, s delivery.Scope, ids []delivery.ID, at time.Time) ([]*Closure, error) {
	var w where
	numbers := make([]int64, len(ids))
	for i, id := range ids {
		numbers[i] = int64(id.Community)
	}
	w.and("c.community_id = any(cast(? as int[]))", int64s(numbers))
	communities.visible(&w, s)
	now := w.arg(at)
	w.and("(c.closure_ended_at is null or c.closure_ended_at > " + now + ")")
	w.and("n.kind = 'CLOSURE' and n.effective_at <= " + now + " and (n.ended_at is null or n.ended_at > " + now + ")")
	return listOf[*Closure](ctx, d, "read the closures of communities", `
		select distinct on (n.community_id) n.community_id, n.level
		  from communities c
		  join notices n on n.community_id = c.community_id
		 `+w.String()+`
		 order by n.community_id, n.number desc`, w.args...)
}

// OwnReach reads how the scope's own household was reached by the notices. It is empty for other scopes.
func (d *DB) OwnReach(ctx context.Context, s delivery.Scope, ids []delivery.ID) ([]*delivery.NoticeReach, error) {
	var w where
	w.ids("r.community_id, r.notice_id", ids)
	w.scope(s, keyColumns{community: "r.community_id", household: "r.household_id"})
	if s.Class != delivery.SeesHousehold {
		w.and("false")
	}
	return listOf[*delivery.NoticeReach](ctx, d, "read how a household was reached", `
		select r.community_id, r.notice_id, r.household_id, r.seen_at, r.told_at
		  from notice_reach r
		 `+w.String()+`
		 order by r.notice_id`, w.args...)
}

// LockNotices locks, in id order, the notices with the ids that the scope sees, and returns them. Their reach changes only under this lock.
func (t *Tx) LockNotices(ctx context.Context, s delivery.Scope, community int32, ids []delivery.UUID) ([]*delivery.Notice, error) {
	var w where
	w.and("n.community_id = ?", community)
	w.and("n.id = any(cast(? as uuid[]))", pq.StringArray(texts(ids)))
	notices.visible(&w, s)
	return listTx[*delivery.Notice](ctx, t, "lock notices", "select "+notices.flat()+"\n  from notices n\n "+w.String()+
		"\n order by n.id"+t.locking("for no key update of n"), w.args...)
}

// CountHouseholds counts the households of a locked community that are not archived: of all buildings, or of those given.
func (t *Tx) CountHouseholds(ctx context.Context, community int32, buildings []delivery.UUID) (int, error) {
	rows, err := listTx[int](ctx, t, "count the households to address", `
		select count(*)
		  from households
		 where community_id = $1 and archived_at is null and (cast($2 as uuid[]) = '{}' or building_id = any(cast($2 as uuid[])))`,
		community, delivery.BareWords[delivery.UUID](buildings).Array())
	return one(rows, err, delivery.KindCommunity)
}

// InsertNotice inserts a notice and its audience, and returns how many households it addresses. It ends the notices that it replaces: a notice of
// closure or reopening ends the closures and reopenings in force when it takes effect, and the notice replaced, if any, ends at once.
func (t *Tx) InsertNotice(ctx context.Context, n *delivery.Notice, replaced *delivery.UUID) (int, error) {
	if n.Kind != delivery.NoticePlain {
		if _, err := t.exec(ctx, "end the closures and reopenings in force", `
			update notices
			   set ended_at = greatest(published_at, $2)
			 where community_id = $1 and kind in ('CLOSURE', 'REOPENING') and (ended_at is null or ended_at > $2)`, n.CommunityID, n.TakesEffect(n.PublishedAt)); err != nil {
			return 0, err
		}
	}
	if replaced != nil {
		if _, err := t.exec(ctx, "end a replaced notice", `
			update notices
			   set ended_at = greatest(published_at, $3)
			 where community_id = $1 and id = $2`, n.CommunityID, *replaced, n.PublishedAt); err != nil {
			return 0, err
		}
	}
	if _, err := t.exec(ctx, "insert a notice", `
		insert into notices (community_id, id, number, kind, level, title, body, households, building_ids, squads, suppliers, effective_at, published_at,
			published_by_role, published_by_id, audience, seen, told)
		values ($1, $2, $3, $4, $5, $6, $7, $8, cast($9 as uuid[]), cast($10 as text[]), $11, $12, $13, $14, $15, $16, 0, 0)`,
		n.CommunityID, n.UUID, n.Number, string(n.Kind), n.ClosureLevel, n.Title, n.Body, n.Households, n.BuildingUUIDs.Array(), n.SquadWords.Array(), n.Suppliers, n.EffectiveAt,
		n.PublishedAt, string(n.PublishedByRole), n.PublishedByUUID, n.Audience); err != nil {
		return 0, err
	}
	if !n.Households {
		return 0, nil
	}
	rows, err := t.exec(ctx, "insert the audience of a notice", `
		insert into notice_reach (community_id, notice_id, household_id)
		select h.community_id, $2, h.id
		  from households h
		 where h.community_id = $1 and h.archived_at is null and (cast($3 as uuid[]) = '{}' or h.building_id = any(cast($3 as uuid[])))
		 order by h.id`, n.CommunityID, n.UUID, n.BuildingUUIDs.Array())
	return int(rows), err
}

// ReachOf reads how households were reached by locked notices. Households that a notice does not address are missing.
func (t *Tx) ReachOf(ctx context.Context, community int32, notices, households []delivery.UUID) ([]*delivery.NoticeReach, error) {
	return listTx[*delivery.NoticeReach](ctx, t, "read how households were reached", `
		select r.community_id, r.notice_id, r.household_id, h.building_id, r.seen_at, r.told_at
		  from notice_reach r
		  join households h on h.community_id = r.community_id and h.id = r.household_id
		 where r.community_id = $1 and r.notice_id = any(cast($2 as uuid[])) and r.household_id = any(cast($3 as uuid[]))`,
		community, pq.StringArray(texts(notices)), pq.StringArray(texts(households)))
}

// SeeNotices records that a household has seen locked notices, which it had not seen, and counts it.
func (t *Tx) SeeNotices(ctx context.Context, community int32, household delivery.UUID, notices []delivery.UUID, at time.Time) error {
	_, err := t.exec(ctx, "mark notices as seen", `
		with marked as (
			update notice_reach
			   set seen_at = $4
			 where community_id = $1 and household_id = $2 and notice_id = any(cast($3 as uuid[])) and seen_at is null
			returning notice_id, told_at)
		update notices n
		   set seen = n.seen + 1, told = n.told - case when m.told_at is null then 0 else 1 end
		  from marked m
		 where n.community_id = $1 and n.id = m.notice_id`, community, household, pq.StringArray(texts(notices)), at)
	return err
}

// TellHouseholds records that households, which had not been told, were told a locked notice, and counts them.
func (t *Tx) TellHouseholds(ctx context.Context, n *delivery.Notice, households []delivery.UUID, a delivery.Actor, at time.Time) error {
	by := a.Ref()
	var id *delivery.UUID
	if by.UUID != "" {
		id = &by.UUID
	}
	_, err := t.exec(ctx, "mark a notice as told", `
		with marked as (
			update notice_reach
			   set told_at = $4, told_by_role = $5, told_by_id = $6
			 where community_id = $1 and notice_id = $2 and household_id = any(cast($3 as uuid[])) and told_at is null
			returning seen_at)
		update notices n
		   set told = n.told + (select count(*) from marked m where m.seen_at is null)
		 where n.community_id = $1 and n.id = $2`, n.CommunityID, n.UUID, pq.StringArray(texts(households)), at, string(by.Role), id)
	return err
}
