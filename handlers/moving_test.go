package handlers

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"cbhbot/approvals"
	"cbhbot/approvals/calendar"
	"cbhbot/approvals/policy"
	"cbhbot/approvals/store"
	"cbhbot/bot/slackemu"
	"cbhbot/handlers/messages"
)

// TestOneOfABatchIsMovedByItsName, and none for the name of a bastion that is not of it.
func TestOneOfABatchIsMovedByItsName(t *testing.T) {
	t.Parallel()
	d := newDesk(t, approvals.DefaultProject)
	d.clouds[approvals.DefaultProject].Replace(bastions(3))
	batch := &approvals.Request{ID: 7, Action: approvals.Upgrade, State: approvals.Approved}
	all, err := d.Cloud.Instances(context.Background())
	if err != nil {
		t.Fatal(err)
	}
	for _, i := range all[:2] {
		batch.Items = append(batch.Items, approvals.Item{State: approvals.Scheduled, Target: i.Target()})
	}
	named := func(name string) ([]messages.View, error) {
		return d.toMove(context.Background(), batch, messages.Draft{Verb: "reschedule", Request: batch.ID, Instance: name})
	}
	if views, err := named(all[1].Name); err != nil || len(views) != 1 || views[0].I != 1 {
		t.Errorf("the second is moved as %v, %v", views, err)
	}
	if views, err := named(all[2].Name); err == nil {
		t.Errorf("a third bastion moves item %d", views[0].I)
	}
}

// TestAMoveThatIsMovedIsDecidedInTime: what it cancels may not have begun by then, and is
// not moved to where it is.
func TestAMoveThatIsMovedIsDecidedInTime(t *testing.T) {
	t.Parallel()
	d := newDesk(t, approvals.DefaultProject)
	d.clouds[approvals.DefaultProject].Replace(bastions(1))
	d.run()
	d.types("upgrade bastion-0000 2026-12-10 02:00")
	d.approves(1)
	d.until("scheduled", func() bool { return !d.load(1).Items[0].Progress.VerifiedAt.IsZero() })
	for _, step := range [][2]string{
		{"reschedule bastion-0000 2026-12-10 02:00", "is scheduled for Thu 10 Dec 2026 02:00"},
		{"reschedule bastion-0000 2026-12-10 22:00", "Move the upgrade of `bastion-0000`"},
		{"reschedule CBH-2 2026-12-10 02:00", "is scheduled for Thu 10 Dec 2026 02:00"},
		{"reschedule CBH-2 2026-12-20 02:00", "CBH-2 is moved to Sun 20 Dec 2026 02:00"},
	} {
		if said := content(d.types(step[0])); !strings.Contains(said, step[1]) {
			t.Errorf("/cbh %s: %s", step[0], said)
		}
	}
	if r := d.load(2); r.Deadline.After(r.Items[0].Old) {
		t.Errorf("it can be approved until %s, and what it moves begins %s", r.Deadline, r.Items[0].Old)
	}
}

