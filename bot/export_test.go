package bot

import "time"

// Hurry makes the pauses of what is put off that long, for tests that go through
// many.
func (i *Inbox) Hurry(pause time.Duration) { i.pause = func(int) time.Duration { return pause } }
