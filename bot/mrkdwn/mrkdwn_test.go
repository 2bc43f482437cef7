package mrkdwn_test

import (
	"regexp"
	"strings"
	"testing"
	"time"
	"unicode/utf16"
	"unicode/utf8"

	"cbhbot/bot/mrkdwn"
)

// words are what others may have written.
var words = []string{
	"plain", "<!channel> <@U1> & <http://x|y>", "a`b", "x\r\n*Approved*", "a\u2028b\u2029c\u0085d\u000be", "\u202ea\u2066b\u200bc\u00add\ufe0fe\u3164f\u034fg",
	"a\x00b\x1b[31m\x9bc\u009bd", "\xff\xfe", "", " ", strings.Repeat("&", 500), strings.Repeat("𝔘", 500), strings.Repeat("<!here>\n", 200), "; &amp; ;",
}

// alive is what Slack would act on, or what hides something.
var alive = regexp.MustCompile(`[<>\n\x00-\x1f\x{7f}-\x{9f}\x{ad}\x{34f}\x{200b}-\x{200f}\x{2028}-\x{202e}\x{2060}-\x{206f}\x{3164}\x{fe00}-\x{fe0f}\x{feff}]`)

func TestWordsOfOthersAreHarmlessInASentence(t *testing.T) {
	for _, s := range words {
		for _, got := range []mrkdwn.Text{mrkdwn.Words(s), mrkdwn.Code(s), mrkdwn.Typed(s), mrkdwn.User(s), mrkdwn.Group(s), mrkdwn.Channel(s)} {
			if alive.MatchString(got.String()) || !utf8.ValidString(got.String()) {
				t.Errorf("%q became %q", s, got)
			}
		}
		if n := strings.Count(mrkdwn.Code(s).String(), "`"); n != 0 && n != 2 {
			t.Errorf("%q became %q", s, mrkdwn.Code(s))
		}
	}
}

// joined is one text behind the other.
func joined(texts ...mrkdwn.Text) mrkdwn.Text { return mrkdwn.Join(texts, "") }

func TestTextsShowWhatTheyAreGiven(t *testing.T) {
	at := time.Date(2026, 11, 28, 18, 0, 0, 0, time.UTC)
	for want, got := range map[string]mrkdwn.Text{
		"Hello *a &amp; b*: 3 of <@U1>, <!subteam^S2> in <#C3>.": joined(mrkdwn.Words("Hello *a & b*: 3 of "), mrkdwn.User("U1"), mrkdwn.Words(", "), mrkdwn.Group("S2"), mrkdwn.Words(" in "), mrkdwn.Channel("C3"), mrkdwn.Words(".")),
		"`a&lt;b`":                           mrkdwn.Code("a<b"),
		"`&lt;!channel&gt;` `C1&gt;` `S1` –": mrkdwn.Join([]mrkdwn.Text{mrkdwn.User("<!channel>"), mrkdwn.Channel("C1>"), mrkdwn.User("S1"), mrkdwn.Code("\u200b")}, " "),
		"<https://a.b/?x=1&amp;y|the card>":  mrkdwn.Link("https://a.b/?x=1&y", mrkdwn.Words("the card")),
		"CBH-1":                              mrkdwn.Link("javascript:alert(1)", mrkdwn.Words("CBH-1")),
		"CBH-2":                              mrkdwn.Link("https://evil|x", mrkdwn.Words("CBH-2")),
		"<!date^1795888800^{date_short_pretty} at {time}|Sat 28 Nov 2026 18:00 UTC>": mrkdwn.Date(at, "{date_short_pretty} at {time}", "Sat 28 Nov 2026 18:00 UTC"),
	} {
		if got.String() != want {
			t.Errorf("%q, not %q", got, want)
		}
	}
}

// counted is a length as whoever counts the most would have it.
func counted(s string) int { return len(utf16.Encode([]rune(s))) }

func escaped(s string) string {
	return strings.NewReplacer("&", "&amp;", "<", "&lt;", ">", "&gt;").Replace(s)
}

