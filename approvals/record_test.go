package approvals

import (
	"bytes"
	"encoding/json"
	"os"
	"reflect"
	"testing"
	"time"
)

// at reads a moment of the stored records.
func at(t *testing.T, text string) time.Time {
	t.Helper()
	moment, err := time.Parse(time.RFC3339, text)
	if err != nil {
		t.Fatal(err)
	}
	return moment
}

func stored(t testing.TB) (text []byte, records map[string]Request) {
	t.Helper()
	text, err := os.ReadFile("testdata/record-v2.json")
	if err != nil {
		t.Fatal(err)
	}
	strict := json.NewDecoder(bytes.NewReader(text))
	strict.DisallowUnknownFields()
	if err := strict.Decode(&records); err != nil {
		t.Fatal(err)
	}
	return text, records
}

// storedBatch and storedCancel are what the stored records mean. A field that
// changes its name or meaning needs another RecordVersion, and a way to read these.
func storedBatch(t *testing.T) Request {
	when := func(text string) time.Time { return at(t, text) }
	from := Set{Users: []string{"U3"}, Groups: []string{"S1"}}
	word := func(by, at, reason string) *Decision {
		return &Decision{By: Person{ID: by}, At: when(at), Verdict: Yes, Reason: reason, Revision: 3}
	}
	return Request{
		Version: RecordVersion, Key: "6ab1f09c", Revision: 3, Action: Upgrade,
		Items: []Item{{
			Target: Target{Project: "p1", ServerID: "s1-2", HAID: "h1", Name: "bastion-prod", Version: "3.3.49.0", Offer: OfferCrossVersion, Shared: true},
			State:  Running,
			Call: Call{
				Attempt: 4, Tries: 2, Worker: "7Q2JXK4WZA", StartedAt: when("2026-11-27T08:00:00.25Z"), EndsAt: when("2026-11-27T08:00:25.25Z"),
				FinishedAt: when("2026-11-27T08:00:01Z"), Unsent: 1, ShutOutAt: when("2026-11-27T07:30:00Z"), Absent: 2, AbsentAt: when("2026-11-27T08:00:50Z"), Reads: 5,
				NextAt: when("2026-11-27T08:01:00Z"),
				Outcome: Outcome{Kind: Accepted, Code: CodeReadBack, Status: 200, Raw: "OK", RequestID: "req-1", Phase: "ACTIVE",
					At: when("2026-11-27T08:00:01Z"), Wait: 3 * time.Second},
			},
			Progress: Progress{
				VerifiedAt: when("2026-11-27T08:00:04Z"), HeldAt: when("2026-11-30T01:59:30Z"),
				StartedAt: when("2026-11-30T02:01:00Z"), StuckAt: when("2026-11-30T06:02:00Z"), EndedAt: when("2026-11-30T02:35:00Z"),
				Version: "3.3.52.1", Offer: OfferRollback, Finding: "succeeded 3.3.52.1", FoundAt: when("2026-11-30T02:35:00Z"), Waited: true,
				BlindSince: when("2026-11-30T02:10:00Z"), SeenAt: when("2026-11-30T02:35:00Z"), Phase: "UPGRADING, updating",
				FoundTime: when("2026-12-01T02:00:00Z"),
			},
			TakenBack: 9, TakenBy: "U9", Moved: true, Stop: true, Watched: true, Warned: 1,
		}, {
			Target: Target{Project: "p1", ServerID: "s2", Name: "bastion-test", Version: "3.3.49.0"},
			Offset: time.Hour, State: Cancelled, Progress: Progress{EndedAt: when("2026-11-27T09:00:00Z")}, End: EndTakenOut,
			Closing: Closing{At: when("2026-11-27T09:00:00Z"), By: Person{ID: "U1"}, Reason: "not that one"},
		}},
		Timing: Timing{
			At: when("2026-11-30T02:00:00Z"), Deadline: when("2026-11-29T01:55:00Z"), Lead: 24 * time.Hour, Zone: "Asia/Shanghai", Phrase: "monday 10am",
		},
		Reason: "CVE-2026-1", Channel: "C1", Unseen: true,
		Requester: Person{
			ID: "U1", Human: "U2", Team: "T1", Name: "Rita", Email: "rita@example.com", Zone: "Asia/Shanghai",
			Bot: true, Guest: true, External: true, Deactivated: true,
		},
		CreatedAt: when("2026-11-25T12:00:00Z"), ChangedAt: when("2026-11-30T02:35:00Z"), State: Approved,
		Needs: Quorum{{Count: 2, From: from}}, Missing: Quorum{{Count: 1, From: from}},
		Decisions: []Decision{
			*word("U3", "2026-11-26T08:00:00Z", ""),
			{By: Person{ID: "U4"}, At: when("2026-11-26T09:00:00Z"), Verdict: No, Reason: "not on a monday", Revision: 2},
		},
		Reminders: []Reminder{{At: when("2026-11-26T07:00:00Z"), Revision: 3, Stage: 1, Whom: []string{"U3"}}},
		RemindAt:  []time.Time{{}, when("2026-11-28T12:00:00Z")},
		Override:  word("U5", "2026-11-25T13:00:00Z", "before the fair"), Emergency: word("U6", "2026-11-27T07:59:00Z", "fire"),
		Announced: Announcement{To: Set{Users: []string{"U7"}, Groups: []string{"S2"}}, Channel: "C2"},
		Closing:   Closing{At: when("2026-11-30T03:00:00Z"), By: Person{ID: "U8"}, Reason: "enough", Code: "channel_not_found"},
		Stopped:   true, Previous: when("2026-11-29T02:00:00Z"), MovedBy: Person{ID: "U9"},
		Notices: []Notice{{Kind: NoticeRescheduled, N: 3}, {Kind: NoticeRunning, Item: 1, Broadcast: true}, {Kind: NoticeEmergency, N: 1, To: "C2"}},
		HeadsUp: []time.Duration{24 * time.Hour, time.Hour},
		Pressed: map[string]time.Time{"U3": when("2026-11-26T07:59:59.5Z")}, Applied: []string{"env-1", "env-2"},
	}
}

