package dispatch_test

import (
	"testing"

	"baogong/delivery"
	"baogong/dispatch"
	"baogong/dispatch/estate"
	"baogong/dispatch/order"
)

// A call that was made again is answered as it was the first time, also where items of it refused each other.
func TestCommunitiesOfOneCode(t *testing.T) {
	t.Parallel()
	e := newEstate(t)
	in := estate.CreateCommunitiesInput{ClientMutationID: new("k"), Communities: []*estate.NewCommunityInput{
		{Code: "aa", Name: "a", TimeZone: "Asia/Shanghai"}, {Code: "aa", Name: "b", TimeZone: "Asia/Shanghai"}}}
	for try := range 2 {
		p := must(e.d.Estate.CreateCommunities(t.Context(), e.admin, in))
		if len(p.UserErrors) > 0 || len(p.Items) != 2 || p.Items[0].ID == nil || len(p.Items[1].UserErrors) != 1 {
			t.Fatalf("try %d: got %+v, want one saved and one refused", try, p)
		}
		refusal := p.Items[1].UserErrors[0]
		if refusal.Reason != dispatch.ReasonTaken || refusal.Details != nil {
			t.Errorf("try %d: got %v, want TAKEN by a community that has no id yet", try, refusal)
		}
	}
}

// A community goes when its orders are done, as its buildings do.
func TestArchivingABusyCommunity(t *testing.T) {
	t.Parallel()
	e := newEstate(t)
	id := e.at(delivery.AtBuilding, delivery.ChannelApp)
	archive := func() *delivery.Error {
		p := must(e.d.Estate.UpdateCommunities(t.Context(), e.admin, estate.UpdateCommunitiesInput{Communities: []*estate.CommunityPatchInput{{ID: e.community, Archived: new(true)}}}))
		for _, refusal := range p.Items[0].UserErrors {
			return refusal
		}
		return nil
	}
	if refusal := archive(); refusal == nil || refusal.Reason != dispatch.ReasonInUse {
		t.Errorf("with an open order: got %v, want IN_USE", refusal)
	}
	e.move(e.supply, id, delivery.Delivered)
	if refusal := archive(); refusal != nil {
		t.Errorf("without: got %v", refusal)
	}
}

// What is not there, or not for the actor, is refused where the input names it.
func TestNowhereHasAPath(t *testing.T) {
	t.Parallel()
	e := newEstate(t)
	f := e.another()
	ghost := delivery.ID{Kind: delivery.KindOrder, Community: 999, UUID: "01890000-0000-7000-8000-000000000000"}
	expect(t, "buildings of another community", must(e.d.Estate.CreateBuildings(t.Context(), e.commander, estate.CreateBuildingsInput{CommunityID: f.community,
		Buildings: []*estate.NewBuildingInput{{Code: "Q"}}})).BulkOutcome, "NO_SUCH at communityId")
	expect(t, "a building of another community", must(e.d.Estate.UpdateBuildings(t.Context(), e.commander, estate.UpdateBuildingsInput{
		Buildings: []*estate.BuildingPatchInput{{ID: f.buildings[0], Code: new("Q")}}})).BulkOutcome, "NO_SUCH at buildings.0.id")
	expect(t, "a building of no community", must(e.d.Estate.UpdateBuildings(t.Context(), e.admin, estate.UpdateBuildingsInput{
		Buildings: []*estate.BuildingPatchInput{{ID: delivery.ID{Kind: delivery.KindBuilding, Community: 999, UUID: ghost.UUID}, Code: new("Q")}}})).BulkOutcome, "NO_SUCH at buildings.0.id")
	undone := must(e.d.Order.UndoMove(t.Context(), e.admin, order.UndoMoveInput{Orders: []*order.OrderUndoInput{{OrderID: ghost, ExpectedVersion: 1}}}))
	moved := must(e.d.Order.AdvanceOrders(t.Context(), e.admin, order.AdvanceOrdersInput{Orders: []*order.OrderMoveInput{{OrderID: ghost}}, To: delivery.AtGate}))
	for name, p := range map[string]*order.MovePayload{"undo": undone, "advance": moved} {
		if refusal := refusal(p); len(p.UserErrors) > 0 || refusal == nil || refusal.Reason != delivery.ReasonNoSuch {
			t.Errorf("%s of an order of no community: got %v, want NO_SUCH of that order", name, p)
		}
	}
}
