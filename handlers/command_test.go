package handlers

import (
	"context"
	"strings"
	"testing"
	"time"

	"cbhbot/approvals"
	"cbhbot/approvals/policy"
	"cbhbot/bot"
	"cbhbot/bot/slackemu"
	"cbhbot/handlers/messages"
)

func TestCommandsInEitherLanguage(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]messages.Draft{
		"upgrade bastion-prod sunday 2am -- fixes": {Verb: "upgrade", Instance: "bastion-prod", Phrase: "sunday 2am", Reason: "fixes"},
		"升级 bastion-prod 周日凌晨2点 -- 安全补丁":           {Verb: "upgrade", Instance: "bastion-prod", Phrase: "周日凌晨2点", Reason: "安全补丁"},
		"升级bastion-prod 周日凌晨2点 —— 安全补丁":            {Verb: "upgrade", Instance: "bastion-prod", Phrase: "周日凌晨2点", Reason: "安全补丁"},
		"升级 a、b，c 周日凌晨2点":                          {Verb: "upgrade", Instance: "a, b, c", Phrase: "周日凌晨2点"},
		"改期 CBH-142 周日凌晨4点":                        {Verb: "reschedule", Instance: "CBH-142", Phrase: "周日凌晨4点"},
		"紧急放行 CBH-142 -- 正在被攻击":                    {Verb: "break-glass", Instance: "CBH-142", Reason: "正在被攻击"},
		"列表 待审批":                                   {Verb: "list", Instance: "待审批"},
		"取消升级 bastion-prod":                        {Verb: "cancel", Instance: "bastion-prod"},
		"撤回申请 CBH-142 -- 误操作":                      {Verb: "withdraw", Instance: "CBH-142", Reason: "误操作"},
		"批准CBH-142":                                {Verb: "approve", Instance: "CBH-142"},
		"帮助":                                       {Verb: "help"},
		"升級審計-prod 週日凌晨2點 -- 安全補丁":                 {Verb: "upgrade", Instance: "審計-prod", Phrase: "週日凌晨2點", Reason: "安全補丁"},
		"緊急放行 CBH-142 -- 攻擊":                       {Verb: "break-glass", Instance: "CBH-142", Reason: "攻擊"},
		"狀態":                                       {Verb: "status"},
		"upgrade a and b, and c sunday 2am":        {Verb: "upgrade", Instance: "a, b, c", Phrase: "sunday 2am"},
		"升级 a 和 b 周日凌晨2点":                          {Verb: "upgrade", Instance: "a, b", Phrase: "周日凌晨2点"},
		"取消：「bastion-prod」 -- 误操作":                 {Verb: "cancel", Instance: "bastion-prod", Reason: "误操作"},
		"状态。":                  {Verb: "status"},
		"status?":              {Verb: "status"},
		"Status CBH-142?":      {Verb: "status", Instance: "CBH-142"},
		"状态 CBH-142。":          {Verb: "status", Instance: "CBH-142"},
		"withdraw CBH-142.":    {Verb: "withdraw", Instance: "CBH-142"},
		"withdraw CBH-142?":    {Verb: "withdraw", Instance: "CBH-142?"},
		"status bastion-prod.": {Verb: "status", Instance: "bastion-prod."},
		"list pending.":        {Verb: "list", Instance: "pending"},
		"status please":        {Verb: "status"},
		"cancel a, thank you!": {Verb: "cancel", Instance: "a"},
		"状态 谢谢。":               {Verb: "status"},
		"please":               {Verb: "please"},
		"hi":                   {Verb: "hi"},
		"你好":                   {Verb: "你好"},
		"status of the":        {Verb: "status", Instance: "the"},
		"cancel upgrade":       {Verb: "cancel", Instance: "upgrade"},
		"withdraw for":         {Verb: "withdraw", Instance: "for"},

		"升级 a 周日凌晨2点——安全补丁":                     {Verb: "upgrade", Instance: "a", Phrase: "周日凌晨2点", Reason: "安全补丁"},
		"升级 a 周日凌晨2点 －－ 安全补丁":                   {Verb: "upgrade", Instance: "a", Phrase: "周日凌晨2点", Reason: "安全补丁"},
		"`/cbh cancel bastion-prod -- slipped`": {Verb: "cancel", Instance: "bastion-prod", Reason: "slipped"},
		"```status```":                          {Verb: "status"},
		"“status bastion-prod”":                 {Verb: "status", Instance: "bastion-prod"},
		"／cbh 状态":                               {Verb: "status"},
		"Please cancel bastion--prod":           {Verb: "cancel", Instance: "bastion--prod"},
		"Hi, could you upgrade":                 {Verb: "hi,", Instance: "could", Phrase: "you upgrade"},
		"hey please upgrade a sunday 2am":       {Verb: "upgrade", Instance: "a", Phrase: "sunday 2am"},
		"您好，请帮我升级 a 周日凌晨2点":                     {Verb: "upgrade", Instance: "a", Phrase: "周日凌晨2点"},

		"cancel the upgrade of bastion-prod": {Verb: "cancel", Instance: "bastion-prod"},
		"withdraw request CBH-142":           {Verb: "withdraw", Instance: "CBH-142"},
		"status of bastion-prod":             {Verb: "status", Instance: "bastion-prod"},
		`status "please"`:                    {Verb: "status", Instance: "please"},
		"STATUS Bastion-Prod":                {Verb: "status", Instance: "Bastion-Prod"},
	} {
		if got, err := parseCommand(text); err != nil || got != want {
			t.Errorf("%s: %+v, %v", text, got, err)
		}
	}
}

