package webhook

import (
	"context"
	"time"

	"baogong/db"
	"baogong/delivery"
	"baogong/dispatch"
)

// RotateWebhookSecretInput is the endpoint that gets a new secret.
type RotateWebhookSecretInput struct {
	ClientMutationID *string
	WebhookID        delivery.ID
}

// RotateWebhookSecretPayload is the outcome of drawing a new secret.
type RotateWebhookSecretPayload struct {
	dispatch.Outcome
	Issued
	WebhookID *delivery.ID `json:"webhookId,omitempty"`
}

// Secret is the new secret.
func (p *RotateWebhookSecretPayload) Secret() *string { return p.secretOf(p.WebhookID) }

// Restore reads the secret of the first try again.
func (p *RotateWebhookSecretPayload) Restore(ctx context.Context, t *db.Tx, _ *delivery.Keyring, c dispatch.Call) error {
	if p.WebhookID == nil {
		return nil
	}
	if _, err := one(ctx, t, c.Actor, *p.WebhookID); err != nil {
		return err
	}
	return p.restore(ctx, t, c.Community)
}

// ResendParkedInput is endpoints whose parked events are to be sent again.
type ResendParkedInput struct {
	ClientMutationID *string
	WebhookIds       []delivery.ID
	Atomic           bool
}

// ResendParkedPayload is the outcome of asking for parked events: a result per endpoint, in the order given.
type ResendParkedPayload struct {
	dispatch.Outcome
	Results []*ResendResult `json:"results,omitempty"`
}

// ResendResult is the outcome of one endpoint.
type ResendResult struct {
	Of        delivery.ID  `json:"of"` // the endpoint of the input
	WebhookID *delivery.ID `json:"webhookId,omitempty"`
	Events    int          `json:"events,omitempty"`
	dispatch.Verdict
}

// Undo takes back that the events are sent again.
func (r *ResendResult) Undo() bool {
	r.Events = 0
	return dispatch.Take(&r.WebhookID)
}

// one locks an endpoint of the actor's. It refuses others as missing.
func one(ctx context.Context, t *db.Tx, a delivery.Actor, id delivery.ID) (*delivery.Webhook, error) {
	rows, err := t.LockWebhooks(ctx, id.Community, []delivery.UUID{id.UUID})
	if err != nil {
		return nil, err
	}
	if len(rows) == 0 || !a.CanSetWebhooks(id.Community, rows[0].Keys().Supplier) {
		return nil, delivery.Refuse(delivery.ReasonNoSuch, delivery.KindWebhook.String()).At("webhookId")
	}
	return rows[0], nil
}

// enter refuses a community that is not the actor's, and an actor who may have no endpoints. It locks the community, and refuses one that is
// archived or purged.
func enter(ctx context.Context, t *db.Tx, a delivery.Actor, community int32) error {
	if !a.Scope().SeesDirectory(community) {
		return delivery.Refuse(delivery.ReasonNoSuch, delivery.KindWebhook.String())
	}
	if !a.CanSetUp(community) && a.Role != delivery.RoleSupplier {
		return delivery.Refuse(delivery.ReasonNotYours)
	}
	c, err := t.LockCommunity(ctx, community, false)
	switch {
	case err != nil:
		return err
	case c.ArchivedAt != nil:
		return delivery.Refuse(dispatch.ReasonArchived)
	case c.Purged():
		return delivery.Refuse(dispatch.ReasonPurged)
	}
	return nil
}

// RotateWebhookSecret draws a new secret for an endpoint: its supplier, the commander and administrators. The replaced secret also signs for 24
// hours.
func (v *Verbs) RotateWebhookSecret(ctx context.Context, a delivery.Actor, in RotateWebhookSecretInput) (*RotateWebhookSecretPayload, error) {
	call := dispatch.Call{Actor: a, Mutation: "rotateWebhookSecret", Community: in.WebhookID.Community, ID: in.ClientMutationID, Input: in}
	bad := dispatch.CheckID(in.WebhookID, delivery.KindWebhook, 0)
	return dispatch.Run(ctx, v.Engine, call, func(t *db.Tx, at time.Time, out *RotateWebhookSecretPayload) (bool, error) {
		if bad != nil {
			return false, bad.At("webhookId")
		}
		if err := enter(ctx, t, a, in.WebhookID.Community); err != nil {
			return false, err
		}
		w, err := one(ctx, t, a, in.WebhookID)
		if err != nil {
			return false, err
		}
		if w.Archived() {
			return false, delivery.Refuse(dispatch.ReasonArchived).At("webhookId")
		}
		now := v.MachineTime()
		out.WebhookID = &in.WebhookID
		secret := out.draw(w.ID(), now)
		t.Spend(delivery.QuotaRows, 1)
		if err := t.Decided(); err != nil {
			return false, err
		}
		if err := t.InsertWebhookSecrets(ctx, w.CommunityID, []*delivery.WebhookSecret{secret}, now, now.Add(delivery.WebhookSecretOverlap)); err != nil {
			return false, err
		}
		if err := t.CountWebhookVersion(ctx, w.CommunityID, []delivery.UUID{w.UUID}); err != nil {
			return false, err
		}
		return true, t.Append(ctx, w.CommunityID, []*delivery.Event{delivery.NewSaved(delivery.WebhookSaved, a, at, w.Keys(), w.UUID)})
	})
}

// ResendParked asks for the parked events of endpoints to be sent again, in order, after those that wait: their suppliers, the commander and
// administrators.
func (v *Verbs) ResendParked(ctx context.Context, a delivery.Actor, in ResendParkedInput) (*ResendParkedPayload, error) {
	community, bad := dispatch.CheckIDs(in.WebhookIds, "webhookIds", "", delivery.KindWebhook)
	call := dispatch.Call{Actor: a, Mutation: "resendParked", Community: community, ID: in.ClientMutationID, Input: in}
	return dispatch.Run(ctx, v.Engine, call, func(t *db.Tx, at time.Time, out *ResendParkedPayload) (bool, error) {
		if bad != nil {
			return false, bad
		}
		if err := enter(ctx, t, a, community); err != nil {
			return false, err
		}
		rows, err := t.LockWebhooks(ctx, community, dispatch.UUIDs(in.WebhookIds))
		if err != nil {
			return false, err
		}
		found := dispatch.ByUUID(rows)
		var again []delivery.UUID
		var events []*delivery.Event
		refused := false
		for i, id := range in.WebhookIds {
			r := &ResendResult{Of: id}
			out.Results = append(out.Results, r)
			w := found[id.UUID]
			switch {
			case w == nil || !a.CanSetWebhooks(community, w.Keys().Supplier):
				r.Refuse("webhookIds", i, delivery.Refuse(delivery.ReasonNoSuch, delivery.KindWebhook.String()))
			case w.Archived():
				r.Refuse("webhookIds", i, delivery.Refuse(dispatch.ReasonArchived))
			default:
				r.WebhookID = &id
				if r.Events = int(w.Parked); w.Parked > w.Resending {
					again = append(again, w.UUID)
					events = append(events, delivery.NewSaved(delivery.WebhookSaved, a, at, w.Keys(), w.UUID))
				}
				continue
			}
			refused = true
		}
		if in.Atomic && refused {
			dispatch.Undo(out.Results, "webhookIds")
			return false, nil
		}
		if len(again) == 0 {
			return false, nil
		}
		t.Spend(delivery.QuotaRows, len(again))
		if err := t.Decided(); err != nil {
			return false, err
		}
		if err := t.ResendParked(ctx, community, again, v.MachineTime()); err != nil {
			return false, err
		}
		return true, t.Append(ctx, community, events)
	})
}
