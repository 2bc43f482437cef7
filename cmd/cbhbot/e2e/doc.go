// Package e2e runs the built program against real parts, over real HTTP and
// WebSocket: a real Redis, the emulated workspace and the emulated cloud.
//
// There are two harnesses. A world has the parts in the test and any number of
// processes of "cbhbot run", which can be killed, and whose Redis, Slack and cloud
// can be made to misbehave. A box is one process of "cbhbot sandbox", whose clock
// can be moved, driven through its control APIs. The torture is a world in which
// everything happens at random for as long as it is told to.
//
// The package holds tests only.
package e2e
