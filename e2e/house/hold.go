package house

// Hold places holds and returns their ids, or fails the test.
func (e *Estate) Hold(in obj) []string {
	e.T.Helper()
	var got struct {
		PlaceHold struct {
			UserErrors []UserError
			Results    []struct {
				Hold       *struct{ ID string }
				UserErrors []UserError
			}
		}
	}
	e.Must(e.As("C01"), `mutation ($in: PlaceHoldInput!) { placeHold(input: $in) { userErrors { `+RefusalFields+` } results { hold { id } userErrors { `+RefusalFields+` } } } }`, obj{"in": in}, &got)
	var ids []string
	for _, r := range got.PlaceHold.Results {
		if r.Hold == nil {
			e.T.Fatalf("hold: %v", r.UserErrors)
		}
		ids = append(ids, r.Hold.ID)
	}
	if len(ids) == 0 {
		e.T.Fatalf("hold: %v", got.PlaceHold.UserErrors)
	}
	return ids
}

// Release ends all open holds on an order or a building.
func (e *Estate) Release(subject string) {
	e.T.Helper()
	var open struct {
		Node struct{ Holds []struct{ ID string } }
	}
	e.Must(e.As("C01"), `query ($id: ID!) { node(id: $id) { ... on Order { holds { id } } ... on Building { holds { id } } ... on Household { holds { id } } } }`, obj{"id": subject}, &open)
	ids := Each(open.Node.Holds, func(h struct{ ID string }) string { return h.ID })
	var got struct {
		ReleaseHold struct {
			Results []struct{ UserErrors []UserError }
		}
	}
	e.Must(e.As("C01"), `mutation ($in: ReleaseHoldInput!) { releaseHold(input: $in) { results { userErrors { `+RefusalFields+` } } } }`, obj{"in": obj{"holdIds": ids}}, &got)
	for _, r := range got.ReleaseHold.Results {
		if len(r.UserErrors) > 0 {
			e.T.Fatalf("release: %v", r.UserErrors)
		}
	}
}

// Undo takes back the last move of each order, or fails the test.
func (e *Estate) Undo(actor string, ids ...string) {
	e.T.Helper()
	var now struct{ Nodes []OrderView }
	e.Must(actor, `query ($ids: [ID!]!) { nodes(ids: $ids) { ... on Order { id version } } }`, obj{"ids": ids}, &now)
	for _, r := range e.TryUndo(actor, Each(now.Nodes, func(o OrderView) obj { return obj{"orderId": o.ID, "expectedVersion": o.Version} })...).Results {
		if !r.Moved {
			e.T.Fatalf("undo: %v", r.UserErrors)
		}
	}
}

// TryUndo asks to take back the last move of orders, each named with its version.
func (e *Estate) TryUndo(actor string, orders ...obj) MoveAnswer {
	e.T.Helper()
	var got struct{ UndoMove MoveAnswer }
	e.Must(actor, `mutation ($in: UndoMoveInput!) { undoMove(input: $in) { userErrors { `+RefusalFields+` } results { orderId moved userErrors { `+RefusalFields+` } order { `+orderFields+` } } } }`, obj{"in": obj{"orders": orders}}, &got)
	return got.UndoMove
}
