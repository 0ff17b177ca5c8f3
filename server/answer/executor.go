// Package answer turns operations into encoded answers: it parses, validates, prices and charges for documents, executes
// them, and makes each answer of a subscription once for all subscribers that share it. It knows no socket and no HTTP.
package answer

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"runtime/debug"
	"time"

	"github.com/99designs/gqlgen/graphql"
	"github.com/99designs/gqlgen/graphql/executor"
	"github.com/vektah/gqlparser/v2/gqlerror"
	"github.com/vektah/gqlparser/v2/validator/rules"

	"baogong/delivery"
	"baogong/live"
	"baogong/server/limit"
)

// Schema executes operations. Embed Plain for the methods that a schema does not need.
type Schema interface {
	// Schema returns the executable schema.
	Schema() graphql.ExecutableSchema

	// WithActor and WithLocale put the actor and the language into a context.
	WithActor(ctx context.Context, a delivery.Actor) context.Context
	WithLocale(ctx context.Context, l delivery.Locale) context.Context
	// WithView puts into a context what a shared execution may answer by: what its subscribers see, and, only where
	// something depends on the person, who that is, from the context of one of them; else asker is nil.
	WithView(ctx, asker context.Context, scope delivery.Scope) context.Context

	// Present is the one place where internal errors are logged and hidden.
	Present(ctx context.Context, err error) *gqlerror.Error
	// Recover returns a panic as an error.
	Recover(ctx context.Context, panicked any) error

	// AroundOperations runs once for every operation. A refusal must be a graphql.OneShot.
	AroundOperations(ctx context.Context, next graphql.OperationHandler) graphql.ResponseHandler
	// AroundResponses runs for every response: loaders belong here.
	AroundResponses(ctx context.Context, next graphql.ResponseHandler) *graphql.Response

	// Plan may compile a subscription: what it returns appends to a buffer the data of the answer to a value that is shown
	// by a scope, just as the executor would, or reports false where the executor must. Nil where that cannot be.
	Plan(op *graphql.OperationContext) func(buffer []byte, value any, scope *delivery.Scope) ([]byte, bool)
}

// BaseSchema is a Schema's default part: no middleware, no plans, and panics that are logged and presented as INTERNAL.
type BaseSchema struct{ Log *slog.Logger } // nil: no log

// Recover logs a panic.
func (p BaseSchema) Recover(_ context.Context, panicked any) error {
	if p.Log != nil {
		p.Log.Error("panic", "panic", panicked, "stack", string(debug.Stack()))
	}
	return delivery.Refuse(delivery.ReasonInternal)
}

// AroundOperations adds nothing.
func (BaseSchema) AroundOperations(ctx context.Context, next graphql.OperationHandler) graphql.ResponseHandler {
	return next(ctx)
}

// AroundResponses adds nothing.
func (BaseSchema) AroundResponses(ctx context.Context, next graphql.ResponseHandler) *graphql.Response {
	return next(ctx)
}

// Plan compiles nothing.
func (BaseSchema) Plan(*graphql.OperationContext) func([]byte, any, *delivery.Scope) ([]byte, bool) {
	return nil
}

// Rules holds facts about a schema beyond its types. The zero value is valid.
type Rules struct {
	Inline    map[string]bool // subscriptions whose answers need no waiting, and are made while they are written
	PerViewer map[string]bool // fields whose answer depends on the person and not only on the view, as "Type.field"

	// ListLengths is about how many objects a list that has no pages holds, by "Type.field" or the field's name alone; 10
	// where it does not say. What is selected below a list costs that many times as much.
	ListLengths map[string]int
	// Prices are prices of fields without their selections, by "Type.field". Points of "Type.field(path)" are added if the
	// argument is given, and points of "Type.field(path:VALUE)" if it has the value.
	Prices map[string]int

	// Scalars convert input values of custom scalars, by scalar name, to what the Go type decodes. They report false for a
	// value that is not valid. They get JSON values (string, json.Number, bool, []any, map[string]any, never nil), from literals
	// and variables equally. A scalar without a function accepts any value.
	Scalars map[string]func(value any) (any, bool)
	Private map[string]bool // scalars whose values refusals must not quote, by name

	NoIntrospection bool     // __schema and __type are refused, and errors do not guess what was meant
	Trusted         *Trusted // nil: any operation runs
}

// Tracer is told of each operation that is about to be carried out, of a subscription until it is open: query, mutation
// or subscription, and its root fields. done is called once with the code it ended with, OK if with none.
type Tracer interface {
	Trace(ctx context.Context, kind string, fields []string) (traced context.Context, done func(code string))
}

// Options holds the parts of an Executor. All but Tracer are required.
type Options struct {
	Schema Schema
	Rules  Rules
	Tracer Tracer // nil: operations are not traced
	Limits *limit.Limits
	Rates  *limit.Rates
	Now    func() time.Time
	Log    *slog.Logger
}

// Executor executes the operations of a schema. Subscriptions whose answers are equal share an execution.
type Executor struct {
	opt       Options
	schema    graphql.ExecutableSchema
	exec      *executor.Executor
	documents documents
	groups    groups
	forms     forms
	makers    *live.FairQueue // makes answers that must wait for the database
	budgets   *limit.Budgets
	counters  executorCounters

	rulesWith, rulesWithout *rules.Rules // of validation, with and without suggestions of similar names
}

// makersAtOnce is how many subscription answers that read rows are made at once, at most a quarter of them for one account.
// It is less than the number of database connections.
const makersAtOnce = 12

// New makes an Executor. It fails if the rules do not fit the schema.
func New(o Options) (*Executor, error) {
	e := &Executor{opt: o, schema: o.Schema.Schema()}
	if e.schema == nil {
		return nil, errors.New("no schema")
	}
	e.exec = executor.New(e.schema)
	e.groups.executor = e
	visits := max(mostVisits, o.Limits.Tokens)
	e.rulesWith, e.rulesWithout = ruleSet(false, visits), ruleSet(true, visits)
	e.makers = live.NewFairQueue(makersAtOnce, makersAtOnce/4)
	e.budgets = limit.NewBudgets(*o.Limits, o.Rates)
	e.exec.SetErrorPresenter(o.Schema.Present)
	e.exec.SetRecoverFunc(o.Schema.Recover)
	e.exec.SetParserTokenLimit(o.Limits.Tokens)
	e.exec.SetDisableSuggestion(o.Rules.NoIntrospection)
	e.exec.SetQueryCache(&e.documents)
	g := &guard{limits: o.Limits, items: o.Rules.ListLengths, points: o.Rules.Prices, closed: o.Rules.NoIntrospection}
	if err := g.Validate(e.schema); err != nil {
		return nil, fmt.Errorf("extension %s: %w", g.ExtensionName(), err)
	}
	e.exec.Use(g)
	e.exec.AroundOperations(o.Schema.AroundOperations)
	e.exec.AroundResponses(o.Schema.AroundResponses)
	return e, nil
}

// Rest lets groups forget answers that were not asked for since the last time but one, and executions that were not used
// since the last. Call it every RestEvery.
func (e *Executor) Rest() { e.groups.rest() }

// Subscribers returns how many subscriptions each group has, in no order.
func (e *Executor) Subscribers() (sizes []int) {
	e.groups.mu.Lock()
	defer e.groups.mu.Unlock()
	for _, g := range e.groups.by {
		sizes = append(sizes, int(g.size.Load()))
	}
	return sizes
}

// Paying returns how many accounts have open subscriptions.
func (e *Executor) Paying() int { return e.budgets.Accounts() }
