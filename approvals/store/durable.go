package store

import (
	"context"
	"time"

	"github.com/redis/go-redis/v9"
)

// waitReplica is how long replicas are waited for.
const waitReplica = 400 * time.Millisecond

// Durable runs scripts so that what they write has reached so many replicas, or answers
// ErrReplicas: the write then stands on the primary alone. For no replicas it is nil.
func Durable(client redis.UniversalClient, replicas int) redis.Scripter {
	if replicas == 0 {
		return nil
	}
	return durable{client, replicas}
}

type durable struct {
	redis.UniversalClient
	replicas int
}

// EvalSha implements redis.Scripter.
func (d durable) EvalSha(ctx context.Context, sha string, keys []string, args ...any) *redis.Cmd {
	return d.run(ctx, keys[0], func(on redis.Scripter) *redis.Cmd { return on.EvalSha(ctx, sha, keys, args...) })
}

// Eval implements redis.Scripter.
func (d durable) Eval(ctx context.Context, text string, keys []string, args ...any) *redis.Cmd {
	return d.run(ctx, keys[0], func(on redis.Scripter) *redis.Cmd { return on.Eval(ctx, text, keys, args...) })
}

// run has WAIT follow a script on its connection: it speaks of that one's writes. In a cluster that
// is one to whoever has the slot of the key, also where it has moved: watching the key finds it.
func (d durable) run(ctx context.Context, key string, eval func(redis.Scripter) *redis.Cmd) *redis.Cmd {
	answer := redis.NewCmd(ctx)
	follow := func(pipe redis.Pipeliner) error {
		answer = eval(pipe)
		reached := pipe.Do(ctx, "WAIT", d.replicas, patience(ctx).Milliseconds())
		_, err := pipe.Exec(ctx)
		if n, _ := reached.Int(); err == nil && n < d.replicas {
			err = ErrReplicas
		}
		return err
	}
	var err error
	if cluster, is := d.UniversalClient.(*redis.ClusterClient); is {
		err = cluster.Watch(ctx, func(on *redis.Tx) error { return follow(on.Pipeline()) }, key)
	} else {
		err = follow(d.Pipeline())
	}
	if err != nil {
		answer.SetErr(err)
	}
	return answer
}

// patience is how long to wait for replicas, so that the answer still comes in time.
func patience(ctx context.Context) time.Duration {
	if end, is := ctx.Deadline(); is {
		return max(time.Millisecond, min(waitReplica, time.Until(end)*4/5)) // 0 would be for ever
	}
	return waitReplica
}
