package main

import (
	"crypto/rand"
	"fmt"
	"os"
	"sync"

	"cbhbot/bot"
)

// home is the workspace the bot lives in, once Slack has said so.
type home struct {
	mu sync.Mutex
	id bot.Identity
}

func (h *home) set(id bot.Identity) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.id = id
}

func (h *home) identity() bot.Identity {
	h.mu.Lock()
	defer h.mu.Unlock()
	return h.id
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
