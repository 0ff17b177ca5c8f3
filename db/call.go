package db

import (
	"bytes"
	"context"
	"time"

	"github.com/lib/pq"

	"baogong/delivery"
)

// CallKey names one mutation call for idempotency: a clientMutationId within community, actor and mutation.
type CallKey struct {
	Community int32
	Actor     string // delivery.Ref.Key
	Mutation  string
	ID        string // the clientMutationId
	InputHash []byte // SHA-256
}

// ReasonOtherInput refuses a clientMutationId that was already used with another input.
var ReasonOtherInput = delivery.NewReason("OTHER_INPUT", delivery.CodeBadUserInput,
	"This clientMutationId was used before with another input.",
	"该 clientMutationId 已用于其他内容。")

// ClaimCall inserts the call's row. If the same call was made before, it returns the stored outcome instead, and waits for
// it while the first try is still running. A different input under the same id is BAD_USER_INPUT.
func (t *Tx) ClaimCall(ctx context.Context, c CallKey, at time.Time) (outcome []byte, repeated bool, err error) {
	claimed, err := t.exec(ctx, "claim a call", `
		insert into calls (community_id, actor, mutation, client_mutation_id, input_hash, created_at)
		values ($1, $2, $3, $4, $5, $6)
		    on conflict (community_id, actor, mutation, client_mutation_id) do nothing`,
		c.Community, c.Actor, c.Mutation, c.ID, c.InputHash, at)
	if err != nil || claimed == 1 {
		return nil, false, err
	}
	rows, err := listTx[struct {
		InputHash []byte `db:"input_hash"`
		Outcome   []byte `db:"outcome"`
	}](ctx, t, "read an earlier call", `
		select input_hash, outcome
		  from calls
		 where community_id = $1 and actor = $2 and mutation = $3 and client_mutation_id = $4`,
		c.Community, c.Actor, c.Mutation, c.ID)
	if err != nil {
		return nil, false, err
	}
	if len(rows) == 0 { // purged in between, after 14 days: treated as unavailable once
		return nil, false, delivery.Refuse(delivery.ReasonUnavailable)
	}
	if !bytes.Equal(rows[0].InputHash, c.InputHash) {
		return nil, false, delivery.Refuse(ReasonOtherInput).At("clientMutationId")
	}
	return rows[0].Outcome, true, nil
}

// Answers makes Append store the call's outcome in the same statement as the call's events. If batched, Append adds the member
// "batch" where moves are among the events.
func (t *Tx) Answers(c CallKey, batched bool, outcome func() ([]byte, error)) {
	t.call, t.batched, t.outcome = c, batched, outcome
}

// Answered reports whether Append has stored the outcome, which has no batch yet.
func (t *Tx) Answered(outcome []byte) bool { return t.stored != nil && bytes.Equal(t.stored, outcome) }

// SaveOutcome stores the call's outcome. Call it last in the transaction, unless Append has stored the outcome already.
func (t *Tx) SaveOutcome(ctx context.Context, c CallKey, outcome []byte) error {
	_, err := t.exec(ctx, "store a call's outcome", `
		update calls set outcome = cast($5 as jsonb)
		 where community_id = $1 and actor = $2 and mutation = $3 and client_mutation_id = $4`,
		c.Community, c.Actor, c.Mutation, c.ID, string(outcome))
	return err
}

// Retryable reports whether the database rolled a transaction back for its own reasons, so that the same call may succeed.
func Retryable(err error) bool {
	return pq.As(err, "40001", "40P01") != nil
}
