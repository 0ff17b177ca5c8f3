package db

import (
	"context"
	"strconv"
	"time"

	"github.com/lib/pq"

	"baogong/delivery"
)

// rounds are seen by viewers who see the whole community, and by volunteers of buildings that a round went to.
var rounds = noun[delivery.Round]{
	table: "rounds", alias: "r",
	from: `rounds r
 cross join lateral (
	select count(*) as taken, count(*) filter (where x.outcome = 'DELIVERED') as delivered, count(*) filter (where x.outcome = 'FAILED') as failed,
	       count(*) filter (where x.outcome is null) as out
	  from round_orders x
	 where x.community_id = r.community_id and x.round_id = r.id) c`,
	columns: []string{"community_id", "id", "number", "volunteer_id", "implicit", "started_at", "ended_at", "version", "c.taken", "c.delivered", "c.failed", "c.out"},
	visible: func(w *where, s delivery.Scope) {
		w.seesCommunity(s, "r.community_id")
		switch s.Class {
		case delivery.SeesAll:
		case delivery.SeesBuildings:
			w.and(`exists (select from round_orders x where x.community_id = r.community_id and x.round_id = r.id and x.building_id = any(cast(? as uuid[])))`,
				pq.StringArray(texts(s.Buildings)))
		default:
			w.and("false")
		}
	},
	sorting: sorting{columns: []sortColumn{{"-r.number", "bigint"}}},
}

// goingOn is the condition of open rounds. A round that a move opened by itself is open without an order until the day ends.
const goingOn = "r.ended_at is null and (c.out > 0 or not r.implicit)"

// Rounds reads a page of a community's rounds, newest first: all, only the open ones, or those that went to a building.
func (d *DB) Rounds(ctx context.Context, s delivery.Scope, community int32, open bool, building delivery.UUID, p Range) (*Rows[delivery.Round], error) {
	var w where
	w.and("r.community_id = ?", community)
	if open {
		w.and(goingOn)
	}
	if building != "" {
		w.and("exists (select from round_orders x where x.community_id = r.community_id and x.round_id = r.id and x.building_id = ?)", building)
	}
	return rounds.page(ctx, d, s, w, p)
}

// RoundsByID reads the rounds with the ids that the scope sees, in no order.
func (d *DB) RoundsByID(ctx context.Context, s delivery.Scope, ids []delivery.ID) ([]*delivery.Round, error) {
	return rounds.byIDs(ctx, d, s, ids)
}

// OrderOfRound is an order that is out with a round, with the floor of its door.
type OrderOfRound struct {
	delivery.Order
	Round delivery.UUID  `db:"of_round"`
	Floor int            `db:"floor"`
	Needs delivery.Needs `db:"needs"`
}

// RoundID is the opaque id of the round.
func (o *OrderOfRound) RoundID() delivery.ID {
	return delivery.ID{Kind: delivery.KindRound, Community: o.CommunityID, UUID: o.Round}
}

// OrdersOfRounds reads the orders that are out with the rounds and that the scope sees: by building and unit, from the top floor down,
// by room and number.
func (d *DB) OrdersOfRounds(ctx context.Context, s delivery.Scope, ids []delivery.ID) ([]*OrderOfRound, error) {
	var w where
	w.ids("x.community_id, x.round_id", ids)
	w.and("x.outcome is null")
	orders.visible(&w, s)
	return listOf[*OrderOfRound](ctx, d, "read the orders of rounds", `
		select `+orders.flat()+`, x.round_id as of_round, h.floor, h.needs
		  from `+orders.from+`
		  join round_orders x on x.community_id = o.community_id and x.order_id = o.id
		  join buildings b on b.community_id = o.community_id and b.id = o.building_id
		  join units u on u.community_id = o.community_id and u.id = o.unit_id
		 `+w.String()+`
		 order by length(b.code), b.code, u.number, h.floor desc, length(h.room), h.room, o.number`, w.args...)
}

