package demo

import (
	"context"
	"io"
	"net/http"

	"baogong/delivery"
	"baogong/dispatch/webhook"
)

// warehouse is the name of the pharmacy's endpoint.
const warehouse = "药房仓库（演示）"

// Warehouse is the receiver of the pharmacy's webhooks. It takes every event and keeps nothing; a real one verifies the signature (docs/webhooks.md).
func Warehouse() http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		_, _ = io.Copy(io.Discard, http.MaxBytesReader(w, r.Body, 1<<20))
		w.WriteHeader(http.StatusNoContent)
	})
}

// SendTo has the events of the pharmacy's orders sent to an address, at which Warehouse is served. A visitor's changes stay, except the address.
func (e *Simulation) SendTo(ctx context.Context, url string) error {
	chemist, there := e.suppliers[pharmacy]
	if !there {
		return nil
	}
	known, err := e.DB.Webhooks(ctx, chemist.Scope(), e.community.Community, &chemist.UUID, false)
	if err != nil {
		return err
	}
	set := &webhook.WebhookInput{Name: warehouse, URL: url, Kinds: []delivery.EventKind{delivery.OrderPlaced, delivery.OrderMoved}}
	for _, w := range known {
		if w.Name == warehouse {
			set.ID, set.Off = new(w.ID()), w.Off != nil
			set.Kinds = w.Kinds
		}
	}
	supplier := delivery.ID{Kind: delivery.KindSupplier, Community: chemist.Community, UUID: chemist.UUID}
	p, err := e.Verbs.Webhook.SetWebhooks(ctx, chemist, webhook.SetWebhooksInput{CommunityID: e.community, SupplierID: &supplier, Webhooks: []*webhook.WebhookInput{set}})
	if err != nil {
		return err
	}
	return complain(&p.BulkOutcome)
}
