// Package cbhemu is Huawei Cloud's Cloud Bastion Host API and the IAM call that
// yields its tokens, in memory.
//
// A [Server] is an http.Handler for both. It checks tokens, signatures and
// fields, refuses in the order and with the words of the cloud, and lets an
// upgrade run its course as its clock moves: every read computes where things
// stand at that moment, so the clock may jump.
//
// What the cloud does not document is behind the switches of [Behaviour].
// What goes wrong on the wire is a list of [Fault] values. [Server.Control]
// serves the same over HTTP, for programs in other processes.
//
// It shares no type with the client it is there to test.
package cbhemu
