package walk

import (
	"fmt"

	"baogong/delivery"
	"baogong/dispatch/webhook"
)

// endpoint returns an endpoint that is not archived, with its supplier's code, or "" if it belongs to the community.
func (w *Walker) endpoint() (id delivery.ID, shop string, ok bool) {
	if id, ok = w.one(delivery.KindWebhook, "webhooks where archived_at is null order by created_at, id"); !ok {
		return id, "", false
	}
	return id, w.Column("select coalesce((select code from suppliers s where s.id = w.supplier_id), '') from webhooks w where w.id = $1", string(id.UUID))[0], true
}

// setter returns a caller who may set the endpoints of a supplier, or those of the community.
func (w *Walker) setter(shop string) string {
	if shop == "" {
		return w.by(w.commander)
	}
	return w.by(shop, w.commander)
}

func (w *Walker) setWebhooks() *Act {
	in := &webhook.SetWebhooksInput{CommunityID: w.community, Atomic: w.some(4)}
	n := &webhook.WebhookInput{Name: "仓库", URL: fmt.Sprint("https://hooks.invalid/", w.rng.IntN(9))}
	shop := ""
	if w.some(2) {
		shop = w.shop()
	}
	if id, of, ok := w.endpoint(); ok && !w.some(4) {
		n.ID, n.Off, n.Archived, shop = &id, w.some(4), w.some(6), of
	}
	if shop != "" {
		in.SupplierID = new(w.suppliers[shop])
	}
	if w.some(2) {
		n.Kinds = []delivery.EventKind{delivery.OrderPlaced, choose(w, delivery.NoticePublished, delivery.TaskCreated, delivery.ShiftSaved)}
	}
	in.Webhooks = append(in.Webhooks, n)
	return &Act{By: w.setter(shop), Input: in}
}

func (w *Walker) rotateWebhookSecret() *Act {
	id, shop, ok := w.endpoint()
	if !ok {
		return nil
	}
	return &Act{By: w.setter(shop), Input: &webhook.RotateWebhookSecretInput{WebhookID: id}}
}

func (w *Walker) resendParked() *Act {
	id, shop, ok := w.endpoint()
	if !ok {
		return nil
	}
	return &Act{By: w.setter(shop), Input: &webhook.ResendParkedInput{WebhookIds: []delivery.ID{id}}}
}

// deliver runs the sender once, if there is an endpoint.
func (w *Walker) deliver() *Act {
	if _, _, ok := w.endpoint(); !ok {
		return nil
	}
	return &Act{}
}
