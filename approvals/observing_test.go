package approvals

import (
	"strings"
	"testing"
	"time"
)

// What the instance shows of an upgrade that was asked for at noon.
var (
	unplanned = Observation{ServerID: "s1", Name: "bastion-s1", Version: "3.3.49.0", Offer: OfferMinor, Idle: true}
	planned   = with(unplanned, func(o *Observation) { o.UpgradeTime = noon.Add(ahead) })
	busy      = with(planned, func(o *Observation) { o.Idle, o.Running, o.Phase = false, true, "UPGRADING, updating" })
	broken    = with(planned, func(o *Observation) { o.Idle, o.Broken = false, true })
	upgraded  = with(unplanned, func(o *Observation) { o.Version, o.Offer = "3.3.52.1", OfferNone })
	elsewhere = with(planned, func(o *Observation) { o.UpgradeTime = noon.Add(9 * 24 * time.Hour) })
	sooner    = with(planned, func(o *Observation) { o.UpgradeTime = noon.Add(ahead + 3*time.Hour) })
	gone      = Observation{Missing: true}
)

func with(o Observation, change func(*Observation)) Observation {
	change(&o)
	return o
}

// paired is what a pair shows of which the instance is the primary.
func paired(o Observation) Observation {
	return with(o, func(o *Observation) { o.HAID, o.StandbyID, o.StandbyVersion = "h1", "s1-b", o.Version })
}

// switched is the same when the parts have changed their roles.
func switched(o Observation) Observation {
	return with(o, func(o *Observation) { o.ServerID, o.StandbyID = o.StandbyID, o.ServerID })
}

// half is a pair at rest of which one part has another version.
var half = with(paired(upgraded), func(o *Observation) { o.StandbyVersion = "3.3.49.0" })

// rounded is planned with a time that is a little off.
func rounded(by time.Duration) Observation {
	return with(planned, func(o *Observation) { o.UpgradeTime = o.UpgradeTime.Add(-by) })
}

// stuck stands for a Running that is.
const stuck State = "stuck"

// glimpse is what the instance shows from a moment on, told from the upgrade's
// time.
type glimpse struct {
	at    time.Duration
	shows Observation
}

// follow looks at the first item whenever the agenda says so, until some time
// after the upgrade's.
func follow(t *testing.T, r Request, until time.Duration, glimpses ...glimpse) Request {
	t.Helper()
	for {
		look := r.Agenda(Pace{})[0]
		if look.Kind != TaskLook || look.At.After(noon.Add(ahead+until)) {
			return r
		}
		shows := glimpses[0].shows
		for _, g := range glimpses {
			if !look.At.Before(noon.Add(ahead + g.at)) {
				shows = g.shows
			}
		}
		r = after(t, r, look.At, Look{Observation: shows})
	}
}