func storedCancel(t *testing.T) Request {
	time := at(t, "2026-11-30T03:00:00Z")
	return Request{
		Version: RecordVersion, Key: "9d2e", Revision: 1, Action: Cancel, Of: Ref{Request: 142, Item: 1},
		Items: []Item{{
			Target: Target{Project: "p1", ServerID: "s2", Name: "bastion-test", Version: "3.3.49.0"}, State: Failed,
			End: EndStillThere, Step: StepCancel, Of: 1, Old: at(t, "2026-11-29T03:00:00Z"), FreedAt: at(t, "2026-11-27T12:10:00Z"), Release: true,
		}},
		Timing: Timing{At: time, Deadline: time, Zone: "UTC"}, Requester: Person{ID: "U1"}, Channel: "C1",
		CreatedAt: at(t, "2026-11-27T12:00:00Z"), ChangedAt: at(t, "2026-11-27T12:20:00Z"), State: Approved, Alone: true, Auto: true,
	}
}

func TestAStoredRecordKeepsItsMeaning(t *testing.T) {
	text, records := stored(t)
	for name, want := range map[string]Request{"batch": storedBatch(t), "cancel": storedCancel(t)} {
		if got := records[name]; !reflect.DeepEqual(got, want) {
			t.Errorf("%s: read is\n%s, and meant\n%s", name, encode(got), encode(want))
		}
	}
	written, err := json.Marshal(records)
	if err != nil {
		t.Fatal(err)
	}
	var before, after map[string]map[string]any
	if err := json.Unmarshal(text, &before); err != nil {
		t.Fatal(err)
	}
	delete(before["batch"], "of") // nothing is left out
	if err := json.Unmarshal(written, &after); err != nil || !reflect.DeepEqual(before, after) {
		t.Errorf("%v, written is\n%s", err, written)
	}
}

// TestTheStoredRecordsHaveEveryField, so that one that is added is added there.
func TestTheStoredRecordsHaveEveryField(t *testing.T) {
	_, records := stored(t)
	seen, set := map[string]bool{}, map[string]bool{}
	for _, r := range records {
		fields(reflect.ValueOf(r), "", seen, set)
	}
	for name := range seen {
		if !set[name] {
			t.Errorf("%s is not set in any record", name)
		}
	}
}

