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

// told are the only attributes that leave the process. Libraries add others by themselves: paths, which may hold a
// link's code, and addresses and programs of clients.
var told = []attribute.Key{
	"http.request.method", "http.response.status_code", "graphql.operation.type",
	"db.system.name", "db.query.text", "db.operation.name", "db.response.status_code",
	"baogong.code", "baogong.fields", "baogong.rolled_back", "baogong.community", "baogong.events",
}

// discreet exports spans without what is nobody's business: attributes that are not told, events (messages of errors
// may repeat a value) and descriptions of a status.
type discreet struct {
	exporter sdk.SpanExporter
	log      *slog.Logger
	mu       sync.Mutex
	failing  bool
}

// ExportSpans sends the spans. A failure is logged once, until it works again, and the spans are lost.
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
		d.log.Warn("traces are lost", "error", err)
	case err == nil && d.failing:
		d.log.Info("traces are sent again")
	}
	d.failing = err != nil
	return nil
}

// Shutdown ends the exporter.
func (d *discreet) Shutdown(ctx context.Context) error { return d.exporter.Shutdown(ctx) }

// plainSpan is a span without what is not told.
type plainSpan struct{ sdk.ReadOnlySpan }

// Attributes are those that are told.
func (s plainSpan) Attributes() []attribute.KeyValue {
	return slices.DeleteFunc(slices.Clone(s.ReadOnlySpan.Attributes()), func(a attribute.KeyValue) bool { return !slices.Contains(told, a.Key) })
}

// Events are none.
func (plainSpan) Events() []sdk.Event { return nil }

// Status has no description.
func (s plainSpan) Status() sdk.Status { return sdk.Status{Code: s.ReadOnlySpan.Status().Code} }

// Links have nothing but ids.
func (s plainSpan) Links() []sdk.Link {
	links := slices.Clone(s.ReadOnlySpan.Links())
	for i := range links {
		links[i] = sdk.Link{SpanContext: links[i].SpanContext.WithTraceState(trace.TraceState{})}
	}
	return links
}