// TestFactsSayWhen has a test for every row of the facts' table "say / when".
func TestFactsSayWhen(t *testing.T) {
	const minute, hour = time.Minute, time.Hour
	start := -ahead
	restarting := with(busy, func(o *Observation) { o.Running, o.Idle, o.UpgradeTime = false, true, time.Time{} })
	another := func(o Observation) Observation { return with(o, func(o *Observation) { o.ServerID = "s1-2" }) }
	for name, row := range map[string]struct {
		glimpses []glimpse
		state    State
		told     string
		end      End
	}{
		"scheduled (verified): read-back equals what was asked": {[]glimpse{{start, planned}}, Scheduled, "", ""},
		"scheduled: the cloud keeps whole minutes":              {[]glimpse{{start, rounded(59 * time.Second)}}, Scheduled, "", ""},
		"changed outside: by a minute":                          {[]glimpse{{start, planned}, {start + hour, rounded(minute)}}, Changed, "changed, unwatched", EndNeverRan},
		"scheduled: accepted, not yet visible":                  {[]glimpse{{start, unplanned}, {start + 2*minute, planned}}, Scheduled, "", ""},
		"scheduled: not visible for a quarter of an hour":       {[]glimpse{{start, unplanned}, {start + 14*minute, planned}}, Scheduled, "", ""},
		"changed outside: upgrade_time is gone":                 {[]glimpse{{start, planned}, {start + hour, unplanned}}, Changed, "changed", ""},
		"changed outside: upgrade_time differs":                 {[]glimpse{{start, planned}, {start + hour, elsewhere}}, Changed, "changed", ""},
		"changed outside, and the other is taken back": {[]glimpse{{start, planned}, {-2 * hour, elsewhere}, {-hour, unplanned}},
			Changed, "changed, unwatched", EndTakenBack},
		"changed outside, and changed back": {[]glimpse{{start, planned}, {-2 * hour, elsewhere}, {-hour, planned}, {0, busy}},
			Running, "changed, restored, running", ""},
		"changed outside, twice": {[]glimpse{{start, planned}, {-3 * hour, sooner}, {-hour, elsewhere}}, Changed, "changed, changed 1", ""},
		"changed outside, and it runs": {[]glimpse{{start, planned}, {-3 * hour, sooner}, {3 * hour, busy}, {4 * hour, upgraded}},
			Succeeded, "changed, running, succeeded", ""},
		"changed outside, and it runs late": {[]glimpse{{start, planned}, {-3 * hour, sooner}, {3 * hour, unplanned}, {3*hour + 25*minute, busy},
			{4 * hour, upgraded}}, Succeeded, "changed, running, succeeded", ""},
		"changed outside, and it never runs":       {[]glimpse{{start, planned}, {-3 * hour, sooner}}, Changed, "changed, unwatched", EndNeverRan},
		"changed outside, and upgraded":            {[]glimpse{{start, planned}, {-3 * hour, sooner}, {hour, upgraded}}, Changed, "changed, unwatched", EndUpgraded},
		"changed outside, and gone":                {[]glimpse{{start, planned}, {-3 * hour, sooner}, {hour, gone}}, Changed, "changed, unwatched", EndGone},
		"changed outside: never visible":           {[]glimpse{{start, unplanned}}, Changed, "changed", ""},
		"changed outside: at another time at once": {[]glimpse{{start, elsewhere}}, Changed, "changed", ""},
		"changed outside: the version, ahead of time": {[]glimpse{{start, planned}, {-hour, upgraded}}, Changed,
			"changed", EndUpgraded},
		"changed outside: the instance is gone":   {[]glimpse{{start, planned}, {-3 * hour, gone}}, Changed, "changed", EndGone},
		"changed outside: gone when it is due":    {[]glimpse{{start, planned}, {0, gone}}, Changed, "changed", EndGone},
		"changed outside: put off when it is due": {[]glimpse{{start, planned}, {0, elsewhere}}, Changed, "changed", ""},
		"not changed outside: one look that shows no time": {[]glimpse{{start, planned}, {-30 * minute, unplanned},
			{-30*minute + 10*time.Second, planned}}, Missed, "missed", ""},
		"not changed outside: no time in the list for two minutes": {[]glimpse{{start, planned}, {-30 * minute, unplanned}, {-28 * minute, planned}},
			Missed, "missed", ""},
		"not changed outside: out of the list for 50 minutes": {[]glimpse{{start, planned}, {-3 * hour, gone}, {-130 * minute, planned}},
			Missed, "missed", ""},
		"not changed outside: the time is gone shortly before the start": {[]glimpse{{start, planned}, {-2 * minute, unplanned}, {minute, busy}},
			Running, "running", ""},
		"running":   {[]glimpse{{start, planned}, {0, busy}}, Running, "running", ""},
		"succeeded": {[]glimpse{{start, planned}, {0, busy}, {34 * minute, upgraded}}, Succeeded, "running, succeeded", ""},
		"succeeded: not while active mid-restart": {[]glimpse{{start, planned}, {0, busy}, {30 * minute, restarting},
			{32*minute + 50*time.Second, busy}, {34 * minute, upgraded}},
			Succeeded, "running, succeeded", ""},
		"succeeded: not while it runs with the other version": {[]glimpse{{start, planned}, {0, busy},
			{30 * minute, with(upgraded, func(o *Observation) { o.Running, o.Idle = true, false })}}, Running, "running", ""},
		"succeeded: between two looks": {[]glimpse{{start, planned}, {0, upgraded}}, Succeeded, "succeeded", ""},
		"succeeded: upgrade_time stays": {[]glimpse{{start, planned}, {0, busy}, {34 * minute, with(upgraded,
			func(o *Observation) { o.UpgradeTime = noon.Add(ahead) })}}, Succeeded, "running, succeeded", ""},
		"failed: idle again with the same version": {[]glimpse{{start, planned}, {0, busy}, {34 * minute, restarting}},
			Failed, "running, failed", EndSameVersion},
		"succeeded: not failed while the list leaves the version out": {[]glimpse{{start, planned}, {0, busy},
			{34 * minute, with(upgraded, func(o *Observation) { o.Version = "" })}, {50 * minute, upgraded}},
			Succeeded, "running, succeeded", ""},
		"succeeded: ERROR or abnormal for two minutes of its restart": {[]glimpse{{start, planned}, {0, busy}, {30 * minute, broken},
			{32 * minute, busy}, {34 * minute, upgraded}}, Succeeded, "running, succeeded", ""},
		"failed: ERROR or abnormal": {[]glimpse{{start, planned}, {0, busy}, {17 * minute, broken}}, Failed,
			"running, failed", EndBroken},
		"failed: ERROR without having been seen running": {[]glimpse{{start, planned}, {0, broken}}, Failed, "failed", EndBroken},
		"stuck: more than 4 h":                           {[]glimpse{{start, planned}, {0, busy}}, stuck, "running, stuck", ""},
		"stuck: more than 4 h, out of the list at times": {[]glimpse{{start, planned}, {0, busy}, {hour, gone}, {110 * minute, busy},
			{190 * minute, gone}, {235 * minute, busy}}, stuck, "running, stuck", ""},
		"gone while it runs: out of the list for an hour": {[]glimpse{{start, planned}, {0, busy}, {hour, gone}}, Failed, "running, failed", EndGone},
		"stuck, and then it succeeds":                     {[]glimpse{{start, planned}, {0, busy}, {270 * minute, upgraded}}, Succeeded, "running, stuck, succeeded", ""},
		"stuck, and then it fails": {[]glimpse{{start, planned}, {0, busy}, {270 * minute, restarting}}, Failed,
			"running, stuck, failed", EndSameVersion},
		"missed":                     {[]glimpse{{start, planned}}, Missed, "missed", ""},
		"missed, and it begins late": {[]glimpse{{start, planned}, {3 * hour, busy}, {4 * hour, upgraded}}, Succeeded, "missed, running, succeeded", ""},
		"missed, and it begins late and fails": {[]glimpse{{start, planned}, {hour, busy}, {2 * hour, unplanned}}, Failed,
			"missed, running, failed", EndSameVersion},
		"missed, and it begins hours late": {[]glimpse{{start, planned}, {4 * hour, busy}}, Missed, "missed", ""},
		"missed, and upgraded under a word that nobody knows": {[]glimpse{{start, planned}, {0, with(planned, func(o *Observation) { o.Idle = false })},
			{hour, upgraded}}, Succeeded, "missed, succeeded", ""},
		"missed, and it comes back under another id": {[]glimpse{{start, planned}, {hour, another(busy)}, {2 * hour, another(upgraded)}}, Succeeded,
			"missed, running, replaced, succeeded", ""},
		"missed: upgrade_time is gone": {[]glimpse{{start, planned}, {0, unplanned}}, Missed, "missed", ""},
		"replaced": {[]glimpse{{start, planned}, {0, busy}, {hour, another(busy)}, {80 * minute, another(upgraded)}},
			Succeeded, "running, replaced, succeeded", ""},
		"replaced: out of the list for a while": {[]glimpse{{start, planned}, {0, busy}, {hour, gone}, {80 * minute, another(upgraded)}},
			Succeeded, "running, replaced, succeeded", ""},
		"a pair changes its roles": {[]glimpse{{start, paired(planned)}, {start + hour, switched(paired(planned))}, {0, paired(planned)}},
			Missed, "switched, switched 1, missed", ""},
		"a pair is upgraded in turn": {[]glimpse{{start, paired(planned)}, {0, paired(busy)}, {34 * minute, switched(half)},
			{60 * minute, switched(paired(upgraded))}}, Succeeded, "running, switched, succeeded", ""},
		"a pair runs until both parts have ended": {[]glimpse{{start, paired(planned)}, {0, paired(busy)}, {34 * minute, switched(half)}},
			Running, "running, switched", ""},
		"a pair is upgraded in turn, between two looks": {[]glimpse{{start, paired(planned)}, {0, half}, {60 * minute, paired(upgraded)}},
			Succeeded, "running, succeeded", ""},
		"a pair gets other ids": {[]glimpse{{start, paired(planned)}, {0, paired(busy)}, {hour, another(paired(upgraded))}},
			Succeeded, "running, replaced, succeeded", ""},
		"second hop": {[]glimpse{{start, planned}, {0, busy}, {34 * minute, with(upgraded,
			func(o *Observation) { o.Offer = OfferCrossVersion })}}, Succeeded, "running, succeeded", ""},
	} {
		t.Run(name, func(t *testing.T) {
			until := map[State]time.Duration{Scheduled: -minute, Running: hour}[row.state]
			if until == 0 {
				until = 5 * hour
			}
			r := called(t, 1, Accepted)
			r.Items[0].Target.HAID = row.glimpses[0].shows.HAID
			r = follow(t, r, until, row.glimpses...)
			it, want := r.Items[0], strings.Trim("called, "+row.told, ", ")
			if row.state == stuck && !it.Progress.StuckAt.IsZero() {
				row.state = Running
			}
			if it.State != row.state || it.End != row.end || told(r) != want {
				t.Errorf("%s (%s), told %s", it.State, it.End, told(r))
			}
			if shows := row.glimpses[len(row.glimpses)-1].shows; !it.Unfinished() && (it.Progress.Offer != shows.Offer ||
				it.Progress.Version != shows.Version) {
				t.Errorf("it ended with %+v", it.Progress)
			}
			if verified := !it.Progress.VerifiedAt.IsZero(); row.state == Scheduled && !verified {
				t.Error("it was read back, and is not verified")
			}
		})
	}
}

