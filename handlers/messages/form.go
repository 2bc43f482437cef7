package messages

import (
	"time"

	"github.com/slack-go/slack"

	"cbhbot/approvals"
	"cbhbot/bot"
	"cbhbot/bot/mrkdwn"
	"cbhbot/client"
	"cbhbot/handlers/cloud"
)

// Block ids of the forms' inputs.
const (
	InputReason   = "reason"
	InputTime     = "time"
	InputInstance = "instance"
)

const (
	longestTitle  = 24 // of a form, and of its buttons
	longestOption = 75
	mostOptions   = 100 // of a select (deploy/docs/facts.md: Block Kit)
)

func (v Voice) form(callback string, title, submit Key, private string, blocks ...slack.Block) slack.ModalViewRequest {
	return slack.ModalViewRequest{
		Type: slack.VTModal, CallbackID: callback, PrivateMetadata: private, Blocks: slack.Blocks{BlockSet: blocks},
		Title: v.label(title, longestTitle), Submit: v.label(submit, longestTitle), Close: v.label(FormBack, longestTitle),
	}
}

func (v Voice) label(key Key, max int) *slack.TextBlockObject { return plain(v.Plain(Say(key)), max) }

func (v Voice) input(block string, label Key, optional bool, element slack.BlockElement) *slack.InputBlock {
	b := slack.NewInputBlock(block, v.label(label, 200), nil, element)
	b.Optional = optional
	return b
}

func textInput(initial string) *slack.PlainTextInputBlockElement {
	e := slack.NewPlainTextInputBlockElement(nil, "text")
	e.Multiline, e.MaxLength, e.InitialValue = true, LongestReason, initial
	return e
}

// ReasonForm asks for a reason.
func (v Voice) ReasonForm(callback string, title, submit, why Key, initial, private string) slack.ModalViewRequest {
	return v.form(callback, title, submit, private, v.input(InputReason, why, false, textInput(initial)))
}

// TimeForm asks for a time from the earliest on, and for what else a draft lacks: an
// instance, of those that are given, and a reason.
func (v Voice) TimeForm(callback string, draft Draft, earliest time.Time, instances []cloud.Instance) slack.ModalViewRequest {
	var blocks []slack.Block
	if len(instances) > 0 {
		blocks = append(blocks, v.instanceInput(instances))
	}
	picker := slack.NewDateTimePickerBlockElement("time")
	picker.InitialDateTime = max(earliest.Unix(), draft.At)
	blocks = append(blocks, v.input(InputTime, FormWhen, false, picker))
	if draft.Verb == "upgrade" {
		blocks = append(blocks, v.input(InputReason, FormWhy, true, textInput(draft.Reason)))
	}
	return v.form(callback, FormTime, FormAsk, draft.Value(), blocks...)
}

func (v Voice) instanceInput(instances []cloud.Instance) slack.Block {
	var options []*slack.OptionBlockObject
	for _, i := range instances[:min(len(instances), mostOptions)] {
		if len(i.ServerID) <= longestOption {
			words := v.Plain(Say(FormOption, "name", Choice(i), "version", i.Version))
			options = append(options, slack.NewOptionBlockObject(i.ServerID, plain(words, longestOption), nil))
		}
	}
	return v.input(InputInstance, FormWhich, false,
		slack.NewOptionsSelectBlockElement(slack.OptTypeStatic, v.label(FormChoose, longestOption), "instance", options...))
}

// Upgradable reports whether an upgrade of an instance can be thought of.
func Upgradable(i cloud.Instance) bool {
	return i.Update != client.Latest && i.Update != client.CanRollback
}

// Choice tells instances of the same name apart.
func Choice(i cloud.Instance) Saying {
	if !i.Shared {
		return Say(LabelChoice, "name", i.Target())
	}
	name := mrkdwn.Line(called(i.Target()), longestLabel-len(" (12345678…)"))
	return Say(NameAndID, "name", name, "id", mrkdwn.Line(i.ServerID, 9))
}

// Notice is a form with nothing to fill in.
func (v Voice) Notice(title Key, answer *Answer) slack.ModalViewRequest {
	return slack.ModalViewRequest{
		Type: slack.VTModal, Title: v.label(title, longestTitle), Close: v.label(FormClose, longestTitle),
		Blocks: slack.Blocks{BlockSet: v.Answer(answer).Blocks},
	}
}

// Errors are what is wrong with a form, at its inputs.
func (v Voice) Errors(input string, wrong Saying) *slack.ViewSubmissionResponse {
	return slack.NewErrorsViewSubmissionResponse(map[string]string{input: v.Plain(wrong)})
}

// Leading is a message with a link to the card behind it, and without buttons.
func Leading(l *Language, m bot.Message, url string) bot.Message {
	v := Voice{Language: l}
	link := mrkdwn.Link(url, v.Say(Say(OpenCard)))
	text := v.Say(Say(OpenCardAt, "text", m.Text, "link", link))
	return bot.Message{Text: text, Blocks: sections(text), Metadata: m.Metadata}
}

// InTheWayOf says which open request is in the way, and what can be done about it.
func InTheWayOf(v View, link any) []Saying {
	first := InTheWayTime
	if v.R.Action != approvals.Upgrade {
		first = InTheWay
	}
	return []Saying{Say(first, "link", link, v), Say(v.wayOn(), v)}
}

func (v View) wayOn() Key {
	switch {
	case v.Stage == approvals.Pending:
		return NextPending
	case v.Stage == approvals.Scheduled && v.R.Batch():
		return NextInBatch
	case v.Stage == approvals.Scheduled:
		return NextScheduled
	case v.Stage == approvals.Changed:
		return NextChanged
	case v.stuck():
		return NextStuck
	}
	return NextWait
}
