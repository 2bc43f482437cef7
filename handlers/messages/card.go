package messages

import (
	"cmp"
	"slices"
	"time"

	"github.com/slack-go/slack"

	"cbhbot/approvals"
	"cbhbot/bot"
)

// Card draws a request: a pure function of the stored record, the language of its
// channel and the time. It never says more than what is committed. A batch has a table
// where Slack takes one, else lines.
func Card(l *Language, r *approvals.Request, now time.Time, tables bool) bot.Message {
	v, first := Voice{Language: l, Zone: ZoneOf(r.Zone), Now: now}, Whole(r)
	text := cardLines(first)
	if r.Batch() && !tables {
		text = append(text, factsOf(batchTable(r).lines())...)
	}
	blocks := append([]slack.Block{header(v.Plain(first.title()))}, sections(v.text(text))...)
	for _, reason := range cardReasons(r) {
		blocks = append(blocks, paragraphs(v.Plain(reason)))
	}
	if r.Batch() && tables {
		blocks = append(blocks, v.table(batchTable(r)))
	}
	blocks = append(blocks, small(v.Say(Say(SmallPrint, first))))
	if actions := cardActions(first); len(actions) > 0 {
		blocks = append(blocks, v.buttons(actions))
	}
	return bot.Message{Text: v.Say(Say(CardSays, first)).Cut(longestNotice), Blocks: blocks, Metadata: Marked(r, "card")}
}

// MetadataType marks our messages, so that a card whose timestamp was lost with a dead
// process can be found again.
const MetadataType = "cbhbot_message"

// Marked is a message's metadata, with MarkID in it.
func Marked(r *approvals.Request, key string) *slack.SlackMetadata {
	return &slack.SlackMetadata{EventType: MetadataType, EventPayload: map[string]any{"id": MarkID(r, key)}}
}

// MarkID tells a message of a request from all others.
func MarkID(r *approvals.Request, key string) string { return r.Name() + " " + r.Key + " " + key }

// cardLines are when and where it stands, what is needed of whom, and what it does.
func cardLines(v View) lines {
	all := lines{cardTime(v), Say(CardState, "icon", v.icon(), "state", v.standings())}
	all = append(all, cardDecision(v)...)
	asked := CardAsked
	if v.R.Auto {
		asked = CardOwn
	}
	all = append(all, cardWhat(v), Say(asked, v))
	return append(all, factsOf(cardWarnings(v))...)
}

func cardTime(v View) Saying {
	switch {
	case v.At.IsZero() && v.R.State != approvals.Pending:
		return Saying{} // who approved says when
	case v.At.IsZero():
		return Say(CardAtOnce)
	case staggered(v.R):
		return Say(CardFromTo, v)
	}
	return Say(CardTime, v)
}

// staggered reports whether what is left in a request begins at different times.
func staggered(r *approvals.Request) bool { return !lastOf(r).Equal(Whole(r).At) }

// cardDecision is who decided, and what is needed of whom until when.
func cardDecision(v View) lines {
	r := v.R
	var all lines
	switch given := r.Approvals(); {
	case r.Emergency != nil:
		all = append(all, Say(CardEmergency, "by", r.Emergency.By, "at", r.Emergency.At))
	case r.Alone:
		all = append(all, Say(CardAlone))
	case len(given) > 0:
		all = append(all, Say(CardApproved, v))
	}
	switch r.State {
	case approvals.Pending:
		key := CardNeeds
		if len(r.Approvals()) > 0 {
			key = CardNeedsMore
		}
		all = append(all, Say(key, v))
	case approvals.Denied:
		all = append(all, Say(CardDenied, v))
	case approvals.Withdrawn:
		switch {
		case r.Closing.By.ID != "":
			all = append(all, Say(CardWithdrawn, v))
		case r.Closing.Code == "":
			all = append(all, Say(CardOvertaken, v))
		}
	}
	if out := barred(r); len(out) > 0 {
		all = append(all, Say(CardShutOut, out[0]))
	}
	return all
}

// barred are the items that wait for the cloud to let the program in.
func barred(r *approvals.Request) []View {
	return slices.DeleteFunc(Views(r), func(v View) bool { return !r.ShutOut(v.I) })
}

