package bot

import (
	"context"
	"slices"
	"time"

	"github.com/sirupsen/logrus"
)

// This file compares how many sockets Slack counts for the app with how many its
// processes hold. What nobody holds are ghosts, whose end never reached Slack, or a
// stranger's who has the token: either swallows what is sent to it.

const (
	// settled is how long after a hello the other processes have said what they had
	// when Slack counted.
	settled = time.Second
	// crowdedFor is how long there are too many sockets before that is said: a process
	// that is replaced counts a little longer.
	crowdedFor = 10 * time.Second
)

// hello is what Slack counted when it greeted a socket.
type hello struct {
	at     time.Time
	beyond int // sockets of the app that this process did not hold
}

// greeted notes how many sockets of the app Slack counts.
func (s *Sockets) greeted(counted int) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.config.Metrics.counted.Set(float64(counted))
	s.number = counted
	s.last = &hello{at: time.Now(), beyond: counted - s.held()}
	if s.config.Roster == nil {
		s.judge(Fleet{Processes: 1})
	}
}

// held is how many sockets of this process Slack may count. The caller holds s.mu.
func (s *Sockets) held() int {
	s.parted = slices.DeleteFunc(s.parted, func(at time.Time) bool { return time.Since(at) > countedFor })
	return len(s.live) + s.opening + len(s.parted)
}

// attend tells the other processes of this one's sockets, until ctx ends.
func (s *Sockets) attend(ctx context.Context) {
	if s.config.Roster == nil {
		return
	}
	ticker := time.NewTicker(announceEvery)
	defer ticker.Stop()
	for {
		s.announce(ctx, s.config.Connections, announcedFor)
		select {
		case <-ctx.Done():
			return
		case <-s.moved:
		case <-ticker.C:
		}
	}
}

func (s *Sockets) announce(ctx context.Context, wanted int, lasts time.Duration) {
	s.mu.Lock()
	held := s.held()
	s.mu.Unlock()
	fleet, err := s.config.Roster.announce(ctx, held, wanted, lasts)
	s.mu.Lock()
	defer s.mu.Unlock()
	if err != nil {
		s.unheard = time.Now()
		s.config.Log.WithError(err).Debug("the other processes could not be told of the sockets")
		return
	}
	if s.last != nil && time.Since(s.last.at) >= settled && time.Since(s.unheard) >= announcedFor {
		s.judge(fleet)
	}
	s.tooMany(fleet, time.Now())
}

// judge says how many of the sockets that Slack counted are nobody's. The caller holds
// s.mu.
func (s *Sockets) judge(fleet Fleet) {
	foreign := max(0, s.last.beyond-fleet.Others)
	s.last = nil
	if foreign > s.warned {
		s.config.Log.WithFields(logrus.Fields{"foreign": foreign, "processes": fleet.Processes}).
			Warn("Slack counts sockets of this app that no copy of this bot holds: ghosts that swallow clicks, or somebody else who has the app-level token")
	}
	if foreign == 0 || foreign > s.warned {
		s.warned = foreign
	}
	s.config.Metrics.ghosts.Set(float64(foreign))
}

// tooMany says once that all processes together want more sockets than Slack gives. The
// caller holds s.mu.
func (s *Sockets) tooMany(fleet Fleet, now time.Time) {
	switch {
	case fleet.Wants() <= MostSockets:
		s.crowded, s.complained = time.Time{}, false
	case s.crowded.IsZero():
		s.crowded = now
	case now.Sub(s.crowded) >= crowdedFor && !s.complained:
		s.complained = true
		s.config.Log.WithFields(logrus.Fields{"processes": fleet.Processes, "wanted": fleet.Wants(), "most": MostSockets}).
			Warn("all copies of this bot together want more sockets than Slack gives an app; lower SLACK_CONNECTIONS: it counts for each copy, and one more is needed while one is replaced")
	}
}