// What a button carries is one of messages.Commands, and is done without another look at it.
func TestEveryCommandIsDone(t *testing.T) {
	for _, verb := range messages.Commands {
		if commands[verb].run == nil {
			t.Errorf("nothing does %q", verb)
		}
	}
}

func TestAMentionIsNoPartOfACommand(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{
		"<@U0BOT> status": "status", " <@U0BOT|cbhbot>: status": "status", "<@U0BOT>，状态": "状态", "<@U0BOT>": "", "status": "status", "<@U0BOT": "<@U0BOT",
		"<@U0ANA> <@U0BOT> status": "status", "status <@U0BOT>": "status", "hey <@U0BOT>, please upgrade": "hey please upgrade", "<@U0BOT> withdraw CBH-1 -- <@U0ANA> said so": "withdraw CBH-1 -- <@U0ANA> said so",
	} {
		if got := withoutMention(text, true); got != want {
			t.Errorf("%q: %q", text, got)
		}
	}
	const direct = "withdraw CBH-1 -- <@U0ANA> said so"
	if got := withoutMention(direct, false); got != direct {
		t.Errorf("%q: %q", direct, got)
	}
}

// TestAButtonOfAnotherVersionIsAnswered: a newer one has posted it, before it was taken back.
func TestAButtonOfAnotherVersionIsAnswered(t *testing.T) {
	t.Parallel()
	d, mux := newDesk(t, approvals.DefaultProject), bot.NewMux()
	d.Register(mux)
	const press = `{"type":"block_actions","user":{"id":"U0RITA"},"channel":{"id":"C0OPS"},"actions":[{"type":"button","action_id":"of_tomorrow:1","value":"1:1:k"}]}`
	if err := mux.Serve(t.Context(), bot.Envelope{ID: "e1", Type: bot.TypeInteractive, Payload: []byte(press)}); err != nil {
		t.Fatal(err)
	}
	if got := d.answers(); len(got) != 1 || !strings.Contains(content(got[0]), "Nothing was changed") {
		t.Errorf("%+v", got)
	}
}

func TestStaggersInEitherLanguage(t *testing.T) {
	t.Parallel()
	for phrase, want := range map[string]struct {
		when    string
		seconds int64
	}{
		"sunday 2am stagger 1h": {"sunday 2am", 3600}, "周日凌晨2点 间隔1小时": {"周日凌晨2点", 3600}, "间隔 30 分钟，周日凌晨2点": {"周日凌晨2点", 1800}, "週日凌晨2點 間隔1小時": {"週日凌晨2點", 3600},
		"周日凌晨2点 每隔2小时": {"周日凌晨2点", 7200}, "周日凌晨2点，每台错开30分钟": {"周日凌晨2点", 1800},
		"周日凌晨2点": {"周日凌晨2点", 0},
	} {
		if when, seconds := cutStagger(phrase); when != want.when || seconds != want.seconds {
			t.Errorf("%s: %q, %d", phrase, when, seconds)
		}
	}
}