func TestAScheduleIsVerifiedWhenItIsReadBack(t *testing.T) {
	r := follow(t, called(t, 1, Accepted), -ahead+time.Minute, glimpse{-ahead, unplanned})
	if it := r.Items[0]; it.State != Scheduled || !it.Progress.VerifiedAt.IsZero() {
		t.Errorf("%s, verified at %s", it.State, it.Progress.VerifiedAt)
	}
	r = follow(t, r, -ahead+3*time.Minute, glimpse{-ahead, planned})
	seen := r.Items[0].Progress.VerifiedAt
	if r = follow(t, r, -time.Minute, glimpse{-ahead, planned}); seen.IsZero() || !r.Items[0].Progress.VerifiedAt.Equal(seen) {
		t.Errorf("verified at %s, and then at %s", seen, r.Items[0].Progress.VerifiedAt)
	}
}

// TestTheCloudsTimeIsKeptWhereItRounds, and is what a cancel takes back.
func TestTheCloudsTimeIsKeptWhereItRounds(t *testing.T) {
	r := follow(t, called(t, 1, Accepted), -ahead+time.Minute, glimpse{-ahead, rounded(20 * time.Second)})
	if held := noon.Add(ahead - 20*time.Second); !r.HeldAt(0).Equal(held) || !r.Time(0).Equal(noon.Add(ahead)) {
		t.Errorf("held at %s, approved for %s", r.HeldAt(0), r.Time(0))
	}
	if r = follow(t, r, -time.Minute, glimpse{-ahead, planned}); !r.HeldAt(0).Equal(r.Time(0)) {
		t.Errorf("it was put right: held at %s", r.HeldAt(0))
	}
}

