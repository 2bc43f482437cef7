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

// headsUp reads how long before an upgrade people are told of it, in any order.
func (r *reader) headsUp(n *yaml.Node, telling *approvals.Telling) {
	instead(r, &telling.HeadsUp, said(r, headsUpTime))(n)
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

var (
	milestone = oneOf("nothing that goes to the channel", approvals.Milestones)
	language  = oneOf("no language of this program", policy.Languages)
)

var languageWords = map[policy.Language]string{policy.English: "English", policy.SimplifiedChinese: "Simplified Chinese"}

func headsUpWords(before []time.Duration) string {
	if len(before) == 0 {
		return "The thread is not told that an upgrade comes."
	}
	return fmt.Sprintf("The thread is told %s before an upgrade that it comes.", join(each(before, durationWords), "and"))
}

func broadcastWords(some []approvals.Milestone) string {
	if len(some) == 0 {
		return "What becomes of it is told in the thread alone."
	}
	return fmt.Sprintf("What has %s goes to the channel, too.", join(some, "or"))
}