// TestAnApprovedBatchIsTakenApart by the names of its bastions: what waits for its call is
// taken out alone, and no answer is about another bastion than the one that was named.
func TestAnApprovedBatchIsTakenApart(t *testing.T) {
	t.Parallel()
	d := newDesk(t, approvals.DefaultProject)
	d.clouds[approvals.DefaultProject].Replace(bastions(3))
	d.types("upgrade bastion-0000, bastion-0001, bastion-0002 2026-12-10 02:00 stagger 1h")
	d.approves(1)
	if said := content(d.types("withdraw bastion-0000")); !strings.Contains(said, "`bastion-0000` is taken out of CBH-1") {
		t.Error(said)
	}
	before := d.load(1)
	called := *before
	called.Items = slices.Clone(before.Items)
	called.Items[1].State, called.Items[2].State = approvals.Running, approvals.Scheduled
	if _, err := d.Store.Commit(context.Background(), &store.Change{Before: before, After: &called}); err != nil {
		t.Fatal(err)
	}
	for _, step := range [][2]string{
		{"withdraw bastion-0001", "Nothing was changed. CBH-1: running."},
		{"withdraw bastion-0002", "Type `/cbh cancel bastion-0002` to ask"},
		{"withdraw CBH-1", "CBH-1: 1 cancelled, 1 running, 1 accepted by the cloud, not yet read back (approved by"},
		{"cancel bastion-0001", "`bastion-0001` has started"},
		{"cancel CBH-1", "as in `/cbh cancel bastion-0002`"},
	} {
		if said := content(d.types(step[0])); !strings.Contains(said, step[1]) {
			t.Errorf("/cbh %s: %s", step[0], said)
		}
	}
	running := called
	running.Items = slices.Clone(called.Items)
	running.Items[2].State = approvals.Running
	if _, err := d.Store.Commit(context.Background(), &store.Change{Before: d.load(1), After: &running}); err != nil {
		t.Fatal(err)
	}
	if said := content(d.types("cancel CBH-1")); !strings.Contains(said, "`bastion-0001` has started") {
		t.Error(said)
	}
	last := running
	last.Items = slices.Clone(running.Items)
	last.Items[1].State = approvals.Succeeded
	if _, err := d.Store.Commit(context.Background(), &store.Change{Before: d.load(1), After: &last}); err != nil {
		t.Fatal(err)
	}
	if said := content(d.types("cancel CBH-1")); !strings.Contains(said, "`bastion-0002` has started") { // the only one that is left
		t.Error(said)
	}
}

// TestABatchIsTakenApartBeforeItIsDecided: a bastion that is named is the only one that a
// word about it concerns, and what is left of a batch is what people approve and move.
func TestABatchIsTakenApartBeforeItIsDecided(t *testing.T) {
	t.Parallel()
	d := newDesk(t, approvals.DefaultProject)
	d.clouds[approvals.DefaultProject].Replace(bastions(3))
	d.types("upgrade bastion-0000, bastion-0001, bastion-0002 2026-12-10 02:00 stagger 1h")
	for _, step := range [][2]string{
		{"reschedule bastion-0001 2026-12-11 02:00", "which move together while they wait for approval"},
		{"withdraw bastion-0000", "`bastion-0000` is taken out of CBH-1"},
		{"reschedule CBH-1 to 2026-12-11 02:00", "CBH-1 is moved to Fri 11 Dec 2026 02:00"},
		{"改期 CBH-1 改到12月11日凌晨2点", "Nothing was changed, and approvals stand"},
	} {
		if said := content(d.types(step[0])); !strings.Contains(said, step[1]) {
			t.Errorf("/cbh %s: %s", step[0], said)
		}
	}
	r, shanghai := d.load(1), time.FixedZone("", 8*60*60)
	for i, want := range []approvals.State{approvals.Cancelled, approvals.Pending, approvals.Pending} {
		at := time.Date(2026, 12, 11, 1+i, 0, 0, 0, shanghai)
		if r.Stage(i) != want || !r.Time(i).Equal(at) {
			t.Errorf("item %d is %s, at %s", i, r.Stage(i), r.Time(i))
		}
	}
	card, notice := messages.Card(messages.Languages[0], r, now, true), r.Notices[len(r.Notices)-1]
	moved := messages.NoticeOf(messages.Languages[0], r, notice, now)
	for said, want := range map[string]string{
		card.Text.String():  "1 cancelled, 2 waiting for approval: Upgrade 2 bastions: bastion-0001 and bastion-0002 (Fri 11 Dec 2026 02:00",
		moved.Text.String(): "Thu 10 Dec 2026 03:00 Asia/Shanghai> to <!date^1796925600^",
	} {
		if !strings.Contains(said, want) {
			t.Errorf("it is said: %s", said)
		}
	}
}

