package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"

	"github.com/redis/go-redis/v9"
	"github.com/sirupsen/logrus"

	"cbhbot/cmd/cbhbot/check"
	"cbhbot/cmd/cbhbot/cli"
)

// helped prints how a subcommand is used when its flags asked for it.
func helped(err error, stdout io.Writer, usage string) error {
	if errors.Is(err, flag.ErrHelp) {
		fmt.Fprint(stdout, usage)
	}
	return err
}

// redisFlag lets a subcommand be told where Redis is, and nothing else of the
// configuration. The function it returns connects.
func redisFlag(set *flag.FlagSet) func(context.Context) (redis.UniversalClient, error) {
	url := set.String("redis-url", os.Getenv("REDIS_URL"), "")
	return func(ctx context.Context) (redis.UniversalClient, error) {
		if *url == "" {
			return nil, cli.Misuse(set, "REDIS_URL is required, for example redis://127.0.0.1:6379/0")
		}
		redis.SetLogger(redisLog{new(logrus.Logger)}) // which is silent, before the first connection; what fails is said by whoever asked
		rdb, err := openRedis(*url)
		if err != nil {
			return nil, cli.Misuse(set, "%v", err)
		}
		if err := (check.Settings{Redis: rdb, RedisTLS: overTLS(*url), Sentinels: viaSentinels(*url)}).Reach(ctx); err != nil {
			rdb.Close()
			return nil, err
		}
		return rdb, nil
	}
}
