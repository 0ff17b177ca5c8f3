package server

import (
	"net/http"

	"baogong/server/limit"
)

// forwarding lists the headers that a proxy adds.
var forwarding = []string{"X-Forwarded-For", "X-Forwarded-Host", "X-Forwarded-Proto", "X-Forwarded-Port", "X-Forwarded-Server", "X-Forwarded-Prefix", "X-Real-Ip",
	"X-Client-Ip", "X-Cluster-Client-Ip", "X-Original-Host", "X-Original-Forwarded-For", "True-Client-Ip", "Cf-Connecting-Ip", "Fastly-Client-Ip",
	"X-Envoy-External-Address", "X-Azure-Clientip", "X-Azure-Socketip", "Fly-Client-Ip", "X-Appengine-User-Ip", "X-Proxyuser-Ip", "Cf-Ray", "Cdn-Loop",
	"X-Forwarded", "X-Original-Url", "Forwarded-For", "Forwarded", "Via"}

// metrics answers GET /metrics to programs on this machine. It refuses requests that a local proxy forwards, and pages
// whose name was pointed here (DNS rebinding).
func (s *Server) metrics(w http.ResponseWriter, r *http.Request) {
	if !s.near(r) {
		s.write(w, "text/plain", http.StatusForbidden,
			[]byte("Metrics are told to this machine only; --metrics-addr gives them an address of their own. 指标只对本机开放；可用 --metrics-addr 另设地址。\n"))
		return
	}
	s.opt.Metrics.ServeHTTP(w, r)
}

// near reports whether a request was made on this machine and not forwarded for another client.
func (s *Server) near(r *http.Request) bool {
	for _, name := range forwarding {
		if r.Header.Get(name) != "" {
			return false
		}
	}
	peer, ok := limit.ParseAddress(r.RemoteAddr)
	return ok && peer.IsLoopback() && !s.opt.Proxies.Contain(peer) && isLoopback(hostname(r.Host))
}
