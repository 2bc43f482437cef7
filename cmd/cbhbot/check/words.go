package check

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"cbhbot/approvals"
	"cbhbot/approvals/calendar"
	"cbhbot/approvals/policy"
	"cbhbot/approvals/policy/file"
)

// who lists people as they are called: "@ana, @bo and @sre".
func (f explained) who(set approvals.Set, last string) string {
	return file.Listed(each(slices.Concat(set.Users, set.Groups), f.name), last)
}

func (f explained) name(id string) string {
	if name, ok := f.Names[id]; ok {
		return "@" + name
	}
	return id
}

// each is what becomes of each of some things.
func each[T, U any](some []T, become func(T) U) []U {
	var all []U
	for _, one := range some {
		all = append(all, become(one))
	}
	return all
}

// given is what there is of some texts that may be empty.
func given(some ...string) []string {
	return slices.DeleteFunc(some, func(text string) bool { return text == "" })
}

func capital(text string) string {
	n := min(1, len(text))
	return strings.ToUpper(text[:n]) + text[n:]
}

// hoursWords says the hours of a day: "Saturday and Sunday 01:00 to 05:00".
func hoursWords(h calendar.Hours) string {
	if h.To > 24*60 {
		return fmt.Sprintf("%s %s to %s the next day", daysWords(h.Days), clockWords(h.From), clockWords(h.To-24*60))
	}
	return fmt.Sprintf("%s %s to %s", daysWords(h.Days), clockWords(h.From), clockWords(h.To))
}

func daysWords(days []time.Weekday) string {
	n := len(days)
	switch {
	case n == 0:
		return "every day"
	case n > 2 && calendar.InRow(days):
		return days[0].String() + " to " + days[n-1].String()
	}
	return file.Listed(each(days, time.Weekday.String), "and")
}

func clockWords(minutes int) string { return fmt.Sprintf("%02d:%02d", minutes/60, minutes%60) }

func windowWords(w calendar.Window) string {
	return fmt.Sprintf("%s (%s)", hoursWords(w.Hours), w.Zone)
}

func freezeWords(f calendar.Freeze) string {
	const layout = "2 January 2006 15:04"
	zone := f.From.Location()
	return fmt.Sprintf("%s to %s (%s): %s", f.From.Format(layout), f.To.In(zone).Format(layout), zone, f.Reason)
}

func actionWords(some []approvals.Action) string {
	words := map[approvals.Action]string{approvals.Upgrade: "an upgrade", approvals.Cancel: "a cancel", approvals.Rollback: "a rollback"}
	return file.Listed(each(some, func(action approvals.Action) string { return words[action] }), "or")
}

func remindWords(remind policy.Reminders) string {
	direct := ""
	if remind.Direct {
		direct = " Approvers get direct messages."
	}
	if len(remind.At) == 0 {
		return "Nobody is reminded." + direct
	}
	parts := each(remind.At, func(part float64) string { return fmt.Sprintf("%.4g %%", part*100) })
	return fmt.Sprintf("Who has not answered is reminded after %s of the time to the deadline, %s in their zone.%s",
		file.Listed(parts, "and"), hoursWords(remind.Hours), direct)
}

func headsUpWords(before []time.Duration) string {
	if len(before) == 0 {
		return "The thread is not told that an upgrade comes."
	}
	return fmt.Sprintf("The thread is told %s before an upgrade that it comes.", file.Listed(each(before, file.DurationWords), "and"))
}

func broadcastWords(some []approvals.Milestone) string {
	if len(some) == 0 {
		return "What becomes of it is told in the thread alone."
	}
	return fmt.Sprintf("What has %s goes to the channel, too.", file.Listed(some, "or"))
}

var languageWords = map[policy.Language]string{policy.English: "English", policy.SimplifiedChinese: "Simplified Chinese"}