// cardWhat is from which version to what, and what it costs; of what is over, what
// became of it.
func cardWhat(v View) Saying {
	r := v.R
	switch {
	case len(takePlace(r)) > 1 && r.Open():
		return Say(CardBatchCosts)
	case r.Batch() && !r.Open():
		return Saying{} // the table tells it
	case v.It.End == approvals.EndRefused:
		return outcome(v)
	case v.It.End != "":
		return Say(endKey(v.It.End), v)
	case v.Stage == approvals.Running:
		return Say(runningKeys[r.Action], "for", since(v.It.Progress.StartedAt), v)
	case v.Stage == approvals.Succeeded && r.Action != approvals.Cancel:
		return Say(CardWent, v)
	case v.It.Watched:
		return Say(CardElsewhere, v)
	case r.Action == approvals.Cancel && r.Of != (approvals.Ref{}):
		return Say(cancels(v), v)
	case r.Action == approvals.Cancel && r.Open():
		return Say(CardCancelsOutside)
	case !r.Open():
		return Say(CardVersion, v)
	case r.Action == approvals.Rollback:
		return Say(CardRollsBack, v)
	}
	return Say(cmp.Or(offered[v.It.Target.Offer], CardNoOffer), v)
}

// cancels says what a cancel takes back: it has done so where that was read back only.
func cancels(v View) Key {
	switch {
	case v.Stage == approvals.Succeeded:
		return CardCancelled
	case v.R.Open():
		return CardCancels
	}
	return CardNotCancelled
}

var runningKeys = map[approvals.Action]Key{
	approvals.Upgrade: CardRunning, approvals.Rollback: CardRunningBack, approvals.Cancel: CardCancels,
}

var offered = map[approvals.Offer]Key{approvals.OfferMinor: CardMinor, approvals.OfferCrossVersion: CardCrossVersion}

// cardWarnings are what an approver has to know besides, while it is to be decided.
func cardWarnings(v View) []Saying {
	r := v.R
	var all []Saying
	if r.Override != nil {
		all = append(all, Say(CardOutside, "by", r.Override.By))
	}
	if !r.Open() {
		return all
	}
	if r.Moves() && r.State == approvals.Pending {
		all = append(all, Say(oneOrAll(r, CardMoves, CardMovesAll), v))
	}
	if blind := slices.IndexFunc(r.Items, approvals.Item.Blind); blind >= 0 {
		all = append(all, Say(CardBlind, ViewOf(r, blind)))
	}
	if r.Action == approvals.Rollback {
		all = append(all, Say(CardLosesData))
	}
	if r.Action == approvals.Upgrade && crosses(r) {
		all = append(all, Say(CardCrossing))
	}
	return all
}

// oneOrAll chooses between the text about one item and the one about several that are left.
func oneOrAll(r *approvals.Request, one, all Key) Key {
	if len(r.Kept()) > 1 {
		return all
	}
	return one
}

// cardReasons are people's own words.
func cardReasons(r *approvals.Request) []Saying {
	var all []Saying
	add := func(key Key, reason string) {
		if reason != "" {
			all = append(all, Say(key, "reason", reason))
		}
	}
	add(WhyAsked, r.Reason)
	if r.Override != nil && r.Override.Reason != r.Reason {
		add(WhyOutside, r.Override.Reason)
	}
	if r.Emergency != nil {
		add(WhySkipped, r.Emergency.Reason)
	}
	if r.State == approvals.Denied || r.State == approvals.Withdrawn {
		add(WhyClosed, r.Closing.Reason)
	}
	return all
}

var rowOffers = map[approvals.Offer]Key{approvals.OfferMinor: RowMinor, approvals.OfferCrossVersion: RowCrossVersion}

// batchTable has a row for each instance of a batch, and columns for what differs.
func batchTable(r *approvals.Request) Table {
	t := Table{Head: []Saying{Say(HeadBastion)}}
	apart, apiece := staggered(r), r.State != approvals.Pending || len(r.Kept()) < len(r.Items)
	if apart {
		t.Head = append(t.Head, Say(HeadWhen))
	}
	if apiece {
		t.Head = append(t.Head, Say(HeadState))
	}
	for _, v := range Views(r) {
		row := []any{cells{v.It.Target, Say(cmp.Or(rowOffers[v.It.Target.Offer], RowNoOffer), v)}}
		if apart {
			row = append(row, v.At)
		}
		if apiece {
			row = append(row, v.Standing())
		}
		t.Rows = append(t.Rows, row)
	}
	return t
}
