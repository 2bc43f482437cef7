package sandbox

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"strconv"
	"time"
)

// role is the argument with which the sandbox starts its bot.
const role = "bot"

// orphanGrace is how long the bot has to end when the sandbox is gone.
const orphanGrace = 400 * time.Millisecond

// serve runs the bot of a sandbox for as long as its pipe lasts. Each line of orders
// is how far the clock is ahead, in nanoseconds; it is written back once it holds.
func serve(ctx context.Context, orders io.Reader, answers io.Writer, run func(context.Context, *Clock) error) error {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	clock, lines := &Clock{}, bufio.NewScanner(orders)
	if !lines.Scan() || clock.follow(lines.Text(), answers) != nil {
		return errors.New("only the sandbox starts its bot: run `cbhbot sandbox`")
	}
	go func() {
		for lines.Scan() && clock.follow(lines.Text(), answers) == nil {
		}
		cancel()
		time.AfterFunc(orphanGrace, func() { os.Exit(1) }) // whatever is still under way: its sandbox is gone
	}()
	return run(ctx, clock)
}

// follow does what a line says.
func (c *Clock) follow(line string, answers io.Writer) error {
	ahead, err := strconv.ParseInt(line, 10, 64)
	if err != nil {
		return err
	}
	c.set(time.Duration(ahead))
	_, err = fmt.Fprintln(answers, line)
	return err
}
