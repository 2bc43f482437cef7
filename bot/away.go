package bot

import (
	"context"
	"errors"
	"io"
	"net"
	"slices"

	"github.com/redis/go-redis/v9"
)

// laterError marks a failure that says nothing against the entry itself.
type laterError struct{ error }

// Later wraps an error that is not the entry's fault: Slack is away, say. The
// entry is tried again for as long as it takes, and never parked for it. The
// wrapped error is found by errors.Is and errors.As; nil stays nil.
func Later(err error) error {
	if err == nil {
		return nil
	}
	return laterError{err}
}

func (e laterError) Unwrap() error { return e.error }

// hopelessError marks a failure that trying again cannot mend.
type hopelessError struct{ error }

// Hopeless wraps an error of the entry's own that is the same at every try, and of
// which the person was told: the entry is parked at once.
func Hopeless(err error) error { return hopelessError{err} }

func (e hopelessError) Unwrap() error { return e.error }

// is reports whether an error is of a type, or wraps one that is.
func is[E error](err error) bool {
	_, found := errors.AsType[E](err)
	return found
}

// awayWords begin the answers of a Redis that cannot do its work for a while: it
// is loading, full, a replica, or in the middle of a failover or a reshard. It is
// no different while its passwords and rights are being changed: what is refused
// to the program is not the entry's fault, and ends when both sides agree again.
// go-redis compares them without a leading "ERR".
var awayWords = []string{
	"LOADING ", "READONLY ", "OOM ", "MISCONF ", "MASTERDOWN ", "CLUSTERDOWN ", "TRYAGAIN ", "MOVED ", "ASK ",
	"NOREPLICAS ", "BUSY ", "UNBLOCKED ", "max number of clients", "Server is shutting down",
	"NOAUTH ", "WRONGPASS ", "NOPERM ", "AUTH ",
	"The user executing the script can't ", "ACL failure in script: ", // Redis 7.0 and later ones, of a script's commands
}

// isAway reports whether an error says that Redis, or the way to it, is at fault,
// or that the program is about to end: the work itself may be sound, and it is
// put off as with Later.
func isAway(err error) bool {
	return is[net.Error](err) || errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) ||
		errors.Is(err, net.ErrClosed) || errors.Is(err, context.Canceled) ||
		errors.Is(err, redis.ErrPoolTimeout) || errors.Is(err, redis.ErrClosed) ||
		slices.ContainsFunc(awayWords, func(word string) bool { return redis.HasErrorPrefix(err, word) })
}
