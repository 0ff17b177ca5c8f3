package answer

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"slices"
	"time"

	"github.com/99designs/gqlgen/graphql"
	"github.com/vektah/gqlparser/v2/ast"
	"github.com/vektah/gqlparser/v2/gqlerror"

	"baogong/delivery"
	"baogong/server/limit"
)

// Execution is one operation under way. A query or mutation is answered by Answer; a subscription is opened, and its
// group makes its answers. Only one goroutine may use it.
type Execution struct {
	executor    *Executor
	locale      delivery.Locale
	ctx         context.Context
	cancel      context.CancelFunc
	stop        context.CancelCauseFunc // of a subscription
	op          *graphql.OperationContext
	unsentLimit *delivery.RateLimit // for the first answer; nil after it
	failure     error

	client  limit.Client
	began   time.Time
	traced  func(code string) // ends the trace; nil if there is none
	counted bool              // how it ended was counted
}

// Answer is one execution result, encoded. It never changes.
type Answer struct {
	JSON   []byte
	Refuse gqlerror.List // set if there are only errors and no data at all
	retry  bool          // something is temporarily unreadable: retry instead of sending it
	since  int64         // number of the first of the equal states made in a row; 0 for other values
}

// reasonTooSlow ends an operation at its time limit.
var reasonTooSlow = delivery.NewReason("TOO_SLOW", delivery.CodeUnavailable,
	"This took longer than the limit of %d seconds.",
	"处理超过 %d 秒上限。")

// Start parses, validates and charges for an operation; nothing is resolved before Answer or Open. The caller must
// call Close. It fails with the errors to show.
func (e *Executor) Start(ctx context.Context, client limit.Client, r *Request) (x *Execution, errs gqlerror.List) {
	began, kind := e.opt.Now(), noKind
	defer func() {
		if len(errs) > 0 {
			e.counters.ended(kind, CodeOf(errs))
		}
	}()
	ctx = context.WithValue(graphql.StartOperationTrace(ctx), clientKey{}, client)
	if wait := e.opt.Rates.EnterAccount(client); wait > 0 {
		return nil, e.TooFast(ctx, wait)
	}
	if !r.Trusted {
		text, err := e.opt.Rules.Trusted.document(r)
		if err != nil {
			return nil, e.Present(ctx, err)
		}
		r.Query = text
	}
	op, errs := e.prepare(ctx, client, r)
	if len(errs) > 0 {
		for i, err := range errs {
			errs[i] = e.Present(ctx, err)[0]
		}
		return nil, errs
	}
	kind = string(op.Operation.Operation)
	limit, wait := e.opt.Rates.Charge(client, costOf(op))
	if wait > 0 {
		return nil, e.TooFast(ctx, wait)
	}
	ctx = context.WithValue(ctx, rateLimitKey{}, limit)
	x = &Execution{executor: e, client: client, locale: r.Locale, op: op, unsentLimit: limit, began: began}
	if e.opt.Tracer != nil {
		ctx, x.traced = e.opt.Tracer.Trace(ctx, kind, rootFields(op))
	}
	x.ctx = graphql.WithOperationContext(ctx, op)
	if x.Streams() {
		x.ctx, x.stop = context.WithCancelCause(x.ctx)
		x.cancel = func() { x.stop(nil) }
	} else {
		limit, due := e.opt.Limits.RequestTimeout, r.Due
		if due.IsZero() {
			due = time.Now().Add(limit)
		}
		x.ctx, x.cancel = context.WithDeadlineCause(x.ctx, due,
			delivery.Refuse(reasonTooSlow, int(limit/time.Second)))
	}
	return x, nil
}

// Context returns the operation's context, which ends with the operation, its client or its deadline.
func (x *Execution) Context() context.Context { return x.ctx }

// Interrupt returns a function that ends the operation, with the cause of its context.
func (x *Execution) Interrupt() (stop context.CancelCauseFunc) {
	x.ctx, stop = context.WithCancelCause(x.ctx)
	return stop
}

// Mutates reports whether the operation is a mutation.
func (x *Execution) Mutates() bool { return x.op.Operation.Operation == ast.Mutation }

// Streams reports whether the operation is a subscription.
func (x *Execution) Streams() bool { return x.op.Operation.Operation == ast.Subscription }

// Close ends the operation. An outcome that was not counted before is counted as abandoned by the client.
func (x *Execution) Close() {
	x.cancel()
	x.Finish(codeGone) // unless it ended before
}

// rootFields returns the names of an operation's root fields.
func rootFields(op *graphql.OperationContext) (names []string) {
	for _, f := range graphql.CollectFields(op, op.Operation.SelectionSet, nil) {
		if !slices.Contains(names, f.Name) {
			names = append(names, f.Name)
		}
	}
	return names
}

