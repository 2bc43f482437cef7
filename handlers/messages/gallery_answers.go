package messages

import (
	"maps"
	"slices"
	"time"

	"github.com/slack-go/slack"

	"cbhbot/approvals"
	"cbhbot/approvals/audit"
	"cbhbot/approvals/calendar"
	"cbhbot/approvals/policy"
	"cbhbot/bot"
	"cbhbot/client"
	"cbhbot/handlers/cloud"
)

// invented are facts for any text.
type invented map[string]any

func (i invented) fact(name string) any { return i[name] }

func inventedFacts() invented {
	r := changed(approvals.Scheduled, verified)
	at := r.At
	return invented{
		"most": 500, "n": 3, "more": 2, "total": 35, "from": 21, "to": 35, "h": 1,
		"typed": code("bastoin-prod"), "words": code("because of CVE-2026-1"),
		"name": code("bastion"), "names": List(code("bastion-dr"), code("bastion-dev")), "near": "upgrade", "list": commandName("list"), "verb": commandName("cancel"), "id": code("c7277d87"),
		"form": Form("upgrade"), "try": Say(TryKey("upgrade")), "link": Link(r, "https://example.slack.com/archives/C0OPS/p1"),
		"projects": List(code("europe"), code("asia")), "why": Refusal(reading, approvals.CodeUnreached), "phase": code("ACTIVE, rebooting"),
		"ahead": ahead(at), "left": ahead(at), "latest": exact(at.AddDate(0, 1, 0)), "exact": exact(at),
		"time": at, "text": "At what time?", "lead": ample(24 * time.Hour), "by": bo, "at": sampleNow, "who": mentions(anaAndBo),
		"reason": code("the release is frozen"), "version": code("3.3.49.0"), "person": user("U0RITA"), "minor": ample(time.Hour), "cross": ample(24 * time.Hour),
	}
}

// plainAnswers are the texts that somebody is told as they are.
var plainAnswers = []Key{
	ReasonTooLong, CommandTooLong, QuoteOpen, UnknownCommand, UnknownCommandNear, OnlyUpgrades, NotUnderstood, NotUnderstoodThere, MissingCancel, MissingReschedule,
	MissingWithdraw, MissingRollback, MissingHistory, MissingBreakGlass, MissingReason, MissingTime, MissingBastion, UseButtons, UseButtonsOf, BadButton, BadDraft,
	BadForm, SharedChannel, StillAtIt, WaitYourTurn, Unshown, NoInstance, RequestTyped, TimeBehind, NameFirst, NoBastions, TooManyInstances, NamedTwice, SpacedNames, JoinedNames, ReasonBehind, BeginsOnce, InBatch, StaggerTyped, SinceWhen, SinceNow, SinceThen,
	CancelHindered, DoneWithdrawn, DoneTakenOut, DoneMoved, DoneSkipped, Looking, TryingAgain, NothingToCancel, CancelEach,
	MoveEach, MoveTogether, CannotMove, HasStarted, WaitClear, NothingHeld, NoOpenRequest, AskedForAlready, ScheduledAlready, LastTooFar, ClocksDiffer, ZoneUnknown, PressedCopy, CopyOf, NothingOpen,
	NoRequests, PageBehind, ListWhat, ListNear, NothingOffered, ProjectSilent, Unshowable, SeveralRules, AlreadyOpen, NoSuchRequest, NewerRequest,
	HelpNotice, HelpNotices, HelpTimes, CloudUnread, NotChanged,
}

// examples are the commands whose example a text shows, where it is not the upgrade's.
var examples = map[Key]string{
	MissingCancel: "cancel", MissingReschedule: "reschedule", MissingWithdraw: "withdraw", MissingRollback: "rollback",
	MissingHistory: "history", NoRequestThere: "history", MissingBreakGlass: "break-glass", MissingReason: "break-glass", ListWhat: "list",
}

// ofABatch and ofWhatIsOver are those of them that are said of such a request, whose facts
// come before all others.
var (
	ofABatch     = []Key{CancelEach, MoveEach, MoveTogether, NextInBatch}
	ofWhatIsOver = []Key{NoOpenRequest, CannotMove, NothingToCancel}
)

