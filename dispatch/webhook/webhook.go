package webhook

import (
	"context"
	"crypto/rand"
	"errors"
	"slices"
	"time"

	"baogong/db"
	"baogong/delivery"
	"baogong/dispatch"
)

// WebhookInput is an endpoint to add, or to change if it has an id.
type WebhookInput struct {
	ID              *delivery.ID
	ExpectedVersion *int64
	Name            string
	URL             string
	Kinds           []delivery.EventKind
	Off             bool
	Archived        bool
}

// SetWebhooksInput is endpoints of a community, or of one of its suppliers, to add and to change.
type SetWebhooksInput struct {
	ClientMutationID *string
	CommunityID      delivery.ID
	SupplierID       *delivery.ID
	Webhooks         []*WebhookInput
	Atomic           bool
}

// SetWebhooksPayload is the outcome of setting endpoints: a result per item, in the order given.
type SetWebhooksPayload struct {
	dispatch.BulkOutcome
	Issued
}

// Results are the outcomes by item.
func (p *SetWebhooksPayload) Results() []*WebhookResult {
	out := make([]*WebhookResult, len(p.Items))
	for i, item := range p.Items {
		out[i] = &WebhookResult{ItemOutcome: item, Secret: p.secretOf(item.ID)}
	}
	return out
}

// Restore reads the secrets of the first try again.
func (p *SetWebhooksPayload) Restore(ctx context.Context, t *db.Tx, _ *delivery.Keyring, c dispatch.Call) error {
	in, _ := c.Input.(SetWebhooksInput)
	if refusal := in.may(c.Actor); refusal != nil {
		return refusal
	}
	return p.restore(ctx, t, c.Community)
}

// WebhookResult is the outcome of one endpoint.
type WebhookResult struct {
	*dispatch.ItemOutcome
	Secret *string // of an endpoint that the call created
}

// Issued is the secrets that a call has drawn. They are not stored with its outcome.
type Issued struct {
	Secrets []*IssuedSecret `json:"secrets,omitempty"`
}

// IssuedSecret is one secret that a call has drawn.
type IssuedSecret struct {
	Webhook delivery.UUID `json:"webhook"`
	ID      delivery.UUID `json:"id"`
	Secret  string        `json:"-"` // empty if it has ended since
}

func (i *Issued) secretOf(id *delivery.ID) *string {
	for _, s := range i.Secrets {
		if id != nil && s.Webhook == id.UUID && s.Secret != "" {
			return &s.Secret
		}
	}
	return nil
}

// draw draws the secret of an endpoint.
func (i *Issued) draw(webhook delivery.ID, now time.Time) *delivery.WebhookSecret {
	s := &delivery.WebhookSecret{CommunityID: webhook.Community, WebhookUUID: webhook.UUID, UUID: dispatch.NewUUID(), Secret: make([]byte, delivery.WebhookSecretSize), CreatedAt: now}
	_, _ = rand.Read(s.Secret) // never fails
	i.Secrets = append(i.Secrets, &IssuedSecret{s.WebhookUUID, s.UUID, s.String()})
	return s
}

// restore reads the secrets that have not ended.
func (i *Issued) restore(ctx context.Context, t *db.Tx, community int32) error {
	if len(i.Secrets) == 0 {
		return nil
	}
	ids := make([]delivery.UUID, len(i.Secrets))
	for k, s := range i.Secrets {
		ids[k] = s.ID
	}
	rows, err := t.WebhookSecrets(ctx, community, ids)
	for _, row := range rows {
		if at := slices.Index(ids, row.UUID); at >= 0 && row.EndsAt == nil {
			i.Secrets[at].Secret = row.String()
		}
	}
	return err
}

// owner is the supplier whose endpoints the call sets, empty for those of the community.
func (in *SetWebhooksInput) owner() delivery.UUID {
	if in.SupplierID == nil {
		return ""
	}
	return in.SupplierID.UUID
}