// TestABatchIsCancelledByItsNumberAsAWholeOrNotAtAll: before the cloud has any of it all is
// taken back, and of what the cloud has none is cancelled for all.
func TestABatchIsCancelledByItsNumberAsAWholeOrNotAtAll(t *testing.T) {
	t.Parallel()
	d := newDesk(t, approvals.DefaultProject)
	d.clouds[approvals.DefaultProject].Replace(bastions(2))
	for i, c := range []struct {
		with func(id int64)
		says string
	}{
		{func(int64) {}, "CBH-1 is withdrawn"},
		{d.approves, "CBH-2 is withdrawn"},
		{func(id int64) {
			d.approves(id)
			before := d.load(id)
			called := *before
			called.Items = slices.Clone(before.Items)
			called.Items[0].State, called.Items[1].State = approvals.Scheduled, approvals.Scheduled
			if _, err := d.Store.Commit(context.Background(), &store.Change{Before: before, After: &called}); err != nil {
				t.Fatal(err)
			}
		}, "as in `/cbh cancel bastion-0000`"},
	} {
		d.types("upgrade bastion-0000, bastion-0001 2026-12-10 02:00")
		c.with(int64(i + 1))
		if said := content(d.types(fmt.Sprint("cancel CBH-", i+1))); !strings.Contains(said, c.says) {
			t.Errorf("of CBH-%d: %s", i+1, said)
		}
	}
	if said := content(d.types("cancel CBH-1")); !strings.Contains(said, "nothing to cancel") {
		t.Error(said)
	}
}

// TestNoTimeIsAskedForWhereThereCanBeNoOther: of what is over, and of what takes an upgrade
// back, which has the time that the cloud holds.
func TestNoTimeIsAskedForWhereThereCanBeNoOther(t *testing.T) {
	t.Parallel()
	d := newDesk(t, approvals.DefaultProject)
	d.clouds[approvals.DefaultProject].Replace(bastions(3))
	d.run()
	d.types("upgrade bastion-0000 2026-12-10 02:00")
	d.approves(1)
	d.until("scheduled", func() bool { return !d.load(1).Items[0].Progress.VerifiedAt.IsZero() })
	for _, step := range [][2]string{
		{"cancel bastion-0000", "CBH-2 is recorded"},
		{"reschedule CBH-2 2026-12-11 02:00", "CBH-2: waiting for approval. It cannot be moved."},
		{"reschedule CBH-2 sunday 2", "CBH-2: waiting for approval. It cannot be moved."},
		{"upgrade bastion-0001, bastion-0002 2026-12-10 02:00", "CBH-3 is recorded"},
		{"cancel bastion-0001", "taken out"},
		{"withdraw CBH-3", "CBH-3 is withdrawn"},
		{"reschedule CBH-3 sunday 2", "Type `/cbh upgrade bastion-0002 sunday 2am` to ask anew."},
		{"reschedule CBH-3", "Type `/cbh upgrade bastion-0002 sunday 2am` to ask anew."},
	} {
		if m := d.types(step[0]); !strings.Contains(content(m), step[1]) || len(buttonsOf(m)) > 0 {
			t.Errorf("/cbh %s: %s", step[0], content(m))
		}
	}
}

// TestWhatIsNotPossibleAnyMoreIsSaidFirst: no time is asked for where an upgrade is about to
// be called, and no press where nothing is to be decided.
func TestWhatIsNotPossibleAnyMoreIsSaidFirst(t *testing.T) {
	t.Parallel()
	d := newDesk(t, approvals.DefaultProject)
	d.clouds[approvals.DefaultProject].Replace(bastions(1))
	d.types("upgrade bastion-0000 2026-12-10 02:00")
	if said := content(d.types("approve CBH-1")); !strings.Contains(said, "press *Approve* or *Deny* on CBH-1") {
		t.Error(said)
	}
	d.approves(1)
	for _, step := range [][2]string{
		{"reschedule bastion-0000 sunday 2", "CBH-1: approved, not yet with the cloud. It cannot be moved."},
		{"reschedule bastion-0000 tomorrow 2am", "CBH-1: approved, not yet with the cloud. It cannot be moved."},
		{"reschedule CBH-1", "CBH-1: approved, not yet with the cloud. It cannot be moved."},
		{"approve CBH-1", "Nothing was changed. CBH-1: approved, not yet with the cloud (approved by <@U0ANA>"},
		{"deny 1?", "Nothing was changed. CBH-1: approved, not yet with the cloud (approved by <@U0ANA>"},
		{"deny CBH-9", "There is no such request."},
	} {
		if m := d.types(step[0]); !strings.Contains(content(m), step[1]) || len(buttonsOf(m)) > 0 {
			t.Errorf("/cbh %s: %s", step[0], content(m))
		}
	}
}

