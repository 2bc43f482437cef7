// Package approvals holds the request that people decide and a machine carries
// out. It is pure: no Redis, no clock, no network.
//
// A Request is a record of facts: what was asked, who decided what, what was
// called, what was seen, which notices are to be given. Request.Apply is the only
// way it changes: a function of the record, the time and an Event. Request.Agenda
// says what is to be done next and when. Words for people are made elsewhere, from
// these facts.
//
// The decision:
//
//	pending   ─► approved | denied | withdrawn | expired
//	approved  ─► pending (an approval taken back or lapsed) | withdrawn
//
// Each item (one instance) of an approved request:
//
//	waiting   ─► executing (claimed) | scheduled (there already) | failed (refused) | cancelled (taken out, or its batch stopped)
//	executing ─► scheduled (accepted) | failed (refused) | waiting (it never left, or the cloud put it off) | unknown | cancelled (and its batch stopped)
//	unknown   ─► scheduled | failed (refused, or given up) | executing (once more) | cancelled (its batch stopped)
//	scheduled ─► waiting (a move's cancel is read back, its upgrade follows) | running | succeeded | failed | missed | changed | cancelled
//	running   ─► succeeded | failed
//	changed   ─► scheduled (changed back) | running (at another time)
//	missed    ─► running (late) | succeeded (late)
package approvals
