package db_test

import (
	"reflect"
	"testing"

	"pgregory.net/rapid"

	"baogong/delivery"
)

func TestCityBoard(t *testing.T) {
	t.Parallel()
	w := newTown(t).fill(seeded(5), 60, 0, 0)
	rapid.Check(t, func(rt *rapid.T) {
		d := rapidDice{rt}
		if oneIn(d, 2) {
			w.order(d, pick(d, w.communities).CommunityID)
		}
		at := w.instant(d)
		before := w.db.Statements()
		got, err := w.db.CityBoard(t.Context(), delivery.Scope{Class: delivery.SeesNumbers, Communities: []int32{0}}, at)
		if err != nil {
			rt.Fatal(err)
		}
		if n := w.db.Statements() - before; n != 1 {
			rt.Fatalf("got %d statements, want one", n)
		}
		var counted []delivery.CityCount
		for _, c := range w.communities {
			from, until := c.Today(at)
			n := delivery.CityCount{Community: c}
			for _, h := range of(w.households, c.CommunityID) {
				if h.ArchivedAt == nil {
					n.Households++
				}
				sort := delivery.CityPattern{Households: 1, Orders: make([]int64, len(delivery.CityGroups))}
				for _, o := range of(w.orders, c.CommunityID) {
					if o.HouseholdUUID != h.UUID {
						continue
					}
					for i, g := range delivery.CityGroups {
						var in bool
						open := !o.Stage.Final()
						switch g {
						case delivery.CityHeld:
							in = open && o.Held()
						case delivery.CityMoving:
							in = open && !o.Held()
						case delivery.CityWithoutHolder:
							in = open && o.HolderID() == nil
						case delivery.CityWithHolder:
							in = open && o.HolderID() != nil
						case delivery.CityGroup(delivery.Delivered):
							in = o.Stage == delivery.Delivered && !o.DeliveredAt.Before(from) && o.DeliveredAt.Before(until)
						default:
							in = o.Stage == delivery.Stage(g)
						}
						if in {
							sort.Groups |= 1 << i
							sort.Orders[i]++
						}
					}
				}
				if sort.Groups != 0 {
					n.Patterns = append(n.Patterns, sort)
				}
			}
			counted = append(counted, n)
		}
		want := delivery.NewCityBoard(at, counted)
		for i, c := range got.Communities {
			if c.Community.CommunityID != w.communities[i].CommunityID || c.Community.Code != w.communities[i].Code {
				rt.Fatalf("got community %+v, want %+v", c.Community, w.communities[i])
			}
			c.Community = w.communities[i] // read back with another time zone
		}
		if !reflect.DeepEqual(got.Communities, want.Communities) {
			for i := range got.Communities {
				rt.Errorf("got %v, want %v", figuresOf(got.Communities[i]), figuresOf(want.Communities[i]))
			}
		}
	})
}

// figuresOf writes a community's numbers, * for those suppressed.
func figuresOf(c *delivery.CityCommunity) (out []any) {
	for _, n := range []*delivery.CityNumber{c.Households, c.Open, c.Held, c.WithoutHolder, c.DeliveredToday} {
		out = append(out, figure(n))
	}
	for _, cell := range c.Stages {
		out = append(out, figure(&cell.CityNumber))
	}
	return out
}

func figure(n *delivery.CityNumber) any {
	if n.Suppressed() {
		return "*"
	}
	return *n.Count
}