func answerSamples() map[string]*Answer {
	facts, subject := inventedFacts(), ViewOf(changed(approvals.Scheduled, verified), 0)
	all := map[string]*Answer{}
	several, over := ViewOf(changed(approvals.Scheduled, then(verified, batch)), 0), ViewOf(changed(approvals.Succeeded, ran), 0)
	for _, key := range plainAnswers {
		switch {
		case slices.Contains(ofABatch, key):
			all[string(key)] = Tell(Say(key, several, facts))
		case slices.Contains(ofWhatIsOver, key):
			all[string(key)] = Tell(Say(key, over, facts))
		default:
			all[string(key)] = Tell(Say(key, facts, subject))
		}
	}
	for key, command := range examples {
		all[string(key)] = Tell(Say(key, "try", Say(TryKey(command)), facts))
	}
	all[string(Hindered)], all["hindered_shows"] = Tell(Say(Hindered, "phase", "", facts, subject)), Tell(Say(Hindered, facts, subject))
	all["break_ask_now"] = Tell(Say(BreakAsk, "exact", "", facts, subject))
	all[string(BeginsOnce)] = Tell(Say(BeginsOnce, "typed", code("sunday 2am")))
	all[string(ReasonBehind)] = Tell(Say(ReasonBehind, "typed", code("sunday 2am -- because of CVE-2026-1"), facts))
	all[string(ListNear)] = Tell(Say(ListNear, "near", commandName("pending"), facts))
	all[string(LastTooFar)] = Tell(Say(LastTooFar, "time", exact(subject.At), facts))
	for _, key := range []Key{FormSayWhy, FormChooseTime, FormTooSoon, FormTooFar, FormChooseBastion, FormTooMuch} {
		all["at an input: "+string(key)] = Tell(Say(key, facts))
	}
	all["at an input: closed"] = Tell(Say(FormClosed, "why", closedSample(calendar.OutsideWindows).Text[0], facts))
	for name, err := range explainable() {
		all[name], _ = Explain(err)
	}
	for _, a := range bot.Apologies {
		all["sorry: "+string(a)] = Tell(Sorry(a))
	}
	for _, command := range Commands {
		all["help with "+command] = Tell(HelpWith(command))
	}
	for _, d := range []time.Duration{5 * time.Minute, 90 * time.Minute, 72 * time.Hour} {
		all["notice of "+d.String()] = Tell(Say(HelpNotice, "lead", ample(d)))
	}
	maps.Copy(all, composed())
	maps.Copy(all, phraseSamples())
	return all
}

// explainable are the errors that people can meet.
func explainable() map[string]error {
	all := map[string]error{
		"cloud away": &client.Error{Kind: client.NoPermission}, "cloud elsewhere": &client.Error{Kind: client.BadRequest, Status: 404},
		"bot unknown to the cloud": &client.Error{Kind: client.NotAuthenticated, Status: 400},
	}
	for _, ground := range policy.Grounds {
		all["may not: "+string(ground)] = &policy.Refusal{Ground: ground, Who: anaAndBo}
	}
	all["a group is disabled"] = &policy.Refusal{Ground: policy.Unreachable, Err: policy.ErrNoGroup}
	all["may not read"] = &policy.Refusal{Ground: policy.IsGuest, Reading: true}
	all["nobody named"] = &policy.Refusal{Ground: policy.NobodyCan}
	all["nobody at the moment"] = &policy.Refusal{Ground: policy.NotApprover}
	for _, obstacle := range approvals.Obstacles {
		all["hindered: "+string(obstacle)] = &approvals.EventError{Request: undecided(closesEarly), Verb: approvals.VerbApprove, Obstacle: obstacle}
	}
	all["too late for the cloud"] = &approvals.EventError{Request: pending(), Verb: approvals.VerbApprove, Obstacle: approvals.TooLate}
	all["overtaken by an approval"] = &approvals.EventError{Request: changed(approvals.Waiting, nil), Obstacle: approvals.WrongState}
	all["overtaken by break-glass"] = &approvals.EventError{Request: changed(approvals.Waiting, brokenAfterOne), Obstacle: approvals.WrongState}
	all["moved too late"] = &approvals.EventError{Request: undecided(closed(approvals.Denied, bo, "no")), Verb: approvals.VerbReschedule, Obstacle: approvals.WrongState}
	all["moved too late, batch"] = &approvals.EventError{Request: undecided(then(batch, closed(approvals.Denied, bo, "no"))), Verb: approvals.VerbReschedule, Obstacle: approvals.WrongState}
	all["withdrawn too late"] = &approvals.EventError{Request: changed(approvals.Scheduled, nil), Verb: approvals.VerbWithdraw, Obstacle: approvals.WrongState}
	all["overtaken by a denial"] = &approvals.EventError{Request: undecided(closed(approvals.Denied, bo, "no")), Obstacle: approvals.WrongState}
	return all
}

