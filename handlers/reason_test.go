package handlers

import (
	"errors"
	"strings"
	"testing"
	"time"

	"cbhbot/approvals"
)

// TestNoTimeIsReadWhileTheClocksAreFarApart: tomorrow may be another day. A minute does not matter.
func TestNoTimeIsReadWhileTheClocksAreFarApart(t *testing.T) {
	t.Parallel()
	d := newDesk(t, approvals.DefaultProject)
	apart := time.Hour
	d.Engine.Trusted = func(_ string, limit time.Duration) error {
		if apart > limit {
			return errors.New("the clocks differ")
		}
		return nil
	}
	if got := content(d.types("upgrade bastion-prod tomorrow 2pm")); !strings.Contains(got, "I read no times at the moment") {
		t.Error(got)
	}
	apart = time.Minute
	if got := content(d.types("upgrade bastion-prod in 3 days at 2pm")); !strings.Contains(got, "CBH-1") {
		t.Error(got)
	}
}

// TestWhatCannotBeReadMayBeAReason, or a word that is misspelt.
func TestWhatCannotBeReadMayBeAReason(t *testing.T) {
	t.Parallel()
	d := newDesk(t, approvals.DefaultProject)
	for typed, says := range map[string]string{
		"sunday 2am because of CVE-2026-1":   "put two dashes before it: `sunday 2am -- because of CVE-2026-1`",
		"sunday 2am --because of CVE-2026-1": "put two dashes before it: `sunday 2am -- because of CVE-2026-1`",
		"sunday 2am (security fixes)":        "I cannot read \"(security fixes)\" as part of a time",
		"sunday 2am: security fixes":         "put two dashes before it: `sunday 2am -- security fixes`",
		"周日凌晨2点 因为漏洞":                        "请在其前面加两个短横线：`周日凌晨2点 -- 因为漏洞`",
		"周日凌晨2点，因为漏洞":                        "请在其前面加两个短横线：`周日凌晨2点 -- 因为漏洞`",
		"周日凌晨2点－－因为漏洞":                       "请在其前面加两个短横线：`周日凌晨2点 -- 因为漏洞`",
		"周日凌晨2点：因为漏洞":                        "请在其前面加两个短横线：`周日凌晨2点 -- 因为漏洞`",
		"sundya 2am":                         `Did you mean "sunday"?`,
		"novmber 30 2am":                     `Did you mean "november"?`,
		"next mondey at noon":                `Did you mean "monday"?`,
		"the day after tomorow 3am":          `Did you mean "tomorrow"?`,
		"周日零晨2点":                             `您是不是要输入“凌晨”？`,
		"munday 2am":                         `Did you mean "monday"?`,
		"tursday 2am":                        `Did you mean "tuesday/thursday"?`,
		"in 36 houra":                        `I cannot read "houra" as part of a time. Did you mean "hours"?`,
	} {
		if got := content(d.types("upgrade bastion-prod " + typed)); !strings.Contains(got, says) {
			t.Errorf("%s: %s", typed, got)
		}
	}
	for command, unsaid := range map[string]string{
		"upgrade bastion-prod frobnicate 2am":                      "Did you mean",
		"upgrade bastion-prod sunday right after 2am":              "Did you mean", // a night
		"upgrade bastion-prod sunday 2am batch":                    "Did you mean",
		"upgrade bastion-prod sunday 2am, bastion-dr monday 2am":   "two dashes", // that are two bastions
		"upgrade bastion-prod sunday delete 2am":                   "two dashes",
		"upgrade bastion-prod 2am by force":                        "two dashes",
		"upgrade bastion-prod sunday 2am soon -- security fixes":   "two dashes", // there is one
		"reschedule bastion-prod sunday 2am because of CVE-2026-1": "two dashes", // takes none
	} {
		if got := content(d.types(command)); strings.Contains(got, unsaid) {
			t.Errorf("%s: %s", command, got)
		}
	}
}

