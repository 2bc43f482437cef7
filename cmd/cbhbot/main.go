// Command cbhbot schedules upgrades of Huawei Cloud Bastion Hosts from Slack,
// once people have approved them.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"maps"
	"os"
	"os/signal"
	"slices"
	"syscall"

	_ "time/tzdata" // people's zones, also where the system has none

	"cbhbot/cmd/cbhbot/cli"
	"cbhbot/handlers/messages"
)

const usage = `cbhbot schedules upgrades of Huawei Cloud Bastion Hosts from Slack, once people have approved them.

Usage: cbhbot <command> [flags]

  run      serve a real workspace (cbhbot run --help lists every setting)
  sandbox  try it: a workspace, a cloud and the bot in one process, with a page
  check    say what is wrong with the configuration, and what can be reached;
           cbhbot check --policy FILE explains a policy file
  when     read a time phrase: cbhbot when --tz Europe/Berlin --now "$(date -Iseconds)" 'sunday 2am'
  audit    export and verify the audit
  requests list what is stored of requests; cbhbot request CBH-142 prints one, and what is due
  parked   list, show, retry and drop work that failed too often
  health   ask the bot that runs beside it, at CBHBOT_LISTEN, whether it lives
  version  say what was built, and from what (--json)
`

// Exit codes.
const (
	exitOK     = 0
	exitFailed = 1
	exitUsage  = 2
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	os.Exit(dispatch(ctx, os.Args[1:], os.Stdin, os.Stdout, os.Stderr))
}

// command is one subcommand: it ends when ctx ends.
type command func(ctx context.Context, args []string, stdout io.Writer) error

var commands = map[string]command{
	"run": runCommand, "sandbox": sandboxCommand, "check": checkCommand, "audit": auditCommand,
	"requests": requestsCommand, "request": requestCommand, "parked": parkedCommand,
	"health": healthCommand, "version": versionCommand, "--version": versionCommand, "-v": versionCommand,
}

func dispatch(ctx context.Context, args []string, stdin io.Reader, stdout, stderr io.Writer) int {
	if len(args) > 1 && args[0] == "help" {
		args = []string{args[1], "--help"}
	}
	if len(args) == 0 || args[0] == "help" || asksHelp(args[0]) {
		fmt.Fprint(stdout, usage)
		return exitOK
	}
	if args[0] == "when" {
		return whenCommand(args[1:], stdin, stdout, stderr)
	}
	run, known := commands[args[0]]
	if !known {
		fmt.Fprintf(stderr, "cbhbot: there is no command %q.%s\nType `cbhbot help` to see the commands.\n", args[0], nearestCommand(args[0]))
		return exitUsage
	}
	return exitCode(run(ctx, args[1:], stdout), stderr)
}

func asksHelp(arg string) bool { return arg == "--help" || arg == "-help" || arg == "-h" }

func nearestCommand(typed string) string {
	if near, ok := messages.Nearest(typed, append(slices.Sorted(maps.Keys(commands)), "when", "help")); ok {
		return fmt.Sprintf(" Did you mean %q?", near)
	}
	return ""
}

func exitCode(err error, stderr io.Writer) int {
	if err == nil || errors.Is(err, flag.ErrHelp) {
		return exitOK
	}
	last := newAside(stderr, func(int64) {}) // nobody may read it, as nobody may read the log
	fmt.Fprintf(last, "cbhbot: %v\n", err)
	last.flush()
	if _, misused := errors.AsType[cli.UsageError](err); misused {
		return exitUsage
	}
	return exitFailed
}
