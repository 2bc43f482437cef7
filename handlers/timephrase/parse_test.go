package timephrase

import (
	"flag"
	"fmt"
	"os"
	"strings"
	"sync"
	"testing"
	"time"
)

var update = flag.Bool("update", false, "write the goldens anew")

// Rita sits in Shanghai, on a Wednesday morning.
const (
	ritasNow  = "2026-08-05T10:17:33+08:00"
	ritasZone = "Asia/Shanghai"
)

// TestForms reads each way to write a time. The answers are Rita's local times, or carry their zone.
func TestForms(t *testing.T) {
	for want, phrases := range map[string][]string{
		"2026-08-09T02:00:00+08:00": {
			"sunday 2am", "2am sunday", "sun 02:00", "Sun. 2 AM", "on sunday at 2 am", "sunday, 2:00 a.m.", "SUNDAY @ 02:00",
			"sunday at 2 in the morning", "this sunday 2am", "coming sunday at 2am", "aug 9 2am", "9 august 02:00",
			"9th of August, 2026 at 2am", "2026-08-09 02:00", "2026-08-09T02:00", "20260809T0200", "2026/08/09 2:00", "09-Aug-2026 02:00",
			"sunday 9 august 02:00", "in 4 days at 2am", "4 days from now at 02:00", "second sunday of august 2am", "the 9th of this month 2am",
			"2am on the 9th of august please", "sunday\u00a02\u202fam", "ｓｕｎｄａｙ ２ａｍ", "  sunday   2am  ", "sunday 02h00",
			"sunday 2 o'clock am", "8/9/2026 2am UTC+8 sunday",
		},
		"2026-08-08T18:00:00Z":      {"2026-08-08T18:00:00Z", "2026-08-08 18:00 UTC", "1786212000", "1786212000000", "<!date^1786212000^{date} {time}|sunday>", "2026-08-08T18:00:00.000Z"},
		"2026-08-09T02:00:00+02:00": {"2026-08-09 02:00 +02:00", "2026-08-09T02:00:00+0200", "sunday 2am UTC+2", "sunday 2am europe/berlin", "sunday 2am CEST"},
		"2026-08-09T12:00:00+08:00": {"sunday noon", "noon on sunday", "sunday 12pm", "sunday 12 noon", "sunday at midday"},
		"2026-08-09T14:30:00+08:00": {"sunday 2:30 pm", "sunday at half past two pm", "sunday 14:30", "sunday at 2:30 in the afternoon"},
		"2026-08-09T00:00:00+08:00": {"sunday 12am", "sunday 00:00"},
		"2026-08-07T02:00:00+08:00": {"day after tomorrow 2am", "the day after tomorrow at 2am", "friday 2am"},
		"2026-08-11T02:00:00+08:00": {"tuesday next week 2am", "next week on tuesday at 2am", "next tuesday 2am"},
		"2026-08-16T02:00:00+08:00": {"a week from sunday 2am"},
		"2026-08-19T03:00:00+08:00": {"in 2 weeks at 3am", "in a fortnight at 3am", "2 weeks from today at 3am"},
		"2026-08-06T22:17:33+08:00": {"in 36 hours", "36 hours from now", "in a day and 12 hours", "in 1 day 12 h"},
		"2026-08-08T10:17:33+08:00": {"in 3 days", "in three days"},
		"2026-09-03T02:00:00+08:00": {"next month on the 3rd at 2am", "3 september 2am"},
		"2026-12-06T02:00:00+08:00": {"first sunday of december 2am", "the 1st sunday in december at 2am"},
		"2026-12-01T02:00:00+08:00": {"dec 1 2am", "1 december 02:00", "december 1st at 2am", "2026-12-01 02:00"},
		"2027-12-01T02:00:00+08:00": {"1st of dec 2027 2am", "dec 1, 2027 02:00"},
		"2027-02-03T02:00:00+08:00": {"feb 3 2am"},
	} {
		at, err := time.Parse(time.RFC3339, want)
		if err != nil {
			t.Fatal(err)
		}
		for _, phrase := range phrases {
			reading, refusal := typed(t, phrase, ritasNow, ritasZone)
			if refusal != nil || !reading.Time.Equal(at) {
				t.Errorf("%q is read as %s, %v, and not as %s", phrase, reading.Text, refusal, want)
			}
		}
	}
}

