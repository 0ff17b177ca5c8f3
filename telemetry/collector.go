package telemetry

import (
	"strconv"

	"github.com/prometheus/client_golang/prometheus"

	"baogong/dispatch/contact"
	"baogong/live"
	"baogong/push"
	"baogong/server"
	"baogong/server/answer"
	"baogong/server/limit"
)

// collector turns the counts of the packages it watches into metrics at each scrape.
type collector struct {
	edge    *server.Server
	hub     *live.Hub
	reveals func() contact.RevealCounts
	sender  *push.Sender // nil without one
}

func desc(name, help string, labels ...string) *prometheus.Desc {
	return prometheus.NewDesc("baogong_"+name, help, labels, nil)
}

// The metrics. docs/metrics.md describes them.
var (
	sockets       = desc("sockets", "WebSockets (websocket) and event streams (events) that are open.", "transport")
	stuck         = desc("stuck_sockets", "WebSockets that have taken only part of what they were sent.")
	waiting       = desc("waiting_bytes", "Bytes made for connections and not taken: frames that no write has begun (pushed), and what is left of writes (rest). Answers that are not made yet do not count.", "where")
	closes        = desc("closes_total", "Connections that ended, by WebSocket close code (0: none) and reason.", "transport", "code", "reason")
	subscriptions = desc("subscriptions", "Subscriptions that are open.")
	groups        = desc("groups", "Executions under way, each shared by all subscriptions that are answered the same, by how many those are.", "subscriptions")
	executions    = desc("executions_total", "Answers of subscriptions that were made.")
	deliveries    = desc("deliveries_total", "Answers of subscriptions that were handed to a connection; one execution may serve many.")
	toSocket      = desc("event_to_socket_seconds", "How long an event of orderEvents took until the write that carries it to one subscriber ended: from its commit by this process (commit), or from when the feed read it (read), if another committed it or the feed read it before the commit was told of. Events from before the subscription count in neither, nor do states.", "from")
	operations    = desc("operations_total", "Operations by kind and the code of their first error, OK without one, GONE if the client had left. Subscriptions count when they open. The kind is none if the request was refused before or because of its contents.", "kind", "code")
	took          = desc("operation_seconds", "How long operations took, from when they were read until their answer was made.", "kind")
	limited       = desc("limited_total", "Refusals because of a limit: operations of an address or an account, cost, connections at once, or bytes of requests at once.", "limit")
	feeds         = desc("feeds", "Communities whose feed is followed.")
	events        = desc("feed_events_total", "Events read into rings.")
	lagEvents     = desc("feed_lag_events", "Events known to be in the table and not in their ring yet, of all feeds together.")
	lagSeconds    = desc("feed_lag_seconds", "For how long the feed that is furthest behind has been, or the table has not been read; 0 if none is.")
	unread        = desc("feed_unread_seconds", "Seconds since this process last read the feeds successfully; about --poll at most in normal operation.")
	toRing        = desc("commit_to_ring_seconds", "How long an event that this process committed took from its commit until the feed had it; 0 if the feed was faster than the word of the commit.")
	reveals       = desc("reveals_total", "Reveals of households' names and phones: free (for an order in the reader's care, or by the commander or an administrator), counted (against a daily allowance) or refused (allowance used up).", "kind")
	unusual       = desc("unusual_reveals_total", "Actors who were given unusually many households' contacts in one day or used up an allowance, each once a day.")
	endpoints     = desc("webhook_endpoints", "Webhooks that this process sends to.")
	pushes        = desc("webhook_attempts_total", "Attempts to deliver an event to a webhook by result: TAKEN, or how they failed.", "result")
	pushTook      = desc("webhook_attempt_seconds", "How long attempts to deliver an event to a webhook took.")
	parked        = desc("webhook_parked_total", "Events that were parked because a webhook did not take them within a day.")
	switchedOff   = desc("webhook_switched_off_total", "Webhooks that were switched off because the receiver answered 410 or took nothing for 7 days.")
	resumes       = desc("resumes_total", "Subscriptions of events that resumed after a cursor, by source: memory (ring), the table (table), or no source, because they must read their list again (reset).", "source")
)

