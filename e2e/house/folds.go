package house

import (
	"context"
	"testing"
	"time"

	"baogong/db"
	"baogong/delivery"
)

// Folds fails the test if an order's row is not what its events fold to. It reads the orders named, or all orders of the first community.
func Folds(t testing.TB, dsn string, orders ...string) {
	t.Helper()
	ctx, cancel := context.WithTimeout(context.WithoutCancel(t.Context()), time.Minute)
	defer cancel()
	d, err := db.Open(ctx, dsn, db.Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = d.Close() }()
	byOrder := map[delivery.UUID][]*delivery.Event{}
	var ids []delivery.ID
	for seq := int64(0); ; {
		events, _, err := d.UnscopedEvents(ctx, 1, seq, 5000)
		if err != nil {
			t.Fatal(err)
		}
		if len(events) == 0 {
			break
		}
		for _, e := range events {
			if seq++; e.Seq != seq {
				t.Fatalf("event number %d is at position %d", seq, e.Seq)
			}
			if e.OrderUUID == nil {
				continue
			}
			if len(orders) == 0 && byOrder[*e.OrderUUID] == nil {
				ids = append(ids, delivery.ID{Kind: delivery.KindOrder, Community: 1, UUID: *e.OrderUUID})
			}
			byOrder[*e.OrderUUID] = append(byOrder[*e.OrderUUID], e)
		}
	}
	for _, text := range orders {
		id, err := delivery.ParseID(text)
		if err != nil {
			t.Fatal(err)
		}
		ids = append(ids, id)
	}
	admin := delivery.Actor{Name: "admin", Role: delivery.RoleAdmin}
	rows, err := d.OrdersByID(ctx, admin.Scope(), ids)
	if err != nil || len(rows) != len(ids) {
		t.Fatalf("got %d rows of %d orders, %v", len(rows), len(ids), err)
	}
	for _, o := range rows {
		folded, err := delivery.Fold(byOrder[o.UUID])
		if err != nil {
			t.Errorf("order %d: %v", o.Number, err)
		} else if !folded.Equal(&o.OrderSnapshot) {
			t.Errorf("order %d: got row %+v, want %+v as its events say", o.Number, o.OrderSnapshot, *folded)
		}
	}
}
