// Package queue works a Redis stream as a durable queue.
//
// An entry is handled at least once: it leaves the stream only after its
// handler returned nil. What a dead process left behind is claimed by any other
// consumer of the group within MinIdle plus one ClaimEvery (at most 15 s with
// the defaults). An entry whose handler failed five times is moved to the
// parked stream, where it blocks nobody and can be looked at. An error made
// with Later is not counted, nor is a fault of Redis itself (Away): the work is
// sound, the world is not ready for it.
//
// Done entries are deleted one by one, so that the stream holds exactly the
// work that is not finished and never grows with history.
package queue