func TestWhatWasFoundInsteadIsKept(t *testing.T) {
	r := follow(t, called(t, 1, Accepted), 0, glimpse{-ahead, planned}, glimpse{-time.Hour, elsewhere})
	if p := r.Items[0].Progress; !p.FoundTime.Equal(elsewhere.UpgradeTime) || !p.EndedAt.Equal(noon.Add(ahead-time.Hour)) {
		t.Errorf("%+v", p)
	}
}

func TestHowLongAnUpgradeTook(t *testing.T) {
	for name, c := range map[string]struct{ start, want time.Duration }{
		"it began at its time":       {0, 34 * time.Minute},
		"it began ten minutes later": {10 * time.Minute, 24 * time.Minute},
	} {
		r := follow(t, called(t, 1, Accepted), time.Hour, glimpse{-ahead, planned}, glimpse{c.start, busy}, glimpse{34 * time.Minute, upgraded})
		if p := r.Items[0].Progress; (p.EndedAt.Sub(p.StartedAt) - c.want).Abs() > time.Minute {
			t.Errorf("%s: took %s, not %s", name, p.EndedAt.Sub(p.StartedAt), c.want)
		}
	}
	r := after(t, called(t, 1, Accepted), noon.Add(ahead+20*time.Minute), Look{Observation: busy})
	if it := r.Items[0]; it.State != Running || !it.Progress.StartedAt.Equal(r.At) {
		t.Errorf("a start that nobody saw was not at its time: %s since %s", it.State, it.Progress.StartedAt)
	}
	early := noon.Add(ahead - time.Minute)
	if r = after(t, called(t, 1, Accepted), early, Look{Observation: busy}); !r.Items[0].Progress.StartedAt.Equal(early) {
		t.Errorf("a start ahead of its time: %s", r.Items[0].Progress.StartedAt)
	}
}

