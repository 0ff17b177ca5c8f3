package telemetry

import (
	"context"
	"log/slog"
	"slices"
	"sync"

	"go.opentelemetry.io/otel/attribute"
	sdk "go.opentelemetry.io/otel/sdk/trace"
	"go.opentelemetry.io/otel/trace"
)

// told are the only attributes that leave the process. Libraries add others: paths, which may contain a link's code, and
// addresses and programs of clients.
var told = []attribute.Key{
	"http.request.method", "http.response.status_code", "graphql.operation.type",
	"db.system.name", "db.query.text", "db.operation.name", "db.response.status_code",
	"baogong.code", "baogong.fields", "baogong.rolled_back", "baogong.community", "baogong.events",
}

// discreet exports spans without private facts: it drops attributes that are not told, events (an error's message may repeat
// a value) and descriptions of a status.
type discreet struct {
	exporter sdk.SpanExporter
	log      *slog.Logger
	mu       sync.Mutex
	failing  bool
}

// ExportSpans sends the spans. If that fails the spans are lost. Only the first failure and the recovery are logged.
func (d *discreet) ExportSpans(ctx context.Context, spans []sdk.ReadOnlySpan) error {
	plain := make([]sdk.ReadOnlySpan, len(spans))
	for i, s := range spans {
		plain[i] = plainSpan{s}
	}
	err := d.exporter.ExportSpans(ctx, plain)
	d.mu.Lock()
	defer d.mu.Unlock()
	switch {
	case err != nil && !d.failing:
		d.log.Warn("traces are lost", "err", err)
	case err == nil && d.failing:
		d.log.Info("traces are sent again")
	}
	d.failing = err != nil
	return nil
}

// Shutdown ends the exporter.
func (d *discreet) Shutdown(ctx context.Context) error { return d.exporter.Shutdown(ctx) }

// plainSpan is a span reduced to the attributes that are told.
type plainSpan struct{ sdk.ReadOnlySpan }

// Attributes returns the attributes that are told.
func (s plainSpan) Attributes() []attribute.KeyValue {
	return slices.DeleteFunc(slices.Clone(s.ReadOnlySpan.Attributes()), func(a attribute.KeyValue) bool { return !slices.Contains(told, a.Key) })
}

// Events returns none.
func (plainSpan) Events() []sdk.Event { return nil }

// Status returns the status without its description.
func (s plainSpan) Status() sdk.Status { return sdk.Status{Code: s.ReadOnlySpan.Status().Code} }

// Links returns the links with their ids only.
func (s plainSpan) Links() []sdk.Link {
	links := slices.Clone(s.ReadOnlySpan.Links())
	for i := range links {
		links[i] = sdk.Link{SpanContext: links[i].SpanContext.WithTraceState(trace.TraceState{})}
	}
	return links
}