// fields notes which stored fields there are, and which are set.
func fields(v reflect.Value, name string, seen, set map[string]bool) {
	seen[name] = true
	if !v.IsValid() || v.IsZero() {
		return
	}
	set[name] = true
	switch {
	case v.Kind() == reflect.Pointer:
		fields(v.Elem(), name, seen, set)
	case v.Kind() == reflect.Slice:
		for i := range v.Len() {
			fields(v.Index(i), name, seen, set)
		}
	case v.Kind() == reflect.Struct && v.Type() != reflect.TypeFor[time.Time]():
		for i := range v.NumField() {
			if f := v.Type().Field(i); f.Tag.Get("json") != "-" {
				fields(v.Field(i), v.Type().Name()+"."+f.Name, seen, set)
			}
		}
	}
}

// FuzzRecord reads whatever may be in the store, asks it everything and lets
// everything happen to it.
func FuzzRecord(f *testing.F) {
	_, records := stored(f)
	for _, r := range records {
		f.Add([]byte(encode(r)))
	}
	for _, text := range []string{
		`{}`, `{"state":"approved"}`, `{"state":"approved","action":"cancel","of":{"request":-1,"item":9},"items":[{}]}`,
		`{"state":"pending","action":"cancel"}`, `{"state":"pending","remind_at":["0001-01-01T00:00:00Z"],"notices":[{"item":-7},{"item":99}]}`,
		`{"state":"approved","action":"rollback","items":[{"state":"unknown","call":{"reads":-9,"unsent":-9}}]}`,
		`{"state":"approved","items":[{"state":"executing","offset":-9223372036854775808},{"state":"running","release":true}]}`,
	} {
		f.Add([]byte(text))
	}
	f.Fuzz(func(_ *testing.T, text []byte) {
		var r Request
		if json.Unmarshal(text, &r) != nil {
			return
		}
		askEverything(r)
		for _, event := range everyEvent {
			for n := range 6 * (len(r.Items) + 2) {
				next, _ := r.Apply(noon, Origin{ID: "e", By: "A", At: noon}, about(n/6-1, n%6, r, event))
				askEverything(*next)
			}
		}
	})
}

func askEverything(r Request) {
	r.Agenda(Pace{})
	r.Stages()
	r.Holds()
	r.Open()
	r.SettlesAt()
	r.RedrawAt(noon)
	r.NoteTelling(&Request{}, UsualTelling())
	r.Reminded(1, "A")
	for _, n := range r.Notices {
		r.PastNotice(n)
		n.Key()
	}
	for i := range r.Items {
		r.TookEffect(i, planned, noon)
		r.MayCallAgain(i, noon)
		r.TooLateToCall(i, noon)
	}
}

// about is an event that fits the record as well as it can, in the n-th of six
// forms.
func about(i, n int, r Request, event Event) Event {
	outcome := Outcome{Kind: OutcomeKinds[n%len(OutcomeKinds)]}
	switch e := event.(type) {
	case Approve:
		return Approve{By: person("A"), Quorum: append(r.Needs, needs(1, "A")...)}
	case Retract:
		return Retract{By: person("U3"), Quorum: r.Needs}
	case Deny:
		return Deny{By: person("A")}
	case BreakGlass:
		return BreakGlass{By: person("A"), Announce: r.Announced}
	case Remind:
		return Remind{Stage: i + 1, Whom: []string{"A"}, Later: r.Deadline}
	case TakeOut:
		return TakeOut{Item: i}
	case Hold:
		return Hold{Item: i}
	case Conclude:
		return Conclude{Item: i, Outcome: outcome}
	case Claim:
		return Claim{Item: i}
	case Unclaim:
		return Unclaim{Item: i}
	case Finish:
		if i >= 0 && i < len(r.Items) {
			e.Attempt = r.Items[i].Call.Attempt
		}
		return Finish{Item: i, Attempt: e.Attempt, Outcome: outcome}
	case TakeBack:
		return TakeBack{Item: i, By: 9}
	case Release:
		return Release{Item: i}
	case Look:
		return Look{Item: i, Observation: []Observation{planned, unplanned, busy, broken, upgraded, gone}[n], Began: noon}
	case Blind:
		return Blind{Item: i}
	case HeadsUp:
		return HeadsUp{Item: i}
	}
	return event
}