func TestNothingIsLongerThanAskedFor(t *testing.T) {
	for _, s := range words {
		for _, max := range []int{1, 2, 7, 40} {
			for _, got := range []string{mrkdwn.Line(s, max), mrkdwn.Paragraphs(s, max)} {
				if counted(escaped(got)) > max {
					t.Errorf("%q was cut to %q, more than %d", s, got, max)
				}
			}
		}
		if n := counted(mrkdwn.Code(s).String()); n > 132 {
			t.Errorf("%d for the name %q", n, s)
		}
	}
	if got := mrkdwn.Paragraphs("one\r\n\ntwo\u2028three", 40); got != "one\n\ntwo three" {
		t.Errorf("%q", got)
	}
}

// torn is a token, an entity or a quoted word without its end.
var torn = regexp.MustCompile("<[^>]*$|^[^<]*>|&[a-z]*$")

func TestATextIsBrokenBetweenItsParts(t *testing.T) {
	line := joined(mrkdwn.Words("• "), mrkdwn.Code("a <b> & c"), mrkdwn.Words(" at "), mrkdwn.Date(time.Unix(1795888800, 0), "{time}", "Sat 28 Nov 2026 18:00 UTC"),
		mrkdwn.Words(": R&D; for <all>, asked by "), mrkdwn.User("U0RITA"))
	whole := mrkdwn.Join([]mrkdwn.Text{line, line, line, mrkdwn.Words("")}, "\n")
	for max := 120; max < 2*line.Len(); max++ {
		parts := whole.Split(max)
		for _, part := range append(parts, whole.Cut(max)) {
			if part.Empty() || part.Len() > max || torn.MatchString(part.String()) || strings.Count(part.String(), "`")%2 != 0 {
				t.Fatalf("in parts of %d: %q", max, part)
			}
		}
		if got, want := strings.Fields(mrkdwn.Join(parts, " ").String()), strings.Fields(whole.String()); len(got) != len(want) {
			t.Fatalf("in parts of %d: %d words of %d", max, len(got), len(want))
		}
	}
	if parts := whole.Split(line.Len()); len(parts) != 3 || !strings.HasPrefix(parts[1].String(), "•") {
		t.Errorf("%d parts: %q", len(parts), parts)
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
		if got := mrkdwn.Unescape(wire); got != want {
			t.Errorf("%q became %q, not %q", wire, got, want)
		}
	}
}

func FuzzText(f *testing.F) {
	for _, s := range words {
		f.Add(s, 30)
	}
	f.Fuzz(func(t *testing.T, s string, max int) {
		max = max&1023 + 150
		text := mrkdwn.Join([]mrkdwn.Text{mrkdwn.Words(s), mrkdwn.Code(s), mrkdwn.User(s)}, " ")
		if alive.MatchString(strings.ReplaceAll(text.String(), "<@"+s+">", "")) || !utf8.ValidString(text.String()) {
			t.Errorf("%q became %q", s, text)
		}
		for _, part := range append(text.Split(max), text.Cut(max)) {
			if counted(part.String()) > max {
				t.Errorf("%q: a part of %d letters, not %d", s, counted(part.String()), max)
			}
		}
		if got := mrkdwn.Line(s, max); counted(escaped(got)) > max {
			t.Errorf("%q was cut to %q", s, got)
		}
		mrkdwn.Unescape(s)
	})
}

type facts map[string]string

func (f facts) Text(name string) mrkdwn.Text { return mrkdwn.Words(f[name]) }
func (f facts) Plain(name string) string     { return f[name] }
func (f facts) Form(name string) int         { return len(f[name]) - 1 }
func (f facts) Has(name string) bool         { return f[name] != "" }

func TestAFormatIsFilledWithFacts(t *testing.T) {
	const format mrkdwn.Format = "*{who}* asked for {n} {n|upgrade|upgrades|many} of {what}{?when} at {when}{/}"
	given := facts{"who": "<!here>", "n": "1", "what": "a & b"}
	if got := format.Fill(given).String(); got != "*&lt;!here&gt;* asked for 1 upgrade of a &amp; b" {
		t.Error(got)
	}
	given["n"], given["when"] = "12345", "2am"
	if got := format.Plain(given); got != "*<!here>* asked for 12345 many of a & b at 2am" {
		t.Error(got)
	}
}