// TestRefusals keeps the kind, the part, the candidates and the sentence of each refusal in a golden.
func TestRefusals(t *testing.T) {
	var got strings.Builder
	for _, phrase := range []string{
		"", "   ", "soon", "xyzzy", "sunday", "2am", "sunday 2", "sunday at 2", "sunday midnight", "sunday morning", "this weekend", "a few days",
		"next sunday 2am", "this monday 2am", "next week 2am", "wednesday 2pm", "tomorrow 2am", "today 2am", "yesterday 2am", "aug 5 2am",
		"aug 4 2am", "sunday 25:00", "sunday 2:75", "sunday 13pm", "feb 30 2am", "2026-02-29 02:00", "monday aug 9 2am", "8/9 2am", "08/09/2026 2am", "09-08-26 2am",
		"sunday 2am please delete", "sunday 2am delete bastion-prod", "not sunday 2am", "every sunday 2am", "before sunday 2am", "sunday 2am or monday 3am", "sunday 2am-4am",
		"sunday monday 2am", "sunday 2am 3am", "sunday 2am UTC Europe/Berlin", "sunday 2am Mars/Olympus", "sunday 2am +25:00", "sunday 2am BST", "sunday 2am CET", "sunday 1430", "the 9th at 2am",
		"tomorrow 23:00 America/New_York", "in 36 hours UTC", "in 5 minutes", "in 2 hours at 3am", "in 200000 days at 2am", "2020-01-01 02:00", "1786212000 UTC",
		"sunday 2am \U0001f4a9", "sunday\x002am", "dimanche 2h", "星期天 凌晨2点", "<!channel> sunday 2am", strings.Repeat("sunday ", 40),
	} {
		reading, refusal := typed(t, phrase, ritasNow, ritasZone)
		if refusal == nil {
			t.Errorf("%q is read as %s", phrase, reading.Text)
			continue
		}
		fmt.Fprintf(&got, "%.60q: %s %q\n  %s\n", phrase, refusal.Kind, refusal.Part, refusal)
		for _, c := range refusal.Candidates {
			fmt.Fprintf(&got, "  - %s %s\n", c.Time.Format(time.RFC3339), c.Why)
		}
	}
	const path = "testdata/refusals.golden"
	if *update {
		if err := os.WriteFile(path, []byte(got.String()), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatalf("%v (run go test ./handlers/timephrase -update to write it)", err)
	}
	if got.String() != string(want) {
		t.Errorf("the refusals read:\n%s", got.String())
	}
}

func TestLimits(t *testing.T) {
	now := time.Date(2026, 8, 5, 10, 0, 0, 0, time.UTC)
	limits := Limits{Min: 24*time.Hour + 5*time.Minute, Max: 60 * 24 * time.Hour}
	for _, c := range []struct {
		phrase     string
		kind       Kind
		candidates []string
	}{
		{"in 24 hours 5 minutes", "", nil},
		{"thursday 10:04", TooSoon, []string{"2026-08-06T10:05:00Z", "2026-08-13T10:04:00Z"}},
		{"tomorrow 9am", TooSoon, []string{"2026-08-06T10:05:00Z"}},
		{"in 60 days", "", nil},
		{"in 61 days", TooFar, nil},
		{"today 9am", Past, nil},
	} {
		_, err := Parse(c.phrase, now, time.UTC, limits)
		refusal, _ := err.(*Error)
		switch {
		case c.kind == "" && err != nil, c.kind != "" && (refusal == nil || refusal.Kind != c.kind):
			t.Errorf("%q: %v", c.phrase, err)
		case refusal != nil && !sameInstants(refusal.Candidates, c.candidates):
			t.Errorf("%q offers %v", c.phrase, refusal.Candidates)
		}
	}
}

// TestEachCandidateIsAllowed presses every button that a question offers.
func TestEachCandidateIsAllowed(t *testing.T) {
	for _, line := range corpus(t) {
		_, refusal := typed(t, line.Phrase, line.Now, line.TZ)
		if refusal == nil {
			continue
		}
		for _, c := range refusal.Candidates {
			if _, again := typed(t, c.Time.UTC().Format(time.RFC3339), line.Now, line.TZ); again != nil {
				t.Errorf("%q offers %s: %v", line.Phrase, c.Time, again)
			}
		}
	}
}

// TestManyAtOnce is for the race detector.
func TestManyAtOnce(t *testing.T) {
	var all sync.WaitGroup
	for range 8 {
		all.Go(func() {
			for _, phrase := range []string{"sunday 2am", "sunday 2", "2am europe/berlin sunday", "in 36 hours"} {
				typed(t, phrase, ritasNow, ritasZone)
			}
		})
	}
	all.Wait()
}
