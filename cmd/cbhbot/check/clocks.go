package check

import (
	"maps"
	"slices"
	"strings"
	"sync"
	"time"
)

// clocks are how far each is ahead of this machine's, as far as they were heard. Redis' is
// the one that counts.
type clocks struct {
	mu     sync.Mutex
	others map[string]time.Duration
	signs  bool // calls to the cloud are signed, and a signature has an age
}

const (
	redisClock = "Redis"
	slackClock = "Slack"
	cloudClock = "the cloud"

	// differs and farthest are from when on the bot warns, and calls nothing any more.
	differs  = 2 * time.Second
	farthest = 30 * time.Second
	signedBy = 15 * time.Minute // of age, a signature is refused
	headers  = time.Second / 2  // Date headers are whole seconds
)

func (c *clocks) hear(whose string, ahead time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.others == nil {
		c.others = map[string]time.Duration{}
	}
	c.others[whose] = ahead
}

func (c *clocks) signed() {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.signs = true
}

func (c *clocks) redis(ahead time.Duration) { c.hear(redisClock, ahead) }
func (c *clocks) slack(date time.Time)      { c.hear(slackClock, time.Until(date.Add(headers))) }
func (c *clocks) cloud(date time.Time)      { c.hear(cloudClock, time.Until(date.Add(headers))) }

// compare says which clock differs from Redis'.
func (c *clocks) compare() (found []Finding) {
	c.mu.Lock()
	defer c.mu.Unlock()
	redis, heard := c.others[redisClock]
	if !heard {
		return []Finding{skip("the clocks are not compared: Redis does not tell the time")}
	}
	const mend = "Let all machines follow one time server (NTP), Redis' first."
	for _, whose := range []string{slackClock, cloudClock} {
		other, heard := c.others[whose]
		switch apart := (redis - other).Round(time.Second).Abs(); {
		case heard && apart > farthest:
			found = append(found, fail(ClocksTooFar,
				mend,
				"Redis' clock differs from that of %s by %s: while it does, nothing is called", whose, apart))
		case heard && apart > differs:
			found = append(found, warn(ClocksDiffer, mend, "Redis' clock differs from that of %s by %s", whose, apart))
		}
	}
	if apart := redis.Round(time.Second).Abs(); apart > differs {
		found = append(found, warn(MachinesClock, mend, "this machine's clock differs from Redis' by %s, which judges nothing by itself", apart))
	}
	if other, heard := c.others[cloudClock]; heard && c.signs && other.Abs() > signedBy {
		found = append(found, fail(SignaturesLate,
			mend,
			"this machine's clock differs from that of the cloud by %s: it refuses signatures that are 15 minutes off", other.Round(time.Second).Abs()))
	}
	if len(found) == 0 {
		heard := strings.Join(slices.Sorted(maps.Keys(c.others)), ", ")
		found = []Finding{ok("these clocks and this machine's agree within %s: %s", differs, heard)}
	}
	return found
}
