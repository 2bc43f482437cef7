// Package slackemu is a Slack workspace in memory: people, channels, threads, buttons, modals and an app's
// home tab, behind the interfaces that Slack shows to an app.
//
// [New] returns a [Server], an [http.Handler] that serves
//
//	/api/METHOD    the Web API, form-encoded or JSON, with Slack's limits and error words
//	/link/         the Socket Mode WebSocket whose address apps.connections.open hands out
//	/response/…    response_url, usable 5 times within 30 minutes
//	/              a page in which a person acts as anybody of the workspace
//
// An app that talks to https://slack.com/api/ talks to BASE/api/ unchanged; slack-go and @slack/bolt do so in
// this package's tests.
//
// People act through the typed calls that start at [Server.As], through [Server.Control] (the same as JSON over
// HTTP) or on the page. An act that Slack reports to the app waits for the app's answer and returns a
// [Delivery], which says whether it was acknowledged, when, on which socket and with what. The calls let
// anybody act, also those whom Slack's own client would stop (a deactivated account, somebody outside the
// channel), because an app must not rely on that client.
//
// Misbehaviour is a value: [Server.SetFaults] makes methods fail or stall, loses or doubles deliveries, keeps
// dead sockets registered; [Server.Disconnect], [Server.Kill] and [Server.Freeze] end or silence sockets.
//
// All methods of a Server may be called from several goroutines. Nothing an app or a person sends makes it panic.
package slackemu
