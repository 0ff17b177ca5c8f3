package app

import (
	"context"
	"errors"
	"fmt"
	"net"
	"syscall"

	"baogong/telemetry"
)

// entry holds the listeners of a server, and its URL.
type entry struct {
	public  net.Listener
	private net.Listener // of operators; nil without --metrics-addr
	traces  *telemetry.Traces
	url     string // the public URL, with which links begin
}

// listen opens the listeners and the trace exporter. It comes before all slow steps, so that a port in use is reported
// at once. The caller must close the entry.
func (p *program) listen(ctx context.Context, s ServerSettings) (e entry, err error) {
	if e.public, err = bind(s.Addr, "--addr"); err != nil {
		return e, err
	}
	e.url, err = publicURL(s.PublicURL, s.Addr, portOf(e.public), s.TLSCert != "")
	if err == nil && s.MetricsAddr != "" {
		if e.private, err = bind(s.MetricsAddr, "--metrics-addr"); err == nil {
			p.log.Info("metrics and profiles", "at", e.private.Addr().String())
		}
	}
	if err == nil {
		e.traces, err = telemetry.OpenTraces(ctx, s.OTLPEndpoint, version(), p.log)
		p.traces = e.traces
	}
	if err != nil {
		e.close()
	}
	return e, err
}

// close closes the listeners that serve has not closed.
func (e entry) close() {
	_ = e.public.Close()
	if e.private != nil {
		_ = e.private.Close()
	}
	e.traces.Close()
}

func bind(addr, setting string) (net.Listener, error) {
	listener, err := net.Listen("tcp", addr)
	switch {
	case errors.Is(err, syscall.EADDRINUSE):
		return nil, fmt.Errorf("%s is already in use; choose another with %s (%w)", addr, setting, err)
	case errors.Is(err, syscall.EACCES):
		return nil, fmt.Errorf("this user may not listen at %s; choose a port above 1023 with %s (%w)", addr, setting, err)
	case err != nil:
		return nil, fmt.Errorf("%s: cannot listen at %s: %w", setting, addr, err)
	}
	return listener, nil
}

// portOf returns a listener's port.
func portOf(listener net.Listener) string {
	_, port, _ := net.SplitHostPort(listener.Addr().String()) // a TCP listener's address has one
	return port
}
