package slackemu

import (
	"math"
	"time"
)

// bucket holds what is left of one method's allowance.
type bucket struct {
	left float64
	at   time.Time
}

// messageBurst is how many messages a channel takes at once before the one-a-second rule bites.
const messageBurst = 5

// overLimit counts a call and returns how many seconds to wait when it is one too many. The caller holds s.mu.
func (s *Server) overLimit(m method, c *call) int {
	if !s.opts.RateLimits {
		return 0
	}
	key, perSecond, burst := c.method, float64(m.perMin)/60, float64(m.perMin)
	if m.perChan {
		key, perSecond, burst = c.method+" "+c.text("channel"), 1, messageBurst
	}
	b := s.buckets[key]
	if b == nil {
		b = &bucket{left: burst, at: s.opts.Now()}
		s.buckets[key] = b
	}
	return b.take(s.opts.Now(), perSecond, burst)
}

// take spends one call, or returns the whole seconds until there is one to spend.
func (b *bucket) take(now time.Time, perSecond, burst float64) int {
	b.left = min(burst, b.left+max(0, now.Sub(b.at).Seconds())*perSecond)
	b.at = now
	if b.left >= 1 {
		b.left--
		return 0
	}
	return max(1, int(math.Ceil((1-b.left)/perSecond)))
}
