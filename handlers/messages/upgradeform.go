package messages

import (
	"time"

	"github.com/slack-go/slack"

	"cbhbot/client"
	"cbhbot/handlers/cloud"
)

// UpgradeForm is what the form for an upgrade asks, and what it begins with.
type UpgradeForm struct {
	Draft  Draft
	At     time.Time
	Chosen []cloud.Instance // may be none
	Where  bool             // it asks for the channel, too
	Hint   Saying           // about the bastions that there are to choose from; may be none
}

// MostChosen is how many bastions one request may be for.
const MostChosen = 10

// UpgradeForm asks which bastions, when and why. What its inputs say is not in its
// metadata, which has 3000 characters.
func (v Voice) UpgradeForm(callback string, f UpgradeForm) slack.ModalViewRequest {
	blocks := []slack.Block{v.instanceInput(f.Chosen)}
	if !f.Hint.None() {
		blocks = append(blocks, small(v.Say(f.Hint)))
	}
	blocks = append(blocks, v.timeInput(f.At), v.input(InputReason, FormWhy, true, textInput(f.Draft.Reason)))
	if f.Where {
		blocks = append(blocks, v.channelInput())
	}
	f.Draft.Instance, f.Draft.Reason = "", ""
	return v.form(callback, FormUpgrade, FormAsk, f.Draft.Value(), blocks...)
}

// instanceInput is a menu whose options are asked for as somebody types.
func (v Voice) instanceInput(chosen []cloud.Instance) slack.Block {
	menu := slack.NewOptionsMultiSelectBlockElement(slack.MultiOptTypeExternal, v.label(FormChoose, longestOption), InputInstance)
	menu.InitialOptions = v.Options(chosen)
	menu.WithMinQueryLength(0).WithMaxSelectedItems(MostChosen)
	input := v.input(InputInstance, FormWhich, false, menu)
	input.Hint = plain(v.Plain(Say(FormWhichHint, "n", MostChosen)), 200)
	return input
}

// channelInput begins with the channel that its reader looks at. Slack then says where
// to answer them (https://docs.slack.dev/reference/block-kit/block-elements/select-menu-element).
func (v Voice) channelInput() slack.Block {
	menu := slack.NewOptionsSelectBlockElement(slack.OptTypeConversations, v.label(FormChooseChannel, longestOption), InputChannel)
	menu.DefaultToCurrentConversation, menu.ResponseURLEnabled = true, true
	menu.Filter = &slack.SelectBlockElementFilter{Include: []string{"public", "private"}}
	return v.input(InputChannel, FormWhere, false, menu)
}

// Options are instances to choose from, each with its version and what the cloud offers.
func (v Voice) Options(instances []cloud.Instance) []*slack.OptionBlockObject {
	var options []*slack.OptionBlockObject
	for _, i := range instances {
		about := plain(v.Plain(Say(FormOption, "version", i.Version, "offer", offer(i.Offer()))), longestOption)
		options = append(options, slack.NewOptionBlockObject(optionOf(i), plain(v.Plain(Choice(i)), longestOption), about))
	}
	return options
}

// optionOf is what an option names an instance by.
func optionOf(i cloud.Instance) string {
	if reference := cloud.Reference(i.Project, i.ServerID); len(reference) <= longestOption {
		return reference
	}
	return i.ServerID
}

// Upgradable reports whether an instance can be upgraded, as far as a list tells.
func Upgradable(i cloud.Instance, now time.Time) bool {
	return i.Update != client.Latest && i.Update != client.CanRollback && i.Idle && !i.UpgradeTime.After(now) && len(i.ServerID) <= longestOption
}
