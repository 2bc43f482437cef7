// Package sandbox is the whole product on one machine: a Slack workspace, a cloud
// and the real bot between them, on one loopback address, with a page to act in and
// a panel beside it.
//
// The emulators and the clock live in the sandbox's process; the bot is a process
// of its own, which can be killed. What the two have in common is a pipe: the parent
// writes how far its clock is ahead of the machine's, the child writes back what it
// has taken up, and a pipe that ends ends the child.
//
//	people ── page ── slackemu ┐                      ┌ slackemu's API, socket
//	         panel ── clock ───┼─ sandbox ── pipe ── bot ── Redis
//	                  cbhemu ──┘                      └ cbhemu's API
package sandbox
