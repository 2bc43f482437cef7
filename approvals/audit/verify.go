package audit

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/redis/go-redis/v9"
)

// Break is the first fault that was found in the chain, or against a copy.
type Break struct {
	Seq    int64 // the entry at which the chain does not hold
	Reason string
}

func (b *Break) Error() string { return fmt.Sprintf("audit entry %d: %s", b.Seq, b.Reason) }

// Sealed says how far the chain was checked and holds.
type Sealed struct {
	Last    int64     // number of the last entry; 0: there is none
	Seal    string    // the last entry's number and hash, for Holds; "": there is none
	At      time.Time // when it was sealed, by Redis' clock; zero: it is not kept any more, or there is none
	Waiting int64     // entries that wait to be sealed
}

// Verify checks the whole chain. A *Break names the first entry that was changed,
// removed, moved or added. What is appended, sealed or trimmed while it reads is no
// fault.
func (l *Log) Verify(ctx context.Context) (Sealed, error) {
	for {
		anchor, err := l.end(ctx, l.keys.anchor())
		if err != nil {
			return Sealed{}, err
		}
		sealed, err := l.verifyFrom(ctx, anchor)
		if !errors.As(err, new(*Break)) {
			return sealed, err
		}
		if now, fault := l.end(ctx, l.keys.anchor()); fault != nil || now == anchor {
			return sealed, errors.Join(err, fault)
		}
	}
}

// verifyFrom checks the chain from an anchor on.
func (l *Log) verifyFrom(ctx context.Context, anchor head) (sealed Sealed, err error) {
	before, err := l.end(ctx, l.keys.head())
	if err != nil {
		return sealed, err
	}
	v := verifier{last: anchor}
	err = l.walk(ctx, func(message redis.XMessage) error {
		if err := v.check(message); err != nil {
			return err
		}
		sealed.At = timeOf(message.ID)
		return v.passes(before)
	})
	sealed.Last, sealed.Seal = v.last.seq, v.last.String()
	if err != nil {
		return sealed, err
	}
	after, err := l.end(ctx, l.keys.head())
	if err == nil {
		err = v.between(before, after)
	}
	if err == nil {
		sealed.Waiting, err = l.redis.XLen(ctx, l.keys.waiting()).Result()
	}
	return sealed, err
}

// verifier checks entries in order, one at a time, from the one behind last on.
type verifier struct{ last head }

// check returns a *Break when the entry does not follow the one before it.
func (v *verifier) check(message redis.XMessage) error {
	e, err := decode(message)
	switch {
	case err != nil:
		return v.broken("cannot be read (%s in the stream)", message.ID)
	case e.Seq != v.last.seq+1:
		return v.broken("missing or out of place (entry %d stands there)", e.Seq)
	case e.Prev != v.last.hash:
		return v.broken("does not follow the entry before it")
	case e.sum() != e.Hash:
		return v.broken("its content does not match its hash")
	case !e.alone(message):
		return v.broken("something was added beside what is sealed")
	}
	v.last = e.head()
	return nil
}

// broken is a fault of the entry that was to come next.
func (v *verifier) broken(reason string, args ...any) error {
	return &Break{Seq: v.last.seq + 1, Reason: fmt.Sprintf(reason, args...)}
}

// passes compares the last entry with the head of the chain, when it is that one.
func (v *verifier) passes(end head) error {
	if v.last.seq == end.seq && v.last.hash != end.hash {
		return &Break{Seq: end.seq, Reason: "is not the entry that the head of the chain names"}
	}
	return nil
}

// between checks where the chain ended for a reader who saw its head before and
// after: no entry was cut off, and none was put behind it.
func (v *verifier) between(before, after head) error {
	switch {
	case v.last.seq < before.seq:
		return v.broken("missing: the chain ends here, but its head is entry %d", before.seq)
	case v.last.seq > after.seq:
		return &Break{Seq: after.seq + 1, Reason: fmt.Sprintf("stands behind the head of the chain, which is entry %d", after.seq)}
	}
	return nil
}
