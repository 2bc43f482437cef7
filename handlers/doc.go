// Package handlers is what a person means and what a person reads: it turns
// commands, buttons and forms into requests (package approvals), and requests
// into cards, thread messages and private answers.
//
// It stands between the packages that know nothing of each other: bot (Slack),
// approvals (decisions) and client (the cloud). Everything a person may read is
// worded here: cards in card.go, what a thread is told in notices.go, and every
// error in words.go.
package handlers
