package file

import (
	"context"
	"fmt"
	"sync"
	"sync/atomic"
	"time"

	"cbhbot/approvals/policy"
)

// Keeper holds the policy in force. What it reads and is good takes the place of
// what it holds; while the file is bad or away, it keeps what it holds. Its
// methods may be called at the same time.
type Keeper struct {
	path    string
	maxLead time.Duration
	told    func(inForce *File, err error)
	file    atomic.Pointer[File]

	mu    sync.Mutex // of what follows; one reading at a time
	taken look       // the last that was taken up or refused
	last  look       // the last of all
}

type look struct {
	text string
	err  error // why it could not be read
}

func (l look) same(other look) bool {
	return l.text == other.text && fmt.Sprint(l.err) == fmt.Sprint(other.err)
}

// Keep reads the file at a path, which must be good by Read. told is called after each
// later reading that changed something, with the file in force and, when that
// one was kept because the one at the path is bad, the reason. It must not call
// the keeper.
func Keep(path string, maxLead time.Duration, told func(inForce *File, err error)) (*Keeper, error) {
	k := &Keeper{path: path, maxLead: maxLead, told: func(*File, error) {}}
	if err := k.Reload(); err != nil {
		return nil, err
	}
	k.told = told
	return k, nil
}

// Policy is the one in force.
func (k *Keeper) Policy() *policy.Policy { return k.File().Policy }

// File is the one in force. It must not be changed.
func (k *Keeper) File() *File { return k.file.Load() }

// Reload reads the file at once, and tells also when nothing has changed. When
// the file is bad, the one in force stays and the error says why.
func (k *Keeper) Reload() error {
	k.mu.Lock()
	defer k.mu.Unlock()
	k.last = k.look()
	return k.take(k.last)
}

// Watch looks at the file at each tick until ctx ends. It compares what the file
// holds, for its time and size can stay the same when a mounted directory is
// exchanged. A change is taken up when two looks in a row show it, so that a file
// that is being written is not taken by halves.
func (k *Keeper) Watch(ctx context.Context, ticks <-chan time.Time) {
	for {
		select {
		case <-ctx.Done():
			return
		case <-ticks:
			k.check()
		}
	}
}

func (k *Keeper) check() {
	k.mu.Lock()
	defer k.mu.Unlock()
	present := k.look()
	settled := present.same(k.last)
	k.last = present
	if settled && !present.same(k.taken) {
		_ = k.take(present) // told
	}
}

func (k *Keeper) look() look {
	text, err := read(k.path)
	return look{text: string(text), err: err}
}

// take puts what was read in force, unless it is bad.
func (k *Keeper) take(l look) error {
	k.taken = l
	file, err := (*File)(nil), l.err
	if err == nil {
		file, err = parse(k.path, []byte(l.text), k.maxLead)
	}
	if err == nil {
		k.file.Store(file)
	}
	k.told(k.File(), err)
	return err
}
