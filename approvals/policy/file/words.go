package file

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"cbhbot/approvals"
	"cbhbot/approvals/policy"
)

// who lists people as they are called: "@ana, @bo and @sre".
func (f *File) who(set approvals.Set, last string) string {
	var names []string
	for _, id := range slices.Concat(set.Users, set.Groups) {
		names = append(names, f.name(id))
	}
	return join(names, last)
}

func (f *File) name(id string) string {
	if name, ok := f.Names[id]; ok {
		return "@" + name
	}
	return id
}

func join(words []string, last string) string {
	if len(words) < 2 {
		return strings.Join(words, "")
	}
	n := len(words) - 1
	return strings.Join(words[:n], ", ") + " " + last + " " + words[n]
}

func capital(text string) string { return strings.ToUpper(text[:1]) + text[1:] }

func durationWords(d time.Duration) string {
	if d%time.Hour == 0 {
		return fmt.Sprintf("%d h", d/time.Hour)
	}
	return d.String()
}

func actionWords(some []approvals.Action) string {
	words := map[approvals.Action]string{approvals.Upgrade: "an upgrade", approvals.Cancel: "a cancel", approvals.Rollback: "a rollback"}
	var nouns []string
	for _, action := range some {
		nouns = append(nouns, words[action])
	}
	return join(nouns, "or")
}

func selfWords(rule policy.Rule) string {
	if rule.SelfApprove {
		return "The requester's own approval counts, too."
	}
	return "The requester's own approval does not count."
}

func remindWords(remind policy.Reminders) string {
	direct := ""
	if remind.Direct {
		direct = " Approvers get direct messages."
	}
	if len(remind.At) == 0 {
		return "Nobody is reminded." + direct
	}
	var parts []string
	for _, part := range remind.At {
		parts = append(parts, percent(part))
	}
	return fmt.Sprintf("Who has not answered is reminded after %s of the time to the deadline, %s in their zone.%s",
		join(parts, "and"), remind.Hours, direct)
}

// percent writes a fraction for people.
func percent(part float64) string { return fmt.Sprintf("%.4g %%", part*100) }
