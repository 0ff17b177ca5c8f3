// Package telemetry exports what the program counts as Prometheus metrics, and its moves as OpenTelemetry spans. It imports
// the packages it watches; none of them imports it.
package telemetry

import (
	"net/http"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/collectors"
	"github.com/prometheus/client_golang/prometheus/promhttp"

	"baogong/db"
	"baogong/dispatch/contact"
	"baogong/live"
	"baogong/push"
	"baogong/server"
)

// Metrics holds the metrics of one process.
type Metrics struct{ registry *prometheus.Registry }

// NewMetrics returns metrics of the process and of Go. Watch adds those of the program.
func NewMetrics() *Metrics {
	r := prometheus.NewRegistry()
	r.MustRegister(collectors.NewGoCollector(), collectors.NewProcessCollector(collectors.ProcessCollectorOpts{}))
	return &Metrics{r}
}

// Register adds the program's counts, which are read at each scrape. sender is nil without webhooks. Call it once.
func (m *Metrics) Register(edge *server.Server, hub *live.Hub, d *db.DB, contacts *contact.Verbs, sender *push.Sender) {
	m.registry.MustRegister(&collector{edge: edge, hub: hub, reveals: contacts.RevealCounts, sender: sender}, collectors.NewDBStatsCollector(d.Pool(), "baogong"))
}

// Handler serves the metrics in Prometheus' formats.
func (m *Metrics) Handler() http.Handler {
	return promhttp.HandlerFor(m.registry, promhttp.HandlerOpts{MaxRequestsInFlight: 4})
}