// RoundOf reads the volunteer's open round, nil if there is none or the scope does not see it.
func (d *DB) RoundOf(ctx context.Context, s delivery.Scope, community int32, volunteer delivery.UUID) (*delivery.Round, error) {
	var w where
	w.and("r.community_id = ?", community)
	w.and("r.volunteer_id = ?", volunteer)
	w.and(goingOn)
	rounds.visible(&w, s)
	rows, err := list[*delivery.Round](ctx, d, "read the round of a volunteer", "select "+rounds.flat()+"\n  from "+rounds.from+"\n "+w.String(), w.args...)
	if err != nil || len(rows) == 0 {
		return nil, err
	}
	return rows[0], nil
}

// OrdersToTake reads the orders that the scope sees on the shelves of the buildings that the volunteer serves, without held ones: by building
// and unit, from the top floor down, by room and number; at most MaxRound.
func (d *DB) OrdersToTake(ctx context.Context, s delivery.Scope, community int32, volunteer delivery.UUID) ([]*delivery.Order, error) {
	var w where
	own := w.arg(community)
	w.and("o.community_id = " + own)
	w.and("o.stage = 'AT_BUILDING'")
	w.and("o.open_holds = 0")
	w.and("o.building_id = any(array(select x.building_id from services x where x.community_id = "+own+" and x.volunteer_id = ?))", volunteer)
	orders.visible(&w, s)
	return list[*delivery.Order](ctx, d, "read the orders that a volunteer can take", "select "+orders.flat()+"\n  from "+orders.from+`
		  join buildings b on b.community_id = o.community_id and b.id = o.building_id
		  join units u on u.community_id = o.community_id and u.id = o.unit_id
		 `+w.String()+`
		 order by length(b.code), b.code, u.number, h.floor desc, length(h.room), h.room, o.number
		 limit `+strconv.Itoa(delivery.MaxRound), w.args...)
}

// Round reads a round that the scope sees.
func (t *Tx) Round(ctx context.Context, s delivery.Scope, id delivery.ID) (*delivery.Round, error) {
	var w where
	w.and("r.community_id = ?", id.Community)
	w.and("r.id = ?", id.UUID)
	rounds.visible(&w, s)
	rows, err := listTx[*delivery.Round](ctx, t, "read a round", "select "+rounds.flat()+"\n  from "+rounds.from+"\n "+w.String(), w.args...)
	return one(rows, err, delivery.KindRound)
}

const roundColumns = `r.community_id, r.id, r.number, r.volunteer_id, r.implicit, r.started_at, r.ended_at, r.version`

// LockOpenRound locks the volunteer's open round and returns it, or ErrNoRow. Lock it after the orders: a move that names no round
// locks its order first.
func (t *Tx) LockOpenRound(ctx context.Context, community int32, volunteer delivery.UUID) (*delivery.Round, error) {
	return first(listTx[*delivery.Round](ctx, t, "lock an open round", `
		select `+roundColumns+`
		  from rounds r
		 where r.community_id = $1 and r.volunteer_id = $2 and r.ended_at is null
		 order by r.id`+t.locking("for no key update"), community, volunteer))
}

// LockRounds locks rounds in id order and returns them by id.
func (t *Tx) LockRounds(ctx context.Context, community int32, ids []delivery.UUID) (map[delivery.UUID]*delivery.Round, error) {
	out := map[delivery.UUID]*delivery.Round{}
	if len(ids) == 0 {
		return out, nil
	}
	rows, err := listTx[*delivery.Round](ctx, t, "lock rounds", `
		select `+roundColumns+`
		  from rounds r
		 where r.community_id = $1 and r.id = any(cast($2 as uuid[]))
		 order by r.id`+t.locking("for no key update"), community, pq.StringArray(texts(ids)))
	for _, r := range rows {
		out[r.UUID] = r
	}
	return out, err
}

