package main

import (
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

const common = `{"now":"2026-11-25T12:00:00Z","names":{"U0ANA":"Ana"}}` + "\n"

func TestSamplesAreReadAsSets(t *testing.T) {
	all, err := readSamples(strings.NewReader(common +
		`{"name":"a","group":"card","surface":"message","language":"en","blocks":[{"type":"divider"}]}` +
		`{"name":"b","group":"form","surface":"modal","language":"en","view":{"blocks":[]}}` +
		`{"name":"c","group":"card","surface":"message","language":"zh-CN","text":"<@U0ANA>","blocks":[]}` +
		`{"name":"d","group":"card","surface":"message","language":"en","blocks":[]}`))
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, s := range all.sets() {
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
	for text, want := range map[string]string{
		``:             "there have to be samples",
		common:         "there have to be samples",
		`{"name":"a"}`: `"a": a message has blocks`,
		common + `{"name":"a","group":"g","surface":"modal","language":"en","blocks":[]}`:                                          `"a": a message has blocks`,
		common + `{"name":"a","group":"g","surface":"message","language":"en","blocks":[{"text":"by \u003c@U0BO\u003e"}]}`:         "U0BO, for which there is no name",
		common + `{"name":"a","group":"g","surface":"message","language":"en","blocks":[{"text":"by <!subteam^S0SRE|x>"}]}`:        "S0SRE, for which there is no name",
		common + `{"name":"a","group":"g","surface":"message","language":"en","blocks":[{"type":"user","user_id":"U0BO"}]}`:        "U0BO, for which there is no name",
		common + `{"name":"a","group":"g","surface":"message","language":"en","text":"ask <@U0BO>","blocks":[{"type":"divider"}]}`: "U0BO, for which there is no name",
	} {
		if _, err := readSamples(strings.NewReader(text)); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v", text, err)
		}
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
