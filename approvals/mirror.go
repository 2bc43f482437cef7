package approvals

import (
	"context"
	"crypto/rand"
	_ "embed"
	"errors"
	"fmt"
	"time"

	"github.com/redis/go-redis/v9"
	"github.com/sirupsen/logrus"
)

//go:embed mirror.lua
var mirrorSource string

var mirrorScript = redis.NewScript(mirrorSource)

const (
	mirrorBatch   = 10               // entries written at a time
	mirrorEvery   = time.Second      // between two looks for entries
	mirrorPatient = 2 * time.Minute  // the longest pause after failures
	mirrorWrite   = 8 * time.Second  // bounds one write, also at a shutdown
	mirrorLock    = 30 * time.Second // longer than a write and its note
)

// Mirror copies the audit to another place, oldest entry first, each at least
// once. Of the replicas that run a Mirror of one name, one at a time writes; how
// far it has come is noted in Redis after each write, so that an entry comes
// twice only when a process dies, or a write fails without saying whether it
// took effect, in between.
type Mirror struct {
	Store *Store
	Name  string // of the place; each has a note of its own
	// Late leaves out what was written before the mirror's first run of all.
	Late bool
	// Write puts some entries there, all of them or an error.
	Write func(ctx context.Context, entries []Entry) error
	Log   logrus.FieldLogger
}

// Run mirrors until ctx ends. Faults are logged, and tried again with growing
// pauses; nothing else waits for them.
func (m *Mirror) Run(ctx context.Context) error {
	pause := mirrorEvery
	for {
		if err := m.catchUp(ctx); err == nil {
			pause = mirrorEvery
		} else if ctx.Err() == nil {
			pause = min(2*pause, mirrorPatient)
			m.log().WithError(err).WithField("again_in", pause.String()).Warn("the audit could not be mirrored; trying again later")
		}
		select {
		case <-ctx.Done():
			return nil
		case <-time.After(pause):
		}
	}
}

// catchUp writes all that is there to be written, unless another replica does.
func (m *Mirror) catchUp(ctx context.Context) error {
	token := rand.Text()
	mine, err := m.Store.redis.SetNX(ctx, m.Store.keys.mirroring(m.Name), token, mirrorLock).Result()
	if err != nil || !mine {
		return err
	}
	defer m.note(context.WithoutCancel(ctx), token, "")
	place, err := m.place(ctx)
	for err == nil && place != "" && ctx.Err() == nil {
		place, err = m.step(context.WithoutCancel(ctx), token, place)
	}
	return err
}

// step writes the entries behind a place, and returns theirs: "" when there are
// no more, or the lock was lost.
func (m *Mirror) step(ctx context.Context, token, place string) (string, error) {
	ctx, cancel := context.WithTimeout(ctx, mirrorWrite)
	defer cancel()
	entries, last, err := m.next(ctx, place)
	if err != nil || last == "" {
		return "", err
	}
	if len(entries) > 0 {
		if err := m.Write(ctx, entries); err != nil {
			return "", err
		}
	}
	held, err := m.note(ctx, token, last)
	if err != nil || !held {
		return "", err
	}
	return last, nil
}

// next reads the entries behind a place. What cannot be read is left out: it
// must not keep the others from being seen.
func (m *Mirror) next(ctx context.Context, place string) (entries []Entry, last string, err error) {
	page, err := m.Store.auditPage(ctx, "("+place, mirrorBatch)
	for _, message := range page {
		last = message.ID
		entry, fault := decodeEntry(message)
		if fault != nil {
			m.log().WithError(fault).Error("an audit entry cannot be read, and is not mirrored")
			continue
		}
		entries = append(entries, entry)
	}
	return entries, last, err
}

// place is how far the mirror has come.
func (m *Mirror) place(ctx context.Context) (string, error) {
	rdb, key := m.Store.redis, m.Store.keys.mirrored(m.Name)
	place, err := rdb.Get(ctx, key).Result()
	if !errors.Is(err, redis.Nil) {
		return place, err
	}
	place = "0-0"
	if m.Late {
		latest, err := rdb.XRevRangeN(ctx, m.Store.keys.audit(), "+", "-", 1).Result()
		if err != nil {
			return "", err
		}
		if len(latest) > 0 {
			place = latest[0].ID
		}
	}
	return place, rdb.Set(ctx, key, place, 0).Err()
}

// note writes down how far the mirror has come; "" lets the lock go. It reports
// whether the lock was still held.
func (m *Mirror) note(ctx context.Context, token, place string) (bool, error) {
	names := []string{m.Store.keys.mirroring(m.Name), m.Store.keys.mirrored(m.Name)}
	held, err := mirrorScript.Run(ctx, m.Store.redis, names, token, place, mirrorLock.Milliseconds()).Bool()
	if err != nil {
		return false, fmt.Errorf("noting how far the audit is mirrored: %w", err)
	}
	return held, nil
}

func (m *Mirror) log() logrus.FieldLogger { return m.Log.WithField("mirror", m.Name) }
