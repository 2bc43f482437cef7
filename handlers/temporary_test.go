package handlers

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"testing"

	"github.com/redis/go-redis/v9"

	"cbhbot/approvals/store"
)

// What is temporary is tried for ever: only the world may be at fault for it. What
// Slack and Redis answer is for package bot to judge.
func TestOnlyTheWorldIsTemporary(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		err       error
		temporary bool
	}{
		{context.DeadlineExceeded, true},
		{store.ErrReplicas, true},
		{store.ErrConflict, true},
		{redis.Nil, false},
		{errors.New("panic: runtime error: index out of range"), false},
		{json.Unmarshal([]byte("{"), &struct{}{}), false},
		{errors.New("redis: anything at all"), false},
	} {
		if got := IsTemporary(fmt.Errorf("working: %w", c.err)); got != c.temporary {
			t.Errorf("%v is temporary: %v", c.err, got)
		}
	}
}
