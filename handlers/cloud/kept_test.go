package cloud_test

import (
	"slices"
	"testing"
	"time"

	"cbhbot/client/cbhemu"
)

// What is kept is told at once, however old it is and whatever the cloud does.
func TestWhatIsKeptIsToldAtOnce(t *testing.T) {
	t.Parallel()
	s := newSky(t, "asia", "europe")
	s.clouds["asia"].Replace(bastions(2))
	s.clouds["europe"].Replace([]cbhemu.Instance{bastion("bastion-0000"), bastion("jump")})
	kept := func(text string) []string {
		t.Helper()
		began := time.Now()
		found := shown(s.Kept(t.Context(), text))
		if took := time.Since(began); took > 100*time.Millisecond {
			t.Errorf("told after %s", took)
		}
		return found
	}
	if got := kept(""); len(got) != 0 {
		t.Errorf("before any list: %q", got)
	}
	s.until("both lists", func() bool { return len(kept("")) == 4 })
	for text, want := range map[string][]string{
		"  JUMP ": {"europe/jump"}, "asia/": {"asia/bastion-0000", "asia/bastion-0001"}, "0000": {"asia/bastion-0000", "europe/bastion-0000"}, "nobody": nil,
	} {
		if got := kept(text); !slices.Equal(got, want) {
			t.Errorf("%q: %q", text, got)
		}
	}
	for name, known := range map[string]bool{
		"JUMP": true, "europe/jump": true, "asia/Bastion-0000": true, "bastion-0000": false, "bastion": false,
		s.clouds["asia"].Instance("bastion-0000").ServerID: true,
	} {
		if found, got := s.Recall(t.Context(), name); got != known {
			t.Errorf("%q: %v, %s", name, got, found.Name)
		}
	}
	if n := s.listCalls("asia"); n != 1 {
		t.Errorf("%d list calls", n)
	}
	for _, cloud := range s.clouds {
		cloud.Fault(cbhemu.Fault{Op: cbhemu.OpList, Delay: cbhemu.Duration(time.Hour), Times: -1})
	}
	s.Forget()
	for range 5 {
		if got := kept("jump"); len(got) != 1 {
			t.Errorf("while the cloud hangs: %q", got)
		}
	}
}
