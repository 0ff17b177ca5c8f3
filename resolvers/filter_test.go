package resolvers

import (
	"testing"
	"time"

	"baogong/delivery"
	"baogong/graph"
)

// If several fields of a filter are bad, the refusal names the first in the order of the schema.
func TestFiltersBlameTheFirstBadField(t *testing.T) {
	t.Parallel()
	early := time.Date(1500, 1, 1, 0, 0, 0, 0, time.UTC)
	for range 20 {
		_, err := eventFilter(&graph.OrderEventFilter{Channels: []delivery.Channel{}, OrderIds: []*delivery.ID{}, Kinds: []delivery.EventKind{}}, 1)
		if refusal := delivery.AsError(err); refusal == nil || refusal.Field[len(refusal.Field)-1] != "kinds" {
			t.Fatalf("got %+v, want a refusal of kinds", refusal)
		}
		_, err = orderFilter(&graph.OrderFilter{MovedUntil: &early, PlacedUntil: &early, MovedFrom: &early}, 1)
		if refusal := delivery.AsError(err); refusal == nil || refusal.Field[len(refusal.Field)-1] != "placedUntil" {
			t.Fatalf("got %+v, want a refusal of placedUntil", refusal)
		}
	}
}
