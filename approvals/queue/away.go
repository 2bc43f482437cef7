package queue

import (
	"context"
	"errors"
	"io"
	"net"
	"slices"

	"github.com/redis/go-redis/v9"
)

// awayWords begin the answers of a Redis that cannot do its work for a while: it
// is loading, full, a replica, or in the middle of a failover or a reshard.
var awayWords = []string{
	"LOADING", "READONLY", "OOM", "MISCONF", "MASTERDOWN", "CLUSTERDOWN", "TRYAGAIN", "MOVED", "ASK",
	"NOREPLICAS", "BUSY", "UNBLOCKED", "ERR max number of clients", "ERR Server is shutting down",
}

// Away reports whether an error says that Redis, or the way to it, is at fault:
// the work itself may be sound, and it is put off as with Later.
func Away(err error) bool {
	var network net.Error
	if errors.As(err, &network) || errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) ||
		errors.Is(err, net.ErrClosed) || errors.Is(err, context.Canceled) ||
		errors.Is(err, redis.ErrPoolTimeout) || errors.Is(err, redis.ErrClosed) {
		return true
	}
	return slices.ContainsFunc(awayWords, func(word string) bool { return redis.HasErrorPrefix(err, word) })
}
