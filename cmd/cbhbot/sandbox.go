package main

import (
	"context"
	"fmt"
	"io"
	"net"
	"os"

	"cbhbot/approvals/policy/file"
	"cbhbot/cmd/cbhbot/cli"
	"cbhbot/cmd/cbhbot/sandbox"
)

func sandboxCommand(ctx context.Context, args []string, stdout io.Writer) error {
	return sandbox.Run(ctx, args, stdout, sandbox.Program{Check: checkSandboxed, Bot: runSandboxed, OpenRedis: openRedis})
}

func checkSandboxed(environ []string) error {
	c, err := readConfig("sandbox", nil, environ, io.Discard)
	if err == nil {
		_, err = file.Read(c.PolicyFile, c.MaxLead)
	}
	return err
}

// runSandboxed runs the bot as run does, but for the clock that it goes by and how
// often it looks.
func runSandboxed(ctx context.Context, clock *sandbox.Clock) error {
	c, err := readConfig("sandbox", nil, os.Environ(), io.Discard)
	if err != nil {
		return err
	}
	log := newLog(c, os.Stderr)
	rdb, err := openRedis(c.RedisURL)
	if err != nil {
		return cli.UsageError{Err: err}
	}
	defer rdb.Close()
	listener, err := net.Listen("tcp", c.Listen)
	if err != nil {
		return fmt.Errorf("listening for probes: %w", err)
	}
	service, err := assemble(c, rdb, log, clock.Ahead)
	if err != nil {
		listener.Close()
		return err
	}
	service.engine.Pace = sandbox.Pace
	clock.OnMove(service.cloud.Forget)
	return service.run(ctx, listener)
}
