// Package dispatch is the verbs: one method a mutation, one transaction a method. Each locks what it touches, asks
// delivery whether this actor may and the stage can, saves, and appends the events that say so in the same
// transaction. What a person can act on comes back as userErrors; an error is a fault, or nobody signed in.
package dispatch

import (
	"context"
	"crypto/sha256"
	"encoding/json"
	"errors"
	"fmt"
	"sync"
	"time"

	"github.com/google/uuid"

	"baogong/db"
	"baogong/delivery"
)

// Dispatch carries out the verbs. DB, Keys, Now and Machine must be set.
type Dispatch struct {
	DB      *db.DB
	Keys    *delivery.Keyring // for what is issued: codes and tokens
	Now     func() time.Time  // business time: when things happen
	Machine func() time.Time  // machine time: how long calls are kept

	// Unusual, if set, is called after the transaction for an unusual number of reveals, once per actor and day.
	Unusual func(context.Context, UnusualReveals)

	// Quota multiplies the daily allowance of an account (delivery.AllowanceOf); 0 is no limit.
	Quota int

	guesses guesses
	over    over
	watch   watch
	late    sync.Map // communities whose due holds did not fit into one transaction last time
}

// KeepCalls is how long a clientMutationId is remembered.
const KeepCalls = 14 * 24 * time.Hour

// KeepSignIns is how long codes, sign-ins and tokens are kept after they ended.
const KeepSignIns = 30 * 24 * time.Hour

// call is one mutation by one actor in one community.
type call struct {
	actor     delivery.Actor
	mutation  string
	community int32
	id        *string // the clientMutationId
	input     any
}

// payload is what a verb answers.
type payload[P any] interface {
	*P
	echo(clientMutationID *string)
	refuse(*delivery.Error)
}

// restorer is a payload with parts that are not stored and that a retry derives again, for whoever may have them now.
type restorer interface {
	restore(context.Context, *db.Tx, *delivery.Keyring, call) error
}

// errNothing ends a transaction that changed nothing, so that nothing is stored.
var errNothing = errors.New("nothing changed")

// errUndone ends a transaction that is rolled back although it changed something: the payload says why.
var errUndone = errors.New("undone")

// tries is how often a transaction that the database ended for reasons of its own is tried.
const tries = 3

// run carries out do once for a clientMutationId, in one transaction, and wakes the feed after the commit. do runs first as a
// look, without locks, and again under its locks if it would change something. It fills the payload and reports whether
// anything changed. If its error is a refusal the whole call is refused.
func run[P any, PP payload[P]](ctx context.Context, d *Dispatch, c call, do func(*db.Tx, time.Time, PP) (changed bool, err error)) (PP, error) {
	if !c.actor.SignedIn() {
		return nil, delivery.Refuse(delivery.ReasonSignIn)
	}
	var out PP
	err := retried(ctx, func() (err error) {
		out, err = attempt[P, PP](ctx, d, c, do)
		return err
	})
	if refusal := delivery.AsError(err); refusal != nil {
		out = new(P)
		out.refuse(refusal)
	} else if err != nil {
		return nil, fmt.Errorf("%s: %w", c.mutation, err)
	}
	out.echo(c.id)
	return out, nil
}

// retried tries again what the database ended for reasons of its own, what drew a code that is taken, and a move of an order
// that has changed since it was read.
func retried(ctx context.Context, try func() error) error {
	err := try()
	for i := 1; i < tries && (db.Retryable(err) || errors.Is(err, errChanged) || db.Constraint(err) == "codes_selector_taken") && ctx.Err() == nil; i++ {
		err = try()
	}
	return err
}

// inTx carries out do in one transaction, first as a look, and retries it as run does. do must reset the variables that it
// fills.
func (d *Dispatch) inTx(ctx context.Context, do func(*db.Tx) error) error {
	return retried(ctx, func() error {
		return d.DB.InTx(ctx, func(t *db.Tx) error { return t.Judge(func() error { return do(t) }) })
	})
}

