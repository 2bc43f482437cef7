package main

import (
	"bufio"
	"bytes"
	"encoding/json"
	"io"
	"os"
	"regexp"
	"strings"
	"testing"
	"time"
)

// when runs the command on a phrase of somebody in Shanghai on Wednesday 5 August 2026.
func when(phrase string) (code int, stdout, stderr string) {
	var out, complaint bytes.Buffer
	code = whenCommand([]string{"--tz", "Asia/Shanghai", "--now", "2026-08-05T10:17:33+08:00", "--", phrase}, nil, &out, &complaint)
	return code, out.String(), complaint.String()
}

func TestWhenOnePhrase(t *testing.T) {
	for _, c := range []struct {
		phrase         string
		code           int
		stdout, stderr string // the whole of stdout, and the beginning of stderr
	}{
		{"sunday 2am", 0, "2026-08-08T18:00:00Z\n", ""},
		{"sunday 2", 3, "", "Is that before noon or after noon?"},
		{"sunday", 3, "", "At what time?"},
		{"sunday 2am delete", 2, "", `I cannot read "delete" as part of a time.`},
		{"tomorrow 2am", 2, "", "Thu 6 Aug 2026 02:00 Asia/Shanghai is too soon"},
		{"", 2, "", "There is no time in that."},
		{"周日凌晨2点", 0, "2026-08-08T18:00:00Z\n", ""},
		{"周日2点", 3, "", "是上午还是下午？"},
		{"周日凌晨2点别升级", 2, "", "无法将“别升级”理解为时间。"},
	} {
		code, stdout, stderr := when(c.phrase)
		if code != c.code || stdout != c.stdout || !strings.HasPrefix(stderr, c.stderr) || (stderr == "") != (c.stderr == "") {
			t.Errorf("%q: exit %d, stdout %q, stderr %q", c.phrase, code, stdout, stderr)
		}
	}
}

// TestWhenExplains asks how phrases were read, and in another language than they are typed in.
func TestWhenExplains(t *testing.T) {
	rita := []string{"--tz", "Asia/Shanghai", "--now", "2026-08-05T10:17:33+08:00"}
	for _, c := range []struct {
		args []string
		want string // on stdout and stderr
	}{
		{[]string{"--explain", "tuesday dec 1 2am"}, "2026-11-30T18:00:00Z\ntuesday dec 1 → Tue 1 Dec; 2am → 02:00; zone: yours, Asia/Shanghai\n"},
		{[]string{"--explain", "jan 5 at 2 in the morning CET"}, "2027-01-05T01:00:00Z\njan 5 → Tue 5 Jan 2027; 2 in the morning → 02:00; zone: CET → Europe/Berlin\n"},
		{[]string{"--explain", "in 36 hours"}, "2026-08-06T14:17:33Z\nin 36 hours → Thu 6 Aug 22:17:33; zone: yours, Asia/Shanghai\n"},
		{[]string{"--explain", "凌晨2点，周日"}, "2026-08-08T18:00:00Z\n周日 → 8月9日 周日；凌晨 2点 → 02:00；时区：Asia/Shanghai（您的时区）\n"},
		{[]string{"--explain", "--lang", "en", "周日凌晨2点"}, "2026-08-08T18:00:00Z\n周日 → Sun 9 Aug; 凌晨 2点 → 02:00; zone: yours, Asia/Shanghai\n"},
		{[]string{"--lang", "zh-CN", "sunday 2am delete"}, "无法将“delete”理解为时间。请写明日期和时间，例如“周日凌晨2点”或“2026-08-09 02:00”。\n"},
		{[]string{"--lang", "en", "周日2点"}, "Is that before noon or after noon? Type it like \"sunday 2am\" or \"sunday 14:00\". Which one do you mean?\n" +
			"  2026-08-08T18:00:00Z  before noon\n  2026-08-09T06:00:00Z  after noon\n"},
	} {
		var both bytes.Buffer
		whenCommand(append(rita, c.args...), nil, &both, &both)
		if both.String() != c.want {
			t.Errorf("%q: %q and not %q", c.args, both.String(), c.want)
		}
	}
	var stdout bytes.Buffer
	line := `{"phrase":"sunday 2am","now":"2026-08-05T10:17:33+08:00","tz":"Asia/Shanghai"}`
	whenCommand([]string{"--batch", "--explain", "--lang", "zh"}, strings.NewReader(line), &stdout, io.Discard)
	want := `{"time":"2026-08-08T18:00:00Z","message":"2026年8月9日 周日 02:00 Asia/Shanghai","explain":"sunday → 8月9日 周日；2am → 02:00；时区：Asia/Shanghai（您的时区）"}` + "\n"
	if stdout.String() != want {
		t.Errorf("the batch answers %s and not %s", stdout.String(), want)
	}
}

