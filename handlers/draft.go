package handlers

import (
	"encoding/json"
	"slices"
	"time"

	"cbhbot/bot/mrkdwn"
	"cbhbot/handlers/messages"
)

// parseDraft reads what a button or a form carries, with people's words as clean as a
// typed command's. It fails with a sentence for the person.
func parseDraft(value string) (messages.Draft, error) {
	var d messages.Draft
	if err := json.Unmarshal([]byte(value), &d); err != nil || len(value) > longestDraft || !sound(d) {
		return messages.Draft{}, messages.Refuse(messages.BadDraft)
	}
	d.Instance, d.Reason, d.Phrase = clean(d.Instance), messages.ReasonOf(d.Reason), clean(d.Phrase)
	return d, nil
}

// fits reports whether a draft still fits into a button when a time, a request and a
// place have come to it.
func fits(d messages.Draft) bool { return d.Length() <= messages.LongestValue-roomForMore }

const roomForMore = 250

// What no draft of ours goes beyond: whoever can press can also send another value.
// What a time and a stagger may be is judged when they are used.
const (
	longestDraft  = 4 * 3000 // bytes; a form's private metadata has 3000 characters
	mostPages     = 1_000_000
	latestDraft   = 1 << 33 // Unix seconds; in the year 2242
	mostStaggered = int64(90 * 24 * time.Hour / time.Second)
)

// sound reports whether the program can have written a draft.
func sound(d messages.Draft) bool {
	return slices.Contains(messages.Commands, d.Verb) && d.Request >= 0 && d.Page >= 0 && d.Page <= mostPages && d.At >= 0 && d.At <= latestDraft &&
		d.Stagger >= 0 && d.Stagger <= mostStaggered && (d.Channel == "" || mrkdwn.IsChannel(d.Channel)) &&
		(d.Thread == "" || timestamp.MatchString(d.Thread))
}
