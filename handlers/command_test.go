package handlers

import "testing"

func TestCommandsInEitherLanguage(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]Command{
		"upgrade bastion-prod sunday 2am -- fixes": {Verb: "upgrade", Instance: "bastion-prod", Rest: "sunday 2am", Reason: "fixes"},
		"升级 bastion-prod 周日凌晨2点 -- 安全补丁":           {Verb: "upgrade", Instance: "bastion-prod", Rest: "周日凌晨2点", Reason: "安全补丁"},
		"升级bastion-prod 周日凌晨2点 —— 安全补丁":            {Verb: "upgrade", Instance: "bastion-prod", Rest: "周日凌晨2点", Reason: "安全补丁"},
		"升级 a、b，c 周日凌晨2点":                          {Verb: "upgrade", Instance: "a, b, c", Rest: "周日凌晨2点"},
		"改期 CBH-142 周日凌晨4点":                        {Verb: "reschedule", Instance: "CBH-142", Rest: "周日凌晨4点"},
		"紧急放行 CBH-142 -- 正在被攻击":                    {Verb: "break-glass", Instance: "CBH-142", Reason: "正在被攻击"},
		"列表 待审批":                                   {Verb: "list", Instance: "待审批"},
		"帮助":                                       {Verb: "help"},
		"STATUS Bastion-Prod":                      {Verb: "status", Instance: "Bastion-Prod"},
	} {
		if got, err := parseCommand(text); err != nil || got != want {
			t.Errorf("%s: %+v, %v", text, got, err)
		}
	}
}

func TestStaggersInEitherLanguage(t *testing.T) {
	t.Parallel()
	for phrase, want := range map[string]struct {
		when    string
		seconds int64
	}{
		"sunday 2am stagger 1h": {"sunday 2am", 3600}, "周日凌晨2点 间隔1小时": {"周日凌晨2点", 3600}, "间隔 30 分钟，周日凌晨2点": {"周日凌晨2点", 1800},
		"周日凌晨2点": {"周日凌晨2点", 0},
	} {
		if when, seconds := cutStagger(phrase); when != want.when || seconds != want.seconds {
			t.Errorf("%s: %q, %d", phrase, when, seconds)
		}
	}
}