// TestWhatIsMovedOutsideTheCalendarIsJudgedByItsOwnTimes, and what is with the cloud as
// the request of its own that its move is.
func TestWhatIsMovedOutsideTheCalendarIsJudgedByItsOwnTimes(t *testing.T) {
	t.Parallel()
	d := newDesk(t, approvals.DefaultProject)
	d.clouds[approvals.DefaultProject].Replace(bastions(3))
	var held atomic.Pointer[policy.Policy]
	d.Engine.Authority.Policy = held.Load
	evenings := []calendar.Window{{Hours: calendar.Hours{From: 18 * 60, To: 26 * 60}, Zone: time.UTC}}
	holds := func(windows []calendar.Window, override ...string) {
		all := policy.OneLine(approvals.Set{Users: []string{slackemu.UserAna}}, 1, "")
		rule := all.Rule(approvals.Upgrade, approvals.Target{})
		rule.Calendar.Windows, rule.Override.Users = windows, override
		held.Store(all)
	}
	holds(nil)
	d.run()
	d.types("upgrade bastion-0000, bastion-0001, bastion-0002 2026-12-10 02:00 stagger 6h")
	d.types("cancel bastion-0000")
	mayMove := func(at time.Time) error {
		a := actor{event: "fills", user: slackemu.UserRita, channel: slackemu.ChannelOps}
		_, err := d.mayFill(context.Background(), a, messages.Draft{Verb: "reschedule", Request: 1, At: at.Unix(), Override: true})
		return err
	}
	evening := time.Date(2026, 12, 11, 18, 0, 0, 0, time.UTC) // the last of them six hours later, at midnight
	holds(evenings)
	if err := mayMove(evening); err != nil {
		t.Errorf("to where the calendar is open: %v", err)
	}
	if _, refused := errors.AsType[*policy.ClosedError](mayMove(evening.Add(time.Hour))); !refused {
		t.Error("to where it is closed, by somebody who may not")
	}
	holds(nil)
	d.approves(1)
	d.until("scheduled", func() bool { return !d.load(1).Items[2].Progress.VerifiedAt.IsZero() })
	holds(evenings)
	if _, refused := errors.AsType[*policy.ClosedError](mayMove(evening.Add(9 * time.Hour))); !refused {
		t.Error("what is scheduled, by somebody who may not")
	}
	holds(evenings, slackemu.UserRita)
	if err := mayMove(evening.Add(9 * time.Hour)); err != nil {
		t.Errorf("what is scheduled, by somebody who may: %v", err)
	}
}

// TestAQuestionAboutANameInABatchSaysWhichAreMeant: it has no buttons, and what stands in the
// way of one that was named has its own.
func TestAQuestionAboutANameInABatchSaysWhichAreMeant(t *testing.T) {
	t.Parallel()
	d := newDesk(t, approvals.DefaultProject)
	d.clouds[approvals.DefaultProject].Replace(bastions(3))
	outside := d.clouds[approvals.DefaultProject].Instance("bastion-0001")
	outside.UpgradeTime = now.Add(72 * time.Hour)
	d.clouds[approvals.DefaultProject].Put(outside)
	m := d.types("upgrade bastion-0000, bastion-0007 2026-12-10 02:00")
	if said := content(m); !strings.Contains(said, "Do you mean one of these? `bastion-0000`, `bastion-0001` and `bastion-0002`. Nobody was asked about the batch") || len(buttonsOf(m)) > 0 {
		t.Error(said)
	}
	for _, apart := range []string{"stagger 30", "stagger 1.5h", "1h apart", "staggered", "间隔一小时"} {
		if said := content(d.types("upgrade bastion-0000, bastion-0002 2026-12-10 02:00 " + apart)); !strings.Contains(said, "`stagger 90m`") {
			t.Errorf("%s: %s", apart, said)
		}
	}
	m = d.types("upgrade bastion-0000, bastion-0001 2026-12-10 02:00")
	if said := content(m); !strings.Contains(said, "scheduled outside the bot") || strings.Contains(said, "full names") || len(buttonsOf(m)) != 1 {
		t.Error(said)
	}
}