func TestMissedIsHalfAnHourAfterItsTime(t *testing.T) {
	r := follow(t, called(t, 1, Accepted), 29*time.Minute, glimpse{-ahead, planned})
	if it := r.Items[0]; it.State != Scheduled {
		t.Errorf("after 29 minutes: %s", it.State)
	}
	r = follow(t, r, time.Hour, glimpse{-ahead, planned})
	if late := r.Items[0].Progress.EndedAt.Sub(r.At); late < 30*time.Minute || late > 31*time.Minute {
		t.Errorf("%s %s after its time", states(r), late)
	}
}

// TestWhatIsMissedIsLeftAloneInTheEnd: whatever becomes of the instance later is another story.
func TestWhatIsMissedIsLeftAloneInTheEnd(t *testing.T) {
	r := follow(t, called(t, 1, Accepted), 5*time.Hour, glimpse{-ahead, planned})
	if next := r.Agenda(Pace{}); len(next) != 1 || next[0].Kind != TaskForget {
		t.Errorf("to be done: %v", next)
	}
	moved := with(upgraded, func(o *Observation) { o.ServerID = "s1-2" })
	if later := after(t, r, r.At.Add(9*time.Hour), Look{Observation: moved}); told(later) != told(r) {
		t.Errorf("told %s", told(later))
	}
}

func TestStuckIsMoreThanFourHours(t *testing.T) {
	r := follow(t, called(t, 1, Accepted), 239*time.Minute, glimpse{-ahead, planned}, glimpse{0, busy})
	if it := r.Items[0]; it.State != Running || !it.Progress.StuckAt.IsZero() || it.Progress.Phase != busy.Phase {
		t.Errorf("after 239 minutes: %s, %+v", it.State, it.Progress)
	}
	r = follow(t, r, 5*time.Hour, glimpse{-ahead, planned}, glimpse{0, busy})
	if took := r.Items[0].Progress.StuckAt.Sub(r.At); took <= 4*time.Hour || took > 241*time.Minute {
		t.Errorf("%s after %s", states(r), took)
	}
	if wait := r.Agenda(Pace{})[0].At.Sub(r.Items[0].Progress.SeenAt); wait < 7*time.Minute {
		t.Errorf("what is stuck is looked at after %s", wait)
	}
}

// TestWhatIsFollowedForLongIsClosedBySomebody, and holds nothing then.
func TestWhatIsFollowedForLongIsClosedBySomebody(t *testing.T) {
	for name, c := range map[string]struct {
		glimpses []glimpse
		state    State
		end      End
	}{
		"stuck":   {[]glimpse{{-ahead, planned}, {0, busy}}, Failed, EndStuck},
		"changed": {[]glimpse{{-ahead, planned}, {-time.Hour, elsewhere}}, Changed, ""},
	} {
		r := follow(t, called(t, 1, Accepted), 5*time.Hour, c.glimpses...)
		if !r.Open() || len(r.Holds()) != 1 {
			t.Errorf("%s: it is not followed: %s", name, states(r))
		}
		now := noon.Add(ahead + 6*time.Hour)
		r = after(t, r, now, Close{By: person("A")})
		if it := r.Items[0]; it.State != c.state || it.End != c.end || r.Open() || len(r.Holds()) != 0 || r.Closing.By.ID != "A" {
			t.Errorf("%s: %s (%s), open %v, %+v", name, it.State, it.End, r.Open(), r.Closing)
		}
		refused(t, r, now, Close{By: person("A")}, WrongState)
		refused(t, r, now, Look{Observation: planned}, WrongState)
	}
	refused(t, called(t, 1, Accepted), noon, Close{}, WrongState)
}

