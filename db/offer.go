package db

import (
	"context"

	"github.com/lib/pq"

	"baogong/delivery"
)

const offerColumns = `f.community_id, f.window_id, f.package_id, f.supplier_id, f.price_fen, cast(f.stock * 1000 as bigint) as stock,
		       cast(f.household_cap * 1000 as bigint) as household_cap, cast(f.phone_reserve * 1000 as bigint) as phone_reserve, f.reserve_open,
		       cast(f.sold * 1000 as bigint) as sold, cast(f.sold_by_phone * 1000 as bigint) as sold_by_phone, p.name as item, p.unit, p.marks`

// OffersOfWindows reads the offers of the windows that the scope enters, by the codes of their packages.
func (d *DB) OffersOfWindows(ctx context.Context, s delivery.Scope, ids []delivery.ID) ([]*delivery.Offer, error) {
	var w where
	w.ids("f.community_id, f.window_id", ids)
	w.seesDirectory(s, "f.community_id")
	return listOf[*delivery.Offer](ctx, d, "read the offers of windows", `
		select `+offerColumns+`
		  from offers f
		  join packages p on p.community_id = f.community_id and p.id = f.package_id
		 `+w.String()+`
		 order by f.window_id, length(p.code), p.code`, w.args...)
}

// stockRow is a window with one of its offers.
type stockRow struct {
	delivery.Offer
	Window delivery.OrderWindow `db:"window"`
}

// LockStock locks a window that the scope enters, and the offers of the packages, or all if packages is nil, in the order of the packages. It
// returns them. All that changes what is sold locks the window first. A look returns all offers. It fails with NOT_FOUND for a window
// that the scope does not enter; every window has offers.
func (t *Tx) LockStock(ctx context.Context, s delivery.Scope, id delivery.ID, packages []delivery.UUID) (*delivery.WindowStock, error) {
	var w where
	w.and("w.community_id = ?", id.Community)
	w.and("w.id = ?", id.UUID)
	windows.visible(&w, s)
	if packages != nil && !t.looking {
		w.and("f.package_id = any(cast(? as uuid[]))", pq.StringArray(texts(packages)))
	}
	nested := ""
	for _, c := range windows.columns {
		nested += ", w." + c + ` as "window.` + c + `"`
	}
	rows, err := listTx[*stockRow](ctx, t, "lock a window with its offers", `
		select `+offerColumns+nested+`
		  from order_windows w
		  join offers f on f.community_id = w.community_id and f.window_id = w.id
		  join packages p on p.community_id = f.community_id and p.id = f.package_id
		 `+w.String()+`
		 order by f.package_id`+t.locking("for no key update of w, f"), w.args...)
	if err != nil {
		return nil, err
	}
	if len(rows) == 0 {
		return nil, delivery.Refuse(delivery.ReasonNoSuch, delivery.KindWindow.String())
	}
	offers := make([]*delivery.Offer, len(rows))
	for i, r := range rows {
		offers[i] = &r.Offer
	}
	return delivery.NewWindowStock(&rows[0].Window, offers), nil
}

// HoldStock notes in a locked stock how much the households have ordered of the packages that have a cap. It reads nothing if none has
// one.
func (t *Tx) HoldStock(ctx context.Context, s *delivery.WindowStock, households []delivery.UUID) error {
	capped := s.Capped()
	if len(capped) == 0 || len(households) == 0 {
		return nil
	}
	rows, err := listTx[struct {
		Household delivery.UUID     `db:"household_id"`
		Package   delivery.UUID     `db:"package_id"`
		Quantity  delivery.Quantity `db:"quantity"`
	}](ctx, t, "read what households have ordered in a window", `
		select o.household_id, l.package_id, cast(sum(l.quantity) * 1000 as bigint) as quantity
		  from unnest(cast($4 as uuid[])) as asked (id)
		  join orders o on o.community_id = $1 and o.household_id = asked.id and o.placed_at >= $3
		  join order_lines l on l.community_id = o.community_id and l.order_id = o.id
		 where o.window_id = $2 and o.stage <> 'CANCELLED' and l.package_id = any(cast($5 as uuid[]))
		 group by o.household_id, l.package_id`, s.Window.CommunityID, s.Window.UUID, s.Window.OpensAt, pq.StringArray(texts(households)), pq.StringArray(texts(capped)))
	for _, r := range rows {
		s.Hold(r.Household, r.Package, r.Quantity)
	}
	return err
}

// The statements that write a locked stock: of one offer and of many.
var saveOneOffer, saveManyOffers = saveOffers(true), saveOffers(false)

// saveOffers returns the statement that writes what has changed of a window's offers, whose rows LockStock has locked.
func saveOffers(single bool) string {
	return `
		with counted as (
			update order_windows set orders = $3
			 where community_id = $1 and id = $2 and orders <> $3
		)
		update offers f
		   set sold = cast(n.sold as numeric) / 1000, sold_by_phone = cast(n.sold_by_phone as numeric) / 1000, reserve_open = n.reserve_open,
		       sold_out_at = coalesce(f.sold_out_at, case when n.sold = f.stock * 1000 then cast($4 as timestamptz) end)
		  from ` + givenRows(single, 5, "uuid", "bigint", "bigint", "boolean") + `
		       as n (package_id, sold, sold_by_phone, reserve_open)
		 where f.community_id = $1 and f.window_id = $2 and f.package_id = n.package_id`
}

// SaveStock writes what has changed of a locked stock.
func (t *Tx) SaveStock(ctx context.Context, s *delivery.WindowStock) error {
	changed := s.Changed()
	if len(changed) == 0 {
		return nil
	}
	n, single := len(changed), len(changed) == 1
	packs, sold, byPhone, open := make([]string, n), make([]int64, n), make([]int64, n), make([]bool, n)
	for i, o := range changed {
		packs[i], sold[i], byPhone[i], open[i] = string(o.PackageUUID), int64(o.Sold), int64(o.SoldByPhone), o.ReserveOpen
	}
	query := saveManyOffers
	if single {
		query = saveOneOffer
	}
	_, err := t.exec(ctx, "save the offers of a window", query, s.Window.CommunityID, s.Window.UUID, s.Window.Orders, s.TakenAt(),
		givenColumn(single, packs), givenColumn(single, sold), givenColumn(single, byPhone), givenColumn(single, open))
	return err
}

// InsertOffers inserts the offers of a window.
func (t *Tx) InsertOffers(ctx context.Context, offers []*delivery.Offer) error {
	return insertAll(ctx, t, "insert the offers of a window", `
		insert into offers (community_id, window_id, package_id, supplier_id, price_fen, stock, household_cap, phone_reserve, reserve_open, sold, sold_by_phone)
		values (:community_id, :window_id, :package_id, :supplier_id, :price_fen, cast(:stock as numeric) / 1000, cast(:household_cap as numeric) / 1000,
			cast(:phone_reserve as numeric) / 1000, :reserve_open, cast(:sold as numeric) / 1000, cast(:sold_by_phone as numeric) / 1000)`, offers)
}