// Answer waits for the answer to a query or mutation. It is nil if there is none, and End says why.
func (x *Execution) Answer() (a *Answer) {
	defer func() {
		if p := recover(); p != nil {
			x.failure, a = x.executor.Recover(x.ctx, p), nil
		}
	}()
	respond, ctx := x.executor.exec.DispatchOperation(x.ctx, x.op)
	x.ctx = ctx
	response := respond(ctx)
	if response == nil || len(response.Errors) > 0 && x.ctx.Err() != nil {
		return nil // End reports the timeout or the cancellation instead of the errors it caused
	}
	if x.unsentLimit != nil {
		if response.Extensions == nil {
			response.Extensions = map[string]any{}
		}
		response.Extensions["cost"] = costExtension{x.unsentLimit.Cost, x.unsentLimit.Remaining}
	}
	x.Finish(CodeOf(response.Errors))
	return x.executor.encode(ctx, response)
}

// costExtension is the value of extensions.cost.
type costExtension struct {
	Requested int `json:"requested"`
	Remaining int `json:"remaining"`
}

// End returns why there is no answer: ErrGone if the client has gone, else the gqlerror.List to show.
func (x *Execution) End() error {
	err := cmp.Or(x.failure, x.outOfTime())
	switch {
	case err != nil:
	case x.ctx.Err() != nil:
		x.Finish(codeGone)
		return ErrGone
	default:
		err = delivery.Refuse(delivery.ReasonUnavailable) // the schema gave no answer
	}
	errs := x.executor.Present(x.ctx, err)
	x.Finish(CodeOf(errs))
	return errs
}

// ErrGone means that the operation's client has gone.
var ErrGone = errors.New("server: the operation's client has gone")

// outOfTime returns the refusal that ended the context, or nil if it did not end or had another cause.
func (x *Execution) outOfTime() error {
	if refusal := delivery.AsError(context.Cause(x.ctx)); refusal != nil {
		return refusal
	}
	return nil
}

// encode encodes a response. Call it before the next response, for which the executor reuses the buffer.
func (e *Executor) encode(ctx context.Context, r *graphql.Response) *Answer {
	if r.Data == nil {
		return &Answer{Refuse: r.Errors, JSON: encodeRefusal(r.Errors, r.Extensions)}
	}
	encoded, err := json.Marshal(r)
	if err != nil { // a custom scalar wrote what is not JSON
		e.opt.Log.Error("encode response", "err", err)
		refusal := e.Present(ctx, delivery.Refuse(delivery.ReasonInternal))
		return &Answer{Refuse: refusal, JSON: EncodeErrors(refusal)}
	}
	return &Answer{JSON: encoded}
}

// EncodeErrors encodes an execution result without data. The spec wants no data member where nothing was executed.
func EncodeErrors(errs gqlerror.List) []byte { return encodeRefusal(errs, nil) }

func encodeRefusal(errs gqlerror.List, extensions map[string]any) []byte {
	encoded, err := json.Marshal(struct {
		Errors     gqlerror.List  `json:"errors"`
		Extensions map[string]any `json:"extensions,omitempty"`
	}{errs, extensions})
	if err != nil { // an extension that is not JSON
		return []byte(`{"errors":[` + internalError + `]}`)
	}
	return encoded
}

const internalError = `{"message":"Something went wrong.","extensions":{"code":"INTERNAL"}}`

// Present returns an error as the client sees it. An error that already has a code, as gqlgen's own errors have, is meant
// for clients and stays as it is.
func (e *Executor) Present(ctx context.Context, err error) gqlerror.List {
	shown, ok := err.(*gqlerror.Error) //nolint:errorlint // what wraps one is not yet as the client sees it
	if !ok || shown.Err != nil || shown.Extensions["code"] == nil {
		shown = e.opt.Schema.Present(ctx, err)
	}
	if len(shown.Message) > longestMessage { // gqlgen's own repeat what was sent
		cut := *shown
		cut.Message = Cut(shown.Message, longestMessage)
		shown = &cut
	}
	return gqlerror.List{shown}
}

const longestMessage = 500 // bytes

// Recover logs a panic and returns it as an error.
func (e *Executor) Recover(ctx context.Context, panicked any) error {
	return e.opt.Schema.Recover(ctx, panicked)
}

// TooFast returns the refusal of a client that must wait.
func (e *Executor) TooFast(ctx context.Context, wait time.Duration) gqlerror.List {
	seconds := limit.Seconds(wait)
	return e.Retryable(ctx, delivery.Refuse(delivery.ReasonTooFast, seconds), seconds)
}

// Retryable returns a refusal whose extensions tell programs when to retry.
func (e *Executor) Retryable(ctx context.Context, refusal error, seconds int) gqlerror.List {
	errs := e.Present(ctx, refusal)
	if errs[0].Extensions == nil {
		errs[0].Extensions = map[string]any{}
	}
	errs[0].Extensions[RetryAfter] = seconds
	return errs
}

// RetryAfter is the extension with the number of seconds after which to retry.
const RetryAfter = "retryAfterSeconds"

// EncodeList returns the payload of an error message.
func EncodeList(errs gqlerror.List) []byte {
	encoded, err := json.Marshal(errs)
	if err != nil {
		return []byte(`[` + internalError + `]`)
	}
	return encoded
}