// TestATimeOfNowhereIsAskedBack: Slack may name no zone of somebody, or one that nobody knows.
func TestATimeOfNowhereIsAskedBack(t *testing.T) {
	t.Parallel()
	for _, zone := range []string{"", "Mars/Base"} {
		t.Run(zone, func(t *testing.T) {
			t.Parallel()
			d := newDesk(t, approvals.DefaultProject)
			d.slack.SetUser(slackemu.User{ID: slackemu.UserRita, TeamID: slackemu.TeamHome, Name: "rita", TZ: zone})
			for phrase, want := range map[string]string{
				"2026-12-01 02:00": "Type the zone behind the time", "sunday 2am": "Type the zone behind the time", "sunday 2": "Type the zone behind the time",
				"2026-12-01 02:00 UTC": "is recorded", "2026-12-01 02:00 Asia/Tokyo": "is recorded", "in 3 days": "is recorded",
			} {
				if got := content(d.types("upgrade bastion-prod " + phrase)); !strings.Contains(got, want) {
					t.Errorf("%s: %s", phrase, got)
				}
				d.types("withdraw bastion-prod")
			}
		})
	}
}

func TestHelpIsFoundHoweverItIsAskedFor(t *testing.T) {
	t.Parallel()
	d := newDesk(t, approvals.DefaultProject)
	d.types("upgrade bastion-prod 2026-12-01 02:00")
	for text, want := range map[string]string{
		"?": "need first", "？": "need first", "--help": "need first", "/cbh help": "need first", "/CBH": "need first", "cbh help upgrade": "asks for an upgrade",
		"upgrade ?": "asks for an upgrade", "升级 --help": "asks for an upgrade", "? cancel": "takes a pending request back", "help approve": "on the card",
		"h": "need first", "Hi!": "need first", "你好": "need first", "help.": "need first", "Help!": "need first", "帮助！": "need first", "move CBH-1 sunday": "Do you mean `reschedule`?", "Postpone x": "Do you mean `reschedule`?", "break glass CBH-1": "Do you mean `break-glass`?",
		"更新 bastion-prod": "Do you mean `upgrade`?", "推迟CBH-1": "Do you mean `reschedule`?", "推迟一天": "Do you mean `reschedule`?", "upgrade?": "asks for an upgrade", "cancel? bastion-prod": "takes a pending request back", "幫助": "need first", "記錄": "Do you mean `history`?",
		"CBH-1": "Do you mean `status`?", "#1": "Do you mean `status`?", "frobnicate ?": "I do not know the command `frobnicate`",
		"hey please upgrade": "Please add a date and a time", "can you upgrade bastion-dev on sunday at 2am?": "Do you mean `upgrade`?", "hello, 请 升级": "Please add a date and a time",
		"hello,": "need first", "CBH-1?": "Do you mean `status`?", "undo upgrade": "Do you mean `withdraw`?",
		"请帮我升级 bastion-dev": "Please add a date and a time", "你好，我想看看状态": "Do you mean `status`?", "查看历史 bastion-dev": "Do you mean `history`?", "升级历史": "Do you mean `history`?",
		"审批 CBH-1": "on the card", "同意 CBH-1": "on the card", "通过 CBH-1": "on the card", "驳回 CBH-1": "on the card", "打回CBH-1": "on the card", "不同意": "on the card",
		"帮助 审批": "on the card", "help reject": "on the card", "reject CBH-1": "on the card", "+1": "on the card", ":+1:": "on the card", "Approved!": "on the card", "denied": "on the card", "请批准 CBH-1": "on the card", "谁可以审批": "Do you mean `policy`?", "审批人": "Do you mean `policy`?",
		"变更 CBH-1": "Do you mean `reschedule`?", "变动 CBH-1": "I do not know the command `变动`", "審批 CBH-1": "on the card", "拒絕": "on the card", "代办": "I do not know the command `代办`",
	} {
		if got := d.types(text).Text; !strings.Contains(got, want) {
			t.Errorf("%q is answered with %q", text, got)
		}
	}
}

