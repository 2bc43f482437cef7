package main

import (
	"crypto/rand"
	"fmt"
	"os"
	"sync/atomic"

	"cbhbot/bot"
)

// home is the workspace the bot lives in, once Slack has said so.
type home struct{ id atomic.Pointer[bot.Identity] }

func (h *home) identity() bot.Identity {
	if id := h.id.Load(); id != nil {
		return *id
	}
	return bot.Identity{}
}

// replica names this process among those that share the work. A process that
// starts again is another one: what its predecessor held is claimed from it.
var replica = replicaName()

func replicaName() string {
	host, err := os.Hostname()
	if err != nil {
		host = "host"
	}
	return fmt.Sprintf("%s-%d-%s", host, os.Getpid(), rand.Text()[:6])
}
