package audit

import (
	"bufio"
	"context"
	"crypto/sha256"
	"encoding/json"
	"errors"
	"io"
	"maps"
	"math"
	"slices"
	"time"
)

// Copy is a copy of the audit, kept elsewhere: what is known of each entry by its
// number. It may begin late, and have gaps.
type Copy map[int64]copiedEntry

type copiedEntry struct {
	fingerprint [sha256.Size]byte
	at          time.Time
	doubtful    bool // two entries have its number: the log was written anew, or cut, and went on
}

func (e Entry) copied() copiedEntry {
	return copiedEntry{fingerprint: sha256.Sum256(e.Encode()), at: e.At}
}

// ReadCopy reads lines of JSON, an Entry each. What is no entry is left out: a line
// torn by a full disk was written once more. The same entry may stand there twice. It fails
// for another kind of file, with which nothing would be compared.
func ReadCopy(r io.Reader) (Copy, error) {
	lines, entries, others := bufio.NewScanner(r), Copy{}, 0
	lines.Buffer(nil, math.MaxInt) // what is torn may be long
	for lines.Scan() {
		var e Entry
		if json.Unmarshal(lines.Bytes(), &e) == nil && e.Seq > 0 {
			entries.add(e)
		} else {
			others++
		}
	}
	if len(entries) == 0 && others > 1 {
		return nil, errors.New("what it is to be compared with has no entry: a copy is lines of JSON, as CBHBOT_AUDIT_FILE and `cbhbot audit export` have them; CSV is none")
	}
	return entries, lines.Err()
}

func (c Copy) add(e Entry) {
	copied := e.copied()
	earlier, there := c[e.Seq]
	copied.doubtful = there && (earlier.doubtful || earlier.fingerprint != copied.fingerprint)
	c[e.Seq] = copied
}

// Against compares the sealed entries with their copies: the first that differs, or
// is in the copy alone though retention has not come to it, is a *Break. Whether the
// chain holds is for Verify to say.
func (l *Log) Against(ctx context.Context, c Copy) error {
	now, err := l.state(ctx)
	if err != nil {
		return err
	}
	kept := now.now.Add(l.ahead() - retention + time.Hour) // retention may come to some meanwhile
	missing := maps.Clone(c)
	maps.DeleteFunc(missing, func(_ int64, entry copiedEntry) bool { return entry.at.Before(kept) })
	err = l.entries(ctx, func(e Entry) error {
		delete(missing, e.Seq)
		entry, there := c[e.Seq]
		switch {
		case there && entry.doubtful:
			const twice = "stands twice in the copy, with different words: the audit was replaced by another, or restored, and went on"
			return &Break{Seq: e.Seq, Reason: twice}
		case there && entry.fingerprint != e.copied().fingerprint:
			return &Break{Seq: e.Seq, Reason: "differs from its copy"}
		}
		return nil
	})
	if err == nil && len(missing) > 0 {
		err = &Break{Seq: slices.Min(slices.Collect(maps.Keys(missing))), Reason: "is in the copy, and not in Redis"}
	}
	return err
}

// Holds compares the sealed entries with the Seal that an earlier Verify gave: it is a
// *Break when the chain up to there is not the one that was sealed then.
func (l *Log) Holds(ctx context.Context, seal string) error {
	earlier, err := parseHead(seal)
	if err != nil {
		return err
	}
	found := false
	err = l.entries(ctx, func(e Entry) error {
		if e.Seq == earlier.seq && e.Hash != earlier.hash {
			return &Break{Seq: e.Seq, Reason: "is not the entry that was sealed then"}
		}
		found = found || e.Seq == earlier.seq
		return nil
	})
	if err == nil && !found {
		err = &Break{Seq: earlier.seq, Reason: "was sealed then, and is not there"}
	}
	return err
}
