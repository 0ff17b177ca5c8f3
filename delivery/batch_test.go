package delivery_test

import (
	"testing"

	"baogong/delivery"
)

func TestBatchesAreTheirIDs(t *testing.T) {
	t.Parallel()
	for _, b := range []delivery.MoveBatch{{CommunityID: 1, Epoch: 1, First: 1, Events: 1}, {CommunityID: 7, Epoch: 1<<63 - 1, First: 1<<48 - 1, Events: 1<<16 - 1}} {
		id, err := delivery.ParseID(b.ID().String())
		if err != nil {
			t.Fatal(err)
		}
		if got := delivery.BatchOf(id); got != b {
			t.Errorf("got %+v, want %+v", got, b)
		}
	}
	for _, b := range []*delivery.MoveBatch{nil, {CommunityID: 1, First: 1, Events: 1 << 16}, {CommunityID: 1, First: 1 << 48, Events: 1}} {
		if id := b.ID(); id != nil {
			t.Errorf("%+v: got %s, want none", b, id)
		}
	}
}
