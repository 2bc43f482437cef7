// Package engine is the front door for people and the two reconcilers behind it.
//
// Whatever changes a request goes the same way: read the record, decide on what
// was read, apply one event, commit against the record's counter; whoever loses a
// race reads and decides again. Ask and Act do it for people, who are authorised
// by one snapshot of the policy; the reconcilers do it for what the time and the
// cloud bring.
//
//	act   calls the cloud, looks, expires, reminds. It never waits for the chat.
//	show  makes the chat show what is stored. Nothing waits for it.
//
// Each has a queue of its own in the store, and workers enough that many hung
// calls do not keep another from being made. A process that commits works on what
// follows at once; whatever it leaves behind is taken up by others.
package engine