// may refuses ids of other owners, and an actor who may not set the endpoints.
func (in *SetWebhooksInput) may(a delivery.Actor) *delivery.Error {
	community := in.CommunityID.Community
	if refusal := dispatch.CheckID(in.CommunityID, delivery.KindCommunity, 0); refusal != nil {
		return refusal.At("communityId")
	}
	if !a.Scope().SeesDirectory(community) || community == 0 {
		return delivery.Refuse(delivery.ReasonNoSuch, delivery.KindCommunity.String()).At("communityId")
	}
	if in.SupplierID != nil {
		if refusal := dispatch.CheckID(*in.SupplierID, delivery.KindSupplier, community); refusal != nil {
			return refusal.At("supplierId")
		}
	}
	if !a.CanSetWebhooks(community, in.owner()) {
		return delivery.Refuse(delivery.ReasonNotYours)
	}
	return nil
}

// noun is the endpoints of one owner.
func (in *SetWebhooksInput) noun() *dispatch.Noun[*delivery.Webhook] {
	return &dispatch.Noun[*delivery.Webhook]{
		Kind: delivery.KindWebhook, Event: delivery.WebhookSaved, List: "webhooks",
		May:  func(a delivery.Actor, community int32) bool { return a.CanSetWebhooks(community, in.owner()) },
		Keys: (*delivery.Webhook).Keys,
	}
}

// SetWebhooks adds, changes, switches and archives endpoints: the commander and administrators those of the community and of every supplier, a supplier
// its own. A new one begins at the head of the feed. One that is switched on again continues at its position.
func (v *Verbs) SetWebhooks(ctx context.Context, a delivery.Actor, in SetWebhooksInput) (*SetWebhooksPayload, error) {
	s := in.noun().Saving(dispatch.Call{Actor: a, Mutation: "setWebhooks", Community: in.CommunityID.Community, ID: in.ClientMutationID, Input: in}, len(in.Webhooks), in.Atomic)
	if refusal := in.may(a); refusal != nil {
		s.RefuseCall(refusal)
	}
	return dispatch.SaveInto(ctx, v.Engine, s, func(s *dispatch.Saving[*delivery.Webhook], out *SetWebhooksPayload) error {
		rows, err := v.known(ctx, s, &in)
		if err != nil {
			return err
		}
		left := newRoom(rows, in.owner())
		var added []*delivery.Webhook
		var secrets []*delivery.WebhookSecret
		var changed []db.ChangedWebhook
		for _, n := range in.Webhooks {
			if n.ID != nil {
				if c := v.change(s, n, left); c != nil {
					changed = append(changed, *c)
				}
				continue
			}
			row := &delivery.Webhook{Row: s.NewRow(), CreatedByRole: a.Role}
			if in.SupplierID != nil {
				row.SupplierUUID = &in.SupplierID.UUID
			}
			if a.UUID != "" {
				row.CreatedByUUID = &a.UUID
			}
			n.fill(row, s.At)
			dispatch.Archive(&row.ArchivedAt, &n.Archived, s.At)
			refusal := v.check(row, n)
			if refusal == nil {
				refusal = left.take(true, row.Archived())
			}
			if s.Add(row, refusal) {
				added = append(added, row)
				secrets = append(secrets, out.draw(row.ID(), v.MachineTime()))
			}
		}
		s.Around(func(func() error) error {
			return errors.Join(s.Tx.SaveWebhooks(ctx, changed), s.Tx.InsertWebhooks(ctx, added),
				s.Tx.InsertWebhookSecrets(ctx, s.Community, secrets, v.MachineTime(), v.MachineTime()))
		})
		return nil
	})
}

// known reads the endpoints of the community, and keeps those of the call's owner for changes. It refuses an owner that does not exist.
func (v *Verbs) known(ctx context.Context, s *dispatch.Saving[*delivery.Webhook], in *SetWebhooksInput) ([]*delivery.Webhook, error) {
	if in.SupplierID != nil {
		suppliers, err := s.Tx.Suppliers().All(ctx, s.Community)
		if err != nil {
			return nil, err
		}
		if refusal := dispatch.Parent(*in.SupplierID, delivery.KindSupplier, s.Community, dispatch.ByUUID(suppliers), "supplierId"); refusal != nil {
			return nil, refusal
		}
	}
	rows, err := s.Tx.LockAllWebhooks(ctx, s.Community)
	own := slices.DeleteFunc(slices.Clone(rows), func(w *delivery.Webhook) bool { return w.Keys().Supplier != in.owner() })
	s.Known(own, own)
	return rows, err
}

