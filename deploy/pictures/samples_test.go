package main

import (
	"encoding/json"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"
)

func of(list ...sample) samples {
	return samples{now: time.Date(2026, 11, 25, 12, 0, 0, 0, time.UTC), names: map[string]string{"U0ANA": "Ana"}, list: list}
}

func message(name, language, blocks string) sample {
	return sample{Name: name, Group: "card", Surface: "message", Language: language, Blocks: json.RawMessage(blocks)}
}

func TestSamplesAreDrawnInSets(t *testing.T) {
	form := sample{Name: "b", Group: "form", Surface: "modal", Language: "en", View: json.RawMessage(`{"blocks":[]}`)}
	var got []string
	for _, s := range of(message("a", "en", `[]`), form, message("c", "zh-CN", `[]`), message("d", "en", `[]`)).sets() {
		line := s.name()
		for _, each := range s.Samples {
			line += " " + each.Name
		}
		got = append(got, line)
	}
	want := "en-light-390-card a d|en-light-720-card a d|en-dark-390-card a d|en-dark-720-card a d|" +
		"en-light-390-form b|en-light-720-form b|en-dark-390-form b|en-dark-720-form b|" +
		"zh-CN-light-390-card c|zh-CN-light-720-card c|zh-CN-dark-390-card c|zh-CN-dark-720-card c"
	if strings.Join(got, "|") != want {
		t.Errorf("the sets are %s", strings.Join(got, "|"))
	}
}

func TestSamplesThatCannotBeDrawnAreRefused(t *testing.T) {
	told := message("a", "en", `[]`)
	told.Text = "ask <@U0BO>"
	for want, all := range map[string]samples{
		"there are no samples":               of(),
		"no time on their clocks":            {list: []sample{message("a", "en", `[]`)}},
		`"a": a message has blocks`:          of(sample{Name: "a", Group: "form", Surface: "modal", Language: "en", Blocks: json.RawMessage(`[]`)}),
		"U0BO, for which there is no name":   of(told),
		"U0ESC, for which there is no name":  of(message("a", "en", `[{"text":"by \u003c@U0ESC\u003e"}]`)),
		"S0SRE, for which there is no name":  of(message("a", "en", `[{"text":"by <!subteam^S0SRE|x>"}]`)),
		"U0RICH, for which there is no name": of(message("a", "en", `[{"type":"user","user_id":"U0RICH"}]`)),
	} {
		if err := all.check(); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%v, and not %q", err, want)
		}
	}
	if err := of(message("a", "en", `[{"text":"by <@U0ANA>"}]`)).check(); err != nil {
		t.Error(err)
	}
}

func TestTheGalleryCanBeDrawn(t *testing.T) {
	if all, err := gallery(); err != nil || len(all.sets()) < 2*2*2*3 {
		t.Errorf("%d sets: %v", len(all.sets()), err)
	}
}

func TestTheDocumentShowsWhatIsThere(t *testing.T) {
	text, err := os.ReadFile("../docs/pictures.md")
	if err != nil {
		t.Fatal(err)
	}
	var total int64
	for _, match := range regexp.MustCompile(`\(pictures/([^)]+)\)`).FindAllStringSubmatch(string(text), -1) {
		file, err := os.Stat(filepath.Join("../docs/pictures", match[1]))
		if err != nil {
			t.Errorf("pictures.md shows a picture that is not there: %v", err)
			continue
		}
		total += file.Size()
	}
	if total > 3<<20 {
		t.Errorf("the pictures have %d bytes together", total)
	}
}
