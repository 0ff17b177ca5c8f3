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

// exportedAttributes are the only attributes that leave the process. Libraries add others: paths, which may contain a link's code, and
// addresses and programs of clients.
var exportedAttributes = []attribute.Key{
	"http.request.method", "http.response.status_code", "graphql.operation.type",
	"db.system.name", "db.query.text", "db.operation.name", "db.response.status_code",
	"baogong.code", "baogong.fields", "baogong.rolled_back", "baogong.community", "baogong.events",
}

// attributeFilter exports spans without private facts: it drops attributes that are not in the list, events (an error's message may repeat
// a value) and descriptions of a status.
type attributeFilter struct {
	exporter sdk.SpanExporter
	log      *slog.Logger
	mu       sync.Mutex
	failing  bool
}

// ExportSpans sends the spans. If that fails the spans are lost. Only the first failure and the recovery are logged.
func (d *attributeFilter) ExportSpans(ctx context.Context, spans []sdk.ReadOnlySpan) error {
	plain := make([]sdk.ReadOnlySpan, len(spans))
	for i, s := range spans {
		plain[i] = filteredSpan{s}
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
func (d *attributeFilter) Shutdown(ctx context.Context) error { return d.exporter.Shutdown(ctx) }

// filteredSpan is a span with only the attributes in the list.
type filteredSpan struct{ sdk.ReadOnlySpan }

// Attributes returns the attributes in the list.
func (s filteredSpan) Attributes() []attribute.KeyValue {
	return slices.DeleteFunc(slices.Clone(s.ReadOnlySpan.Attributes()), func(a attribute.KeyValue) bool { return !slices.Contains(exportedAttributes, a.Key) })
}

// Events returns none.
func (filteredSpan) Events() []sdk.Event { return nil }

// Status returns the status without its description.
func (s filteredSpan) Status() sdk.Status { return sdk.Status{Code: s.ReadOnlySpan.Status().Code} }

// Links returns the links with their ids only.
func (s filteredSpan) Links() []sdk.Link {
	links := slices.Clone(s.ReadOnlySpan.Links())
	for i := range links {
		links[i] = sdk.Link{SpanContext: links[i].SpanContext.WithTraceState(trace.TraceState{})}
	}
	return links
}