func attempt[P any, PP payload[P]](ctx context.Context, d *Dispatch, c call, do func(*db.Tx, time.Time, PP) (bool, error)) (PP, error) {
	key, err := c.key()
	if err != nil {
		return nil, err
	}
	out := PP(new(P))
	err = d.DB.InTx(ctx, func(t *db.Tx) error {
		if key != nil {
			before, repeated, err := t.ClaimCall(ctx, *key, d.Machine())
			if err != nil {
				return err
			}
			if repeated {
				if err := json.Unmarshal(before, out); err != nil {
					return fmt.Errorf("read the outcome of %q: %w", key.ID, err)
				}
				if again, ok := any(out).(restorer); ok {
					if err := t.Look(func() error { return again.restore(ctx, t, d.Keys, c) }); err != nil {
						return err
					}
				}
				return errNothing
			}
		}
		t.Writes(c.community, c.actor.Ref().Key(), delivery.AllowanceOf(c.actor.Role, d.Quota))
		if key != nil {
			t.Answers(*key, func() ([]byte, error) { return json.Marshal(out) })
		}
		if err := t.Judge(func() error {
			out = PP(new(P))
			changed, err := do(t, d.now(), out)
			if err != nil {
				return err
			}
			if !changed {
				return errNothing
			}
			return t.Decided()
		}, func() error { return d.quotas(ctx, t, c) }); err != nil {
			return d.untilTomorrow(ctx, t, c, err)
		}
		if key == nil {
			return nil
		}
		outcome, err := json.Marshal(out)
		if err != nil {
			return fmt.Errorf("write the outcome: %w", err)
		}
		return t.SaveOutcome(ctx, *key, outcome)
	})
	if errors.Is(err, errNothing) || errors.Is(err, errUndone) {
		return out, nil
	}
	if err != nil {
		return nil, err
	}
	return out, nil
}

// now is business time as the database keeps it.
func (d *Dispatch) now() time.Time { return d.Now().Truncate(time.Microsecond) }

// key is the call's idempotency row, nil without a clientMutationId.
func (c call) key() (*db.Call, error) {
	if c.id == nil {
		return nil, nil
	}
	if n := len(*c.id); n > delivery.MaxCallKey {
		return nil, delivery.Refuse(delivery.ReasonTooManyBytes, delivery.MaxCallKey, n).At("clientMutationId").With(delivery.Details{Limit: delivery.MaxCallKey})
	}
	if refusal := delivery.CheckText(*c.id, delivery.MaxCallKey, true); refusal != nil {
		return nil, refusal.At("clientMutationId")
	}
	input, err := json.Marshal(c.input)
	if impossible := (*json.MarshalerError)(nil); errors.As(err, &impossible) { // only a time can be
		return nil, delivery.Refuse(delivery.ReasonBadTime)
	}
	if err != nil {
		return nil, fmt.Errorf("hash the input: %w", err)
	}
	hash := sha256.Sum256(input)
	return &db.Call{Community: c.community, Actor: c.actor.Ref().Key(), Mutation: c.mutation, ID: *c.id, InputHash: hash[:]}, nil
}

// newUUID draws a row's id, in the order of time.
func newUUID() delivery.UUID { return delivery.UUID(uuid.Must(uuid.NewV7()).String()) }

func (p *PlaceOrderPayload) echo(id *string)             { p.ClientMutationID = id }
func (p *PlaceOrderPayload) refuse(e *delivery.Error)    { p.UserErrors = append(p.UserErrors, e) }
func (p *MovePayload) echo(id *string)                   { p.ClientMutationID = id }
func (p *MovePayload) refuse(e *delivery.Error)          { p.UserErrors = append(p.UserErrors, e) }
func (p *HoldPayload) echo(id *string)                   { p.ClientMutationID = id }
func (p *HoldPayload) refuse(e *delivery.Error)          { p.UserErrors = append(p.UserErrors, e) }
func (p *RevealContactPayload) echo(id *string)          { p.ClientMutationID = id }
func (p *RevealContactPayload) refuse(e *delivery.Error) { p.UserErrors = append(p.UserErrors, e) }
func (p *RevealRoundPayload) echo(id *string)            { p.ClientMutationID = id }
func (p *RevealRoundPayload) refuse(e *delivery.Error)   { p.UserErrors = append(p.UserErrors, e) }
func (b *BulkOutcome) echo(id *string)                   { b.ClientMutationID = id }
func (b *BulkOutcome) refuse(e *delivery.Error)          { b.UserErrors = append(b.UserErrors, e) }
func (p *CodesPayload) echo(id *string)                  { p.ClientMutationID = id }
func (p *CodesPayload) refuse(e *delivery.Error)         { p.UserErrors = append(p.UserErrors, e) }
func (p *EndPayload) echo(id *string)                    { p.ClientMutationID = id }
func (p *EndPayload) refuse(e *delivery.Error)           { p.UserErrors = append(p.UserErrors, e) }
