package demo

import (
	"context"
	"slices"
	"time"

	"baogong/delivery"
	"baogong/dispatch/order"
	"baogong/dispatch/window"
)

// sales are the suppliers' packages, and when in the day their windows close. All open in the morning. That of the group closes before visitors
// come, who find it waiting for a decision.
var sales = []sale{
	{group, 9*time.Hour + 30*time.Minute, 12, "邻里团购", []*window.PackageInput{
		{Code: "T1", Name: "团购蔬菜包（8 样 10 斤）", Unit: "份", PriceFen: 4990}, {Code: "T2", Name: "团购肉蛋包", Unit: "份", PriceFen: 8800, Marks: []delivery.Mark{delivery.MarkCold}},
		{Code: "T3", Name: "团购水果箱", Unit: "箱", PriceFen: 6900, Marks: []delivery.Mark{delivery.MarkHeavy}}}},
	{fresh, 20 * time.Hour, 0, "明早生鲜", []*window.PackageInput{
		{Code: "A", Name: "营养套餐 A：蔬菜", Unit: "份", PriceFen: 3900}, {Code: "B", Name: "营养套餐 B：蔬菜和猪肉", Unit: "份", PriceFen: 7900, Marks: []delivery.Mark{delivery.MarkCold}},
		{Code: "C", Name: "营养套餐 C：牛奶和鸡蛋", Unit: "份", PriceFen: 8900, Marks: []delivery.Mark{delivery.MarkFragile}}}},
	{market, 20 * time.Hour, 0, "明日米面粮油", []*window.PackageInput{
		{Code: "M1", Name: "米 10 斤", Unit: "袋", PriceFen: 3450, Marks: []delivery.Mark{delivery.MarkHeavy}}, {Code: "M2", Name: "面粉和菜籽油", Unit: "份", PriceFen: 10370}}},
	{pharmacy, 18 * time.Hour, 0, "明日代配药", []*window.PackageInput{
		{Code: "Y1", Name: "慢病一月药包", Unit: "份", PriceFen: 12600, Marks: []delivery.Mark{delivery.MarkMedicine}}, {Code: "Y2", Name: "防护包", Unit: "份", PriceFen: 4900}}},
}

// sale is what a supplier sells in its window.
type sale struct {
	supplier string
	closes   time.Duration // of the day
	minimum  int
	name     string
	packages []*window.PackageInput
}

// selling is the window of a supplier that takes orders, or waits for a decision.
type selling struct {
	window   delivery.ID
	packages []delivery.ID
	closes   time.Time
}

// decideAfter is how long after its close the simulation decides a window, if no visitor has.
const decideAfter = 3 * time.Hour

// loadPackages adds the suppliers' packages, unless a supplier has some.
func (e *Simulation) loadPackages(ctx context.Context) error {
	for _, s := range sales {
		a, there := e.suppliers[s.supplier]
		if !there {
			continue
		}
		rows, err := e.DB.PackagesOf(ctx, a.Scope(), *a.Ref().ID(), true)
		if err != nil {
			return err
		}
		if len(rows) > 0 {
			continue
		}
		p, err := e.Verbs.Window.SavePackages(ctx, a, window.SavePackagesInput{SupplierID: *a.Ref().ID(), Packages: s.packages})
		if err != nil {
			return err
		}
		if err := complain(&p.BulkOutcome); err != nil {
			return err
		}
	}
	return nil
}

// planWindows puts the day's windows on the agenda: they open in the morning, and are decided some time after they close.
func (e *Simulation) planWindows(plan func(time.Time, func(context.Context) error), day time.Time) {
	plan(day.Add(morning), e.openWindows)
	for _, s := range sales {
		plan(day.Add(s.closes+decideAfter), func(ctx context.Context) error { return e.decide(ctx, s) })
	}
}

