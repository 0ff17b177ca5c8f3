package delivery_test

import (
	"encoding/json"
	"math"
	"testing"

	"pgregory.net/rapid"

	"baogong/delivery"
)

func TestID(t *testing.T) {
	t.Parallel()
	t.Run("reads as it was written", func(t *testing.T) {
		t.Parallel()
		rapid.Check(t, func(t *rapid.T) {
			id := delivery.ID{Kind: delivery.Kind(rapid.IntRange(1, 10).Draw(t, "kind")), Community: rapid.Int32Range(0, math.MaxInt32).Draw(t, "community")}
			if id.Kind != delivery.KindCommunity {
				id.UUID = delivery.UUID(rapid.StringMatching(`[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}`).Draw(t, "uuid"))
			}
			if got, err := delivery.ParseID(id.String()); err != nil || got != id {
				t.Fatalf("got %+v, %v, want %+v", got, err, id)
			}
			b, err := json.Marshal(map[string]delivery.ID{"id": id})
			var back map[string]delivery.ID
			if err != nil || json.Unmarshal(b, &back) != nil || back["id"] != id {
				t.Fatalf("got %+v from %s, want %+v", back["id"], b, id)
			}
		})
	})
	t.Run("has one spelling only", func(t *testing.T) {
		t.Parallel()
		rapid.Check(t, func(t *rapid.T) {
			s := rapid.OneOf(rapid.String(), rapid.StringMatching(`AQ[A-Za-z0-9_-]{0,40}`), rapid.StringMatching(`AQ[A-Za-z0-9_-]{28}`)).Draw(t, "id")
			id, err := delivery.ParseID(s)
			if err == nil && id.String() != s {
				t.Fatalf("%q was read as %+v, which is written %q", s, id, id)
			}
			if err != nil && delivery.CodeOf(err) != delivery.CodeBadUserInput {
				t.Fatalf("%q: got %v, want BAD_USER_INPUT", s, err)
			}
		})
	})
	t.Run("is a text, from clients", func(t *testing.T) {
		t.Parallel()
		var id delivery.ID
		for _, v := range []any{nil, 7, 3.5, true, []any{}, "", "AQ", "AQcAAAAH"} {
			if err := id.UnmarshalGQL(v); delivery.CodeOf(err) != delivery.CodeBadUserInput {
				t.Errorf("%v: got %v, want BAD_USER_INPUT", v, err)
			}
		}
	})
}
