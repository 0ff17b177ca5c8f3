package app

import (
	"context"
	"errors"
	"io"
	"log/slog"
	"net"
	"net/http"
	"time"

	"baogong/db"
	"baogong/telemetry"
	"baogong/web"
)

// Wiring holds the parts of a System without a command line: in the tests of the running program.
type Wiring struct {
	Settings ServerSettings
	DSN      string           // of a migrated database
	Listen   string           // where to LISTEN; at DSN if empty
	Now      func() time.Time // business clock
	Machine  func() time.Time // clock of what is issued; nil: the machine's. The edge and the database keep the real one.
	Log      slog.Handler
}

// Wire opens the listeners and the database, and wires everything together as the serve command does. Close what it returns.
func Wire(ctx context.Context, w Wiring) (*System, error) {
	p := &program{out: io.Discard, log: slog.New(w.Log)}
	entry, err := p.listen(ctx, w.Settings)
	if err != nil {
		return nil, err
	}
	w.Settings.PublicURL = entry.url
	st := &store{dsn: w.DSN, listen: w.Listen}
	if st.listen == "" {
		st.listen = w.DSN
	}
	if st.DB, err = db.Open(ctx, w.DSN, db.Options{Traces: p.traces.Provider()}); err != nil {
		entry.close()
		return nil, err
	}
	h, err := p.build(ctx, st, w.Settings, w.Now)
	if err != nil {
		entry.close()
		return nil, errors.Join(err, st.close())
	}
	if w.Machine != nil {
		h.Verbs.Machine = w.Machine
	}
	h.private, h.entry = entry.private, entry
	return h, nil
}

// Serve serves what Wire has made until ctx is done or a part of it fails.
func (h *System) Serve(ctx context.Context) error {
	return h.serve(ctx, h.entry.public, Pages(web.Desk{Operations: web.PlainOperations()}, false), nil)
}

// Close closes the listeners and the database of what Wire has made. Serve must have returned.
func (h *System) Close() error {
	h.entry.close()
	return h.Store.close()
}

// Addr is where what Wire has made listens.
func (h *System) Addr() net.Addr { return h.entry.public.Addr() }

// MetricsAddr is where what Wire has made shows metrics and profiles to operators; nil without the setting.
func (h *System) MetricsAddr() net.Addr { return h.private.Addr() }

// CloseTraces sends the last spans and ends the exporter.
func (h *System) CloseTraces() { h.traces.Close() }

// Handler returns the edge without its pages and its listener. Nothing else of the program runs, so that what requests cost can be
// counted.
func (h *System) Handler() (http.Handler, error) {
	edge, err := h.edge(nil)
	if err != nil {
		return nil, err
	}
	return edge.Handler(), nil
}

// ServeBeside serves the same program a second time, at a listener and with settings of its own, until ctx is done.
func (h *System) ServeBeside(ctx context.Context, listener net.Listener, s ServerSettings) error {
	files, err := s.files(h.log)
	if err != nil {
		return err
	}
	beside := &System{program: h.program, Settings: s, files: files, metrics: telemetry.NewMetrics(), Store: h.Store, Verbs: h.Verbs,
		Hub: h.Hub, Root: h.Root, keys: h.keys}
	edge, err := beside.edge(Pages(web.Desk{}, false))
	if err != nil {
		return err
	}
	return edge.Serve(ctx, listener)
}
