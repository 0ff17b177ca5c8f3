package walk

import (
	"fmt"
	"time"

	"baogong/delivery"
	"baogong/dispatch/order"
	"baogong/dispatch/window"
)

// seller returns a caller who may sell what a supplier has.
func (w *Walker) seller(shop string) string { return w.by(shop, choose(w, w.leads...), w.commander) }

func (w *Walker) savePackages() *Act {
	shop := w.shop()
	in := &window.SavePackagesInput{SupplierID: w.suppliers[shop], Atomic: w.some(4)}
	archived := w.all(delivery.KindPackage, "packages where supplier_id = $1 and archived_at is not null", string(w.suppliers[shop].UUID)) // they keep their codes
	p := &window.PackageInput{Code: fmt.Sprint("包", w.rng.IntN(4+len(archived))), Name: "蔬菜包", Unit: "份", PriceFen: int64(w.rng.IntN(5000)), Archived: w.some(6)}
	if ids := w.packages(shop, 1); len(ids) > 0 && w.some(2) {
		p.ID, p.Code = &ids[0], fmt.Sprint("改", w.rng.IntN(4))
	}
	if w.some(3) {
		p.Marks = []delivery.Mark{delivery.MarkCold}
	}
	in.Packages = append(in.Packages, p)
	return &Act{By: w.seller(shop), Input: in}
}

// packages returns some packages of a supplier.
func (w *Walker) packages(shop string, most int) []delivery.ID {
	return w.ids(most, delivery.KindPackage, "packages where supplier_id = $1 and archived_at is null order by id", string(w.suppliers[shop].UUID))
}

func (w *Walker) openWindow() *Act {
	shop := w.shop()
	packages := w.packages(shop, 1+w.rng.IntN(3))
	if len(packages) == 0 || len(w.all(delivery.KindWindow, "order_windows where decision is null")) > 4 {
		return nil
	}
	opens := w.Now().Add(time.Duration(w.rng.IntN(20)-10) * w.Minute)
	closes := opens.Add(time.Duration(10+w.rng.IntN(60)) * w.Minute)
	in := &window.OpenWindowInput{SupplierID: w.suppliers[shop], Name: "今日", OpensAt: opens, ClosesAt: closes, DeliverAt: closes.Add(w.Minute), Minimum: w.rng.IntN(4)}
	for _, id := range packages {
		o := &window.OfferInput{PackageID: id}
		if !w.some(4) {
			o.Stock, o.PhoneReserve = new(delivery.Quantity(4000+1000*w.rng.IntN(6))), delivery.Quantity(1000*w.rng.IntN(3))
		}
		if w.some(2) {
			o.HouseholdCap = new(delivery.Quantity(3000))
		}
		in.Offers = append(in.Offers, o)
	}
	return &Act{By: w.seller(shop), Input: in}
}

// window returns a window that has not been decided: one that takes orders, or one that has closed.
func (w *Walker) window(closed bool) (delivery.ID, bool) {
	where := "order_windows where decision is null and closes_at > $1 order by id"
	if closed {
		where = "order_windows where decision is null and closes_at <= $1 order by id"
	}
	ids := w.ids(1, delivery.KindWindow, where, w.Now())
	if len(ids) == 0 {
		return delivery.ID{}, false
	}
	return ids[0], true
}

func (w *Walker) releaseReserve() *Act {
	id, ok := w.window(false)
	if !ok {
		return nil
	}
	return &Act{By: w.by(choose(w, w.leads...), w.commander), Input: &window.ReleaseReserveInput{WindowID: id}}
}

func (w *Walker) decideWindow() *Act {
	id, ok := w.window(!w.some(6))
	if !ok {
		return nil
	}
	return &Act{By: w.by(choose(w, w.leads...), w.commander), Input: &window.DecideWindowInput{WindowID: id, Confirm: w.some(3)}}
}

// basket returns lines of packages that a window offers.
func (w *Walker) basket(id delivery.ID) (lines []*order.LineInput) {
	for _, p := range w.ids(1+w.rng.IntN(2), delivery.KindPackage, "(select package_id as id from offers where window_id = $1 order by package_id) o", string(id.UUID)) {
		lines = append(lines, &order.LineInput{PackageID: &p, Quantity: delivery.Quantity(1000 * (1 + w.rng.IntN(3))), Substitute: new(choose(w, delivery.Substitutes...))})
	}
	return lines
}

// enter puts an order into a window, if one takes orders.
func (w *Walker) enter(in *order.PlaceOrderInput) {
	id, ok := w.window(false)
	if !ok {
		return
	}
	in.WindowID, in.SupplierID, in.Lines = &id, nil, w.basket(id)
	if w.some(3) {
		in.Channel, in.ConsentBy, in.ReadBack = delivery.ChannelPhone, new(choose(w, delivery.Consents...)), !w.some(8)
	}
}

func (w *Walker) amendOrder() *Act {
	from, args := "orders where stage = 'PLACED' and window_id is not null order by number", []any(nil)
	if !w.some(4) { // most can be amended
		from = "orders where stage = 'PLACED' and window_id in (select w.id from order_windows w where w.decision is null and w.opens_at <= $1 and w.closes_at > $1) order by number"
		args = []any{w.Now()}
	}
	ids := w.ids(1, delivery.KindOrder, from, args...)
	if len(ids) == 0 {
		return nil
	}
	row := w.Column("select concat_ws(' ', window_id, version, placed_by_role) from orders where id = $1", string(ids[0].UUID))[0]
	var in delivery.ID
	var version int64
	var role delivery.Role
	if _, err := fmt.Sscan(row, &in.UUID, &version, &role); err != nil {
		panic(err) // the columns are not null
	}
	in.Kind, in.Community = delivery.KindWindow, w.community.Community
	by := w.by(w.commander)
	if role == delivery.RoleResident {
		by = w.household(ids[0])
	}
	if w.some(5) {
		by = w.shop()
	}
	return &Act{By: by, Input: &order.AmendOrderInput{OrderID: ids[0], ExpectedVersion: version, Lines: w.basket(in), ReadBack: !w.some(8)}}
}