// ReasonTooManyWebhooks refuses one endpoint too many.
var ReasonTooManyWebhooks = delivery.NewReason("TOO_MANY_WEBHOOKS", delivery.CodeConflict,
	"There can be at most %d endpoints here; archive one first.",
	"此处最多可有 %d 个推送地址，请先归档一个。")

// room counts the endpoints that are not archived.
type room struct {
	archived map[delivery.UUID]bool // of the owner's
	own, all int
}

func newRoom(rows []*delivery.Webhook, owner delivery.UUID) *room {
	r := &room{archived: map[delivery.UUID]bool{}}
	for _, w := range rows {
		of := w.Keys().Supplier == owner
		if of {
			r.archived[w.UUID] = w.Archived()
		}
		if !w.Archived() {
			r.all++
		}
		if of && !w.Archived() {
			r.own++
		}
	}
	return r
}

// take counts an endpoint or stops counting it. was says whether it was archived or did not exist before the call, is whether it is archived after
// it. It refuses an endpoint if there would be too many.
func (r *room) take(was, is bool) *delivery.Error {
	switch {
	case was == is:
		return nil
	case is:
		r.own, r.all = r.own-1, r.all-1
		return nil
	case r.own >= delivery.MaxWebhooks:
		return delivery.Refuse(ReasonTooManyWebhooks, delivery.MaxWebhooks).With(delivery.Details{Limit: delivery.MaxWebhooks})
	case r.all >= delivery.MaxWebhooksInAll:
		return delivery.Refuse(ReasonTooManyWebhooks, delivery.MaxWebhooksInAll).With(delivery.Details{Limit: delivery.MaxWebhooksInAll})
	}
	r.own, r.all = r.own+1, r.all+1
	return nil
}

// change judges the change of an endpoint, and returns it as it is to be written, nil if it is not.
func (v *Verbs) change(s *dispatch.Saving[*delivery.Webhook], n *WebhookInput, left *room) *db.ChangedWebhook {
	if refusal := dispatch.CheckID(*n.ID, delivery.KindWebhook, s.Community); refusal != nil {
		s.Refuse(refusal.At("id"))
		return nil
	}
	was, next := s.Correct(*n.ID, n.ExpectedVersion, &n.Archived, func(w *delivery.Webhook) *delivery.Error {
		n.fill(w, s.At)
		if refusal := v.check(w, n); refusal != nil {
			return refusal
		}
		return left.take(left.archived[w.UUID], w.Archived())
	})
	if next == nil {
		return nil
	}
	return &db.ChangedWebhook{Webhook: next, Afresh: was.URL != next.URL || was.Off != nil && next.Off == nil}
}

// fill sets what people set. An endpoint that the sender has switched off keeps the reason while it stays off.
func (n *WebhookInput) fill(w *delivery.Webhook, at time.Time) {
	w.Name, w.URL, w.Kinds = delivery.Trimmed(n.Name), n.URL, delivery.NewActivityKindSet(n.Kinds)
	switch {
	case !n.Off:
		w.Off, w.OffAt = nil, nil
	case w.Off == nil:
		w.Off, w.OffAt = new(delivery.OffByHand), &at
	}
}

func (v *Verbs) check(w *delivery.Webhook, n *WebhookInput) *delivery.Error {
	var kinds *delivery.Error
	switch {
	case n.Kinds != nil && len(n.Kinds) == 0:
		kinds = delivery.Refuse(dispatch.ReasonEmptyList)
	case len(n.Kinds) > delivery.MaxWebhookKinds:
		kinds = delivery.Refuse(dispatch.ReasonTooMany, delivery.MaxWebhookKinds, len(n.Kinds)).With(delivery.Details{Limit: delivery.MaxWebhookKinds})
	}
	return dispatch.First(dispatch.Text("name", w.Name, delivery.MaxName, true), dispatch.Field("url", delivery.CheckWebhookURL(w.URL, v.PrivateTargets)),
		dispatch.Field("kinds", kinds))
}
