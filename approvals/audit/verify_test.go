package audit

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"net"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/redis/go-redis/v9"

	"cbhbot/approvals"
)

// tampering is what somebody with the Redis does to the sealed stream, and what
// Verify says of it.
type tampering struct {
	does func([]string) []string // on the entries' JSON
	seq  int64
	says string
}

// tamperings are for a chain of six entries.
func tamperings(t *testing.T) map[string]tampering {
	edit := func(text string) string { return strings.Replace(text, "C0OPS", "C0OTHER", 1) }
	type list = []string
	return map[string]tampering{
		"edited": {func(e list) list { e[1] = edit(e[1]); return e }, 2, "does not match its hash"},
		"edited, with a hash that fits": {
			func(e list) list { e[1] = rehashed(t, edit(e[1])); return e }, 3, "does not follow the entry before it",
		},
		"the last edited, with a hash that fits": {
			func(e list) list { e[5] = rehashed(t, edit(e[5])); return e }, 6, "is not the entry that the head of the chain names",
		},
		"deleted":         {func(e list) list { return slices.Delete(e, 2, 3) }, 3, "missing or out of place (entry 4 stands there)"},
		"swapped":         {func(e list) list { e[1], e[2] = e[2], e[1]; return e }, 2, "missing or out of place (entry 3 stands there)"},
		"repeated":        {func(e list) list { return slices.Insert(e, 2, e[1]) }, 3, "missing or out of place (entry 2 stands there)"},
		"tail cut":        {func(e list) list { return e[:5] }, 6, "missing: the chain ends here, but its head is entry 6"},
		"beginning cut":   {func(e list) list { return e[2:] }, 1, "missing or out of place (entry 3 stands there)"},
		"emptied":         {func(list) list { return nil }, 1, "missing: the chain ends here, but its head is entry 6"},
		"made unreadable": {func(e list) list { e[1] = "{"; return e }, 2, "cannot be read"},
		"a key added":     {func(e list) list { e[1] = strings.Replace(e[1], "{", `{"weather":"fine",`, 1); return e }, 2, "added beside what is sealed"},
		"a key repeated": {
			func(e list) list { e[1] = strings.Replace(e[1], `"verb":`, `"verb":"deny","verb":`, 1); return e }, 2, "added beside what is sealed",
		},
		"a blank added": {func(e list) list { e[1] += " "; return e }, 2, "added beside what is sealed"},
		"added to": {
			func(e list) list { return append(e, following(t, e[5])) }, 7, "stands behind the head of the chain, which is entry 6",
		},
	}
}

// rehashed is an entry's JSON with the hash that fits it.
func rehashed(t *testing.T, text string) string {
	e := decoded(t, text)
	chained, _ := e.chained(head{e.Seq - 1, e.Prev})
	return string(chained)
}

// following is a forged entry that fits behind another.
func following(t *testing.T, text string) string {
	last := decoded(t, text)
	forged, _ := Entry{At: last.At, Verb: approvals.VerbApprove}.chained(last.head())
	return string(forged)
}

// sealed is an audit with six sealed entries.
func sealed(t *testing.T) (*bench, []string) {
	t.Helper()
	b := newBench(t)
	b.noted(1, 6)
	b.ok(b.seal(t.Context()))
	return b, b.texts()
}

func TestVerifyNamesWhatWasTamperedWith(t *testing.T) {
	t.Parallel()
	b, entries := sealed(t)
	b.noted(7, 8) // waiting entries are no fault, and hide none
	for name, tampering := range tamperings(t) {
		b.replace(tampering.does(slices.Clone(entries)))
		_, err := b.Verify(t.Context())
		var broken *Break
		if !errors.As(err, &broken) || broken.Seq != tampering.seq || !strings.Contains(broken.Reason, tampering.says) {
			t.Errorf("%s: %v", name, err)
		}
	}
	b.replace(entries)
	if sealed, err := b.Verify(t.Context()); err != nil || sealed.Last != 6 || sealed.Waiting != 2 {
		t.Errorf("put back: %+v, %v", sealed, err)
	}
}

// TestVerifyWhileOthersWriteAndSeal finds no fault in a log that grows.
func TestVerifyWhileOthersWriteAndSeal(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	ctx, stop := context.WithCancel(t.Context())
	var others sync.WaitGroup
	others.Go(func() {
		for n := int64(1); ctx.Err() == nil; n += 7 {
			b.noted(n, n+6)
			if err := b.seal(context.Background()); err != nil {
				t.Error(err)
			}
		}
	})
	for last := int64(0); last < 3*pageSize; {
		sealed, err := b.Verify(ctx)
		if err != nil || sealed.Last < last {
			t.Errorf("after %d: %+v, %v", last, sealed, err)
			break
		}
		last = sealed.Last
	}
	stop()
	others.Wait()
}

