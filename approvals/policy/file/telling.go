package file

import (
	"fmt"
	"slices"
	"time"

	"go.yaml.in/yaml/v3"

	"cbhbot/approvals"
	"cbhbot/approvals/policy"
)

// At most so many heads-ups, and none longer before than this: people stop reading
// what they are told often, or long before.
const (
	mostHeadsUps    = 5
	earliestHeadsUp = 30 * 24 * time.Hour
)

// headsUp reads how long before an upgrade people are told of it, in any order. An
// empty list is allowed: they are not told.
func (r *reader) headsUp(n *yaml.Node, telling *approvals.Telling) {
	telling.HeadsUp = nil
	if n.Kind == yaml.SequenceNode && len(n.Content) == 0 {
		return
	}
	eachOnce(r, &telling.HeadsUp, said(r, headsUpTime))(n)
	if len(n.Content) > mostHeadsUps {
		r.wrong(n, "names %d times; at most %d are given", len(n.Content), mostHeadsUps)
	}
	slices.Sort(telling.HeadsUp)
	slices.Reverse(telling.HeadsUp)
}

func headsUpTime(text string) (time.Duration, error) {
	d, err := duration(text)
	if d > earliestHeadsUp {
		err = fmt.Errorf("%s must be at most %d h", durationWords(d), earliestHeadsUp/time.Hour)
	}
	return d, err
}

// broadcast reads what goes to the channel. An empty list is allowed: nothing does.
func (r *reader) broadcast(n *yaml.Node, telling *approvals.Telling) {
	telling.Broadcast = nil
	if n.Kind == yaml.SequenceNode && len(n.Content) == 0 {
		return
	}
	eachOnce(r, &telling.Broadcast, said(r, milestone))(n)
}

var (
	milestone = oneOf("nothing that goes to the channel", approvals.Milestones)
	language  = oneOf("no language of this program", policy.Languages)
)

func wordsOf[T ~string](some []T) []string {
	var words []string
	for _, word := range some {
		words = append(words, string(word))
	}
	return words
}

var languageWords = map[policy.Language]string{policy.English: "English", policy.SimplifiedChinese: "Simplified Chinese"}

func headsUpWords(before []time.Duration) string {
	if len(before) == 0 {
		return "The thread is not told that an upgrade comes."
	}
	var times []string
	for _, d := range before {
		times = append(times, durationWords(d))
	}
	return fmt.Sprintf("The thread is told %s before an upgrade that it comes.", join(times, "and"))
}

func broadcastWords(some []approvals.Milestone) string {
	if len(some) == 0 {
		return "What becomes of it is told in the thread alone."
	}
	return fmt.Sprintf("What has %s goes to the channel, too.", join(wordsOf(some), "or"))
}