func TestAnEndIsBelievedWhenItIsSeenTwiceInARow(t *testing.T) {
	now := noon.Add(ahead + time.Minute)
	looks := func(r Request, all ...Observation) Request {
		for _, o := range all {
			now = now.Add(20 * time.Second)
			r = after(t, r, now, Look{Observation: o})
		}
		return r
	}
	running := looks(called(t, 1, Accepted), busy)
	if r := looks(running, upgraded, busy, upgraded, broken, upgraded, unplanned); states(r) != "running" {
		t.Errorf("no two looks are the same: %s", states(r))
	}
	r := looks(running, upgraded, upgraded)
	if it := r.Items[0]; it.State != Succeeded || !it.Progress.EndedAt.Equal(now.Add(-20*time.Second)) {
		t.Errorf("%s, ended at %s", it.State, it.Progress.EndedAt)
	}
}

// TestAnInstanceIsFollowedToItsOtherID, unless another open request holds that id.
func TestAnInstanceIsFollowedToItsOtherID(t *testing.T) {
	other := with(planned, func(o *Observation) { o.ServerID = "s1-2" })
	r := after(t, called(t, 1, Accepted), noon, Look{Observation: other})
	if r.Holds()[0] != "p/s1-2" || told(r) != "called, replaced" {
		t.Errorf("holds %v, told %s", r.Holds(), told(r))
	}
	r = after(t, called(t, 1, Accepted), noon, Look{Observation: other, Taken: true})
	if r.Holds()[0] != "p/s1" || told(r) != "called" || r.Items[0].Progress.VerifiedAt.IsZero() {
		t.Errorf("taken: holds %v, told %s, %+v", r.Holds(), told(r), r.Items[0].Progress)
	}
	if r = after(t, called(t, 1, Unclear), noon, Look{Observation: other}); r.Holds()[0] != "p/s1" {
		t.Errorf("before the answer is known, another id is another instance: %v", r.Holds())
	}
}

func TestPeopleAreToldOfACloudThatCannotBeReadNearTheTime(t *testing.T) {
	blind := func(r Request, from time.Time, minutes int) Request {
		for m := range minutes + 1 {
			r = after(t, r, from.Add(time.Duration(m)*time.Minute), Blind{})
		}
		return r
	}
	scheduled := after(t, called(t, 1, Accepted), noon, Look{Observation: planned})
	if r := blind(scheduled, noon, 60); told(r) != "called" || r.Agenda(Pace{})[0].At.Before(noon.Add(time.Hour)) {
		t.Errorf("days before: told %s, %v", told(r), r.Agenda(Pace{}))
	}
	near := noon.Add(ahead - time.Hour)
	if r := blind(scheduled, near, 9); told(r) != "called" {
		t.Errorf("after nine minutes: told %s", told(r))
	}
	r := blind(scheduled, near, 30)
	if told(r) != "called, blind" {
		t.Errorf("after half an hour: told %s", told(r))
	}
	now := near.Add(31 * time.Minute)
	if r = blind(after(t, r, now, Look{Observation: planned}), now, 9); r.Items[0].Progress.BlindSince.Before(now) {
		t.Errorf("a look between did not count: %+v", r.Items[0].Progress)
	}
	if r = blind(r, now, 30); told(r) != "called, blind, blind 1" || !r.Items[0].Blind() {
		t.Errorf("blind once more: told %s", told(r))
	}
	if r = after(t, r, now.Add(31*time.Minute), Look{Observation: planned}); r.Items[0].Blind() {
		t.Error("it is blind after a look")
	}
	started := after(t, scheduled, noon, Look{Observation: busy}) // long before its time
	if r := blind(started, noon, 10); told(r) != "called, running, blind" {
		t.Errorf("while it runs: told %s", told(r))
	}
}
