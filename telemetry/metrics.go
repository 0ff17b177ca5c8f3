// Package telemetry is how the house is seen from outside: what the rooms count becomes Prometheus metrics, and what
// they tell of a move becomes OpenTelemetry spans. It knows the rooms; none of them knows it.
package telemetry

import (
	"net/http"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/collectors"
	"github.com/prometheus/client_golang/prometheus/promhttp"

	"baogong/db"
	"baogong/dispatch/contact"
	"baogong/live"
	"baogong/server"
)

// Metrics is one process's metrics.
type Metrics struct{ registry *prometheus.Registry }

// NewMetrics makes metrics of the process and of Go; Watch adds the house.
func NewMetrics() *Metrics {
	r := prometheus.NewRegistry()
	r.MustRegister(collectors.NewGoCollector(), collectors.NewProcessCollector(collectors.ProcessCollectorOpts{}))
	return &Metrics{r}
}

// Watch adds the counts of the rooms, which are read when somebody asks. Call it once.
func (m *Metrics) Watch(edge *server.Server, hub *live.Hub, d *db.DB, contacts *contact.Verbs) {
	m.registry.MustRegister(&collector{edge: edge, hub: hub, reveals: contacts.RevealCounts}, collectors.NewDBStatsCollector(d.Pool(), "baogong"))
}

// Handler tells the metrics in Prometheus' formats.
func (m *Metrics) Handler() http.Handler {
	return promhttp.HandlerFor(m.registry, promhttp.HandlerOpts{MaxRequestsInFlight: 4})
}
