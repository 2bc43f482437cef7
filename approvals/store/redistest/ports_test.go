package redistest

import "testing"

// TestAPortIsGivenOnce, also where a process has used up a block of them.
func TestAPortIsGivenOnce(t *testing.T) {
	t.Parallel()
	given := map[int]bool{}
	for range 3 * inBlock {
		port := FreePort(t)
		if given[port] {
			t.Fatalf("%d is given again", port)
		}
		given[port] = true
	}
	if len(ports.taken) < 3 {
		t.Errorf("%d blocks are held", len(ports.taken))
	}
}
