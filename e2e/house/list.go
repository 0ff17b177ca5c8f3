package house

import (
	"maps"
)

// OrderPage is a page of orders.
type OrderPage struct {
	Edges []struct {
		Cursor string
		Node   OrderView
	}
	Nodes    []OrderView
	PageInfo struct {
		HasNextPage     bool
		HasPreviousPage bool
		StartCursor     *string
		EndCursor       *string
	}
	TotalCount int
	FeedCursor string
}

// ListOrders is the query of List.
const ListOrders = `query ($c: ID!, $filter: OrderFilter, $by: OrderOrder, $first: Int, $after: String, $last: Int, $before: String) {
	orders(communityId: $c, filter: $filter, orderBy: $by, first: $first, after: $after, last: $last, before: $before) {
		totalCount feedCursor pageInfo { hasNextPage hasPreviousPage startCursor endCursor } edges { cursor node { number } } nodes { id number address stage } } }`

// List reads a page of orders.
func (e *Estate) List(actor string, arguments obj) OrderPage {
	e.T.Helper()
	v := obj{"c": e.Community}
	maps.Copy(v, arguments)
	var got struct{ Orders OrderPage }
	e.Must(actor, ListOrders, v, &got)
	return got.Orders
}
