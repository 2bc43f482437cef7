//go:build profile

package main

import (
	"net/http"
	_ "net/http/pprof" // its handlers
	"os"
	"runtime"
)

// A build for "make profile" tells where time and memory go, at an address of the
// loopback interface. No build that is shipped does.
func init() {
	runtime.SetBlockProfileRate(10_000) // nanoseconds of blocking for each sample
	runtime.MemProfileRate = 16 << 10
	go func() { panic(http.ListenAndServe(os.Getenv("CBHBOT_PROFILE"), nil)) }()
}
