package webhook

import (
	"context"
	"errors"
	"time"

	"baogong/db"
	"baogong/delivery"
	"baogong/dispatch"
)

// ErrLeaseLost means that nothing was saved, because the endpoint was changed or its lease was lost.
var ErrLeaseLost = errors.New("the lease of the webhook was lost")

// saved returns ErrLeaseLost if nothing was saved.
func saved(ok bool, err error) error {
	if err == nil && !ok {
		return ErrLeaseLost
	}
	return err
}

// SavePlace saves how many events the receiver took, and the new position. The position may be later than the last event taken: the events in
// between are not for the endpoint.
func (v *Verbs) SavePlace(ctx context.Context, h *db.HeldWebhook, position int64, taken int) error {
	if err := saved(v.DB.UnscopedSaveWebhookPlace(ctx, h, position, taken)); err != nil {
		return err
	}
	h.Position, h.Acked = position, h.Acked+int64(taken)
	return nil
}

// SaveFailure saves how the last attempt ended.
func (v *Verbs) SaveFailure(ctx context.Context, h *db.HeldWebhook) error {
	return v.SavePlace(ctx, h, h.Position, 0)
}

// Recover closes the endpoint's incident, because the receiver takes events again.
func (v *Verbs) Recover(ctx context.Context, h *db.HeldWebhook) error {
	err := dispatch.UnlessNothing(v.InTx(ctx, func(t *db.Tx) error {
		events, err := dispatch.ResolveIncidents(ctx, t, delivery.System(h.CommunityID), v.BusinessTime(), h.CommunityID, delivery.ResolutionMovedOn,
			[]delivery.UUID{h.UUID}, delivery.IncidentWebhook)
		switch {
		case err != nil:
			return err
		case len(events) == 0: // a person closed it
			return dispatch.ErrNothing
		}
		return t.Append(ctx, h.CommunityID, events)
	}))
	if err == nil {
		h.Troubled = false
	}
	return err
}

// Park parks events that the receiver did not take in time, and opens an incident. The position of the endpoint moves to the last of them.
func (v *Verbs) Park(ctx context.Context, h *db.HeldWebhook, seqs []int64) error {
	last := seqs[len(seqs)-1]
	err := v.trouble(ctx, h, func(t *db.Tx) ([]*delivery.Event, error) {
		return nil, saved(t.ParkEvents(ctx, h, last, seqs, v.MachineTime()))
	})
	if err == nil {
		h.Position, h.Parked, h.Troubled = last, h.Parked+int64(len(seqs)), true
	}
	return err
}

// SwitchOff switches off an endpoint that answered 410 or has failed for too long, and opens an incident.
func (v *Verbs) SwitchOff(ctx context.Context, h *db.HeldWebhook, why delivery.WebhookOff) error {
	return v.trouble(ctx, h, func(t *db.Tx) ([]*delivery.Event, error) {
		if err := saved(t.SwitchOffWebhook(ctx, h, why, v.MachineTime())); err != nil {
			return nil, err
		}
		return []*delivery.Event{delivery.NewSaved(delivery.WebhookSaved, delivery.System(h.CommunityID), v.BusinessTime(), h.Keys(), h.UUID)}, nil
	})
}

// StopResending gives up sending parked events again that could not be sent in time, and opens an incident. They stay parked.
func (v *Verbs) StopResending(ctx context.Context, h *db.HeldWebhook, before time.Time) error {
	return v.trouble(ctx, h, func(t *db.Tx) ([]*delivery.Event, error) {
		return nil, saved(t.StopResending(ctx, h, before))
	})
}

// trouble saves a change of an endpoint and opens its incident, in one transaction.
func (v *Verbs) trouble(ctx context.Context, h *db.HeldWebhook, change func(*db.Tx) ([]*delivery.Event, error)) error {
	_, err := dispatch.InTxLocked(ctx, v.Engine, func(t *db.Tx) (struct{}, error) {
		events, err := change(t)
		if err != nil {
			return struct{}{}, err
		}
		opened, err := dispatch.OpenIncidents(ctx, t, delivery.System(h.CommunityID), v.BusinessTime(), []*delivery.Incident{h.NewTrouble()})
		if err != nil {
			return struct{}{}, err
		}
		if events = append(events, opened...); len(events) == 0 {
			return struct{}{}, nil
		}
		return struct{}{}, t.Append(ctx, h.CommunityID, events)
	})
	return err
}

// Unpark saves that the receiver took parked events.
func (v *Verbs) Unpark(ctx context.Context, h *db.HeldWebhook, seqs []int64) error {
	if err := saved(v.DB.UnscopedUnparkEvents(ctx, h, seqs)); err != nil {
		return err
	}
	n := int64(len(seqs))
	h.Acked, h.Parked, h.Resending = h.Acked+n, h.Parked-n, h.Resending-n
	return nil
}
