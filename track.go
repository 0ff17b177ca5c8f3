package main

import (
	"context"
	"net/http"

	"baogong/delivery"
	"baogong/dispatch"
	"baogong/server"
	"baogong/web"
)

// trackedOrder is what a link shows: no name, phone or goods.
const trackedOrder = `subscription ($id: ID!) {
  order(id: $id) { number stage stageSince actsNext address building { code } stageTimes { stage at } deliveredAt held }
}`

// tracking is what the links of orders open.
func (h *house) tracking() *server.Tracking {
	return &server.Tracking{Document: trackedOrder,
		Open: func(ctx context.Context, code, address string) (server.Session, map[string]any, error) {
			actor, until, err := h.dispatch.OpenLink(ctx, dispatch.Caller{Address: address}, code)
			order := delivery.ID{Kind: delivery.KindOrder, Community: actor.Community, UUID: actor.UUID}
			return server.Session{Account: string(actor.Link), Actor: actor, Expires: until}, map[string]any{"id": order.String()}, err
		},
		Page: func(w http.ResponseWriter, r *http.Request, status int, refusal error) {
			var why *web.Refusal
			if e := delivery.AsError(refusal); e != nil {
				why = &web.Refusal{Chinese: e.Message(delivery.Chinese), English: e.Message(delivery.English)}
			}
			web.Track(w, r, status, why)
		}}
}