func TestWhenWronglyStarted(t *testing.T) {
	for wrong, args := range map[string][]string{
		`"now" is missing`:                     {"--tz", "UTC", "sunday 2am"},
		`"yesterday" is not an RFC 3339`:       {"--now", "yesterday", "sunday 2am"},
		`"Mars/Olympus" is not an IANA`:        {"--now", "2026-08-05T10:17:33Z", "--tz", "Mars/Olympus", "sunday 2am"},
		`"tz" is missing`:                      {"--now", "2026-08-05T10:17:33Z", "--tz", "", "sunday 2am"},
		`"Local" is not an IANA`:               {"--now", "2026-08-05T10:17:33Z", "--tz", "Local", "sunday 2am"},
		"there must be exactly one phrase":     {"--now", "2026-08-05T10:17:33Z", "sunday", "2am"},
		"when: there is no flag --zone":        {"--zone", "UTC", "sunday 2am"},
		`when: --lang: "fr" is no language`:    {"--lang", "fr", "sunday 2am"},
		"--batch reads its phrases from":       {"--batch", "sunday 2am"},
		`--batch takes "tz" from each line: `:  {"--batch", "--tz", "UTC"},
		`--batch takes "now" from each line: `: {"--now", "2026-08-05T10:17:33Z", "--batch"},
	} {
		var stdout, stderr bytes.Buffer
		if code := whenCommand(args, strings.NewReader(""), &stdout, &stderr); code != exitUsage || stdout.Len() > 0 || !strings.HasPrefix(stderr.String(), "cbhbot: "+wrong) {
			t.Errorf("%q: exit %d, stdout %q, stderr %q", args, code, stdout.String(), stderr.String())
		}
	}
}

// TestWhenBatchStreams asks one question at a time, and the next only after the answer.
func TestWhenBatchStreams(t *testing.T) {
	questions, ask := io.Pipe()
	answer, answers := io.Pipe()
	done := make(chan int, 1)
	go func() { done <- whenCommand([]string{"--batch"}, questions, answers, io.Discard) }()
	lines := bufio.NewReader(answer)
	for _, c := range []struct{ question, answer string }{
		{`{"phrase":"sunday 2am","now":"2026-08-05T10:17:33+08:00","tz":"Asia/Shanghai"}`,
			`{"time":"2026-08-08T18:00:00Z","message":"Sun 9 Aug 2026 02:00 Asia/Shanghai"}`},
		{`{"phrase":"sunday 2","now":"2026-08-05T10:17:33+08:00","tz":"Asia/Shanghai"}`,
			`{"time":null,"error":"ambiguous","message":"Is that before noon or after noon? Type it like \"sunday 2am\" or \"sunday 14:00\". Which one do you mean?","candidates":["2026-08-08T18:00:00Z","2026-08-09T06:00:00Z"]}`},
		{`{"phrase":"sunday\n2am\u0000","now":"2026-08-05T10:17:33+08:00","tz":"Asia/Shanghai"}`,
			`{"time":null,"error":"invalid","message":"I cannot read \"2am\\x00\" as part of a time. Type a day and a time, for example \"sunday 2am\" or \"2026-08-09 02:00\"."}`},
		{`{"phrase":"sunday 2am"}`,
			`{"time":null,"error":"invalid","message":"\"now\" is missing: give the moment the phrase is typed at, for example --now \"$(date -Iseconds)\""}`},
		{`nonsense`,
			`{"time":null,"error":"invalid","message":"A line must be an object like {\"phrase\":\"sunday 2am\",\"now\":\"2026-08-05T10:17:33+08:00\",\"tz\":\"Asia/Shanghai\"}."}`},
	} {
		if _, err := io.WriteString(ask, c.question+"\n"); err != nil {
			t.Fatal(err)
		}
		got, err := lines.ReadString('\n')
		if err != nil || got != c.answer+"\n" {
			t.Errorf("%s is answered with %s%v", c.question, got, err)
		}
	}
	ask.Close()
	if code := <-done; code != exitOK {
		t.Errorf("the batch ends with %d", code)
	}
}