// EndIdleRounds ends the rounds of the community that moves opened by themselves and that have no order out.
func (t *Tx) EndIdleRounds(ctx context.Context, community int32, at time.Time) error {
	open, err := listTx[delivery.UUID](ctx, t, "lock the rounds that moves opened", `
		select r.id
		  from rounds r
		 where r.community_id = $1 and r.ended_at is null and r.implicit
		 order by r.id`+t.locking("for no key update"), community)
	if err != nil || len(open) == 0 {
		return err
	}
	// A statement of its own, so that it sees the orders that joined while this one waited for the locks.
	_, err = t.exec(ctx, "end the rounds that moves opened", `
		update rounds r
		   set ended_at = greatest(r.started_at, $3), version = r.version + 1
		 where r.community_id = $1 and r.id = any(cast($2 as uuid[]))
		   and not exists (select from round_orders x where x.community_id = r.community_id and x.round_id = r.id and x.outcome is null)`,
		community, pq.StringArray(texts(open)), at)
	return err
}

// InsertRound inserts a round. A constraint refuses a second open one of the volunteer (rounds_one_open).
func (t *Tx) InsertRound(ctx context.Context, r *delivery.Round) error {
	return t.named(ctx, "insert a round", `
		insert into rounds (community_id, id, number, volunteer_id, implicit, started_at, ended_at, version)
		values (:community_id, :id, :number, :volunteer_id, :implicit, :started_at, :ended_at, :version)`, r)
}

// SaveRound writes a locked round.
func (t *Tx) SaveRound(ctx context.Context, r *delivery.Round) error {
	return t.named(ctx, "save a round", `
		update rounds set implicit = :implicit, ended_at = :ended_at, version = :version
		 where community_id = :community_id and id = :id`, r)
}

// OrdersOut reads which orders are out with a round.
func (t *Tx) OrdersOut(ctx context.Context, round delivery.ID) ([]delivery.ID, error) {
	rows, err := listTx[delivery.UUID](ctx, t, "read the orders of a round", `
		select order_id
		  from round_orders
		 where community_id = $1 and round_id = $2 and outcome is null
		 order by order_id`, round.Community, round.UUID)
	return orderIDs(round.Community, rows), err
}

// BuildingOfRound is a building that a round went to, and how many of its orders are out with the round still.
type BuildingOfRound struct {
	UUID delivery.UUID `db:"building_id"`
	Out  int           `db:"out"`
}

// BuildingsOfRound reads the buildings that a round went to, by id.
func (t *Tx) BuildingsOfRound(ctx context.Context, round delivery.ID) ([]BuildingOfRound, error) {
	return listTx[BuildingOfRound](ctx, t, "read the buildings of a round", `
		select building_id, count(*) filter (where outcome is null) as out
		  from round_orders
		 where community_id = $1 and round_id = $2
		 group by building_id
		 order by building_id`, round.Community, round.UUID)
}

// OrdersOnShelves reads which orders of the units stand AT_BUILDING without a hold, those that came first before the others, at most
// limit.
func (t *Tx) OrdersOnShelves(ctx context.Context, s delivery.Scope, community int32, units []delivery.UUID, limit int) ([]delivery.ID, error) {
	if len(units) == 0 || limit <= 0 {
		return nil, nil
	}
	var w where
	w.and("o.community_id = ?", community)
	w.and("o.unit_id = any(cast(? as uuid[]))", pq.StringArray(texts(units)))
	w.and("o.stage = 'AT_BUILDING'")
	w.and("o.open_holds = 0")
	w.scope(s, orderKeys)
	most := w.arg(limit)
	rows, err := listTx[delivery.UUID](ctx, t, "read the orders on shelves", `
		select o.id
		  from orders o
		 `+w.String()+`
		 order by o.stage_since, o.number
		 limit `+most, w.args...)
	return orderIDs(community, rows), err
}

func orderIDs(community int32, rows []delivery.UUID) []delivery.ID {
	out := make([]delivery.ID, len(rows))
	for i, id := range rows {
		out[i] = delivery.ID{Kind: delivery.KindOrder, Community: community, UUID: id}
	}
	return out
}
