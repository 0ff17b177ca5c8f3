package app

import (
	"context"
	"net/http"

	"baogong/delivery"
	"baogong/dispatch/access"
	"baogong/dispatch/verbs"
	"baogong/server"
	"baogong/web"
)

// trackedOrder is the subscription that a link shows: no name, phone or goods.
const trackedOrder = `subscription ($id: ID!) {
  order(id: $id) { number stage stageSince actsNext address building { code } stageTimes { stage at } deliveredAt held }
}`

// trackLinks opens the tracking links of orders.
type trackLinks struct{ verbs *verbs.All }

func (l trackLinks) Open(ctx context.Context, code, address string) (server.Session, map[string]any, error) {
	actor, until, err := l.verbs.Access.OpenLink(ctx, access.Requester{Address: address}, code)
	order := delivery.ID{Kind: delivery.KindOrder, Community: actor.Community, UUID: actor.UUID}
	return server.Session{Account: string(actor.Link), Actor: actor, Expires: until}, map[string]any{"id": order.String()}, err
}

func (trackLinks) Document() string { return trackedOrder }

func (trackLinks) Page(w http.ResponseWriter, r *http.Request, status int, refusal error) {
	var why *web.Refusal
	if e := delivery.AsError(refusal); e != nil {
		why = &web.Refusal{Chinese: e.Message(delivery.Chinese), English: e.Message(delivery.English)}
	}
	web.Track(w, r, status, why)
}
