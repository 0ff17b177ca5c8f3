package main

import (
	"crypto/tls"
	"errors"
	"log/slog"

	"baogong/server"
)

// edgeFiles is what the edge's settings name files for.
type edgeFiles struct {
	tls *tls.Config // nil: plain HTTP
}

// files reads them, before anything is started that would have to be stopped again.
func (s serverSettings) files(log *slog.Logger) (f edgeFiles, err error) {
	switch {
	case s.TLSCert == "" && s.TLSKey == "":
	case s.TLSCert == "" || s.TLSKey == "":
		return f, errors.New("--tls-cert and --tls-key belong together; give both or neither")
	default:
		certificate, err := server.LoadCertificate(s.TLSCert, s.TLSKey, log)
		if err != nil {
			return f, err
		}
		f.tls = certificate.Config()
	}
	return f, nil
}
