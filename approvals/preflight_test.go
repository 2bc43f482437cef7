package approvals

import (
	"testing"
	"time"
)

func TestPreflight(t *testing.T) {
	target := upgradeAsked(1).Items[0].Target
	for name, c := range map[string]struct {
		shows func(*Observation)
		code  Code
	}{
		"it exists":                  {func(o *Observation) { *o = Observation{ServerID: "other", Name: "other"} }, CodeGone},
		"it is ACTIVE":               {func(o *Observation) { o.Idle, o.Phase = false, "SHUTOFF, NO_TASK" }, CodeBusy},
		"it has NO_TASK":             {func(o *Observation) { o.Idle, o.Running, o.Phase = false, true, "ACTIVE, updating" }, CodeBusy},
		"it is upgradable":           {func(o *Observation) { o.Offer = OfferNone }, CodeLatest},
		"it waits for no rollback":   {func(o *Observation) { o.Offer = OfferRollback }, CodeNotOffered},
		"nothing is scheduled":       {func(o *Observation) { o.UpgradeTime = noon.Add(72 * time.Hour) }, CodeOther},
		"the version is as approved": {func(o *Observation) { o.Version = "3.3.50.0" }, CodeDiffers},
		"the offer is as approved":   {func(o *Observation) { o.Offer = OfferCrossVersion }, CodeDiffers},
		"it is the same instance":    {func(o *Observation) { o.ServerID = "s1-2" }, CodeDiffers},
		"it has its name":            {func(o *Observation) { o.Name = "bastion-s9" }, CodeDiffers},
		"all is well":                {func(*Observation) {}, ""},
		"a time that has passed":     {func(o *Observation) { o.UpgradeTime = noon.Add(-time.Hour) }, ""},
		"its name in another case":   {func(o *Observation) { o.Name = "BASTION-S1" }, ""},
		"a region that says less":    {func(o *Observation) { o.Version, o.Offer = "", "" }, ""},
	} {
		o := NewSurvey(noon, []Observation{with(unplanned, c.shows)}).Find(target)
		if code := Preflight(Upgrade, target, noon.Add(ahead), o, noon); code != c.code {
			t.Errorf("%s: %q, not %q", name, code, c.code)
		}
	}
}

func TestPreflightOfACancelAndARollback(t *testing.T) {
	back := with(upgraded, func(o *Observation) { o.Offer = OfferRollback })
	for name, c := range map[string]struct {
		action Action
		shows  Observation
		code   Code
	}{
		"a scheduled upgrade can be cancelled": {Cancel, planned, ""},
		"a started one cannot":                 {Cancel, busy, CodeStarted},
		"nor one that is not there":            {Cancel, unplanned, CodeNothing},
		"nor another than was meant": {Cancel, with(planned,
			func(o *Observation) { o.UpgradeTime = noon.Add(ahead + time.Hour) }), CodeOther},
		"nor one of an instance that is gone":     {Cancel, gone, CodeGone},
		"a rollback where the cloud offers it":    {Rollback, back, ""},
		"no rollback where it does not":           {Rollback, upgraded, CodeNoReturn},
		"no rollback before another upgrade":      {Rollback, with(back, func(o *Observation) { o.UpgradeTime = noon.Add(ahead) }), CodeOther},
		"no rollback of what is not idle":         {Rollback, with(back, func(o *Observation) { o.Idle = false }), CodeBusy},
		"no rollback of an instance that is gone": {Rollback, gone, CodeGone},
		"no rollback of another version":          {Rollback, with(back, func(o *Observation) { o.Version = "4.0" }), CodeDiffers},
	} {
		target := Target{ServerID: "s1", Name: "bastion-s1", Version: upgraded.Version}
		if code := Preflight(c.action, target, noon.Add(ahead), c.shows, noon); code != c.code {
			t.Errorf("%s: %q, not %q", name, code, c.code)
		}
	}
}

func TestFindKeepsToTheIDAndThenToAnUnmistakableName(t *testing.T) {
	survey := NewSurvey(noon, []Observation{{ServerID: "1", Name: "a"}, {ServerID: "2", Name: "b"}, {ServerID: "3", Name: "b"}})
	for name, c := range map[string]struct {
		target Target
		want   string
	}{
		"by its id":                   {Target{ServerID: "2", Name: "b"}, "2"},
		"by its name":                 {Target{ServerID: "gone", Name: "a"}, "1"},
		"not by a name that two have": {Target{ServerID: "gone", Name: "b"}, ""},
		"not by a name that two had":  {Target{ServerID: "gone", Name: "a", Shared: true}, ""},
		"not at all":                  {Target{ServerID: "gone", Name: "c"}, ""},
	} {
		if o := survey.Find(c.target); o.ServerID != c.want || o.Missing != (c.want == "") {
			t.Errorf("%s: %+v", name, o)
		}
	}
	if !survey.Begun.Equal(noon) {
		t.Error(survey.Begun)
	}
}

// TestAPairIsWhatWasApprovedWhicheverPartIsThePrimary, and no other pair is.
func TestAPairIsWhatWasApprovedWhicheverPartIsThePrimary(t *testing.T) {
	r := approved(t, 1)
	target := r.Items[0].Target
	target.HAID = "h1"
	now := paired(unplanned)
	for name, c := range map[string]struct {
		shows Observation
		want  Code
	}{
		"as it was":           {now, ""},
		"with changed roles":  {switched(now), ""},
		"with two other ids":  {with(now, func(o *Observation) { o.ServerID, o.StandbyID = "s8", "s9" }), CodeDiffers},
		"in the middle of it": {with(now, func(o *Observation) { o.ServerID, o.Idle = "", false }), CodeBusy},
	} {
		if got := Preflight(Upgrade, target, r.Time(0), c.shows, noon); got != c.want {
			t.Errorf("%s: %q", name, got)
		}
	}
	r.Items[0].Target = target
	if got := InstanceLock(target); got != "p/h1" {
		t.Errorf("the pair's lock is %s", got)
	}
	if it := after(t, r, noon, Claim{Primary: "s1-b"}).Items[0]; it.Target.ServerID != "s1-b" || it.Target.HAID != "h1" {
		t.Errorf("called is %+v", it.Target)
	}
}
