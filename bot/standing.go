package bot

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strings"

	"github.com/redis/go-redis/v9"
)

// Standing is how far the inbox is with an envelope.
type Standing string

// The standings.
const (
	Unkept  Standing = "unkept"  // it was never kept, or more than a day ago
	Waiting Standing = "waiting" // it is to be done
	Aside   Standing = "aside"   // it was put aside: parked
	Done    Standing = "done"
)

// Standings says of each envelope how far the inbox is with it, all at one moment. It
// reads the whole inbox: it is for one whose envelopes can be counted.
func (i *Inbox) Standings(ctx context.Context, ids []string) (map[string]Standing, error) {
	pipe := i.config.Redis.TxPipeline()
	var waiting, aside []*redis.XMessageSliceCmd
	var putOff []*redis.StringSliceCmd
	for _, stream := range i.streams {
		waiting = append(waiting, pipe.XRange(ctx, stream, "-", "+"))
		aside = append(aside, pipe.XRange(ctx, parkedKey(stream), "-", "+"))
		putOff = append(putOff, pipe.ZRange(ctx, putOffKey(stream), 0, -1))
	}
	seen := make([]*redis.IntCmd, len(ids))
	for n, id := range ids {
		seen[n] = pipe.Exists(ctx, i.seen(id))
	}
	if _, err := pipe.Exec(ctx); err != nil && !errors.Is(err, redis.Nil) {
		return nil, fmt.Errorf("looking for envelopes: %w", err)
	}
	all := map[string]Standing{}
	for n, id := range ids {
		if all[id] = Unkept; seen[n].Val() == 1 {
			all[id] = Done
		}
	}
	for n := range i.streams {
		mark(all, Aside, aside[n].Val())
		mark(all, Waiting, waiting[n].Val())
		for _, member := range putOff[n].Val() {
			_, envelope, _ := strings.Cut(member, "{") // behind three numbers
			markOne(all, Waiting, "{"+envelope)
		}
	}
	return all, nil
}

func mark(all map[string]Standing, is Standing, found []redis.XMessage) {
	for _, m := range found {
		text, _ := m.Values["envelope"].(string)
		markOne(all, is, text)
	}
}

func markOne(all map[string]Standing, is Standing, envelope string) {
	var e struct {
		ID string `json:"envelope_id"`
	}
	if json.Unmarshal([]byte(envelope), &e) == nil && all[e.ID] != "" {
		all[e.ID] = is
	}
}
