package store

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/redis/go-redis/v9"
)

// Due is when a request is to be looked at next; zero: it is in no queue.
type Due struct {
	Act  time.Time `json:"act,omitzero"`
	Show time.Time `json:"show,omitzero"`
}

// Due reads when a request is due, and takes nothing. While somebody works on it, it is
// due when their lease runs out.
func (s *Store) Due(ctx context.Context, id int64) (Due, error) {
	var due Due
	for q, at := range map[Queue]*time.Time{Act: &due.Act, Show: &due.Show} {
		ms, err := s.redis.ZScore(ctx, s.keys.due(q), fmt.Sprint(id)).Result()
		if errors.Is(err, redis.Nil) {
			continue
		}
		if err != nil {
			return Due{}, fmt.Errorf("reading when CBH-%d is due: %w", id, err)
		}
		*at = time.UnixMilli(int64(ms)).UTC()
	}
	return due, nil
}