// TestVerifyWhileTheOldestAreTrimmed has retention come between the look at the
// anchor and the first page.
func TestVerifyWhileTheOldestAreTrimmed(t *testing.T) {
	t.Parallel()
	b, _ := sealed(t)
	reader := b.process(b.server.Addr)
	reader.redis.AddHook(&before{command: "xrange", once: func() { b.ok(b.trim(context.Background(), noon.Add(retention))) }})
	b.noted(7, 7)
	if sealed, err := reader.Verify(t.Context()); err != nil || sealed.Last != 6 || sealed.Waiting != 1 || !sealed.At.IsZero() {
		t.Errorf("%+v, %v", sealed, err)
	}
}

// before is a client's hook that does something once, before a command.
type before struct {
	command string
	once    func()
	done    sync.Once
}

func (*before) DialHook(next redis.DialHook) redis.DialHook {
	return func(ctx context.Context, network, addr string) (net.Conn, error) { return next(ctx, network, addr) }
}

func (h *before) ProcessHook(next redis.ProcessHook) redis.ProcessHook {
	return func(ctx context.Context, c redis.Cmder) error {
		if c.Name() == h.command {
			h.done.Do(h.once)
		}
		return next(ctx, c)
	}
}

func (*before) ProcessPipelineHook(next redis.ProcessPipelineHook) redis.ProcessPipelineHook {
	return next
}

func TestExportSealsFirst(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	b.noted(1, pageSize)
	b.ok(b.seal(t.Context()))
	b.noted(pageSize+1, pageSize+3)
	var got []int64
	b.ok(b.Export(t.Context(), func(e Entry) error { got = append(got, e.Seq); return nil }))
	if !slices.Equal(got, numbers(1, pageSize+3)) {
		t.Errorf("exported %v", got)
	}
	full := errors.New("the disk is full")
	if err := b.Export(t.Context(), func(Entry) error { return full }); !errors.Is(err, full) {
		t.Errorf("a write failed: %v", err)
	}
}

// copyOf is what a mirror in a file would hold, behind a torn line, with its first entry twice.
func copyOf(t *testing.T, texts []string) Copy {
	t.Helper()
	copied := readCopy(t, slices.Concat([]string{"{torn"}, texts, texts[:1]))
	if len(copied) != len(texts) {
		t.Fatalf("%d lines of %d", len(copied), len(texts))
	}
	return copied
}

func readCopy(t *testing.T, lines []string) Copy {
	t.Helper()
	copied, err := ReadCopy(strings.NewReader(strings.Join(lines, "\n")))
	if err != nil {
		t.Fatal(err)
	}
	return copied
}

// TestWhatIsNoCopyIsRefused: with a table of the same entries nothing would be compared, and all would be well.
func TestWhatIsNoCopyIsRefused(t *testing.T) {
	for _, text := range []string{"seq,at\n1,2026-08-05T10:00:00Z\n", "{}\n{\"seq\":0}\n"} {
		if _, err := ReadCopy(strings.NewReader(text)); err == nil || !strings.Contains(err.Error(), "a copy is lines of JSON") {
			t.Errorf("%q: %v", text, err)
		}
	}
	for _, begun := range []string{"", "{torn"} {
		if copied, err := ReadCopy(strings.NewReader(begun)); err != nil || len(copied) > 0 {
			t.Errorf("%q: %d entries, %v", begun, len(copied), err)
		}
	}
}

func TestACopyShowsARewrittenLog(t *testing.T) {
	t.Parallel()
	b, entries := sealed(t)
	copied := copyOf(t, entries)
	b.noted(7, 7)
	b.ok(b.seal(t.Context()))
	if err := b.Against(t.Context(), copied); err != nil {
		t.Errorf("untouched: %v", err)
	}
	var forged []string
	for end := (head{}); len(forged) < 6; {
		e := decoded(t, entries[len(forged)])
		if e.Seq == 2 {
			e.Actor.ID = "B"
		}
		var text []byte
		text, end = e.chained(end)
		forged = append(forged, string(text))
	}
	b.rewritten(forged, copied, 2)
	b.rewritten(forged, readCopy(t, slices.Concat(entries, forged)), 2) // the mirror went on behind it
	b.rewritten(entries[:2], copied, 3)
}

