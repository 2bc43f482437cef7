package main

import (
	"bufio"
	"context"
	"crypto/sha256"
	"encoding/json"
	"errors"
	"io"
	"os"

	"cbhbot/approvals"
)

// auditCopy is a mirror of the audit: the hash of each entry by its number.
type auditCopy map[int64][sha256.Size]byte

// readCopy reads what CBHBOT_AUDIT_FILE or audit export wrote. Torn lines are
// left out: the mirror writes their entries once more.
func readCopy(path string) (auditCopy, error) {
	file, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer file.Close()
	lines, entries := bufio.NewReader(file), auditCopy{}
	for {
		line, err := lines.ReadBytes('\n')
		var e approvals.Entry
		if json.Unmarshal(line, &e) == nil {
			entries[e.Seq] = fingerprint(e)
		}
		if errors.Is(err, io.EOF) {
			return entries, nil
		}
		if err != nil {
			return nil, err
		}
	}
}

func fingerprint(e approvals.Entry) [sha256.Size]byte {
	text, _ := json.Marshal(e) // as the chain does: strings, numbers and times always encode
	return sha256.Sum256(text)
}

// against returns a *approvals.Break at the first entry that differs from its
// copy, or is in the copy alone. A copy may begin late, and have gaps.
func (c auditCopy) against(ctx context.Context, store *approvals.Store) error {
	last := int64(0)
	err := store.Audit(ctx, func(e approvals.Entry) error {
		last = e.Seq
		if copied, there := c[e.Seq]; there && copied != fingerprint(e) {
			return &approvals.Break{Seq: e.Seq, Reason: "differs from its copy"}
		}
		return nil
	})
	if err != nil {
		return err
	}
	if next := c.first(last + 1); next > 0 {
		return &approvals.Break{Seq: next, Reason: "is in the copy, and not in Redis"}
	}
	return nil
}

// first is the lowest number from one on; 0 for none.
func (c auditCopy) first(from int64) int64 {
	lowest := int64(0)
	for seq := range c {
		if seq >= from && (lowest == 0 || seq < lowest) {
			lowest = seq
		}
	}
	return lowest
}
