// Package policy says who may do what to which instance, and when.
//
// A Policy is rules; a Directory knows who people are. Each decision is taken on
// one Snapshot: Authority.Snapshot takes the policy in force once, and every
// question about the decision is asked of that snapshot. Whatever it cannot find
// out it refuses, as Unreachable, which is never a "no".
//
// Answers are facts: a Refusal, a ClosedError, a quorum of people. Words for them
// are made elsewhere.
package policy
