package queue

import "errors"

// laterError marks a failure that says nothing against the entry itself.
type laterError struct{ error }

// Later wraps an error that is not the entry's fault (Slack is away, another
// replica holds the work). The entry is tried again and never parked for it.
func Later(err error) error {
	if err == nil {
		return nil
	}
	return laterError{err}
}

// IsLater reports whether err was made with Later.
func IsLater(err error) bool {
	var later laterError
	return errors.As(err, &later)
}

func (e laterError) Unwrap() error { return e.error }