func TestWhatIsNotUnderstoodIsSaidAndNotLeftOut(t *testing.T) {
	t.Parallel()
	d := newDesk(t, approvals.DefaultProject)
	for text, want := range map[string]string{
		"withdraw CBH-1 CBH-2": "I do not understand `CBH-2`", "rollback bastion-prod later": "I do not understand `later`",
		"rollback CBH-1": "for an instance, not for a request", "history CBH-1": "not for a request", "status CBH1": "If you mean a request, type `CBH-1`", "withdraw cbh_12": "type `CBH-12`", "withdraw CBH-12?": "type `CBH-12`", "status CBH–12": "type `CBH-12`", "status (CBH-12)": "type `CBH-12`",
		"改期 bastion-dev到周日凌晨2点":             "If `到周日凌晨2点` is the time, put a space before it: `bastion-dev 到周日凌晨2点`",
		"升级 bastion-prod和bastion-dr 周日凌晨2点": "Several bastions are joined by commas",
		"status CBH-1 now":                  "I do not understand `now`", "policy bastion-dev now": "no instance called `bastion-dev now`", "reschedule sunday 4am": "Which request do you want to move",
		"reschedule monday": "Which request do you want to move", "改期 周一": "Which request do you want to move", "reschedule tomorrow": "Which request do you want to move",
		"reschedule monday 3am CBH-1":    "`monday`. Type `/cbh instances` for those there are. The name comes first, then the time. For example: `/cbh reschedule CBH-142 sunday 4am`",
		"upgrade sunday 2am bastion-dev": "The name comes first, then the time", "升级 周日凌晨2点 bastion-dev": "The name comes first, then the time",
		"升级 bastion-dev，周日": "I took `周日` for a bastion, because a comma joins names", "改期 CBH-1，周日": "I took `周日` for a bastion",
		"list approved": "not `approved`", "列表 审批": "`/cbh list pending`", "list pending requests": "There are no such requests", "列表 待审批的申请": "There are no such requests", "list my requests": "There are no such requests",
		"upgrade bastion-dev yesterday": "has passed", "upgrade bastion-dev today": "is too soon", "upgrade bastion-dev tomorrow": `"tomorrow 22:00"`, "upgrade bastion-dev sunday": `"sunday 02:00"`,
		"upgrade bastion-dev now": "Wed 25 Nov 2026 20:00 Asia/Shanghai is too soon", "upgrade bastion-dev ASAP": "the earliest possible time", "升级 bastion-dev 马上": "最早可选的时间",
	} {
		if got := d.types(text).Text; !strings.Contains(got, want) {
			t.Errorf("%q is answered with %q", text, got)
		}
	}
	if got := d.types("status CBH-0").Text; strings.Contains(got, "type `CBH-0`") {
		t.Errorf("told to type the same again: %q", got)
	}
}

// TestATimeBehindACommaIsNoName, where it is like nobody's.
func TestATimeBehindACommaIsNoName(t *testing.T) {
	t.Parallel()
	d := newDesk(t, approvals.DefaultProject)
	d.clouds[approvals.DefaultProject].Replace(bastions(2))
	for _, step := range [][2]string{
		{"升级 bastion-0000，周日凌晨2点", "2026年11月29日 周日 02:00"}, {"改期 CBH-1，周日凌晨4点", "2026年11月29日 周日 04:00"}, {"改期bastion-0000周日 凌晨5点", "2026年11月29日 周日 05:00"}, {"withdraw CBH-1", "withdrawn"},
		{"upgrade bastion-0000, please, saturday at 2am", "Sat 28 Nov 2026 02:00"}, {"withdraw CBH-2", "withdrawn"},
		{"upgrade bastion-0000, bastion-0001, 2026-12-10 02:00 stagger 1h", "Upgrade 2 bastions"}, {"withdraw CBH-3", "withdrawn"},
		{"upgrade bastion-0000, on sunday 2am", "Sun 29 Nov 2026 02:00"}, {"withdraw CBH-4", "withdrawn"},
		{"upgrade bastion-0000, bastion-001 sunday 2am", "bastion-001"}, {"upgrade bastion-0000, not sunday 2am", "There is no instance called `not`"},
	} {
		if got := content(d.types(step[0])); !strings.Contains(got, step[1]) {
			t.Errorf("%q is answered with %q", step[0], got)
		}
	}
	if _, err := d.Store.Load(context.Background(), 5); err == nil {
		t.Error("a fifth request was made")
	}
}

