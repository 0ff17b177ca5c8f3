package jielong

import (
	"slices"

	"baogong/delivery"
	"baogong/reading"
	"baogong/reading/address"
)

// Diff is how a list differs from the one that was posted before, by door. The later list replaces the earlier one, but a door that vanished is
// asked about: people delete entries of others by mistake.
type Diff struct {
	Unchanged, New, Gone []address.Door
	Changed              []Change
}

// Change is one good of a door, of which another quantity is asked for than before.
type Change struct {
	Door     address.Door
	Item     string
	Was, Now delivery.Quantity
}

// Difference compares the orders of two lists. Entries that wait or are taken back are no orders; several of one door count together.
func Difference(before, after []reading.Entry) Diff {
	was, wasOrder := byDoor(before)
	now, nowOrder := byDoor(after)
	var d Diff
	for _, door := range nowOrder {
		then, known := was[door]
		if !known {
			d.New = append(d.New, door)
			continue
		}
		changes := changed(door, then, now[door])
		if len(changes) == 0 {
			d.Unchanged = append(d.Unchanged, door)
		}
		d.Changed = append(d.Changed, changes...)
	}
	for _, door := range wasOrder {
		if _, known := now[door]; !known {
			d.Gone = append(d.Gone, door)
		}
	}
	return d
}

// wanted is how much of each good a door asks for.
type wanted struct {
	items []string
	of    map[string]delivery.Quantity
}

func byDoor(entries []reading.Entry) (map[address.Door]*wanted, []address.Door) {
	doors := map[address.Door]*wanted{}
	var order []address.Door
	for i := range entries {
		e := &entries[i]
		if e.Asks != reading.Place {
			continue
		}
		door := e.Address.Door
		w := doors[door]
		if w == nil {
			w = &wanted{of: map[string]delivery.Quantity{}}
			doors[door] = w
			order = append(order, door)
		}
		for _, g := range e.Goods {
			if !slices.Contains(w.items, g.Item) {
				w.items = append(w.items, g.Item)
			}
			w.of[g.Item] += g.Quantity
		}
	}
	return doors, order
}

func changed(door address.Door, was, now *wanted) []Change {
	var out []Change
	for _, item := range now.items {
		if was.of[item] != now.of[item] {
			out = append(out, Change{Door: door, Item: item, Was: was.of[item], Now: now.of[item]})
		}
	}
	for _, item := range was.items {
		if !slices.Contains(now.items, item) {
			out = append(out, Change{Door: door, Item: item, Was: was.of[item]})
		}
	}
	return out
}
