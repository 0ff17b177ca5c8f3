package main

import (
	"context"
	"errors"
	"fmt"
	"net"
	"syscall"

	"baogong/telemetry"
)

// entry is where a server is reached.
type entry struct {
	public  net.Listener
	private net.Listener // of operators; nil without --metrics-addr
	traces  *telemetry.Traces
}

// unlock opens the addresses to serve at, and the way of traces. It comes first: what takes a while would be in vain
// where a port is taken. Close the entry.
func (p *program) unlock(ctx context.Context, s serverSettings) (e entry, err error) {
	if e.public, err = bind(s.Addr, "--addr"); err != nil {
		return e, err
	}
	if s.MetricsAddr != "" {
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

// close closes what serve has not closed before.
func (e entry) close() {
	_ = e.public.Close()
	if e.private != nil {
		_ = e.private.Close()
	}
	e.traces.Close()
}

func bind(addr, setting string) (net.Listener, error) {
	listener, err := net.Listen("tcp", addr)
	if errors.Is(err, syscall.EADDRINUSE) {
		return nil, fmt.Errorf("%s is already in use; choose another with %s (%w)", addr, setting, err)
	}
	if err != nil {
		return nil, fmt.Errorf("listen at %s: %w", addr, err)
	}
	return listener, nil
}