// TestALengthOfTimeDoesNotSayFromWhen it is counted, but "in" and "from now" do.
func TestALengthOfTimeDoesNotSayFromWhen(t *testing.T) {
	t.Parallel()
	d := newDesk(t, approvals.DefaultProject)
	d.types("upgrade bastion-dev sunday 2am")
	for _, phrase := range []string{"a week later", "a week later 🙏", "“a week later”", "one week later at 2am", "1 week", "2d", "36 hours", "2 hours later", "half an hour later"} {
		if got := content(d.types("reschedule CBH-1 " + phrase)); !strings.Contains(got, "from when that is counted") {
			t.Errorf("%s: %s", phrase, got)
		}
	}
	if got := content(d.presses(d.types("reschedule bastion-dev a week later"), "Sun 6 Dec 02:00")); !strings.Contains(got, "is moved to Sun 6 Dec 2026 02:00") {
		t.Error(got)
	}
	for phrase, want := range map[string]string{
		"by a week": "Sun 13 Dec 02:00", "+1d": "Mon 7 Dec 02:00", "延后两小时": "12月6日 周日 04:00", "晚2h": "12月6日 周日 04:00", "往后推一天": "12月7日 周一 02:00",
		"postpone it by a week": "Sun 13 Dec 02:00", "push it back 2 hours": "Sun 6 Dec 04:00", "bring it forward by 3h": "Sat 5 Dec 23:00", "-1d": "Sat 5 Dec 02:00",
		"往后一天": "12月7日 周一 02:00", "后推一天": "12月7日 周一 02:00", "往前挪一天": "12月5日 周六 02:00", "−1d": "Sat 5 Dec 02:00", "＋1天": "12月7日 周一 02:00",
		"推遲兩日": "12月8日 周二 02:00", "押後兩日": "12月8日 周二 02:00", "往前提一天": "12月5日 周六 02:00",
		"3 hours earlier": "Sat 5 Dec 23:00", "提前一天": "12月5日 周六 02:00", "by 1 day earlier": "Sat 5 Dec 02:00",
	} {
		m := d.types("reschedule CBH-1 " + phrase)
		got := content(m)
		asked := strings.Contains(got, "Is this the one you mean?") && strings.Contains(got, "counted from the time there is") ||
			strings.Contains(got, "您指的是这个时间吗？") && strings.Contains(got, "从原定时间算起")
		if !asked || !strings.Contains(fmt.Sprint(buttonsOf(m)), want) {
			t.Errorf("%s: %s", phrase, got)
		}
	}
	if got := content(d.types("reschedule CBH-1 提前两周")); !strings.Contains(got, "has passed") {
		t.Error(got)
	}
	for _, phrase := range []string{"in 3 days at 2am", "改到周一凌晨2点", "4 days from now", "in 5 days", "6天后", "monday 2am", "2026-12-09 02:00"} {
		if got := content(d.types("reschedule CBH-1 " + phrase)); !strings.Contains(got, "is moved to") && !strings.Contains(got, "已改期到") {
			t.Errorf("%s: %s", phrase, got)
		}
	}
}

// TestDaysEarlierKeepTheTimeOfDay where the clocks change between the two, and hours are counted as they pass.
func TestDaysEarlierKeepTheTimeOfDay(t *testing.T) {
	t.Parallel()
	berlin, err := time.LoadLocation("Europe/Berlin")
	if err != nil {
		t.Fatal(err)
	}
	for phrase, want := range map[string]string{
		"a day earlier": "2026-10-24T10:00:00+02:00", "提前一周": "2026-10-18T10:00:00+02:00", "-2d": "2026-10-23T10:00:00+02:00",
		"8 hours earlier": "2026-10-25T02:00:00+01:00", "提前9小时": "2026-10-25T02:00:00+02:00",
	} {
		got, ok := shifted(phrase, time.Date(2026, 10, 25, 10, 0, 0, 0, berlin))
		if !ok || got.Format(time.RFC3339) != want {
			t.Errorf("%s: %s", phrase, got)
		}
	}
}

