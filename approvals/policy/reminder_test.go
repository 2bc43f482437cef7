package policy

import (
	"fmt"
	"slices"
	"testing"
	"time"

	"cbhbot/approvals"
	"cbhbot/approvals/calendar"
)

// TestNobodyIsRemindedOutsideWorkingHours has a policy that says nothing of
// reminders, and everybody in one zone: the next moment that somebody is at work
// lies ahead, never now.
func TestNobodyIsRemindedOutsideWorkingHours(t *testing.T) {
	shanghai, err := time.LoadLocation("Asia/Shanghai")
	if err != nil {
		t.Fatal(err)
	}
	for name, c := range map[string]struct {
		now, later string // in August 2026; later "": everybody is at work
	}{
		"in the night":          {"06 22:00:00", "07 09:00:00"},
		"past midnight":         {"07 00:00:00", "07 09:00:00"},
		"as work ends":          {"06 18:00:00", "07 09:00:00"},
		"a second before":       {"06 17:59:59", ""},
		"as work begins":        {"07 09:00:00", ""},
		"a second too early":    {"07 08:59:59", "07 09:00:00"},
		"as the week ends":      {"07 18:00:00", "10 09:00:00"},
		"on Sunday":             {"09 12:00:00", "10 09:00:00"},
		"as the weekend begins": {"08 00:00:00", "10 09:00:00"},
	} {
		b := newBench(t)
		for id, p := range b.people.known {
			p.Zone = "Asia/Shanghai"
			b.people.known[id] = p
		}
		at := func(text string) time.Time {
			wall, err := time.ParseInLocation("2006-01-02 15:04:05", "2026-08-"+text, shanghai)
			if err != nil {
				t.Fatal(err)
			}
			return wall
		}
		event, err := b.snapshot().Reminder(t.Context(), upgrade(), 1, at(c.now))
		whom, later := []string{"A", "B", "G1", "G2"}, time.Time{}
		if c.later != "" {
			whom, later = nil, at(c.later)
		}
		if err != nil || !slices.Equal(event.Whom, whom) || !event.Later.Equal(later) || event.Stage != 1 {
			t.Errorf("%s: %v, later %s, %v", name, event.Whom, event.Later.In(shanghai), err)
		}
	}
}

// TestRemindersGoToThoseAtWorkWhoHaveNotAnswered has the approvers in two zones:
// noon is in A's working hours, and past those of B.
func TestRemindersGoToThoseAtWorkWhoHaveNotAnswered(t *testing.T) {
	b := newBench(t)
	b.people.known["A"] = approvals.Person{ID: "A", Zone: "Europe/London"}
	b.people.known["B"] = approvals.Person{ID: "B", Zone: "Asia/Tokyo"}
	b.people.known["G2"] = approvals.Person{ID: "G2", Deactivated: true}
	b.rule().Quorum[0].Count = 3
	b.rule().Remind = Reminders{At: []float64{0.25}, Hours: calendar.Hours{From: 9 * 60, To: 18 * 60}, Direct: true}
	remind := func(r *approvals.Request, now time.Time) approvals.Remind {
		event, err := b.snapshot().Reminder(t.Context(), r, 2, now)
		if err != nil {
			t.Fatal(err)
		}
		return event
	}
	r := approved(upgrade(), "G1")
	morning := noon.Add(12 * time.Hour) // nine in Tokyo
	event := remind(r, noon)
	if !slices.Equal(event.Whom, []string{"A"}) || !event.Later.Equal(morning) || !event.Direct || event.Stage != 2 {
		t.Fatalf("at noon: %+v", event)
	}
	r.Reminders = []approvals.Reminder{{Revision: r.Revision, Stage: 1, Whom: []string{"B"}}, {Revision: r.Revision, Stage: 2, Whom: []string{"A"}}}
	if event = remind(r, morning); !slices.Equal(event.Whom, []string{"B"}) || !event.Later.IsZero() {
		t.Fatalf("in the Tokyo morning: %+v", event)
	}
	r.Reminders[1].Whom = append(r.Reminders[1].Whom, "B")
	if event = remind(r, noon.Add(21*time.Hour)); event.Whom != nil || !event.Later.IsZero() {
		t.Errorf("somebody is reminded twice in one stage: %+v", event)
	}
}

func TestTheNextReminderIsForWhoBeginsFirst(t *testing.T) {
	b := newBench(t)
	b.policy = OneLine(users("A", "B", "C"), 1, "")
	for id, zone := range map[string]string{"A": "Asia/Tokyo", "B": "America/New_York", "C": "Asia/Shanghai"} {
		b.people.known[id] = approvals.Person{ID: id, Zone: zone}
	}
	event, err := b.snapshot().Reminder(t.Context(), upgrade(), 1, noon)
	if err != nil || event.Whom != nil || !event.Later.Equal(noon.Add(time.Hour)) {
		t.Errorf("%v, later %s, %v", event.Whom, event.Later, err)
	}
}

func TestWhoFindsNoRoomInAReminderComesNext(t *testing.T) {
	b := newBench(t)
	var ids []string
	for i := range mostReminded + 5 {
		id := fmt.Sprintf("U%02d", i)
		ids = append(ids, id)
		b.people.known[id] = approvals.Person{ID: id}
	}
	b.policy = OneLine(users(ids...), 1, "")
	r := upgrade()
	first, err := b.snapshot().Reminder(t.Context(), r, 1, noon)
	if err != nil || !slices.Equal(first.Whom, ids[:mostReminded]) || !first.Later.Equal(noon.Add(restAfter)) {
		t.Fatalf("%v, later %s, %v", first.Whom, first.Later, err)
	}
	r.Reminders = []approvals.Reminder{{Revision: r.Revision, Stage: 1, Whom: first.Whom}}
	second, err := b.snapshot().Reminder(t.Context(), r, 1, first.Later)
	if err != nil || !slices.Equal(second.Whom, ids[mostReminded:]) || !second.Later.IsZero() {
		t.Errorf("%v, later %s, %v", second.Whom, second.Later, err)
	}
}

func TestAReminderWithoutADirectoryIsNoAnswer(t *testing.T) {
	b := newBench(t)
	b.people.faces = errAway
	if _, err := b.snapshot().Reminder(t.Context(), upgrade(), 1, noon); ground(err) != Unreachable {
		t.Errorf("with the people away: %v", err)
	}
	b.people.faces = nil
	b.policy = &Policy{}
	if event, err := b.snapshot().Reminder(t.Context(), upgrade(), 1, noon); err != nil || event.Whom != nil || !event.Later.IsZero() {
		t.Errorf("without a rule: %+v, %v", event, err)
	}
}
