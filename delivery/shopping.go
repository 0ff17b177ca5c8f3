package delivery

import (
	"cmp"
	"slices"
)

// MaxShopping is the maximum number of orders that one shopping list joins.
const MaxShopping = 200

// ShoppingItem is one item of a walk through a shop, for all orders that need it.
type ShoppingItem struct {
	Item     string
	Unit     string
	Quantity Quantity // of all orders
	For      []*ShoppingNeed
}

// ShoppingNeed is how much of an item one line of an order needs.
type ShoppingNeed struct {
	Order *Order
	*Line
}

// NewShoppingList joins the lines of orders: each item in each unit once, by name, with the lines that need it in the order of the orders' numbers. Items
// are the same if their names and units have the same normal form (Key); the first one's spelling is shown.
func NewShoppingList(orders []*Order, lines []*Line) []*ShoppingItem {
	byID := make(map[UUID]*Order, len(orders))
	for _, o := range orders {
		byID[o.UUID] = o
	}
	lines = slices.DeleteFunc(slices.Clone(lines), func(l *Line) bool { return byID[l.OrderUUID] == nil })
	slices.SortStableFunc(lines, func(a, b *Line) int {
		return cmp.Or(cmp.Compare(byID[a.OrderUUID].Number, byID[b.OrderUUID].Number), cmp.Compare(a.Position, b.Position))
	})
	type key struct{ item, unit string }
	known := map[key]*ShoppingItem{}
	out := []*ShoppingItem{}
	for _, l := range lines {
		k := key{Key(l.Item), Key(l.Unit)}
		item := known[k]
		if item == nil {
			item = &ShoppingItem{Item: l.Item, Unit: l.Unit}
			known[k] = item
			out = append(out, item)
		}
		item.Quantity += l.Quantity
		item.For = append(item.For, &ShoppingNeed{byID[l.OrderUUID], l})
	}
	slices.SortStableFunc(out, func(a, b *ShoppingItem) int {
		return cmp.Or(cmp.Compare(Key(a.Item), Key(b.Item)), cmp.Compare(Key(a.Unit), Key(b.Unit)))
	})
	return out
}

// CanShopFor reports whether the actor may read the shopping list of the volunteer: volunteers their own, leads, the commander and administrators
// every one.
func (a Actor) CanShopFor(community int32, volunteer UUID) bool {
	own := a.Volunteer()
	return a.CanLeadTeam(community) || a.Community == community && own != nil && *own == volunteer
}