// TestAMoveKeepsTheDayOrTheTimeOfDay that it leaves out, where that is what is meant.
func TestAMoveKeepsTheDayOrTheTimeOfDay(t *testing.T) {
	t.Parallel()
	d := newDesk(t, approvals.DefaultProject)
	d.types("upgrade bastion-dev 2026-12-10 02:00")
	for phrase, want := range map[string]string{
		"3am": "Thu 10 Dec 03:00", "to 3": "Thu 10 Dec 15:00", "saturday": "Sat 28 Nov 02:00", "12 dec": "Sat 12 Dec 02:00", "same time on monday": "Mon 30 Nov 02:00",
		"晚上10点": "12月10日 周四 22:00", "周六同一时间": "11月28日 周六 02:00",
	} {
		if m := d.types("reschedule CBH-1 " + phrase); !strings.Contains(fmt.Sprint(buttonsOf(m)), want) {
			t.Errorf("%s: %s", phrase, content(m))
		}
	}
	for _, phrase := range []string{"not 3am", "before 3am", "weekend", "same time before monday"} {
		if m := d.types("reschedule CBH-1 " + phrase); len(buttonsOf(m)) != 1 {
			t.Errorf("%s: %s", phrase, content(m))
		}
	}
	if got := content(d.presses(d.types("reschedule CBH-1 3am"), "Thu 10 Dec 03:00")); !strings.Contains(got, "is moved to Thu 10 Dec 2026 03:00") {
		t.Error(got)
	}
}

// TestALengthThatNoMonthIsLongEnoughFor is asked about from both times, and not counted from now.
func TestALengthThatNoMonthIsLongEnoughFor(t *testing.T) {
	t.Parallel()
	d := newDesk(t, approvals.DefaultProject)
	d.MaxLead = 120 * 24 * time.Hour
	d.types("upgrade bastion-dev 2027-01-31 02:00")
	got := content(d.types("reschedule CBH-1 a month later"))
	for _, want := range []string{"from when that is counted", "Sun 28 Feb 2027 02:00", "Fri 25 Dec 2026 20:00"} {
		if !strings.Contains(got, want) {
			t.Errorf("not %q: %s", want, got)
		}
	}
}

// TestWhatIsMovedSaysWhereTo, in which direction and by how much. A time on the other side of the one there is is asked about.
func TestWhatIsMovedSaysWhereTo(t *testing.T) {
	t.Parallel()
	d := newDesk(t, approvals.DefaultProject)
	d.types("upgrade bastion-dev 2026-12-06 02:00")
	for _, step := range [][2]string{
		{"推迟到周一凌晨2点", "12月7日 周一 02:00"}, // and not 30 November
		{"推迟到周一凌晨2点", "11月30日 周一 02:00"},
		{"提前到12月9日凌晨2点", "您指的是这个时间吗"},
		{"往后推到周一凌晨2点", "12月7日 周一 02:00"},
		{"push it back to sunday 2am", "Which one do you mean?"},
		{"prepone to 2026-12-05 02:00", "is moved to Sat 5 Dec 2026 02:00"},
		{"postpone to 2026-12-06 02:00", "is moved to Sun 6 Dec 2026 02:00"},
		{"by 2 days at 3am", "Tue 8 Dec 2026 03:00"},
		{"by 2027 january 5 2am", "I cannot read \"by\""},
		{"by thursday 2am", "I cannot read \"by\""},
		{"推迟半天", "无法将“推迟半天”理解为时间"},
		{"一周", "从何时算起的"},
		{"推迟2天", "从原定时间算起"},
		{"move to sunday 2am", "is moved to Sun 29 Nov 2026 02:00"},
		{"推迟到周一凌晨2点", "已改期到 2026年11月30日 周一 02:00"},
		{"提前到周日凌晨2点", "已改期到 2026年11月29日 周日 02:00"},
		{"调整到周一凌晨2点", "已改期到 2026年11月30日 周一 02:00"},
		{"改成12月2日凌晨2点", "已改期到 2026年12月2日 周三 02:00"},
	} {
		if got := content(d.types("reschedule CBH-1 " + step[0])); !strings.Contains(got, step[1]) {
			t.Errorf("%s: %s", step[0], got)
		}
	}
}
