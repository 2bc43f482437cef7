package bot

import (
	"context"
	"testing"

	"github.com/redis/go-redis/v9"

	"cbhbot/approvals/store/redistest"
)

// Whoever holds something is remembered for it, however long ago.
func TestConsumersThatHoldNothingAreForgotten(t *testing.T) {
	t.Parallel()
	rdb, ctx := redistest.Start(t).Client(), context.Background()
	rdb.XGroupCreateMkStream(ctx, "{t}:s", group, "0")
	rdb.XGroupCreateConsumer(ctx, "{t}:s", group, "idle")
	rdb.XAdd(ctx, &redis.XAddArgs{Stream: "{t}:s", Values: []string{"envelope", "{}"}})
	rdb.XReadGroup(ctx, &redis.XReadGroupArgs{Group: group, Consumer: "holder", Streams: []string{"{t}:s", ">"}, Block: -1})
	forget := func(idle int) (names []string) {
		if err := forgetScript.Run(ctx, rdb, []string{"{t}:s"}, group, idle).Err(); err != nil {
			t.Fatal(err)
		}
		for _, c := range rdb.XInfoConsumers(ctx, "{t}:s", group).Val() {
			names = append(names, c.Name)
		}
		return names
	}
	if names := forget(60_000); len(names) != 2 {
		t.Errorf("%v are left of two", names)
	}
	if names := forget(-1); len(names) != 1 || names[0] != "holder" {
		t.Errorf("%v are left", names)
	}
}