// Describe sends the description of every metric.
func (*collector) Describe(to chan<- *prometheus.Desc) {
	for _, d := range []*prometheus.Desc{sockets, stuck, waiting, closes, subscriptions, groups, executions, deliveries, toSocket,
		operations, took, limited, feeds, events, lagEvents, lagSeconds, unread, toRing, resumes, reveals, unusual, endpoints, pushes, pushTook, parked, switchedOff} {
		to <- d
	}
}

// Collect sends the current counts.
func (c *collector) Collect(to chan<- prometheus.Metric) {
	gauge := func(d *prometheus.Desc, v float64, labels ...string) {
		to <- prometheus.MustNewConstMetric(d, prometheus.GaugeValue, v, labels...)
	}
	count := func(d *prometheus.Desc, v int64, labels ...string) {
		to <- prometheus.MustNewConstMetric(d, prometheus.CounterValue, float64(v), labels...)
	}
	e, h := c.edge.Stats(), c.hub.Stats()
	gauge(sockets, float64(e.WebSockets), "websocket")
	gauge(sockets, float64(e.EventStreams), "events")
	gauge(stuck, float64(e.Stuck))
	gauge(waiting, float64(e.Pushed), "pushed")
	gauge(waiting, float64(e.Rest), "rest")
	gauge(subscriptions, float64(e.Subscriptions))
	for i, n := range e.Groups {
		gauge(groups, float64(n), class(i))
	}
	count(executions, e.Executions)
	count(deliveries, e.Deliveries)
	for k, n := range e.Closes {
		count(closes, n, k.Transport, strconv.Itoa(k.Code), k.Reason)
	}
	for k, n := range e.Operations {
		count(operations, n, k.Kind, k.Code)
	}
	for i, n := range e.Limited {
		count(limited, n, limit.Names[i])
	}
	to <- histogram(toSocket, e.CommitToSocket, "commit")
	to <- histogram(toSocket, e.ReadToSocket, "read")
	to <- histogram(took, e.Queries, "query")
	to <- histogram(took, e.Mutations, "mutation")
	gauge(feeds, float64(h.Feeds))
	count(events, h.Events)
	gauge(lagEvents, float64(h.Behind))
	gauge(lagSeconds, h.Late.Seconds())
	gauge(unread, h.Unread.Seconds())
	to <- histogram(toRing, h.CommitToRing)
	r := c.reveals()
	count(reveals, r.Given-r.Charged, "free")
	count(reveals, r.Charged, "counted")
	count(reveals, r.Refused, "refused")
	count(unusual, r.Unusual)
	for i, n := range h.Resumed {
		count(resumes, n, live.ResumeSources[i])
	}
	if c.sender == nil {
		return
	}
	s := c.sender.Stats()
	gauge(endpoints, float64(s.Endpoints))
	count(pushes, s.Taken, "TAKEN")
	for problem, n := range s.Failed {
		count(pushes, n, string(problem))
	}
	to <- histogram(pushTook, s.Took)
	count(parked, s.Parked)
	count(switchedOff, s.Off)
}

// class returns the label of a class of group sizes: 1, 2-9, …, 1000+.
func class(i int) string {
	least := strconv.Itoa(answer.GroupBounds[i])
	switch {
	case i+1 == len(answer.GroupBounds):
		return least + "+"
	case answer.GroupBounds[i+1]-1 == answer.GroupBounds[i]:
		return least
	}
	return least + "-" + strconv.Itoa(answer.GroupBounds[i+1]-1)
}

func histogram(d *prometheus.Desc, c live.DelayCounts, labels ...string) prometheus.Metric {
	buckets := make(map[float64]uint64, len(c.Within))
	for i, n := range c.Within {
		buckets[live.DelayBounds[i].Seconds()] = uint64(n)
	}
	return prometheus.MustNewConstHistogram(d, uint64(c.Count), c.Sum.Seconds(), buckets, labels...)
}