// openWindows opens the windows that are due today, and notes those that are there already.
func (e *Simulation) openWindows(ctx context.Context) error {
	e.selling = map[string]*selling{}
	now, day := e.Clock.Now(), e.today()
	for _, s := range sales {
		a, there := e.suppliers[s.supplier]
		if !there {
			continue
		}
		known, err := e.DB.OrderWindows(ctx, a.Scope(), a.Community, a.UUID, nil)
		if err != nil {
			return err
		}
		i := slices.IndexFunc(known, func(w *delivery.OrderWindow) bool { return w.Decision == nil })
		if i < 0 && (now.Before(day.Add(morning)) || !now.Before(day.Add(s.closes-time.Minute))) {
			continue
		}
		rows, err := e.DB.PackagesOf(ctx, a.Scope(), *a.Ref().ID(), false)
		if err != nil {
			return err
		}
		if len(rows) == 0 { // a visitor archived them
			continue
		}
		sold := &selling{closes: day.Add(s.closes)}
		for _, p := range rows {
			sold.packages = append(sold.packages, p.ID())
		}
		if i >= 0 {
			sold.window, sold.closes, sold.packages = known[i].ID(), known[i].ClosesAt, nil
			offers, err := e.DB.OffersOfWindows(ctx, a.Scope(), []delivery.ID{sold.window})
			if err != nil {
				return err
			}
			for _, o := range offers {
				sold.packages = append(sold.packages, o.PackageID())
			}
		} else if sold.window, err = e.openWindow(ctx, a, s, sold); err != nil {
			return err
		}
		e.selling[s.supplier] = sold
	}
	return nil
}

// openWindow opens a supplier's window of the day.
func (e *Simulation) openWindow(ctx context.Context, a delivery.Actor, s sale, sold *selling) (delivery.ID, error) {
	in := window.OpenWindowInput{SupplierID: *a.Ref().ID(), Name: s.name, OpensAt: e.Clock.Now(), ClosesAt: sold.closes, DeliverAt: sold.closes.Add(14 * time.Hour), Minimum: s.minimum}
	for i, id := range sold.packages[:min(len(sold.packages), delivery.MaxOffers)] {
		o := &window.OfferInput{PackageID: id, HouseholdCap: new(delivery.Quantity(3000))}
		if i == 0 {
			o.Stock, o.PhoneReserve = new(delivery.Quantity(120_000)), 30_000
		}
		in.Offers = append(in.Offers, o)
	}
	p, err := e.Verbs.Window.OpenWindow(ctx, a, in)
	if err != nil {
		return delivery.ID{}, err
	}
	for _, refusal := range p.UserErrors {
		return delivery.ID{}, refusal
	}
	return *p.WindowID, nil
}

// enter puts some of a supplier's orders into its window while that is open: all of the group's, and a third of the others'.
func (e *Simulation) enter(in *order.PlaceOrderInput) {
	if in.SupplierID == nil || in.Channel.RunByVolunteer() {
		return
	}
	for code, sold := range e.selling {
		if e.suppliers[code].UUID != in.SupplierID.UUID || !e.Clock.Now().Before(sold.closes) || code != group && e.random.IntN(3) > 0 {
			continue
		}
		in.WindowID, in.Marks = &sold.window, nil
		n := 1 + e.random.IntN(2)
		in.Lines = nil
		for _, i := range e.random.Perm(len(sold.packages))[:min(n, len(sold.packages))] {
			in.Lines = append(in.Lines, &order.LineInput{PackageID: &sold.packages[i], Quantity: delivery.Quantity(1+e.random.IntN(2)) * 1000})
		}
	}
}

// decided leaves out orders of windows that no one has decided: the truck does not take them yet.
func (e *Simulation) decided(orders []*delivery.Order) []*delivery.Order {
	return slices.DeleteFunc(orders, func(o *delivery.Order) bool {
		for _, sold := range e.selling {
			if o.WindowUUID != nil && *o.WindowUUID == sold.window.UUID {
				return true
			}
		}
		return false
	})
}

// decide has the supplier decide its window, unless a visitor has: it confirms one that has its minimum, and calls off another.
func (e *Simulation) decide(ctx context.Context, s sale) error {
	a, there := e.suppliers[s.supplier]
	sold := e.selling[s.supplier]
	if !there || sold == nil {
		return nil
	}
	rows, err := e.DB.WindowsByID(ctx, a.Scope(), []delivery.ID{sold.window})
	if err != nil || len(rows) == 0 {
		return err
	}
	delete(e.selling, s.supplier)
	w := rows[0]
	if w.StateAt(e.Clock.Now()) != delivery.WindowClosed {
		return nil
	}
	p, err := e.Verbs.Window.DecideWindow(ctx, a, window.DecideWindowInput{WindowID: sold.window, Confirm: w.Orders >= w.Minimum})
	if err == nil {
		e.report.Moves += p.Cancelled
		e.report.Refused += len(p.UserErrors)
	}
	return err
}
