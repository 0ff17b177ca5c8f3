package server

import "net/http"

// address returns where a request comes from, as limits count it.
func (s *Server) address(r *http.Request) string {
	return s.opt.Proxies.Address(r.RemoteAddr, r.Header.Values("X-Forwarded-For"))
}
