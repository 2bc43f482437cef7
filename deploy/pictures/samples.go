package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"regexp"
	"slices"
	"time"
)

// sample is one thing the bot says: a message with text and blocks, or a view.
type sample struct {
	Name     string          `json:"name"`
	Group    string          `json:"group"`    // what it is shown with: cards, notices …
	Surface  string          `json:"surface"`  // message, modal or home
	Language string          `json:"language"` // as BCP 47 names it
	Text     string          `json:"text,omitempty"`
	Blocks   json.RawMessage `json:"blocks,omitempty"`
	View     json.RawMessage `json:"view,omitempty"`
}

// samples is all there is to draw.
type samples struct {
	now   time.Time         // on the clocks of those who read
	names map[string]string // of people, groups and channels, by id
	list  []sample
}

// mentioned are the ids that stand in blocks: in mrkdwn, and in rich text.
var mentioned = regexp.MustCompile(`(?:<|\\u003c)(?:[@#]|!subteam\^)(\w+)|"(?:user|usergroup|channel)_id":"(\w+)"`)

func (all samples) check() error {
	var faults []error
	if len(all.list) == 0 || all.now.IsZero() {
		faults = append(faults, errors.New("there are no samples, or no time on their clocks"))
	}
	for _, s := range all.list {
		if (s.Blocks == nil) == (s.View == nil) || (s.View == nil) != (s.Surface == "message") || s.Group == "" || s.Language == "" {
			faults = append(faults, fmt.Errorf("%q: a message has blocks, a modal and a home have a view; each has a group and a language", s.Name))
		}
		for _, match := range mentioned.FindAllSubmatch(slices.Concat([]byte(s.Text), s.Blocks, s.View), -1) {
			if id := string(match[1]) + string(match[2]); all.names[id] == "" {
				faults = append(faults, fmt.Errorf("%q mentions %s, for which there is no name", s.Name, id))
			}
		}
	}
	return errors.Join(faults...)
}

// set is what goes onto the same sheets.
type set struct {
	Group    string            `json:"group"`
	Language string            `json:"language"`
	Look     string            `json:"look"` // light or dark
	Width    int               `json:"width"`
	Now      time.Time         `json:"now"`
	Names    map[string]string `json:"names"`
	Samples  []sample          `json:"samples"`
}

func (s set) name() string { return fmt.Sprintf("%s-%s-%d-%s", s.Language, s.Look, s.Width, s.Group) }

// sets are the samples of each language and group, in each look and width.
func (all samples) sets() []set {
	var groups []set
	for _, s := range all.list {
		n := slices.IndexFunc(groups, func(g set) bool { return g.Language == s.Language && g.Group == s.Group })
		if n < 0 {
			n = len(groups)
			groups = append(groups, set{Group: s.Group, Language: s.Language, Now: all.now, Names: all.names})
		}
		groups[n].Samples = append(groups[n].Samples, s)
	}
	var sets []set
	for _, g := range groups {
		for _, g.Look = range []string{"light", "dark"} {
			for _, g.Width = range []int{390, 720} {
				sets = append(sets, g)
			}
		}
	}
	return sets
}
