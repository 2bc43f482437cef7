package approvals

import (
	"encoding/json"
	"errors"
	"fmt"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"
)

// The tests ask at noon for five days later.
var (
	noon  = time.Date(2026, 11, 25, 12, 0, 0, 0, time.UTC)
	ahead = 5 * 24 * time.Hour
)

func person(id string) Person { return Person{ID: id, Name: id} }

func needs(count int, ids ...string) Quorum {
	return Quorum{{Count: count, From: Set{Users: ids}, Of: ids}}
}

func item(n int) Item {
	id := fmt.Sprintf("s%d", n)
	return Item{State: Waiting, Target: Target{Project: "p", ServerID: id, Name: "bastion-" + id, Version: "3.3.49.0", Offer: OfferMinor}}
}

// upgradeAsked is a pending upgrade of n instances, an hour apart.
func upgradeAsked(n int) Request {
	at, lead := noon.Add(ahead), 24*time.Hour
	r := Request{
		Version: RecordVersion, ID: 7, Key: "KEY", Revision: 1, Action: Upgrade, State: Pending,
		Timing:    Timing{At: at, Deadline: at.Add(-lead - 5*time.Minute), Lead: lead, Zone: "Asia/Shanghai"},
		Requester: person("R"), Channel: "C", CreatedAt: noon, ChangedAt: noon, Needs: needs(1, "A", "B"), Missing: needs(1, "A", "B"),
	}
	for i := range n {
		it := item(i + 1)
		it.Offset = time.Duration(i) * time.Hour
		r.Items = append(r.Items, it)
	}
	return r
}

// cancelAsked is a pending cancel of an upgrade that was asked for here.
func cancelAsked() Request {
	r := upgradeAsked(1)
	r.ID, r.Action, r.Of, r.Deadline, r.Lead = 8, Cancel, Ref{Request: 7}, r.At, 0
	return r
}

// moveAsked is a pending upgrade of n instances in place of another, a day later.
func moveAsked(n int) Request {
	r := upgradeAsked(n)
	r.ID, r.Of = 9, Ref{Request: 7}
	for i := range r.Items {
		it := &r.Items[i]
		it.Step, it.Of, it.Old = StepCancel, i, r.Time(i).Add(-24*time.Hour)
	}
	return r
}

// rollbackAsked is a pending rollback of an upgraded instance.
func rollbackAsked() Request {
	r := upgradeAsked(1)
	r.Action, r.At, r.Deadline, r.Lead = Rollback, time.Time{}, noon.Add(4*24*time.Hour), 0
	r.Items[0].Target.Offer = OfferRollback
	return r
}

func yes(id string) Approve {
	return Approve{By: person(id), Quorum: needs(1, "A", "B")}
}

// after applies events of the program in order, and fails the test at the first
// impossible one.
func after(t *testing.T, r Request, now time.Time, events ...Event) Request {
	t.Helper()
	for _, event := range events {
		next, err := r.Apply(now, Origin{}, event)
		if err != nil {
			t.Fatalf("%#v: %v", event, err)
		}
		r = *next
	}
	return r
}

// refused fails the test unless an event is impossible for the reason why, and
// says so with the record as it stands.
func refused(t *testing.T, r Request, now time.Time, event Event, why Obstacle) {
	t.Helper()
	was := frozen(r)
	next, err := r.Apply(now, Origin{ID: "e", By: "A", At: now}, event)
	if e := obstacle(err); e.Obstacle != why || e.Verb != verbOf(event) || !strings.Contains(err.Error(), string(why)) {
		t.Errorf("%#v: %v, and not %q", event, err, why)
	} else if !reflect.DeepEqual(*e.Request, was) || !reflect.DeepEqual(*next, was) {
		t.Errorf("%#v was refused, and changed the record", event)
	}
}

func verbOf(event Event) Verb {
	verb, _ := event.About()
	return verb
}

// obstacle is why an event was refused; zero for one that was not.
func obstacle(err error) EventError {
	var e *EventError
	if errors.As(err, &e) {
		return *e
	}
	return EventError{}
}

// approved, claimed and called are an upgrade of n instances on its way, with the
// outcome of the first call.
func approved(t *testing.T, n int) Request {
	t.Helper()
	return after(t, upgradeAsked(n), noon, yes("A"))
}

func claimed(t *testing.T, n int) Request {
	t.Helper()
	return after(t, approved(t, n), noon, Claim{})
}

func called(t *testing.T, n int, kind OutcomeKind) Request {
	t.Helper()
	return after(t, claimed(t, n), noon, answer(1, kind))
}

// answer is the answer to an attempt of the first item's call.
func answer(attempt int, kind OutcomeKind) Finish {
	return Finish{Attempt: attempt, Outcome: Outcome{Kind: kind}}
}

func encode(r Request) string {
	text, err := json.Marshal(r)
	if err != nil {
		panic(err)
	}
	return string(text)
}

// told lists the notices, by their keys.
func told(r Request) string {
	var keys []string
	for _, n := range r.Notices {
		keys = append(keys, n.Key())
	}
	return strings.Join(keys, ", ")
}

