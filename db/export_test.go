package db

import "baogong/delivery"

// OrdersQuery is the text by which Orders reads a page, for tests that look at its plan.
func OrdersQuery(s delivery.Scope, community int32, f OrderFilter, by OrderSort, desc bool, p Page) (string, []any, error) {
	w := f.where(community)
	orders.visible(&w, s)
	return ordersPage(community, f, s, by, desc, w, p)
}