// TestWhenAnswersTheLastLine has no line end behind it, and a phrase of 16 kB in it.
func TestWhenAnswersTheLastLine(t *testing.T) {
	long, err := json.Marshal(map[string]string{"phrase": strings.Repeat("sunday ", 2300), "now": "2026-08-05T10:17:33Z", "tz": "UTC"})
	if err != nil {
		t.Fatal(err)
	}
	var stdout bytes.Buffer
	code := whenCommand([]string{"--batch"}, bytes.NewReader(long), &stdout, io.Discard)
	if code != exitOK || !strings.Contains(stdout.String(), "That is too long for a time") {
		t.Errorf("exit %d, %s", code, stdout.String())
	}
}

var timeRow = regexp.MustCompile("(?m)^\\| (`[^|]+`) \\| ([^|]+) \\|$")

// TestTimesOfDocuments types what the tables of times say, and reads the same.
func TestTimesOfDocuments(t *testing.T) {
	for path, c := range map[string]struct {
		head, asks, layout string
		least              int
	}{
		"../../README.md":                  {"you type | it is read as", "asks: ", "Mon 2 Jan 2006 15:04", 7},
		"../../deploy/docs/times.md":       {"you type | it is read as", "asks: ", "Mon 2 Jan 2006 15:04", 20},
		"../../deploy/docs/using.zh-CN.md": {"输入 | 理解为", "反问：", "2006-01-02 15:04", 6},
	} {
		text, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		_, section, _ := strings.Cut(string(text), "| "+c.head+" |\n|---|---|\n")
		section, _, _ = strings.Cut(section, "\n\n")
		rows := timeRow.FindAllStringSubmatch(section, -1)
		if len(rows) < c.least {
			t.Fatalf("%s has only %d rows of times", path, len(rows))
		}
		for _, row := range rows {
			for _, phrase := range strings.Split(row[1], ", ") {
				typedInDocument(t, strings.Trim(phrase, "`"), strings.TrimSpace(row[2]), c.asks, c.layout)
			}
		}
	}
}

// TestTheChineseGuideNamesEachCommand as the help does.
func TestTheChineseGuideNamesEachCommand(t *testing.T) {
	guide, err := os.ReadFile("../../deploy/docs/using.zh-CN.md")
	if err != nil {
		t.Fatal(err)
	}
	help, err := os.ReadFile("../../handlers/messages/testdata/zh-CN answer.golden")
	if err != nil {
		t.Fatal(err)
	}
	lines := regexp.MustCompile("(?m)^• (`/cbh .+`) (.+)$").FindAllStringSubmatch(string(help), 12)
	for _, line := range lines {
		form := strings.NewReplacer("&lt;", "<", "&gt;", ">", "|", `\|`).Replace(line[1])
		if row := "| " + form + " | " + line[2] + " |\n"; !strings.Contains(string(guide), row) {
			t.Errorf("the guide lacks %s", row)
		}
	}
	if len(lines) < 12 {
		t.Errorf("the help has %d commands", len(lines))
	}
}

func typedInDocument(t *testing.T, phrase, want, asks, layout string) {
	t.Helper()
	code, stdout, stderr := when(phrase)
	if question, asked := strings.CutPrefix(want, asks); asked {
		if code == exitOK || !strings.HasPrefix(stderr, question) {
			t.Errorf("%q: the document says it asks %q, and it says %q%q", phrase, question, stdout, stderr)
		}
		return
	}
	at, err := time.Parse(time.RFC3339, strings.TrimSpace(stdout))
	if err != nil {
		t.Errorf("%q: %q%q", phrase, stdout, stderr)
		return
	}
	shanghai, err := time.LoadLocation("Asia/Shanghai")
	if err != nil {
		t.Fatal(err)
	}
	if got := at.In(shanghai).Format(layout); got != want {
		t.Errorf("%q: the document says %s, and it is %s", phrase, want, got)
	}
}
