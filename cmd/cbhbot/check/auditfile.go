package check

import (
	"context"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"syscall"
	"time"
)

// auditCopies looks at the copies of the audit, where there are some.
func (s Settings) auditCopies(ctx context.Context) (found []Finding) {
	if s.AuditFile != "" {
		found = append(found, AuditFile(s.AuditFile))
	}
	for name, lagOf := range s.Copies {
		if lag, err := lagOf(ctx); err == nil && lag > behind {
			found = append(found, warn(AuditBehind,
				"Search the bot's log for \"the audit could not be mirrored\", which says why: a full disk, a file that may not be written, a channel without the bot.",
				"the copy of the audit (%s) lacks what was sealed %s ago", name, lag.Round(time.Second)))
		}
	}
	return found
}

// behind is how far a copy may be: a failing one is tried again within two minutes.
const behind = 5 * time.Minute

// AuditFile looks whether the copy of the audit can be written, without writing it.
func AuditFile(path string) Finding {
	if err := writable(path); err != nil {
		return warn(AuditUnwritable, "Make its directory, and let the user that the bot runs as write to it; or name another file.",
			"CBHBOT_AUDIT_FILE cannot be written here by who runs this: %v", err)
	}
	return ok("the audit is copied to %s, which can be written", path)
}

// writable fails where a file can be neither added to nor made.
func writable(path string) error {
	file, err := os.OpenFile(path, os.O_WRONLY|os.O_APPEND, 0)
	switch {
	case err == nil:
		return file.Close()
	case !errors.Is(err, fs.ErrNotExist):
		return err
	}
	const toWrite = 2 // W_OK
	folder := filepath.Dir(path)
	if err := syscall.Access(folder, toWrite); err != nil {
		return &fs.PathError{Op: "making a file in", Path: folder, Err: err}
	}
	return nil
}
