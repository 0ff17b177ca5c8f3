package telemetry

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"net/url"
	"strings"
	"time"

	"go.opentelemetry.io/contrib/instrumentation/net/http/otelhttp"
	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/codes"
	"go.opentelemetry.io/otel/exporters/otlp/otlptrace/otlptracehttp"
	"go.opentelemetry.io/otel/metric/noop"
	"go.opentelemetry.io/otel/propagation"
	"go.opentelemetry.io/otel/sdk/resource"
	sdk "go.opentelemetry.io/otel/sdk/trace"
	"go.opentelemetry.io/otel/trace"

	"baogong/live"
)

// Traces sends spans to a collector. It implements server.Observer. Do not give a nil Traces to a server. Its other methods
// return nil on a nil Traces, at no cost.
type Traces struct {
	provider *sdk.TracerProvider
	tracer   trace.Tracer
}

// CheckEndpoint reports whether an address can be a collector's.
func CheckEndpoint(endpoint string) error {
	u, err := url.Parse(endpoint)
	if err != nil || u.Scheme != "http" && u.Scheme != "https" || u.Host == "" || u.User != nil {
		return errors.New("--otlp-endpoint must be the http or https URL of a collector, without /v1/traces; credentials go into OTEL_EXPORTER_OTLP_HEADERS")
	}
	return nil
}

// OpenTraces returns traces that send to the collector at the endpoint by OTLP over HTTP, and nil without an endpoint.
// OpenTelemetry's own environment variables set the sampling and the service's name. The caller must close the traces.
func OpenTraces(ctx context.Context, endpoint, version string, log *slog.Logger) (*Traces, error) {
	if endpoint == "" {
		return nil, nil
	}
	if err := CheckEndpoint(endpoint); err != nil {
		return nil, err
	}
	to, err := url.JoinPath(endpoint, "v1", "traces")
	if err != nil {
		return nil, fmt.Errorf("--otlp-endpoint: %w", err)
	}
	exporter, err := otlptracehttp.New(ctx, otlptracehttp.WithEndpointURL(to))
	if err != nil {
		return nil, fmt.Errorf("open traces: %w", err)
	}
	about, err := resource.New(ctx, resource.WithAttributes(attribute.String("service.name", "baogong"), attribute.String("service.version", version)),
		resource.WithTelemetrySDK(), resource.WithFromEnv())
	if err != nil {
		return nil, fmt.Errorf("open traces: %w", err)
	}
	provider := sdk.NewTracerProvider(sdk.WithBatcher(&attributeFilter{exporter: exporter, log: log}), sdk.WithResource(about))
	return &Traces{provider: provider, tracer: provider.Tracer("baogong")}, nil
}

const closing = 5 * time.Second // for sending the last spans

// Close sends the last spans, or drops them after a while.
func (t *Traces) Close() {
	if t == nil {
		return
	}
	ctx, cancel := context.WithTimeout(context.Background(), closing)
	defer cancel()
	_ = t.provider.Shutdown(ctx) // the exporter has logged its failure
}

// Provider returns the provider for packages that make spans themselves.
func (t *Traces) Provider() trace.TracerProvider {
	if t == nil {
		return nil
	}
	return t.provider
}

// Around adds a span to each request that is answered at once, so not to WebSockets and event streams. Callers are not
// trusted: a trace that a request names is linked, not continued.
func (t *Traces) Around(next http.Handler) http.Handler {
	return otelhttp.NewMiddleware("request", otelhttp.WithTracerProvider(t.provider), otelhttp.WithMeterProvider(noop.NewMeterProvider()),
		otelhttp.WithPropagators(propagation.TraceContext{}), otelhttp.WithPublicEndpointFn(func(*http.Request) bool { return true }),
		otelhttp.WithFilter(passing))(next)
}

func passing(r *http.Request) bool {
	switch r.URL.Path {
	case "/healthz", "/readyz", "/metrics":
		return false
	}
	return r.Header.Get("Upgrade") == "" && !strings.Contains(r.Header.Get("Accept"), "text/event-stream")
}

// Trace begins the span of a GraphQL operation. The span names fields of the schema, and no text from the client.
func (t *Traces) Trace(ctx context.Context, kind string, fields []string) (context.Context, func(code string)) {
	ctx, span := t.tracer.Start(ctx, kind, trace.WithAttributes(attribute.String("graphql.operation.type", kind), attribute.StringSlice("baogong.fields", fields)))
	if len(fields) > 0 {
		span.SetName(kind + " " + fields[0])
	}
	return ctx, func(code string) {
		span.SetAttributes(attribute.String("baogong.code", code))
		if code == "INTERNAL" || code == "UNAVAILABLE" {
			span.SetStatus(codes.Error, "")
		}
		span.End()
	}
}

// Mark returns the trace context that a commit carries to the feed; nil if the trace is not recorded.
func (t *Traces) Mark(ctx context.Context) any {
	if t == nil {
		return nil
	}
	at := trace.SpanContextFromContext(ctx)
	if !at.IsSampled() {
		return nil
	}
	return at
}

// Notified adds a span to a commit's trace: the delivery of its events to their listeners. It is called as
// live.Options.Notified. The span is in the commit's own trace rather than linked, because each commit passes the feed once,
// even if many are read together.
func (t *Traces) Notified() func(live.CommitTrace) {
	if t == nil {
		return nil
	}
	return func(p live.CommitTrace) {
		at, ok := p.Trace.(trace.SpanContext)
		if !ok {
			return
		}
		_, span := t.tracer.Start(trace.ContextWithSpanContext(context.Background(), at), "feed", trace.WithTimestamp(p.Committed),
			trace.WithAttributes(attribute.Int("baogong.community", int(p.Community)), attribute.Int("baogong.events", p.Events)))
		span.End(trace.WithTimestamp(p.Notified))
	}
}
