package resolvers

import (
	"slices"
	"testing"

	"baogong/delivery"
)

// TestUnknownCommunityOfAScenario: the path of the refusal has a step for each field.
func TestUnknownCommunityOfAScenario(t *testing.T) {
	t.Parallel()
	ctx := WithActor(t.Context(), delivery.Actor{Role: delivery.RoleCommander, Community: 1})
	id := delivery.ID{Kind: delivery.KindCommunity, Community: 2}
	refusal := delivery.AsError(new(Resolver).enter(ctx, id, "scenario", "communityId"))
	if refusal == nil || refusal.Code() != delivery.CodeNotFound || !slices.Equal(refusal.Field, []string{"scenario", "communityId"}) {
		t.Errorf("got %+v, want NOT_FOUND of scenario, communityId", refusal)
	}
}
