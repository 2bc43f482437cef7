// Package store keeps requests in Redis.
//
// All keys of one deployment carry a prefix with a hash tag, so that they lie in
// one slot of a Redis Cluster and one script can change several:
//
//	request:N       hash    n (the counter that each commit compares), body (the record as JSON)
//	shown:N         hash    what was sent to the chat: see Shown
//	asked:EVENT     string  the request that an event created
//	last-id         string  the last request's number
//	open            hash    lock -> the request that holds it
//	due:act         zset    request -> when it is due, Unix milliseconds of Redis' clock
//	due:show        zset    the same for what people see
//	held:act        hash    request -> token of whoever holds its lease
//	held:show       hash
//	index:NAME      zset    requests by creation: all, by:USER, state:STATE, instance:PROJECT/SERVER
//	pace:PLACE      string  how much of a channel's budget for messages is spent
//	hold:METHOD     string  a pause that the chat asked for
//
// The queues are delayed queues with a visibility timeout. Take hands out what is
// due and hides it for a lease, which its holder renews; Settle gives it back
// with its next due time, or, when the record has moved on meanwhile, keeps it.
// A commit makes a request due, the earlier time wins; one that is held it leaves
// alone. Whoever dies is replaced when the lease runs out.
//
// The only clock is Redis': scripts read it, and hand it out.
package store
