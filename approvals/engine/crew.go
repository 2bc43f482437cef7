package engine

import (
	"fmt"
	"runtime/debug"
	"sync"
)

// crew is several goroutines that work on one record. Where one of them panics,
// Wait does, so that the panic meets whoever guards the record's worker.
type crew struct {
	group sync.WaitGroup
	mu    sync.Mutex
	fault any
}

func (c *crew) Go(work func()) {
	c.group.Go(func() {
		defer func() {
			if fault := recover(); fault != nil {
				c.mu.Lock()
				defer c.mu.Unlock()
				c.fault = fmt.Sprintf("%v\n%s", fault, debug.Stack())
			}
		}()
		work()
	})
}

func (c *crew) Wait() {
	c.group.Wait()
	if c.fault != nil {
		panic(c.fault)
	}
}
