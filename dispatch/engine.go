// Package dispatch runs verbs: once for a clientMutationId, in one transaction, judged first without locks and then under
// them, one item at a time or many. The verbs themselves are in the packages below it, one per area: each method of their
// Verbs is a mutation. A verb locks what it touches, asks delivery whether this actor may and the stage can, saves, and appends
// the events that say so in the same transaction. Refusals that a person can act on come back as userErrors; an error is a fault, or
// the caller is not signed in.
//
// The package knows none of the areas, and they do not know each other: what several of them need is here.
package dispatch

import (
	"context"
	"crypto/sha256"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"github.com/google/uuid"

	"baogong/db"
	"baogong/delivery"
)

// Engine holds the dependencies of every verb. DB, Now and Machine must be set; Keys too, except to purge and to invite officials.
type Engine struct {
	DB      *db.DB
	Keys    *delivery.Keyring // for what is issued: codes and tokens
	Now     func() time.Time  // business time: when things happen
	Machine func() time.Time  // machine time: how long calls are kept

	// Quota multiplies the daily allowance of an account (delivery.AllowanceOf); 0 is no limit.
	Quota int
	// StaffTokenLife is how long the tokens of the team, suppliers and the city last; 0 is delivery.StaffTokenLife.
	StaffTokenLife time.Duration

	exhausted exhausted
}

// KeepCalls is how long a clientMutationId is remembered.
const KeepCalls = 14 * 24 * time.Hour

// BusinessTime is business time as the database keeps it.
func (e *Engine) BusinessTime() time.Time { return e.Now().Truncate(time.Microsecond) }

// MachineTime is machine time as the database keeps it.
func (e *Engine) MachineTime() time.Time { return e.Machine().Truncate(time.Microsecond) }

// Call is one mutation by one actor in one community.
type Call struct {
	Actor     delivery.Actor
	Mutation  string // its name in the schema; retries are recognised by it
	Community int32
	ID        *string // the clientMutationId
	Input     any     // the mutation's input; retries are recognised by the hash of its JSON
}

// payload is the result of a verb: a struct with an Outcome.
type payload[P any] interface {
	*P
	outcome() *Outcome
}

// restorer is a payload with parts that are not stored. A retry derives them again, if the actor may have them now.
type restorer interface {
	Restore(context.Context, *db.Tx, *delivery.Keyring, Call) error
}

// ErrNothing ends a transaction that changed nothing, so that nothing is stored. Run takes it for a success.
var ErrNothing = errors.New("nothing changed")

// UnlessNothing returns err, or nil if err is ErrNothing.
func UnlessNothing(err error) error {
	if errors.Is(err, ErrNothing) {
		return nil
	}
	return err
}

// tries is how often a transaction that must be tried again is tried in all.
const tries = 3

// retryable is an error after which the transaction is to be tried again.
type retryable struct{ error }

func (a retryable) Unwrap() error { return a.error }

// MarkRetryable returns err as one after which Run and InTx try the transaction again, as they do after a deadlock.
func MarkRetryable(err error) error { return retryable{err} }

// retried runs try until its error is none that MarkRetryable marked and none after which the database says to try again, at most tries
// times.
func retried[T any](ctx context.Context, try func() (T, error)) (T, error) {
	for i := 1; ; i++ {
		out, err := try()
		switch again := db.Retryable(err) || errors.As(err, new(retryable)); {
		case again && ctx.Err() != nil:
			return out, fmt.Errorf("%w before another try: %w", ctx.Err(), err) // no fault: the caller has gone
		case i == tries || !again:
			return out, err
		}
	}
}

// InTx runs do in one transaction and returns its result. do runs first as a look, without locks, and again under its locks if
// it would change something; and all of that again if the transaction is to be tried again. So do must fill nothing outside.
func InTx[T any](ctx context.Context, e *Engine, do func(*db.Tx) (T, error)) (T, error) {
	return retried(ctx, func() (T, error) {
		return db.InTx(ctx, e.DB, func(t *db.Tx) (T, error) {
			return db.Judge(t, func() (T, error) { return do(t) })
		})
	})
}

// InTxLocked runs do in one transaction without a look before it, for work that is not a caller's, such as the next rows of an import: it
// was judged when it was asked for. Otherwise it is as InTx.
func InTxLocked[T any](ctx context.Context, e *Engine, do func(*db.Tx) (T, error)) (T, error) {
	return retried(ctx, func() (T, error) { return db.InTx(ctx, e.DB, do) })
}

// InTx runs do as the function InTx does.
func (e *Engine) InTx(ctx context.Context, do func(*db.Tx) error) error {
	_, err := InTx(ctx, e, func(t *db.Tx) (struct{}, error) { return struct{}{}, do(t) })
	return err
}

