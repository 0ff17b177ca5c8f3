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

// trackPage is the page of a link. Its address contains the code.
var trackPage = web.AppPage{Name: "track", Title: "订单进度 · Order progress · 保供 Baogong", Secret: true}

func (l trackLinks) Page(w http.ResponseWriter, r *http.Request, status int, session server.Session, refusal error) {
	page := trackPage
	if e := delivery.AsError(refusal); e != nil {
		page.Refusal = &web.Refusal{Chinese: e.Message(delivery.Chinese), English: e.Message(delivery.English)}
	} else {
		page.Given = func(ctx context.Context) web.Given { return l.given(ctx, session.Actor) }
	}
	page.Answer(w, r, status)
}

// given returns the time zone of the actor's community and the number of its phone desk. If they cannot be read, the page shows times in the zone of the device, and no number.
func (l trackLinks) given(ctx context.Context, a delivery.Actor) web.Given {
	rows, err := l.verbs.Access.DB.CommunitiesByID(ctx, a.Scope(), []delivery.ID{{Kind: delivery.KindCommunity, Community: a.Community}})
	if err != nil || len(rows) == 0 || rows[0] == nil {
		return web.Given{}
	}
	return web.Given{TimeZone: rows[0].TimeZone, DeskPhone: rows[0].DeskPhone}
}
