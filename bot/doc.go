// Package bot is the Slack transport: it holds Socket Mode connections, keeps
// what arrives, routes it, and sends.
//
// The order is always store, then ack, then work (R1). Sockets hands each
// envelope to a Receiver, which writes it to the Inbox with one Redis write;
// only then is it acked. A queue (not of this package) gives the stored
// envelopes to Mux.Serve, at least once each, in any process. Sender talks to
// the Web API.
//
// Like net/http, the package knows no handlers.
package bot
