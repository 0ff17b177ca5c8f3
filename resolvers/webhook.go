package resolvers

import (
	"context"
	"errors"
	"fmt"

	"github.com/99designs/gqlgen/graphql"
	"github.com/vektah/gqlparser/v2"

	"baogong/db"
	"baogong/delivery"
	"baogong/dispatch/webhook"
	"baogong/graph"
)

var (
	webhookByID = guardedNoun(delivery.KindWebhook, (*db.DB).WebhooksByID, func(a delivery.Actor, id delivery.ID) bool {
		return a.CanSetWebhooks(id.Community, a.UUID) // of a supplier's the scope shows its own only
	})
	waitingOfWebhook = belonging((*db.DB).WaitingOfWebhooks, (*db.WebhookWaiting).WebhookID)
)

func (r mutationResolver) SetWebhooks(ctx context.Context, input webhook.SetWebhooksInput) (*webhook.SetWebhooksPayload, error) {
	return together(ctx, (*webhook.SetWebhooksPayload).Results)(r.Verbs.Webhook.SetWebhooks(ctx, ActorFrom(ctx), input))
}

func (r mutationResolver) RotateWebhookSecret(ctx context.Context, input webhook.RotateWebhookSecretInput) (*webhook.RotateWebhookSecretPayload, error) {
	return r.Verbs.Webhook.RotateWebhookSecret(ctx, ActorFrom(ctx), input)
}

func (r mutationResolver) ResendParked(ctx context.Context, input webhook.ResendParkedInput) (*webhook.ResendParkedPayload, error) {
	return together(ctx, func(p *webhook.ResendParkedPayload) []*webhook.ResendResult { return p.Results })(r.Verbs.Webhook.ResendParked(ctx, ActorFrom(ctx), input))
}

type webhookResultResolver struct{ *Resolver }

// WebhookResult returns the resolver of WebhookResult.
func (r *Resolver) WebhookResult() graph.WebhookResultResolver { return webhookResultResolver{r} }

func (webhookResultResolver) Webhook(ctx context.Context, i *webhook.WebhookResult) (*delivery.Webhook, error) {
	return maybe(ctx, webhookByID.in(load(ctx)), i.ID)
}

type webhookSecretResolver struct{ *Resolver }

// RotateWebhookSecretPayload returns the resolver of RotateWebhookSecretPayload.
func (r *Resolver) RotateWebhookSecretPayload() graph.RotateWebhookSecretPayloadResolver {
	return webhookSecretResolver{r}
}

func (webhookSecretResolver) Webhook(ctx context.Context, p *webhook.RotateWebhookSecretPayload) (*delivery.Webhook, error) {
	return maybe(ctx, webhookByID.in(load(ctx)), p.WebhookID)
}

type resendResolver struct{ *Resolver }

// ResendResult returns the resolver of ResendResult.
func (r *Resolver) ResendResult() graph.ResendResultResolver { return resendResolver{r} }

func (resendResolver) Webhook(ctx context.Context, i *webhook.ResendResult) (*delivery.Webhook, error) {
	return maybe(ctx, webhookByID.in(load(ctx)), i.WebhookID)
}

type webhookResolver struct{ *Resolver }

// Webhook returns the resolver of Webhook.
func (r *Resolver) Webhook() graph.WebhookResolver { return webhookResolver{r} }

func (webhookResolver) Supplier(ctx context.Context, w *delivery.Webhook) (*delivery.Supplier, error) {
	return of(ctx, supplierByID.in(load(ctx)), w, (*delivery.Webhook).SupplierID)
}

func (webhookResolver) Waiting(ctx context.Context, w *delivery.Webhook) (int, error) {
	rows, err := of(ctx, waitingOfWebhook.in(load(ctx)), w, by((*delivery.Webhook).ID))
	if err != nil || len(rows) == 0 {
		return 0, err
	}
	return rows[0].Events, nil
}

func (r queryResolver) Webhooks(ctx context.Context, communityID delivery.ID, supplierID *delivery.ID, includeArchived bool) ([]*delivery.Webhook, error) {
	if err := r.enter(ctx, communityID, "communityId"); err != nil {
		return nil, err
	}
	a, owner := ActorFrom(ctx), (*delivery.UUID)(nil)
	if supplierID != nil {
		if refusal := ofKind(*supplierID, delivery.KindSupplier); refusal != nil {
			return nil, refusal.At("supplierId")
		}
		if supplierID.Community != communityID.Community {
			return nil, delivery.Refuse(delivery.ReasonNoSuch, delivery.KindSupplier.String()).At("supplierId")
		}
		owner = &supplierID.UUID
	} else if a.Role == delivery.RoleSupplier {
		owner = &a.UUID
	}
	if !a.CanSetWebhooks(communityID.Community, orNone(owner)) {
		return nil, delivery.Refuse(delivery.ReasonNotYours)
	}
	rows, err := r.DB.Webhooks(ctx, a.Scope(), communityID.Community, owner, includeArchived)
	relate(load(ctx), rows)
	return rows, err
}

func orNone(u *delivery.UUID) delivery.UUID {
	if u == nil {
		return ""
	}
	return *u
}

// ActivityDocument is the operation whose answers are the bodies of webhooks: every field of an activity, without the data around it.
const ActivityDocument = `subscription ($communityId: ID!, $kinds: [ActivityKind!], $after: String) {
  events(communityId: $communityId, kinds: $kinds, after: $after) {
    cursor
    kind
    at
    by { role id }
    subjectId
    order {
      orderId number stage stageSince version channel placedAt movedAt deliveredAt held actsNext holderId bags bagsIn binId buildingId unitId householdId
      supplierId totalFen targetAt lateLevel
    }
    numbers { name value }
  }
}`

// ActivityBody returns the function that writes the body of an event as viewers with the scope see it: the value of events in the answer to
// ActivityDocument. It reports false while the feed of the community is not known.
func (r *Resolver) ActivityBody() (func(e *delivery.Event, scope *delivery.Scope) ([]byte, bool), error) {
	const before, after = `{"events":`, `}`
	doc, errs := gqlparser.LoadQueryWithRules(r.Schema().Schema(), ActivityDocument, nil)
	if len(errs) > 0 {
		return nil, fmt.Errorf("read the document of webhooks: %w", errs)
	}
	plan := r.Plan(&graphql.OperationContext{RawQuery: ActivityDocument, Doc: doc, Operation: doc.Operations[0]})
	if plan == nil {
		return nil, errors.New("the document of webhooks has no plan")
	}
	return func(e *delivery.Event, scope *delivery.Scope) ([]byte, bool) {
		text, ok := plan(nil, e, scope)
		if !ok {
			return nil, false
		}
		return text[len(before) : len(text)-len(after)], true
	}, nil
}
