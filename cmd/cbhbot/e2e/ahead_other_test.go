//go:build !(linux && amd64)

package e2e

import (
	"errors"
	"os/exec"
	"time"
)

// startAhead is for Linux on amd64 only.
func startAhead(*exec.Cmd, time.Duration) error {
	return errors.New("a process whose clock is ahead needs Linux on amd64: run the tests in a container there")
}
