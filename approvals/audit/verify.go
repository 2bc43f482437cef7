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
func (l *Log) verifyFrom(ctx context.Context, last head) (sealed Sealed, err error) {
	before, err := l.end(ctx, l.keys.head())
	if err != nil {
		return sealed, err
	}
	err = l.walk(ctx, func(message redis.XMessage) (err error) {
		if last, err = last.next(message); err != nil {
			return err
		}
		sealed.At = timeOf(message.ID)
		if last.seq == before.seq && last.hash != before.hash {
			return &Break{Seq: last.seq, Reason: "is not the entry that the head of the chain names"}
		}
		return nil
	})
	sealed.Last, sealed.Seal = last.seq, last.String()
	if err != nil {
		return sealed, err
	}
	after, err := l.end(ctx, l.keys.head())
	if err == nil {
		err = last.between(before, after)
	}
	if err == nil {
		sealed.Waiting, err = l.redis.XLen(ctx, l.keys.waiting()).Result()
	}
	return sealed, err
}

// next is the end of the chain behind an entry, which is a *Break when it does not
// follow h in the very letters in which it would be sealed there.
func (h head) next(message redis.XMessage) (head, error) {
	e, err := decode(message)
	sealed, end := e.chained(h)
	switch {
	case err != nil:
		return h, h.broken("cannot be read (%s in the stream)", message.ID)
	case e.Seq != end.seq:
		return h, h.broken("missing or out of place (entry %d stands there)", e.Seq)
	case e.Prev != h.hash:
		return h, h.broken("does not follow the entry before it")
	case e.Hash != end.hash:
		return h, h.broken("its content does not match its hash")
	case len(message.Values) > 1 || message.Values["entry"] != string(sealed):
		return h, h.broken("something was added beside what is sealed")
	}
	return end, nil
}

func (h head) broken(reason string, args ...any) error {
	return &Break{Seq: h.seq + 1, Reason: fmt.Sprintf(reason, args...)}
}

// between checks where the chain ended for a reader who saw its head before and
// after: no entry was cut off, and none was put behind it.
func (h head) between(before, after head) error {
	switch {
	case h.seq < before.seq:
		return h.broken("missing: the chain ends here, but its head is entry %d", before.seq)
	case h.seq > after.seq:
		return &Break{Seq: after.seq + 1, Reason: fmt.Sprintf("stands behind the head of the chain, which is entry %d", after.seq)}
	}
	return nil
}