func states(r Request) string {
	var all []string
	for _, it := range r.Items {
		all = append(all, string(it.State))
	}
	return strings.Join(all, " ")
}

func TestANameOfARequest(t *testing.T) {
	for text, want := range map[string]int64{
		"CBH-142": 142, "cbh-142": 142, " 142\n": 142, "CBH-007": 7, "#142": 142, "#CBH-142": 142, "9223372036854775807": 1<<63 - 1,
		"": 0, "#": 0, "##1": 0, "CBH-#1": 0, "CBH142": 0, "CBH-": 0, "CBH-0": 0, "-1": 0, "+1": 0, "CBH--1": 0, "CBH-CBH-1": 0, "1 2": 0, "1e3": 0, "9223372036854775808": 0, "bastion-7": 0,
	} {
		if id, ok := ParseName(text); ok != (want > 0) || ok && id != want {
			t.Errorf("%q is %d, %v", text, id, ok)
		}
	}
	r := upgradeAsked(1)
	if name := r.Name(); name != "CBH-7" {
		t.Error(name)
	}
}

func TestAMarkerNamesOneRevision(t *testing.T) {
	r, want := upgradeAsked(1), Marker{ID: 7, Revision: 1, Key: "KEY"}
	if m, err := ParseMarker(r.Marker().String()); m != want || err != nil {
		t.Errorf("%+v, %v", m, err)
	}
	for _, text := range []string{"", "7", "7:1", "7:1:", "0:1:K", "7:0:K", "7:x:K", "x:1:K", "7:1:K:K", "-7:1:K"} {
		if m, err := ParseMarker(text); err == nil || m != (Marker{}) {
			t.Errorf("%q is %+v", text, m)
		}
	}
}

func FuzzParseMarkerAndName(f *testing.F) {
	for _, text := range []string{"142:2:6ab1f09c", "CBH-142", "142", ":::", "+1:+2: ", "cbh-\u00a01"} {
		f.Add(text)
	}
	f.Fuzz(func(t *testing.T, text string) {
		if m, err := ParseMarker(text); err == nil {
			if again, err := ParseMarker(m.String()); again != m || err != nil || m.ID < 1 || m.Revision < 1 || m.Key == "" {
				t.Errorf("%+v, %+v, %v", m, again, err)
			}
		}
		if id, ok := ParseName(text); ok {
			r := Request{ID: id}
			if again, ok := ParseName(r.Name()); id < 1 || again != id || !ok {
				t.Errorf("%d, %d, %v", id, again, ok)
			}
		}
	})
}

// roomy is a record whose lists have room, so that whoever appends to one without
// copying it writes into the record.
func roomy(r Request) Request {
	r.Items, r.Decisions, r.Reminders = slices.Grow(r.Items, 9), slices.Grow(r.Decisions, 9), slices.Grow(r.Reminders, 9)
	r.Notices, r.RemindAt, r.Applied = slices.Grow(r.Notices, 9), slices.Grow(append(r.RemindAt, noon), 9), slices.Grow(r.Applied, 9)
	r.Pressed = map[string]time.Time{"R": noon}
	return r
}

// TestTwoFuturesOfARecord lets everything happen to a record, and looks whether
// that changes the record, or what else has become of it.
func TestTwoFuturesOfARecord(t *testing.T) {
	for _, r := range []Request{upgradeAsked(2), approved(t, 2), claimed(t, 2), called(t, 2, Unclear), called(t, 2, Accepted)} {
		r = roomy(r)
		before := encode(r)
		for _, event := range everyEvent {
			next, _ := r.Apply(noon, Origin{ID: "1", By: "A", At: noon}, about(0, 0, r, event))
			was := encode(*next)
			for _, other := range everyEvent {
				r.Apply(noon.Add(time.Hour), Origin{ID: "2", By: "A", At: noon.Add(time.Hour)}, about(0, 1, r, other))
			}
			if encode(r) != before || encode(*next) != was {
				t.Errorf("%s: another event changed the record, or what became of it", verbOf(event))
			}
		}
	}
}

func TestLocks(t *testing.T) {
	outside := cancelAsked()
	outside.Of = Ref{}
	second := cancelAsked()
	second.Of.Item = 1
	for want, r := range map[string]Request{"p/s1": upgradeAsked(1), "cancel/7/0": cancelAsked(), "cancel/7/1": second,
		"cancel/p/s1": outside} {
		if got := r.Lock(0); got != want {
			t.Errorf("%s holds %q, not %q", r.Action, got, want)
		}
	}
	back, upgrade := rollbackAsked(), upgradeAsked(1)
	if got := back.Lock(0); got != upgrade.Lock(0) {
		t.Errorf("a rollback holds %q: an upgrade may run beside it", got)
	}
}

func TestAPersonIsCountedUnderOneID(t *testing.T) {
	if (Person{ID: "A2", Human: "A"}).Counted() != "A" || person("A").Counted() != "A" {
		t.Error("two accounts of one human are two")
	}
}