func closesEarly(r *approvals.Request, _ *approvals.Item) { r.Deadline = r.Deadline.Add(-time.Hour) }

func ofMany(r *approvals.Request, _ *approvals.Item) {
	r.Needs = approvals.Quorum{{Count: 2, From: approvals.Set{Users: []string{"U0ANA", "U0BO", "U0CAM"}, Groups: []string{"S0SRE", "S0SEC"}}}}
}

// composed are the answers with lines, tables or buttons.
func composed() map[string]*Answer {
	facts := inventedFacts()
	scheduled := changed(approvals.Scheduled, verified)
	return map[string]*Answer{
		"asked for a rollback":           Tell(AskedFor(undecided(rollback)), Say(LosesData)),
		"asked of many":                  Tell(AskedFor(undecided(ofMany))),
		"asked, and approved by one":     Tell(AskedFor(cardSamples()["one of two"])),
		"asked, and decided by now":      Tell(AskedFor(scheduled)),
		"asked of a batch":               Tell(AskedFor(undecided(batch))),
		"asked alone":                    Tell(AskedFor(cardSamples()["cancel alone"])),
		"break-glass":                    {Text: []Saying{Say(BreakAsk, ViewOf(pending(), 0))}, Buttons: []Button{SkipApprovals(pending(), "")}},
		"form not opened":                {Text: []Saying{Say(FormNotOpened)}, Buttons: []Button{{Action: ActPickTime, Label: Say(LabelOpenForm), Value: Draft{Verb: "upgrade"}.Value()}}},
		"several instances":              {Text: []Saying{Say(SeveralInstances, facts), Say(SeveralMore, facts)}, Buttons: instanceChoices()},
		"no such instance":               {Text: []Saying{Say(NoInstanceNear, facts)}, Buttons: instanceChoices()},
		"unread project":                 {Text: []Saying{Say(UnreadProject, facts)}, Buttons: instanceChoices()},
		"scheduled outside":              {Text: []Saying{Say(ScheduledOutside, facts, ViewOf(pending(), 0))}, Buttons: watchedActions(ViewOf(pending(), 0))[:1]},
		"frozen":                         closedSample(calendar.InFreeze),
		"outside the windows":            closedSample(calendar.OutsideWindows),
		"near a window's end":            closedSample(calendar.TooNearEnd),
		"in the way, pending":            Tell(InTheWayOf(approvals.Upgrade, ViewOf(pending(), 0), facts["link"])...),
		"in the way, scheduled":          Tell(InTheWayOf(approvals.Upgrade, ViewOf(scheduled, 0), facts["link"])...),
		"in the way, in batch":           Tell(InTheWayOf(approvals.Upgrade, ViewOf(changed(approvals.Scheduled, then(verified, batch)), 0), facts["link"])...),
		"in the way, in a pending batch": Tell(InTheWayOf(approvals.Upgrade, ViewOf(undecided(batch), 1), facts["link"])...),
		"in the way, changed":            Tell(InTheWayOf(approvals.Upgrade, ViewOf(changed(approvals.Changed, watched), 0), facts["link"])...),
		"in the way, stuck":              Tell(InTheWayOf(approvals.Upgrade, ViewOf(changed(approvals.Running, hangs), 0), facts["link"])...),
		"in a rollback's way, pending":   Tell(InTheWayOf(approvals.Rollback, ViewOf(pending(), 0), facts["link"])...),
		"in a rollback's way, scheduled": Tell(InTheWayOf(approvals.Rollback, ViewOf(scheduled, 0), facts["link"])...),
		"in the way, a pending rollback": Tell(InTheWayOf(approvals.Upgrade, ViewOf(undecided(rollback), 0), facts["link"])...),
		"in the way, rollback":           Tell(InTheWayOf(approvals.Upgrade, ViewOf(changed(approvals.Running, rollback), 0), facts["link"])...),
		"status of a batch":              {Lines: StatusInFull(changed(approvals.Running, batch), "CBH-142")},
		"status of what was refused":     {Lines: StatusInFull(changed(approvals.Failed, refusedWith(1, refusal(approvals.CodeUnsupported))), "CBH-142")},
		"status":                         {Text: []Saying{Bastion(bastions()[0], sampleNow)}, Lines: statuses()},
		"requests":                       {Text: []Saying{Say(RequestsPage, facts)}, Table: Requests(tabled(), map[int64]string{142: "https://example.slack.com/archives/C0OPS/p1"}), Buttons: turns()},
		"nobody to ask":                  Tell(Say(StatusNeeds, "needs", approvals.Quorum{}, ViewOf(pending(), 0))),
		"few requests":                   {Text: []Saying{Say(RequestsShown, facts)}, Table: Requests(tabled()[:1], nil)},
		"open requests":                  {Text: []Saying{Say(OpenRequests, facts)}, Table: Requests(tabled(), nil)},
		"more open requests":             {Text: []Saying{Say(OpenPage, facts)}, Table: Requests(tabled(), nil), Buttons: turns()},
		"bastions":                       bastionSample(Say(BastionsPage, facts)),
		"few bastions":                   {Text: []Saying{Say(BastionsShown, facts), Say(NotWhole, facts)}, Lines: bastionLines()},
		"policy":                         {Text: []Saying{Say(PolicyHead)}, Lines: policySamples()},
		"policy, of what is left":        {Text: []Saying{Say(PolicyHeadElse)}, Lines: policyLeft()},
		"help":                           Help(),
		"all help":                       HelpAll(),
		"first answer":                   {Greeting: Say(HelpWelcome), Text: []Saying{Say(NothingOpen)}},

		"too much":    {Text: []Saying{Say(OpenRequests, facts)}, Lines: many()},
		"with a link": Tell(Say(OpenCardAt, "text", "CBH-142", "link", Say(OpenCard))),
		"audit":       {Text: []Saying{Say(PolicyHead)}, Lines: auditLines()},
	}
}