// TestWhatStandsInTheReasonAndIsATimeIsNone: the end of a span, and how far apart several
// are to begin.
func TestWhatStandsInTheReasonAndIsATimeIsNone(t *testing.T) {
	t.Parallel()
	d := newDesk(t, approvals.DefaultProject)
	d.clouds[approvals.DefaultProject].Replace(bastions(2))
	for _, span := range []string{"sunday 2am – 4am -- fixes", "sunday 2am – 4am stagger 1h", "sunday 2am -- 4am -- fixes, stagger 1h"} {
		if got := content(d.types("upgrade bastion-0000, bastion-0001 " + span)); !strings.Contains(got, "An upgrade begins at one time") {
			t.Errorf("%s: %s", span, got)
		}
	}
	d.types("upgrade bastion-0000, bastion-0001 sunday 2am -- fixes, stagger 1h")
	r := d.load(1)
	if apart := r.Items[1].Offset - r.Items[0].Offset; apart != time.Hour || r.Reason != "fixes" {
		t.Errorf("%s apart, because of %q", apart, r.Reason)
	}
}

// TestThePolicyNamesTheBastionsWithRulesOfTheirOwn: who asks about none in particular must
// not take what holds for the rest for what holds for all.
func TestThePolicyNamesTheBastionsWithRulesOfTheirOwn(t *testing.T) {
	t.Parallel()
	d := newDesk(t, approvals.DefaultProject)
	rule := func(count int, names ...string) policy.Rule {
		from := approvals.Set{Users: []string{slackemu.UserAna, slackemu.UserBo}}
		return policy.Rule{Instances: names, Approvers: from, Quorum: approvals.Quorum{{Count: count, From: from}}}
	}
	held := &policy.Policy{Rules: []policy.Rule{rule(2, "bastion-p*"), rule(1)}}
	d.Engine.Authority.Policy = func() *policy.Policy { return held }
	if got := content(d.types("policy")); !strings.Contains(got, "upgrade: 1 of") || !strings.Contains(got, "Rules of their own: `bastion-p*`.") {
		t.Errorf("policy: %s", got)
	}
	if got := content(d.types("policy bastion-prod")); !strings.Contains(got, "upgrade: 2 of") || strings.Contains(got, "of their own") {
		t.Errorf("policy bastion-prod: %s", got)
	}
}

// TestWhatIsPastItNamesWhatToTypeInstead: a move of what is over, and a withdrawal of what
// the cloud holds, are refused with the command that does it.
func TestWhatIsPastItNamesWhatToTypeInstead(t *testing.T) {
	t.Parallel()
	d := newDesk(t, approvals.DefaultProject)
	d.run()
	d.types("upgrade bastion-prod sunday 2am")
	d.types("withdraw CBH-1")
	d.types("upgrade bastion-dev sunday 2am")
	d.approves(2)
	d.until("CBH-2 is scheduled", func() bool { return d.load(2).Stage(0) == approvals.Scheduled })
	for text, want := range map[string]string{
		"reschedule CBH-1":            "`/cbh upgrade bastion-prod sunday 2am`",
		"reschedule CBH-1 today":      "`/cbh upgrade bastion-prod sunday 2am`",
		"reschedule CBH-1 sunday 4am": "`/cbh upgrade bastion-prod sunday 2am`",
		"withdraw CBH-2":              "`/cbh cancel bastion-dev`",
	} {
		if got := content(d.types(text)); !strings.Contains(got, "Nothing was changed") || !strings.Contains(got, want) {
			t.Errorf("%s: %s", text, got)
		}
	}
}
