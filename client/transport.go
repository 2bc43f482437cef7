package client

import (
	"net"
	"net/http"
	"time"
)

// Bounds on the stages of a call. The caller's context bounds the whole of it;
// longestCall is for a caller who has none.
const (
	connectTimeout = 3 * time.Second
	tlsTimeout     = 5 * time.Second
	headerTimeout  = 20 * time.Second // until the answer begins
	idleTimeout    = 90 * time.Second
	longestCall    = 45 * time.Second
	fewIdle        = 2
)

// NewHTTP returns the HTTP client that all calls of a process should share. It
// keeps up to idle connections to each host for the next calls: as many as there
// are callers at a time. It honours the proxy variables. It speaks no HTTP/2: calls
// would share a connection, and wait for one that is dead or full, and net/http
// sends a call again, without an end, that a peer resets, also when it was carried out.
func NewHTTP(idle int) *http.Client {
	return &http.Client{Timeout: longestCall, Transport: &http.Transport{
		Proxy:                 http.ProxyFromEnvironment,
		DialContext:           (&net.Dialer{Timeout: connectTimeout, KeepAlive: 15 * time.Second}).DialContext,
		MaxIdleConnsPerHost:   idle, // and no bound on those to all hosts together
		IdleConnTimeout:       idleTimeout,
		TLSHandshakeTimeout:   tlsTimeout,
		ResponseHeaderTimeout: headerTimeout,
		ExpectContinueTimeout: time.Second,
	}}
}