func sampleCalendar() calendar.Calendar {
	berlin := ZoneOf("Europe/Berlin")
	at := func(day int) time.Time { return time.Date(2026, 12, day, 18, 0, 0, 0, berlin) }
	return calendar.Calendar{
		Windows: []calendar.Window{
			{Hours: calendar.Hours{Days: []time.Weekday{time.Saturday, time.Sunday}, From: 60, To: 300}, Zone: berlin},
			{Hours: calendar.Hours{Days: []time.Weekday{time.Monday, time.Tuesday, time.Wednesday}, From: 22 * 60, To: 28 * 60}, Zone: berlin},
			{Hours: calendar.Hours{From: 0, To: 90}, Zone: time.UTC},
		},
		Freezes: []calendar.Freeze{{From: at(20), To: at(31), Reason: "year's end"}, {From: at(1), To: at(2)}},
	}
}

func closedSample(kind calendar.Kind) *Answer {
	c := sampleCalendar()
	a, _ := Explain(&policy.ClosedError{At: pending().At, Closure: &calendar.Closure{
		Kind: kind, Freeze: c.Freezes[0], Windows: c.Windows, Takes: policy.UpgradeTakes,
	}})
	return a
}

func instanceChoices() []Button {
	return each(bastions(), func(i cloud.Instance) Button { return Button{Action: ActContinue, Label: Choice(i), Value: "{}"} })
}

func bastions() []cloud.Instance {
	of := func(name string, c client.Instance) cloud.Instance {
		c.Name, c.ServerID, c.Version, c.Status = name, "c7277d87-1a2b", "3.3.49.0", "ACTIVE"
		return cloud.Instance{Project: approvals.DefaultProject, Instance: c}
	}
	shared := of("bastion-twin", client.Instance{Update: client.CanRollback, Idle: true})
	shared.Shared = true
	return []cloud.Instance{
		of("bastion-prod", client.Instance{Update: client.Minor, Idle: true, UpgradeTime: pending().At}),
		of("bastion-dr", client.Instance{Update: client.CrossVersion, Running: true, TaskStatus: "UPGRADING"}),
		of("bastion-dev", client.Instance{Update: client.Latest, RollingBack: true}), shared,
		of("bastion-old", client.Instance{Broken: true}), of("bastion-new", client.Instance{TaskStatus: "CREATING"}),
	}
}

func bastionLines() []Saying {
	return each(bastions(), func(i cloud.Instance) Saying { return Bastion(i, sampleNow) })
}

func bastionSample(head Saying) *Answer {
	open := map[string]View{}
	for _, i := range bastions()[:1] {
		open[approvals.InstanceLock(i.Target())] = ViewOf(pending(), 0)
	}
	return &Answer{Text: []Saying{head}, Table: Bastions(bastions(), open, sampleNow), Buttons: turns()}
}

func turns() []Button {
	return []Button{
		{Action: ActContinue, Label: Say(LabelPrevious), Value: "{}"}, {Action: ActContinue, Label: Say(LabelNext), Value: "{}"},
	}
}

func tabled() []*approvals.Request {
	return []*approvals.Request{pending(), changed(approvals.Running, batch), undecided(rollback), changed(approvals.Succeeded, ran), changed(approvals.Cancelled, movedAway)}
}

