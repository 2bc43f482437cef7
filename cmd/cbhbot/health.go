package main

import (
	"cmp"
	"context"
	"fmt"
	"io"
	"net"
	"net/http"
	"strings"
	"time"

	"github.com/caarlos0/env/v11"

	"cbhbot/cmd/cbhbot/cli"
)

const healthUsage = `Usage: cbhbot health

Asks the bot that runs beside it, at CBHBOT_LISTEN, whether it lives. Exit codes: 0 it
does, 1 nothing answers or it says something else.
`

// healthCommand asks the bot that runs beside it, at CBHBOT_LISTEN, whether it lives:
// for an image that has no other program to ask with.
func healthCommand(ctx context.Context, args []string, stdout io.Writer) error {
	set := cli.Flags("health")
	_, err := cli.Read(set, args)
	if err != nil {
		return helped(err, stdout, healthUsage)
	}
	var asked struct {
		Listen string `env:"CBHBOT_LISTEN" envDefault:"127.0.0.1:9090"`
	}
	if err := env.Parse(&asked); err != nil {
		return cli.UsageError{Err: err}
	}
	ctx, cancel := context.WithTimeout(ctx, 2*time.Second)
	defer cancel()
	return askHealth(ctx, asked.Listen, stdout)
}

func askHealth(ctx context.Context, listen string, stdout io.Writer) error {
	host, port, err := net.SplitHostPort(listen)
	if err != nil {
		return cli.UsageError{Err: noListen(listen)}
	}
	address := net.JoinHostPort(cmp.Or(host, "127.0.0.1"), port)
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, "http://"+address+"/healthz", nil)
	if err != nil {
		return cli.UsageError{Err: noListen(listen)}
	}
	direct := http.Client{Transport: &http.Transport{}} // a proxy does not lead to this machine
	response, err := direct.Do(request)
	if err != nil {
		return fmt.Errorf("no bot answers at CBHBOT_LISTEN: %w", err)
	}
	defer response.Body.Close()
	body, err := io.ReadAll(io.LimitReader(response.Body, 1<<10))
	if err != nil || response.StatusCode != http.StatusOK {
		return fmt.Errorf("the bot at %s says %s: %s", address, response.Status, strings.TrimSpace(string(body)))
	}
	_, err = stdout.Write(body)
	return err
}
