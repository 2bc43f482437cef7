// Package handlers is what a person means and what a person reads: it turns
// commands, buttons and forms into requests (package approvals), and requests
// into cards, thread messages and private answers.
//
// It stands between the packages that know nothing of each other: bot (Slack),
// approvals (decisions) and client (the cloud). What people read is worded in messages;
// here are only the facts.
package handlers
