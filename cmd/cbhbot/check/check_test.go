package check

import (
	"context"
	"errors"
	"os"
	"regexp"
	"strings"
	"testing"
	"testing/synctest"
	"time"
)

// A check that hears nothing is told of when its time is over; the others are not held up,
// and all of them stand in their order.
func TestAHungCheckIsToldOf(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		begun := time.Now()
		forget := make(chan struct{})
		defer close(forget)
		found := atOnce(t.Context(), []check{
			{"deaf", func(context.Context) []Finding { <-forget; return nil }},
			{"as deaf", func(context.Context) []Finding { <-forget; return nil }},
			{"quick", func(context.Context) []Finding { return []Finding{ok("quick")} }},
			{"patient", func(ctx context.Context) []Finding { <-ctx.Done(); return []Finding{noAnswer("the cloud")} }},
		})
		if took := time.Since(begun); took != Patience+time.Second {
			t.Errorf("took %s", took)
		}
		var all []string
		for _, f := range found {
			all = append(all, f.Check+": "+f.Text)
		}
		if got := strings.Join(all, "\n"); got != "deaf: no answer from it within 10s\nas deaf: no answer from it within 10s\nquick: quick\npatient: no answer from the cloud within 10s" {
			t.Error(got)
		}
	})
}

func TestAReportIsReadable(t *testing.T) {
	r := Report{[]Finding{ok("zero"), ok("one\ntwo"), fail(Parked, "Type this.", "three"), warn(CloudEmpty, "See.", "four"), skip("five")}}
	var plainly, coloured strings.Builder
	if err := errors.Join(r.Print(&plainly, false), r.Print(&coloured, true)); err != nil {
		t.Error(err)
	}
	want := "ok    zero\nok    one\n      two\nFAIL  three\n      -> Type this.\nwarn  four\n      -> See.\nskip  five\n"
	if plainly.String() != want {
		t.Errorf("%s", &plainly)
	}
	if text := coloured.String(); !strings.Contains(text, "\x1b[1;31mFAIL\x1b[0m  three") || regexp.MustCompile(`\x1b\[[0-9;]*m`).ReplaceAllString(text, "") != want {
		t.Errorf("%q", text)
	}
	unwritable, err := os.Open(os.DevNull)
	if err != nil {
		t.Fatal(err)
	}
	defer unwritable.Close()
	if r.Print(unwritable, false) == nil {
		t.Error("nobody hears that the report is not written")
	}
}

// TestTheDocumentHasEveryCode keeps deploy/docs/check.md whole: what reads --json goes by it.
func TestTheDocumentHasEveryCode(t *testing.T) {
	source, err := os.ReadFile("codes.go")
	if err != nil {
		t.Fatal(err)
	}
	document, err := os.ReadFile("../../../deploy/docs/check.md")
	if err != nil {
		t.Fatal(err)
	}
	codes := regexp.MustCompile(`Code = "(\w+)"`).FindAllStringSubmatch(string(source), -1)
	for _, code := range codes {
		if !strings.Contains(string(document), "\n| `"+code[1]+"` |") {
			t.Errorf("deploy/docs/check.md lacks %s", code[1])
		}
	}
	if rows := strings.Count(string(document), "\n| `"); rows != len(codes) {
		t.Errorf("%d codes, and %d rows", len(codes), rows)
	}
}

// What Slack and the cloud say stands in findings as they have said it.
func TestAReportThatIsPrintedMovesNoTerminal(t *testing.T) {
	var out strings.Builder
	Report{[]Finding{{Level: Fail, Text: "the cloud says \x1b[2J\u009b2J\na\u202eb", Mend: "Wait."}}}.Print(&out, false)
	if want := "FAIL  the cloud says  [2J 2J\n      a b\n      -> Wait.\n"; out.String() != want {
		t.Errorf("%q instead of %q", out.String(), want)
	}
}
