package bot_test

import (
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"cbhbot/bot"
)

func TestEscapeLeavesNoMarkup(t *testing.T) {
	for typed, want := range map[string]string{
		"plain":                           "plain",
		"<!channel> <@U1> & <http://x|y>": "&lt;!channel&gt; &lt;@U1&gt; &amp; &lt;http://x|y&gt;",
		"a\u202eb\u200bc\u0000d":          "abcd",
		"tab\tand\u00a0nbsp":              "tab and nbsp",
		"&&&&":                            "&amp;&amp;&amp;…",
	} {
		max := 40
		if typed == "&&&&" {
			typed, max = strings.Repeat("&", 9), 4
		}
		if got := bot.Escape(typed, max); got != want {
			t.Errorf("%q became %q, not %q", typed, got, want)
		}
	}
}

func TestUnescapeGivesBackWhatWasTyped(t *testing.T) {
	for wire, want := range map[string]string{
		"upgrade a &lt;b&gt; &amp;amp;":          "upgrade a <b> &amp;",
		"ask <@U123|ana> in <#C1|ops>":           "ask @ana in #ops",
		"<@U123> <#C1>":                          "@U123 #C1",
		"<http://bastion.prod|bastion.prod> now": "bastion.prod now",
		"<mailto:a@b.c|a@b.c>":                   "a@b.c",
		"<https://a.b>":                          "https://a.b",
		"<!date^1702974655^{date}|x>":            "<!date^1702974655^{date}|x>",
	} {
		if got := bot.Unescape(wire); got != want {
			t.Errorf("%q became %q, not %q", wire, got, want)
		}
	}
}

func TestDateNamesAZoneInItsFallback(t *testing.T) {
	shanghai, err := time.LoadLocation("Asia/Shanghai")
	if err != nil {
		t.Fatal(err)
	}
	at := time.Unix(1795888800, 0)
	for zone, want := range map[*time.Location]string{
		shanghai: "<!date^1795888800^{date_short_pretty} at {time}|Sun 29 Nov 2026 02:00 Asia/Shanghai>",
		time.UTC: "<!date^1795888800^{date_short_pretty} at {time}|Sat 28 Nov 2026 18:00 UTC>",
		nil:      "<!date^1795888800^{date_short_pretty} at {time}|Sat 28 Nov 2026 18:00 UTC>",
	} {
		if got := bot.Date(at, zone); got != want {
			t.Errorf("%s, not %s", got, want)
		}
	}
}

func FuzzEscape(f *testing.F) {
	f.Add("<!channel>&amp;<@U1|x>", 10)
	f.Add("\xff\xfe\u202e", 1)
	f.Fuzz(func(t *testing.T, s string, max int) {
		max = max&1023 + 1
		got := bot.Escape(s, max)
		if strings.ContainsAny(got, "<>") || !utf8.ValidString(got) {
			t.Errorf("%q became %q", s, got)
		}
		if plain := bot.Plain(s, max); utf8.RuneCountInString(plain) > max {
			t.Errorf("%q was cut to %q, more than %d", s, plain, max)
		}
		bot.Unescape(s)
	})
}
