// Package sdktest lets the cloud's official Go SDK, which was written by others
// from other knowledge, work with the emulated cloud, and compares what the SDK
// and the client of this project put on the wire.
//
// It is a module of its own so that the SDK is no part of the program; the
// tests run with "make test-sdk".
package sdktest