func statuses() []Saying {
	var all []Saying
	for _, r := range []*approvals.Request{
		pending(), changed(approvals.Scheduled, verified), undecided(closed(approvals.Denied, bo, "the release is frozen")), changed(approvals.Waiting, broken), undecided(rollback),
		changed(approvals.Cancelled, movedAway), cardSamples()["cancel alone"], cardSamples()["the bot's own"],
	} {
		all = append(all, Status(r, Link(r, ""))...)
	}
	return all
}

func policySamples() []Saying {
	c := sampleCalendar()
	all := PolicyOf(approvals.Upgrade, &policy.Rule{Quorum: needed(2), Calendar: c, Override: anaAndBo, BreakGlass: anaAndBo})
	all = append(all, PolicyOf(approvals.Cancel, &policy.Rule{Quorum: needed(1), SelfApprove: true, CancelAlone: true, Calendar: c, Override: anaAndBo, BreakGlass: anaAndBo})...)
	all = append(all, PolicyOf(approvals.Rollback, &policy.Rule{})...)
	return append(all, PolicyOf(approvals.Rollback, nil)...)
}

func policyLeft() []Saying {
	apart := []policy.Rule{{Instances: []string{"vault-*", "bastion-prod"}, Projects: []string{"europe"}}, {Projects: []string{"asia"}}, {Instances: []string{"vault-*"}}}
	return append(PolicyOf(approvals.Cancel, &policy.Rule{Quorum: needed(1)}), PolicyApartFor(apart))
}

func many() []Saying {
	var all []Saying
	for range 200 {
		all = append(all, Status(pending(), Link(pending(), ""))...)
	}
	return all
}

// formSamples are the forms. What stands at their inputs when they are refused is among
// the answers.
func formSamples(v Voice) map[string]*slack.ModalViewRequest {
	facts := inventedFacts()
	all := map[string]*slack.ModalViewRequest{}
	add := func(name string, form slack.ModalViewRequest) { all[name] = &form }
	add("deny", v.ReasonForm("deny", FormDeny, LabelDeny, FormDenyWhy, "", "{}"))
	add("outside", v.ReasonForm("override", FormOutside, FormAsk, FormOutsideWhy, "the fix cannot wait", "{}"))
	add("time", v.TimeForm("pick_time", Draft{Verb: "reschedule", Request: 142}, sampleNow.Add(25*time.Hour)))
	form := UpgradeForm{Draft: Draft{Verb: "upgrade"}, At: sampleNow.Add(25 * time.Hour), Where: true}
	add("upgrade", v.UpgradeForm("upgrade", form))
	form.Where, form.Hint = false, Say(FormCloudAway, facts)
	add("upgrade, the cloud away", v.UpgradeForm("upgrade", form))
	form.Chosen, form.Draft.Reason, form.Hint = bastions()[:4], "security fixes", Say(NothingOffered)
	add("upgrade, with bastions", v.UpgradeForm("upgrade", form))
	return all
}

func auditLines() []Saying {
	asked := audit.Entry{Seq: 1, At: sampleNow, Actor: rita, Verb: approvals.VerbAsk, Request: 142, Revision: 1, Instance: "bastion-prod", To: approvals.Pending, Reason: "security fixes", Outside: true}
	called := audit.Entry{Seq: 2, At: sampleNow, Verb: approvals.VerbFinish, Request: 142, Revision: 1, From: approvals.Executing, To: approvals.Scheduled}
	called.Cloud = approvals.Outcome{Kind: approvals.Accepted, RequestID: "req-1"}
	refused := audit.Entry{Seq: 3, At: sampleNow, Actor: approvals.Person{ID: "U0GUS"}, Verb: approvals.VerbApprove, Refused: "guest"}
	all := []Saying{AuditLine(asked), AuditLine(called), AuditLine(refused)}
	for _, verb := range approvals.Verbs {
		all = append(all, AuditLine(audit.Entry{Seq: 4, At: sampleNow, Verb: verb}))
	}
	for _, kind := range approvals.OutcomeKinds {
		all = append(all, AuditLine(audit.Entry{Seq: 5, At: sampleNow, Verb: approvals.VerbFinish, Cloud: approvals.Outcome{Kind: kind, RequestID: "req-1"}}))
	}
	for _, state := range approvals.ItemStates {
		all = append(all, AuditLine(audit.Entry{Seq: 6, At: sampleNow, Verb: approvals.VerbLook, To: state}))
	}
	return all
}
