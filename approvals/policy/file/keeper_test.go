package file

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"cbhbot/approvals"
	"cbhbot/approvals/policy"
)

// approver is a policy file in which one person approves everything.
func approver(id string) string {
	return "version: 1\nrules:\n  - approvers: {users: [" + id + "]}\n"
}

// told is what a keeper said.
type told struct {
	user string // who approves
	err  error
}

// kept is a keeper with its file and what it said.
type kept struct {
	t      *testing.T
	path   string
	keeper *Keeper
	told   chan told
}

func keep(t *testing.T, path string) *kept {
	t.Helper()
	k := &kept{t: t, path: path, told: make(chan told, 10)}
	keeper, err := Keep(path, 0, func(f *File, err error) {
		var users []string
		for _, rule := range f.Policy.Rules {
			users = append(users, rule.Approvers.Users...)
		}
		k.told <- told{strings.Join(users, " "), err}
	})
	if err != nil {
		t.Fatal(err)
	}
	k.keeper = keeper
	return k
}

// tick lets the keeper look n times.
func (k *kept) tick(n int) {
	for range n {
		k.keeper.check()
	}
}

func (k *kept) write(text string) {
	k.t.Helper()
	if err := os.WriteFile(k.path, []byte(text), 0o600); err != nil {
		k.t.Fatal(err)
	}
}

// says checks that the keeper said one thing, about who approves, and that this
// is what holds.
func (k *kept) says(user, trouble string) {
	k.t.Helper()
	select {
	case got := <-k.told:
		if got.user != user || (got.err == nil) != (trouble == "") || got.err != nil && !strings.Contains(got.err.Error(), trouble) {
			k.t.Fatalf("told that %s approves, and %v", got.user, got.err)
		}
	default:
		k.t.Fatal("nothing was told")
	}
	if holds := k.keeper.Policy().Rules[0].Approvers.Users[0]; holds != user {
		k.t.Fatalf("%s approves, not %s", holds, user)
	}
}

func (k *kept) saysNothing() {
	k.t.Helper()
	select {
	case got := <-k.told:
		k.t.Fatalf("told of %s and %v", got.user, got.err)
	default:
	}
}

func policyAt(t *testing.T, text string) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "policy.yaml")
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

func TestKeeperTakesUpChangesAndKeepsTheOldWhenTheyAreBad(t *testing.T) {
	k := keep(t, policyAt(t, approver("U1")))
	k.tick(3)
	k.saysNothing()

	k.write(approver("U2"))
	k.tick(3)
	k.says("U2", "")

	k.write("version: 1\nrulez: []\n")
	k.tick(3)
	k.says("U2", "policy.yaml:2: unknown key")
	k.tick(3)
	k.saysNothing()

	k.write(approver("U3"))
	k.tick(3)
	k.says("U3", "")
}

func TestKeeperTakesNothingByHalves(t *testing.T) {
	k := keep(t, policyAt(t, approver("U1")))
	k.write("version: 1\n") // good by itself, and not what is meant
	k.tick(1)
	k.write(approver("U2"))
	k.tick(1)
	k.saysNothing()
	k.tick(1)
	k.says("U2", "")
}

func TestKeeperWatchesUntilItIsStopped(t *testing.T) {
	k := keep(t, policyAt(t, approver("U1")))
	ctx, cancel := context.WithCancel(context.Background())
	ticks, done := make(chan time.Time), make(chan struct{})
	go func() { k.keeper.Watch(ctx, ticks); close(done) }()
	k.write(approver("U2"))
	for range 3 { // a tick is taken when the one before is done with
		ticks <- time.Time{}
	}
	k.says("U2", "")
	cancel()
	<-done
}

func TestKeeperKeepsWhatItHasWhileTheFileIsAway(t *testing.T) {
	k := keep(t, policyAt(t, approver("U1")))
	if err := os.Remove(k.path); err != nil {
		t.Fatal(err)
	}
	k.tick(4)
	k.says("U1", "no such file")
	k.saysNothing()
	k.write(approver("U1"))
	k.tick(3)
	k.says("U1", "")
}

func TestKeeperFollowsAnExchangedDirectory(t *testing.T) {
	dir := t.TempDir()
	version := func(name, text string) {
		if err := os.MkdirAll(filepath.Join(dir, name), 0o700); err != nil {
			t.Fatal(err)
		}
		path := filepath.Join(dir, name, "policy.yaml")
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		long := time.Unix(1_700_000_000, 0) // both versions have one time and one size
		if err := os.Chtimes(path, long, long); err != nil {
			t.Fatal(err)
		}
	}
	link := func(target, name string) {
		if err := os.Symlink(target, filepath.Join(dir, "swap")); err != nil {
			t.Fatal(err)
		}
		if err := os.Rename(filepath.Join(dir, "swap"), filepath.Join(dir, name)); err != nil {
			t.Fatal(err)
		}
	}
	version("1", approver("U1"))
	version("2", approver("U2"))
	link("1", "..data")
	link("..data/policy.yaml", "policy.yaml")
	k := keep(t, filepath.Join(dir, "policy.yaml"))
	link("2", "..data")
	k.tick(3)
	k.says("U2", "")
}

func TestReloadIsAtOnceAndAlwaysAnswers(t *testing.T) {
	k := keep(t, policyAt(t, approver("U1")))
	if err := k.keeper.Reload(); err != nil {
		t.Fatal(err)
	}
	k.says("U1", "")
	k.write("rules")
	var bad *Error
	if err := k.keeper.Reload(); !errors.As(err, &bad) {
		t.Fatalf("reloading a bad file: %v", err)
	}
	k.says("U1", "problem(s)")
	k.write(approver("U2"))
	if err := k.keeper.Reload(); err != nil {
		t.Fatal(err)
	}
	k.says("U2", "")
}

func TestKeeperStartsWithAGoodFileOnly(t *testing.T) {
	for name, path := range map[string]string{"bad": policyAt(t, "version: 2\n"), "away": filepath.Join(t.TempDir(), "none")} {
		if k, err := Keep(path, 0, nil); err == nil || k != nil {
			t.Errorf("%s: accepted", name)
		}
	}
}

func TestKeeperIsSafeForManyAtATime(t *testing.T) {
	k, err := Keep(policyAt(t, approver("U1")), 0, func(*File, error) {})
	if err != nil {
		t.Fatal(err)
	}
	authority := policy.Authority{Policy: k.Policy}
	var all sync.WaitGroup
	for range 8 {
		all.Go(func() {
			for range 50 {
				if authority.Policy().Rule(approvals.Upgrade, approvals.Target{Name: "x"}) == nil {
					t.Error("no rule for a moment")
				}
				if err := k.Reload(); err != nil {
					t.Error(err)
				}
			}
		})
	}
	all.Wait()
}
