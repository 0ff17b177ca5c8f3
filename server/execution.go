package server

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"log/slog"
	"runtime/debug"
	"slices"
	"time"

	"github.com/99designs/gqlgen/graphql"
	"github.com/vektah/gqlparser/v2/ast"
	"github.com/vektah/gqlparser/v2/gqlerror"

	"baogong/delivery"
	"baogong/server/limit"
)

// execution is one operation under way. A query or mutation is answered by next; a subscription is opened, and its
// group makes its answers. Only one goroutine may use it.
type execution struct {
	server  *Server
	locale  delivery.Locale
	ctx     context.Context
	cancel  context.CancelFunc
	stop    context.CancelCauseFunc // of a subscription
	op      *graphql.OperationContext
	untold  *delivery.RateLimit // for the first answer; nil after it
	failure error

	who    limit.Client
	began  time.Time
	traced func(code string) // ends the trace; nil if there is none
	told   bool              // how it ended was counted
}

// answer is one execution result, encoded. Nobody changes it.
type answer struct {
	json   []byte
	refuse gqlerror.List // set if there are only errors and no data at all
	retry  bool          // something is temporarily unreadable: retry instead of sending it
}

// start parses, validates and charges for an operation; nothing is resolved before the first next. Whoever calls it
// must call close. It fails with the errors to show.
func (s *Server) start(ctx context.Context, who limit.Client, r *request) (x *execution, errs gqlerror.List) {
	began, kind := s.now(), noKind
	defer func() {
		if len(errs) > 0 {
			s.counts.ended(kind, codeOf(errs))
		}
	}()
	ctx = context.WithValue(graphql.StartOperationTrace(ctx), callerKey{}, who)
	if wait := s.rates.Enter(who); wait > 0 {
		return nil, s.tooFast(ctx, wait)
	}
	if !r.trusted {
		text, err := s.opt.Trusted.document(r)
		if err != nil {
			return nil, s.present(ctx, err)
		}
		r.Query = text
	}
	op, errs := s.prepare(ctx, who, r)
	if len(errs) > 0 {
		for i, err := range errs {
			errs[i] = s.present(ctx, err)[0]
		}
		return nil, errs
	}
	kind = string(op.Operation.Operation)
	limit, wait := s.rates.Charge(who, costOf(op))
	if wait > 0 {
		return nil, s.tooFast(ctx, wait)
	}
	ctx = context.WithValue(ctx, rateLimitKey{}, limit)
	x = &execution{server: s, who: who, locale: r.locale, op: op, untold: limit, began: began}
	if s.opt.Trace != nil {
		ctx, x.traced = s.opt.Trace(ctx, kind, rootFields(op))
	}
	x.ctx = graphql.WithOperationContext(ctx, op)
	if x.stream() {
		x.ctx, x.stop = context.WithCancelCause(x.ctx)
		x.cancel = func() { x.stop(nil) }
	} else {
		limit, due := s.opt.Limits.RequestTimeout, r.due
		if due.IsZero() {
			due = time.Now().Add(limit)
		}
		x.ctx, x.cancel = context.WithDeadlineCause(x.ctx, due,
			delivery.Refuse(delivery.ReasonTooSlow, int(limit/time.Second)))
	}
	return x, nil
}

// stream reports that the operation is a subscription.
func (x *execution) stream() bool { return x.op.Operation.Operation == ast.Subscription }

func (x *execution) close() {
	x.cancel()
	x.over(codeGone) // unless it ended before
}

// rootFields are the names of what an operation selects first.
func rootFields(op *graphql.OperationContext) (names []string) {
	for _, f := range graphql.CollectFields(op, op.Operation.SelectionSet, nil) {
		if !slices.Contains(names, f.Name) {
			names = append(names, f.Name)
		}
	}
	return names
}

// answer waits for the answer to a query or mutation. It is nil if there is none, and end says why.
func (x *execution) answer() (a *answer) {
	defer func() {
		if p := recover(); p != nil {
			x.failure, a = x.op.Recover(x.ctx, p), nil
		}
	}()
	respond, ctx := x.server.exec.DispatchOperation(x.ctx, x.op)
	x.ctx = ctx
	response := respond(ctx)
	if response == nil || len(response.Errors) > 0 && x.ctx.Err() != nil {
		return nil // end reports the timeout or the cancellation instead of the errors it caused
	}
	if x.untold != nil {
		if response.Extensions == nil {
			response.Extensions = map[string]any{}
		}
		response.Extensions["cost"] = spent{x.untold.Cost, x.untold.Remaining}
	}
	x.over(codeOf(response.Errors))
	return x.server.answer(ctx, response)
}

// spent is what clients are told in extensions.cost.
type spent struct {
	Requested int `json:"requested"`
	Remaining int `json:"remaining"`
}

// end says why there is no answer: errGone if nobody waits any more, else the gqlerror.List to show.
func (x *execution) end() error {
	err := cmp.Or(x.failure, x.outOfTime())
	switch {
	case err != nil:
	case x.ctx.Err() != nil:
		x.over(codeGone)
		return errGone
	default:
		err = delivery.Refuse(delivery.ReasonUnavailable) // the schema gave no answer
	}
	errs := x.server.present(x.ctx, err)
	x.over(codeOf(errs))
	return errs
}

var errGone = errors.New("server: nobody waits for this operation")

// outOfTime is the refusal for which the context ended, nil if it did not end or for another reason.
func (x *execution) outOfTime() error {
	if refusal := delivery.AsError(context.Cause(x.ctx)); refusal != nil {
		return refusal
	}
	return nil
}

// answer encodes a response. The executor reuses its buffer for the next one, so it must be done before that.
func (s *Server) answer(ctx context.Context, r *graphql.Response) *answer {
	if r.Data == nil {
		return &answer{refuse: r.Errors, json: encodeRefusal(r.Errors, r.Extensions)}
	}
	encoded, err := json.Marshal(r)
	if err != nil { // a custom scalar wrote what is not JSON
		s.opt.Log.Error("encode response", "err", err)
		refusal := s.present(ctx, delivery.Refuse(delivery.ReasonInternal))
		return &answer{refuse: refusal, json: encodeErrors(refusal)}
	}
	return &answer{json: encoded}
}

// encodeErrors is an execution result without data. The spec wants no data member where nothing was executed.
func encodeErrors(errs gqlerror.List) []byte { return encodeRefusal(errs, nil) }

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

// present is one error as the client sees it. What already has a code, as gqlgen's own errors have, is meant for
// clients and hides nothing.
func (s *Server) present(ctx context.Context, err error) gqlerror.List {
	shown, ok := err.(*gqlerror.Error)
	if !ok || shown.Err != nil || shown.Extensions["code"] == nil {
		shown = s.opt.ErrorPresenter(ctx, err)
	}
	if len(shown.Message) > longestMessage { // gqlgen's own repeat what was sent
		cut := *shown
		cut.Message = cutAt(shown.Message, longestMessage)
		shown = &cut
	}
	return gqlerror.List{shown}
}

const longestMessage = 500 // bytes

func logPanic(log *slog.Logger) graphql.RecoverFunc {
	return func(_ context.Context, p any) error {
		log.Error("panic", "panic", p, "stack", string(debug.Stack()))
		return delivery.Refuse(delivery.ReasonInternal)
	}
}
