package messages

import (
	"maps"
	"slices"
	"time"

	"github.com/slack-go/slack"

	"cbhbot/approvals"
	"cbhbot/bot"
)

// Sample is one thing that people may see: a message, a form or a Home page.
type Sample struct {
	Group, Name string
	Message     bot.Message
	Modal       *slack.ModalViewRequest   // nil: it is none
	Home        *slack.HomeTabViewRequest // nil: it is none
}

// Gallery is all that people may see in a language: each text of its table at least
// once, with invented facts. The first sample of each name is always the same.
func Gallery(l *Language) []Sample {
	var all []Sample
	for _, name := range sorted(cardSamples()) {
		r := cardSamples()[name]
		all = append(all, Sample{Group: "card", Name: name, Message: Card(l, r, lookedAt(r), true)})
		if r.Batch() {
			all = append(all, Sample{Group: "card", Name: name + ", without a table", Message: Card(l, r, lookedAt(r), false)})
		}
	}
	for _, name := range sorted(noticeSamples()) {
		n := noticeSamples()[name]
		all = append(all, Sample{Group: "notice", Name: name, Message: NoticeOf(l, told(n.change), n.notice, sampleNow)})
	}
	voice := Voice{Language: l, Zone: ZoneOf("Asia/Shanghai"), Now: sampleNow}
	answers := answerSamples()
	for _, name := range sorted(answers) {
		all = append(all, Sample{Group: "answer", Name: name, Message: voice.Answer(answers[name])})
		if len(answers[name].Table.Rows) > 0 {
			all = append(all, Sample{Group: "answer", Name: name + ", without a table", Message: voice.WithoutTable(answers[name])})
		}
	}
	homes := homeSamples(voice)
	for _, name := range sorted(homes) {
		home := voice.Home(homes[name])
		all = append(all, Sample{Group: "home", Name: name, Home: &home})
	}
	forms := formSamples(voice)
	for _, name := range sorted(forms) {
		all = append(all, Sample{Group: "form", Name: name, Modal: forms[name]})
	}
	return all
}

func sorted[V any](m map[string]V) []string { return slices.Sorted(maps.Keys(m)) }

// sampleNow is when the samples are looked at.
var sampleNow = time.Date(2026, 11, 25, 12, 0, 0, 0, time.UTC)

// lookedAt is when a card is looked at: what runs, a while after its start.
func lookedAt(r *approvals.Request) time.Time {
	if r.Stage(0) == approvals.Running {
		return r.Items[0].Progress.StartedAt.Add(17 * time.Minute)
	}
	return sampleNow
}
