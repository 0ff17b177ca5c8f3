package app

import (
	"crypto/tls"
	"errors"
	"fmt"
	"log/slog"
	"os"

	"baogong/resolvers"
	"baogong/server"
	"baogong/server/answer"
)

// edgeFiles holds the contents of the files that the edge's settings name.
type edgeFiles struct {
	tls     *tls.Config     // nil: plain HTTP
	trusted *answer.Trusted // nil: any operation runs
}

// files reads them. It comes before any start, so that nothing needs to be stopped if it fails.
func (s ServerSettings) files(log *slog.Logger) (f edgeFiles, err error) {
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
	if s.TrustedDocuments == "" {
		return f, nil
	}
	text, err := os.ReadFile(s.TrustedDocuments)
	if err == nil {
		f.trusted, err = answer.ParseTrusted(text, new(resolvers.Resolver).Schema().Schema())
	}
	if err != nil {
		return f, fmt.Errorf("read --trusted-documents: %w", err)
	}
	return f, nil
}
