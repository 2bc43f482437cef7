package handlers

import (
	"context"
	"fmt"
	"time"

	"github.com/redis/go-redis/v9"
)

// Memory is what is kept of people in Redis beside their requests. All fields are
// required.
type Memory struct {
	Redis  redis.UniversalClient
	Prefix string // of all keys
}

// greetedFor is how long the bot knows whom it has met.
const greetedFor = 365 * 24 * time.Hour

// meets reports whether the bot has not met somebody before; it has by then.
func (m Memory) meets(ctx context.Context, user string) (bool, error) {
	first, err := m.Redis.SetNX(ctx, m.Prefix+"greeted:"+user, "1", greetedFor).Result()
	if err != nil {
		return false, fmt.Errorf("remembering whom it has met: %w", err)
	}
	return first, nil
}
