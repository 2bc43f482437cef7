// Package approvals holds requests that people decide and a machine carries out.
//
// A Request is a record of facts: what was asked, who decided what, what was
// called, what was seen. Request.Apply is the only way it changes: a pure
// function of the record, the time and an Event, which answers with the next
// record and the Effects that must follow. A Store commits both in one atomic
// step, or tells the loser of a race that it lost. A Runner carries the effects
// out, at least once each, through three interfaces that others implement: an
// Executor (the cloud), a Presenter (the chat) and a Directory (the people).
//
// Whoever decides is checked by Authority at the click and once more before the
// call. Every change is written, with who did it, to a hash-chained audit
// stream in the same commit; a Mirror copies it to places outside Redis.
package approvals
