package audit

import (
	"bufio"
	"context"
	"crypto/sha256"
	"encoding/json"
	"errors"
	"io"

	"github.com/redis/go-redis/v9"
)

// Copy is a copy of the audit, kept elsewhere: the fingerprint of each entry by its
// number. It may begin late, and have gaps.
type Copy map[int64][sha256.Size]byte

// ReadCopy reads lines of JSON, an Entry each. What is no entry is left out: a line
// torn by a full disk was written once more.
func ReadCopy(r io.Reader) (Copy, error) {
	lines, entries := bufio.NewReader(r), Copy{}
	for {
		line, err := lines.ReadBytes('\n')
		var e Entry
		if json.Unmarshal(line, &e) == nil {
			entries[e.Seq] = e.fingerprint()
		}
		if errors.Is(err, io.EOF) {
			return entries, nil
		}
		if err != nil {
			return nil, err
		}
	}
}

func (e Entry) fingerprint() [sha256.Size]byte { return sha256.Sum256(e.json()) }

// Against compares the sealed entries with their copies: the first that differs, or
// is in the copy alone, is a *Break. Whether the chain holds is for Verify to say.
func (l *Log) Against(ctx context.Context, c Copy) error {
	last, err := l.end(ctx, l.keys.anchor())
	if err != nil {
		return err
	}
	err = l.walk(ctx, func(message redis.XMessage) error {
		e, err := decode(message)
		if err != nil {
			return err
		}
		last = e.head()
		if copied, there := c[e.Seq]; there && copied != e.fingerprint() {
			return &Break{Seq: e.Seq, Reason: "differs from its copy"}
		}
		return nil
	})
	if err != nil {
		return err
	}
	if next := c.first(last.seq + 1); next > 0 {
		return &Break{Seq: next, Reason: "is in the copy, and not in Redis"}
	}
	return nil
}

// first is the lowest number from one on; 0 for none.
func (c Copy) first(from int64) int64 {
	lowest := int64(0)
	for seq := range c {
		if seq >= from && (lowest == 0 || seq < lowest) {
			lowest = seq
		}
	}
	return lowest
}
