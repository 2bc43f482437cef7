package store

import (
	"context"
	"time"

	"github.com/redis/go-redis/v9"
)

const (
	// waitReplica is how long replicas are waited for.
	waitReplica = 400 * time.Millisecond
	// A slot that has moved is looked for this often, with this pause.
	movedTries = 20
	movedPause = 25 * time.Millisecond
)

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
	return d.insist(ctx, keys[0], func(on redis.Scripter) *redis.Cmd { return on.EvalSha(ctx, sha, keys, args...) })
}

// Eval implements redis.Scripter.
func (d durable) Eval(ctx context.Context, text string, keys []string, args ...any) *redis.Cmd {
	return d.insist(ctx, keys[0], func(on redis.Scripter) *redis.Cmd { return on.Eval(ctx, text, keys, args...) })
}

// insist runs a script again where the slot of its key has moved.
func (d durable) insist(ctx context.Context, key string, eval func(redis.Scripter) *redis.Cmd) *redis.Cmd {
	cluster, _ := d.UniversalClient.(*redis.ClusterClient)
	for tries := movedTries; ; tries-- {
		answer := d.once(ctx, key, eval)
		if !redis.HasErrorPrefix(answer.Err(), "MOVED") || cluster == nil || tries == 0 || ctx.Err() != nil {
			return answer
		}
		cluster.ReloadState(ctx) // goes on in the background
		time.Sleep(movedPause)
	}
}

// once has WAIT follow the script on its connection: it speaks of that one's writes.
func (d durable) once(ctx context.Context, key string, eval func(redis.Scripter) *redis.Cmd) (answer *redis.Cmd) {
	var err error
	node := redis.Cmdable(d.UniversalClient)
	if cluster, is := d.UniversalClient.(*redis.ClusterClient); is {
		if node, err = cluster.MasterForKey(ctx, key); err != nil {
			answer = redis.NewCmd(ctx)
			answer.SetErr(err)
			return answer
		}
	}
	pipe := node.Pipeline()
	answer = eval(pipe)
	reached := pipe.Do(ctx, "WAIT", d.replicas, patience(ctx).Milliseconds())
	_, err = pipe.Exec(ctx)
	if n, _ := reached.Int(); err == nil && n < d.replicas {
		err = ErrReplicas
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