// rewritten writes a whole chain, with its head, so that it holds; the copy differs
// from an entry on.
func (b *bench) rewritten(texts []string, copied Copy, seq int64) {
	b.t.Helper()
	b.replace(texts)
	b.ok(b.redis.Set(b.t.Context(), b.keys.head(), decoded(b.t, texts[len(texts)-1]).head().String(), 0).Err())
	if _, err := b.Verify(b.t.Context()); err != nil {
		b.t.Errorf("the chain does not hold: %v", err)
	}
	var broken *Break
	if err := b.Against(b.t.Context(), copied); !errors.As(err, &broken) || broken.Seq != seq {
		b.t.Errorf("not entry %d: %v", seq, err)
	}
}

func TestACopyOfWhatIsTrimmedIsNoFault(t *testing.T) {
	t.Parallel()
	b, entries := sealed(t)
	copied := copyOf(t, entries)
	b.ok(b.trim(t.Context(), noon.Add(3*time.Minute)))
	b.ahead = func() time.Duration { return time.Until(noon.Add(retention + 3*time.Minute)) }
	if err := b.Against(t.Context(), copied); err != nil {
		t.Error(err)
	}
	if got := slices.Sorted(maps.Keys(copied)); fmt.Sprint(got) != "[1 2 3 4 5 6]" {
		t.Errorf("the copy has %v", got)
	}
}

// TestABeginningThatIsCutOffIsNoticedBesideACopy: with the anchor moved to where it
// was cut, the rest is a chain that holds.
func TestABeginningThatIsCutOffIsNoticedBesideACopy(t *testing.T) {
	t.Parallel()
	b, entries := sealed(t)
	copied := copyOf(t, entries)
	b.replace(entries[2:])
	b.ok(b.redis.Set(t.Context(), b.keys.anchor(), decoded(t, entries[1]).head().String(), 0).Err())
	if _, err := b.Verify(t.Context()); err != nil {
		t.Errorf("the chain does not hold: %v", err)
	}
	var broken *Break
	b.ahead = func() time.Duration { return time.Until(noon.Add(time.Hour)) }
	if err := b.Against(t.Context(), copied); !errors.As(err, &broken) || broken.Seq != 1 || !strings.Contains(broken.Reason, "not in Redis") {
		t.Errorf("%v", err)
	}
}

// TestALogThatIsEmptiedIsNoticedBesideACopyOrASeal: an empty one is whole.
func TestALogThatIsEmptiedIsNoticedBesideACopyOrASeal(t *testing.T) {
	t.Parallel()
	b, entries := sealed(t)
	copied := copyOf(t, entries)
	then, err := b.Verify(t.Context())
	b.ok(err)
	b.noted(7, 8)
	b.ok(b.seal(t.Context()))
	b.ok(b.Holds(t.Context(), then.Seal))
	b.ok(b.redis.Del(t.Context(), b.keys.sealed(), b.keys.head(), b.keys.anchor()).Err())
	b.ahead = func() time.Duration { return time.Until(noon.Add(time.Hour)) }
	var first, second *Break
	if err := b.Against(t.Context(), copied); !errors.As(err, &first) || first.Seq != 1 {
		t.Errorf("beside a copy: %v", err)
	}
	if err := b.Holds(t.Context(), then.Seal); !errors.As(err, &second) || second.Seq != 6 || !strings.Contains(second.Reason, "is not there") {
		t.Errorf("beside a seal: %v", err)
	}
	b.replace(append(entries[:5:5], rehashed(t, strings.Replace(entries[5], "C0OPS", "C0OTHER", 1))))
	if err := b.Holds(t.Context(), then.Seal); !errors.As(err, &second) || !strings.Contains(second.Reason, "not the entry that was sealed then") {
		t.Errorf("written again: %v", err)
	}
}

// TestAFieldBesideAnEntryIsNoticed in the stream's message.
func TestAFieldBesideAnEntryIsNoticed(t *testing.T) {
	t.Parallel()
	b, entries := sealed(t)
	b.replace(entries[:5])
	b.ok(b.redis.XAdd(t.Context(), &redis.XAddArgs{Stream: b.keys.sealed(), Values: []string{"entry", entries[5], "note", "approved by all"}}).Err())
	var broken *Break
	if _, err := b.Verify(t.Context()); !errors.As(err, &broken) || broken.Seq != 6 || !strings.Contains(broken.Reason, "added beside") {
		t.Errorf("%v", err)
	}
}

func (e Entry) head() head { return head{seq: e.Seq, hash: e.Hash} }
