// Package bot is the Slack transport: it holds Socket Mode connections, keeps
// what arrives, routes it, and sends.
//
// The order is always store, then ack, then work (R1). Sockets hands each
// envelope to a Receiver, which writes it to the Inbox with one Redis write;
// only then is it acked. Inbox.Run gives the stored envelopes to Mux.Serve, at
// least once each, in any process. Sender talks to the Web API.
//
// What Run does with an entry of the inbox:
//
//	put ──> waiting ──read──> held ──served──> out
//	          ^                 │ away, Later: "putoff" until it is due, for ever
//	          ├──────due────────┤ failed by itself: the same, 4 times; the 5th: "parked"
//	          └──untouched 2 s──┘ its process died: taken over; 20 times: "parked"
//
// What one person sends beyond what people do, into a lane that is full, is put off too: it
// waits behind what others send.
//
// Its keys are inbox:presses and inbox:commands (streams), each with :putoff
// (ZSET by when an entry is due) and :parked (stream), and seen:* (24 h).
//
// Like net/http, the package knows no handlers.
package bot
