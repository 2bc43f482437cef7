package check

import (
	"context"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"syscall"
)

// auditFile looks at the copy of the audit, where there is one.
func auditFile(path string) func(context.Context) []Finding {
	return func(context.Context) []Finding {
		if path == "" {
			return nil
		}
		return []Finding{AuditFile(path)}
	}
}

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