// Run carries out do once for a clientMutationId, in one transaction, and wakes the feed after the commit. do runs as in InTx,
// with a fresh payload each time, which it fills. It reports whether anything changed; if not, the transaction is rolled back
// and nothing is stored. If its error is a refusal the whole call is refused.
func Run[P any, PP payload[P]](ctx context.Context, e *Engine, c Call, do func(*db.Tx, time.Time, PP) (changed bool, err error)) (PP, error) {
	if !c.Actor.SignedIn() {
		return nil, delivery.Refuse(delivery.ReasonSignIn)
	}
	out, err := retried(ctx, func() (PP, error) { return attempt[P, PP](ctx, e, c, do) })
	if refusal := delivery.AsError(err); refusal != nil {
		out = new(P)
		out.outcome().Refuse(refusal)
	} else if err != nil {
		return nil, fmt.Errorf("%s: %w", c.Mutation, err)
	}
	out.outcome().ClientMutationID = c.ID
	return out, nil
}

func attempt[P any, PP payload[P]](ctx context.Context, e *Engine, c Call, do func(*db.Tx, time.Time, PP) (bool, error)) (PP, error) {
	key, err := c.key()
	if err != nil {
		return nil, err
	}
	out, err := db.InTx(ctx, e.DB, func(t *db.Tx) (PP, error) {
		if key != nil {
			before, repeated, err := t.ClaimCall(ctx, *key, e.Machine())
			if err != nil {
				return nil, err
			}
			if repeated {
				out, err := repeat[P, PP](ctx, e, t, c, before)
				if err != nil {
					return nil, err
				}
				return out, ErrNothing
			}
		}
		t.Writes(c.Community, c.Actor.Ref().Key(), delivery.AllowanceOf(c.Actor.Role, e.Quota))
		out, err := db.Judge(t, func() (PP, error) {
			out := PP(new(P))
			if key != nil {
				_, moves := any(out).(batched)
				t.Answers(*key, moves, func() ([]byte, error) { return json.Marshal(out) })
			}
			changed, err := do(t, e.BusinessTime(), out)
			switch {
			case err != nil:
				return nil, err
			case !changed:
				return out, ErrNothing
			}
			return out, t.Decided()
		}, func() error { return e.quotas(ctx, t, c) })
		if err != nil {
			return out, e.untilTomorrow(ctx, t, c, err)
		}
		if key == nil {
			nameBatch(out, t.Batch(c.Community))
			return out, nil
		}
		return out, answer(ctx, t, *key, out)
	})
	return out, UnlessNothing(err)
}

// answer stores the outcome of a call, unless that was stored with the call's events, and names the call's moves in it.
func answer(ctx context.Context, t *db.Tx, key db.CallKey, out any) error {
	outcome, err := json.Marshal(out)
	if err != nil {
		return fmt.Errorf("write the outcome: %w", err)
	}
	nameBatch(out, t.Batch(key.Community))
	if t.Answered(outcome) {
		return nil
	}
	if outcome, err = json.Marshal(out); err != nil {
		return fmt.Errorf("write the outcome: %w", err)
	}
	return t.SaveOutcome(ctx, key, outcome)
}

// repeat reads the outcome of an earlier try.
func repeat[P any, PP payload[P]](ctx context.Context, e *Engine, t *db.Tx, c Call, before []byte) (PP, error) {
	out := PP(new(P))
	if err := json.Unmarshal(before, out); err != nil {
		return nil, fmt.Errorf("read the outcome of %q: %w", *c.ID, err)
	}
	if again, ok := any(out).(restorer); ok {
		return out, t.Look(func() error { return again.Restore(ctx, t, e.Keys, c) })
	}
	return out, nil
}

// reasonTooManyBytes refuses a clientMutationId that is too long.
var reasonTooManyBytes = delivery.NewReason("TOO_MANY_BYTES", delivery.CodeBadUserInput,
	"At most %d bytes are allowed here; this has %d.",
	"最多 %d 字节，现有 %d 字节。")

// key is the call's idempotency row, nil without a clientMutationId.
func (c Call) key() (*db.CallKey, error) {
	if c.ID == nil {
		return nil, nil //nolint:nilnil // a call without a key has no row to find
	}
	if n := len(*c.ID); n > delivery.MaxCallKey {
		return nil, delivery.Refuse(reasonTooManyBytes, delivery.MaxCallKey, n).At("clientMutationId").With(delivery.Details{Limit: delivery.MaxCallKey})
	}
	if refusal := delivery.CheckText(*c.ID, delivery.MaxCallKey, true); refusal != nil {
		return nil, refusal.At("clientMutationId")
	}
	input, err := json.Marshal(c.Input)
	if impossible := (*json.MarshalerError)(nil); errors.As(err, &impossible) { // only a time can be
		return nil, delivery.Refuse(delivery.ReasonBadTime)
	}
	if err != nil {
		return nil, fmt.Errorf("hash the input: %w", err)
	}
	hash := sha256.Sum256(input)
	return &db.CallKey{Community: c.Community, Actor: c.Actor.Ref().Key(), Mutation: c.Mutation, ID: *c.ID, InputHash: hash[:]}, nil
}

// NewUUID draws a row's id, in the order of time.
func NewUUID() delivery.UUID { return delivery.UUID(uuid.Must(uuid.NewV7()).String()) }