// TestAMisspeltDayIsOfferedAsItIsSpelt, and is acted on by nobody but who presses the button. "working" is no morning.
func TestAMisspeltDayIsOfferedAsItIsSpelt(t *testing.T) {
	t.Parallel()
	d := newDesk(t, approvals.DefaultProject)
	for typed, offered := range map[string]int{
		"sundya 2am": 1, "Sundy 2am": 1, "the day after tomorow 3am": 1, "sundy 2": 2, "munday 2am": 1, "tursday 22:00": 2, "in 36 houra": 1, "周日零晨2点": 1, "周日临晨2点": 1, "next working day 2am": 0, "sundy 2am by force": 0, "tomorow 1am": 0,
	} {
		answer := d.types("upgrade bastion-prod " + typed)
		if got := len(buttonsOf(answer)) - 1; got != offered { // the last is for another time
			t.Errorf("%s is answered with %d times: %s", typed, got, content(answer))
		}
		if strings.Contains(typed, "working") && strings.Contains(content(answer), "Did you mean") {
			t.Errorf("%s: %s", typed, content(answer))
		}
	}
	question := d.types("upgrade bastion-prod sundya 2am")
	if got := content(d.presses(question, buttonsOf(question)[0].label)); !strings.Contains(got, "CBH-1 is recorded") {
		t.Error(got)
	}
}

// TestATimeBehindADashIsNoReason: it is the end of a range, the time of the day before it, or the day or the zone of the time.
func TestATimeBehindADashIsNoReason(t *testing.T) {
	t.Parallel()
	d := newDesk(t, approvals.DefaultProject)
	for _, step := range []struct{ command, says string }{
		{"upgrade bastion-prod sunday 2am – 4am", "type only the first, as in `sunday 2am`"},
		{"upgrade bastion-prod Sunday, November 29 ⋅ 2:00 – 4:00pm Weekly on Sunday", "I cannot read \"2:00 –\""},
		{"upgrade bastion-prod sunday 2:00 – 4 p.m. security fixes", "I cannot read \"2:00 –\""},
		{"upgrade bastion-prod sunday 2am to 4am", "type only the first, as in `sunday 2am`"},
		{"upgrade bastion-prod sunday between 2am and 4am", "type only the first, as in `sunday 2am`"},
		{"upgrade bastion-prod between 2am and 4 am on sunday", "type only the first, as in `2am on sunday`"},
		{"upgrade bastion-prod sunday from 2am till 04:00", "type only the first, as in `sunday 2am`"},
		{"upgrade bastion-prod sunday 02:00 -- 04:00", "I cannot read \"– 04:00\""},
		{"upgrade bastion-prod sunday 2am — monday 3am", "I cannot read"},
		{"upgrade bastion-prod 9 dec – 10 dec 2am", "I cannot read"},
		{"upgrade bastion-prod 周日凌晨2点 —— 4点", "请只写开始时间，例如 `周日凌晨2点`"},
		{"upgrade bastion-prod 周日凌晨2点到4点", "请只写开始时间，例如 `周日凌晨2点`"},
		{"upgrade bastion-prod 从周日凌晨2点到4点", "请只写开始时间，例如 `周日凌晨2点`"},
		{"upgrade bastion-prod 周日2点到4点", "请只写开始时间，例如 `周日2点`"},
		{"upgrade bastion-prod sunday 2am — dec 7", "is not a Sunday"},
		{"upgrade bastion-prod sunday 2am -- CST", "several time zones"},
		{"upgrade bastion-dev sunday — 2am", "CBH-1 is recorded"},
		{"upgrade bastion-dr sunday 2am — UTC — fixes", "zone: UTC"},
		{"upgrade bastion-archive 周日凌晨2点——东京时间", "Asia/Tokyo"},
		{"upgrade bastion-staging 周日凌晨2点 -- 月底", "CBH-4"},
		{"withdraw CBH-4", "CBH-4"},
		{"upgrade bastion-staging sunday 2am -- 3.3.52", "CBH-5"},
		{"withdraw CBH-5", "CBH-5"},
		{"upgrade bastion-staging sunday 2am -- +09:00", "UTC+09:00"},
		{"withdraw CBH-6", "CBH-6"},
		{"upgrade bastion-staging sunday 2am -- -05:00", "may be a time zone or the end of a range"},
		{"upgrade bastion-staging sunday 2am – server time", "I know no time zone \"server time\""},
		{"reschedule CBH-1 sunday 2am till 4am", "type only the first, as in `sunday 2am`"},
		{"reschedule CBH-1 monday 2am – 4am", "I cannot read \"– 4am\""},
		{"upgrade bastion-staging sunday 2am — at 4 bugs", "is recorded"},
		{"withdraw CBH-7", "CBH-7"},
		{"upgrade bastion-staging sunday 2am -- 4pm would be the release", "is recorded"},
		{"withdraw CBH-8", "CBH-8"},
		{"upgrade bastion-staging dec 9 – 2pm – security fixes", "9 Dec 2026 14:00"},
	} {
		got := content(d.types(step.command))
		if !strings.Contains(got, step.says) || strings.Contains(got, "two dashes") {
			t.Errorf("%s: %s", step.command, got)
		}
	}
}
