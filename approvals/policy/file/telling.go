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
	eachOnce(r, &telling.HeadsUp, r.headsUpTime)(n)
	if len(n.Content) > mostHeadsUps {
		r.wrong(n, "names %d times; at most %d are given", len(n.Content), mostHeadsUps)
	}
	slices.Sort(telling.HeadsUp)
	slices.Reverse(telling.HeadsUp)
}

func (r *reader) headsUpTime(n *yaml.Node) (time.Duration, bool) {
	d, ok := r.duration(n)
	if ok && d > earliestHeadsUp {
		r.wrong(n, "%s must be at most %d h", durationWords(d), earliestHeadsUp/time.Hour)
		ok = false
	}
	return d, ok
}

// broadcast reads what goes to the channel. An empty list is allowed: nothing does.
func (r *reader) broadcast(n *yaml.Node, telling *approvals.Telling) {
	telling.Broadcast = nil
	if n.Kind == yaml.SequenceNode && len(n.Content) == 0 {
		return
	}
	eachOnce(r, &telling.Broadcast, r.milestone)(n)
}

func (r *reader) milestone(n *yaml.Node) (approvals.Milestone, bool) {
	return oneOf(r, n, "nothing that goes to the channel", approvals.Milestones)
}

func (r *reader) language(n *yaml.Node) (policy.Language, bool) {
	return oneOf(r, n, "no language of this program", policy.Languages)
}

// oneOf reads a word of a list.
func oneOf[T ~string](r *reader, n *yaml.Node, otherwise string, known []T) (T, bool) {
	text, ok := r.text(n)
	if ok && !slices.Contains(known, T(text)) {
		r.wrong(n, "%.40q is %s: %s", text, otherwise, join(wordsOf(known), "or"))
		ok = false
	}
	return T(text), ok
}

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
