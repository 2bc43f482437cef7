package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"time"

	"cbhbot/approvals/store"
	"cbhbot/bot"
)

// checkCommand says what is wrong with the configuration and what the program
// reaches with it. It changes nothing anywhere.
func checkCommand(ctx context.Context, args []string, stdout io.Writer) error {
	if wantsPolicy(args) {
		return checkPolicyFile(args, stdout)
	}
	var blocks blocksFlag
	values, err := gather("check", args, environment(), stdout, func(set *flag.FlagSet) { set.Var(&blocks, "blocks", "") })
	if errors.Is(err, flag.ErrHelp) {
		fmt.Fprint(stdout, "\n  --policy FILE\n      only explain a policy file, or say all that is wrong with it; no other setting is needed\n"+
			"\n  --blocks[=PAUSE]\n      only ask Slack what it would object to in all that the bot may show; it takes some minutes and posts nothing\n")
	}
	if err != nil {
		return err
	}
	c, err := configOf("check", values)
	if blocks.asked { // it needs nothing but what it asks for itself
		return checkBlocks(ctx, c, blocks.pause, stdout)
	}
	if err != nil {
		return err
	}
	ctx, cancel := context.WithTimeout(ctx, 30*time.Second)
	defer cancel()
	fmt.Fprintln(stdout, "ok    the configuration is complete")
	failed := 0
	for _, probe := range []func(context.Context, Config) (string, error){checkPolicy, checkSlack, checkPeople, checkRedis, checkSockets, checkParked, checkCloud} {
		text, err := probe(ctx, c)
		if err != nil {
			failed++
			fmt.Fprintf(stdout, "FAIL  %v\n", err)
			continue
		}
		fmt.Fprintf(stdout, "ok    %s\n", text)
	}
	if failed > 0 {
		return fmt.Errorf("%d check(s) failed", failed)
	}
	return nil
}

func checkSlack(ctx context.Context, c Config) (string, error) {
	_, identity, err := introduced(ctx, c)
	if err != nil {
		return "", err
	}
	return fmt.Sprintf("Slack knows the bot as %s in team %s", identity.BotUserID, identity.TeamID), nil
}

// introduced is a sender, and whom Slack knows it as.
func introduced(ctx context.Context, c Config) (*bot.Sender, bot.Identity, error) {
	log, err := newLog(c, io.Discard)
	if err != nil {
		return nil, bot.Identity{}, err
	}
	sender := bot.NewSender(bot.SenderConfig{Token: c.SlackBotToken, APIURL: c.SlackAPIURL, Log: log, Now: time.Now})
	identity, err := sender.Identify(ctx)
	if err != nil {
		return nil, identity, fmt.Errorf("Slack: %w", err)
	}
	return sender, identity, nil
}

func checkRedis(ctx context.Context, c Config) (string, error) {
	rdb, err := openRedis(c.RedisURL)
	if err != nil {
		return "", err
	}
	defer rdb.Close()
	if err := rdb.Ping(ctx).Err(); err != nil {
		return "", fmt.Errorf("Redis: %w", err)
	}
	if reason := forgetful(ctx, rdb, c.RedisWaitReplicas); reason != "" {
		return "", fmt.Errorf("Redis may forget what was acknowledged: %s", reason)
	}
	return "Redis answers and keeps what it is given", nil
}

// checkSockets counts the sockets that all copies of the bot want together.
func checkSockets(ctx context.Context, c Config) (string, error) {
	rdb, err := openRedis(c.RedisURL)
	if err != nil {
		return "", err
	}
	defer rdb.Close()
	fleet, err := (&bot.Roster{Redis: rdb, Prefix: store.DefaultPrefix}).Look(ctx)
	if err != nil {
		return "", err
	}
	copies := max(1, fleet.Processes)
	fleet.Sockets = max(fleet.Sockets, copies*c.SlackConnections)
	if fleet.Wants() > bot.MostSockets {
		return "", fmt.Errorf("SLACK_CONNECTIONS is too high: copies of the bot: %d; with the socket that is opened before another is closed they want %d, "+
			"and Slack gives an app %d", copies, fleet.Wants(), bot.MostSockets)
	}
	return fmt.Sprintf("copies of the bot: %d; they want %d of the %d sockets that Slack gives an app", copies, fleet.Wants(), bot.MostSockets), nil
}

// checkParked counts the work that failed too often.
func checkParked(ctx context.Context, c Config) (string, error) {
	rdb, err := openRedis(c.RedisURL)
	if err != nil {
		return "", err
	}
	defer rdb.Close()
	depths, err := bot.NewInbox(bot.InboxConfig{Redis: rdb, Prefix: store.DefaultPrefix}).Depths(ctx)
	if err != nil {
		return "", fmt.Errorf("counting parked work: %w", err)
	}
	for _, lane := range depths {
		if lane.Parked > 0 {
			return "", fmt.Errorf("%d entries are parked in %s: work that failed too often; read them with XRANGE", lane.Parked, lane.ParkedKey())
		}
	}
	return "no work is parked", nil
}

func checkCloud(ctx context.Context, c Config) (string, error) {
	log, err := newLog(c, io.Discard)
	if err != nil {
		return "", err
	}
	projects, err := projectsOf(c, log, time.Now, nil)
	if err != nil {
		return "", err
	}
	total := 0
	for _, p := range projects {
		list, err := p.Client.Instances(ctx)
		if err != nil {
			return "", fmt.Errorf("the cloud, project %s: %w", p.Name, err)
		}
		total += len(list)
	}
	return fmt.Sprintf("the cloud lists %d instance(s) in %d project(s)", total, len(projects)), nil
}
