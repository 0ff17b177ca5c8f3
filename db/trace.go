package db

import (
	"context"
	"database/sql"
	"database/sql/driver"

	"github.com/XSAM/otelsql"
	"github.com/lib/pq"
	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/metric/noop"
	"go.opentelemetry.io/otel/trace"
)

// traced opens the pool of a connector. With traces, each statement of a recorded trace becomes a span with its text, never
// its arguments. Statements of the feed and the clock worker belong to no trace.
func traced(c driver.Connector, traces trace.TracerProvider) (*sql.DB, trace.Tracer) {
	if traces == nil {
		return sql.OpenDB(c), nil
	}
	pool := otelsql.OpenDB(c, otelsql.WithTracerProvider(traces), otelsql.WithMeterProvider(noop.NewMeterProvider()),
		otelsql.WithAttributes(attribute.String("db.system.name", "postgresql")),
		otelsql.WithSpanOptions(otelsql.SpanOptions{
			RecordError:          func(error) bool { return false }, // a driver's message may repeat a value
			OmitConnResetSession: true, OmitConnPrepare: true, OmitRows: true, OmitConnectorConnect: true,
			SpanFilter: func(ctx context.Context, _ otelsql.Method, _ string, _ []driver.NamedValue) bool {
				return recorded(ctx)
			},
		}),
		otelsql.WithSpanErrorAttributesGetter(func(err error) []attribute.KeyValue {
			if e := pq.As(err); e != nil {
				return []attribute.KeyValue{attribute.String("db.response.status_code", string(e.Code))}
			}
			return nil
		}))
	return pool, traces.Tracer("baogong/db")
}

func recorded(ctx context.Context) bool { return trace.SpanContextFromContext(ctx).IsSampled() }

// span begins the span of a transaction, or returns nil if its trace is not recorded.
func (d *DB) span(ctx context.Context) (context.Context, trace.Span) {
	if d.tracer == nil || !recorded(ctx) {
		return ctx, nil
	}
	return d.tracer.Start(ctx, "transaction") //nolint:spancheck // ended ends it
}

func ended(span trace.Span, err error) {
	if span != nil {
		span.SetAttributes(attribute.Bool("baogong.rolled_back", err != nil))
		span.End()
	}
}

// within makes a statement a child of its transaction's span: a verb uses a context from before that span.
func (t *Tx) within(ctx context.Context) context.Context {
	if t.span == nil {
		return ctx
	}
	return trace.ContextWithSpan(ctx, t.span)
}
