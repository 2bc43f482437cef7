package handlers

import (
	"context"
	"encoding/json"
	"fmt"
	"regexp"
	"time"

	"github.com/slack-go/slack"

	"cbhbot/approvals"
	"cbhbot/approvals/engine"
	"cbhbot/bot"
	"cbhbot/client"
	"cbhbot/handlers/cloud"
)

// Callback ids of the forms, and block ids of their inputs.
const (
	viewDeny = "deny"
	viewTime = "pick_time"

	inputReason   = "reason"
	inputTime     = "time"
	inputInstance = "instance"
)

func form(callback, title, submit, private string, blocks ...slack.Block) slack.ModalViewRequest {
	return slack.ModalViewRequest{
		Type: slack.VTModal, CallbackID: callback, Title: plain(title, 24), Submit: plain(submit, 24),
		Close: plain("Back", 24), PrivateMetadata: private, Blocks: slack.Blocks{BlockSet: blocks},
	}
}

func input(block, label string, optional bool, element slack.BlockElement) *slack.InputBlock {
	b := slack.NewInputBlock(block, plain(label, 200), nil, element)
	b.Optional = optional
	return b
}

func textInput(max int, initial string) *slack.PlainTextInputBlockElement {
	e := slack.NewPlainTextInputBlockElement(nil, "text")
	e.Multiline, e.MaxLength, e.InitialValue = true, max, initial
	return e
}

// denial is what the deny form remembers of the card it was opened from.
type denial struct {
	Marker  string `json:"m"`
	Channel string `json:"c"`
	Message string `json:"t"`
}

func denyForm(marker, channel, message string) slack.ModalViewRequest {
	private, err := json.Marshal(denial{marker, channel, message})
	if err != nil {
		panic(err) // three strings always encode
	}
	return form(viewDeny, "Deny the request", "Deny", string(private),
		input(inputReason, "Why? The requester and the audit will read this.", false, textInput(longestReason, "")))
}

// checkReason refuses a reason that is only white space, at the input.
func checkReason(_ context.Context, s bot.Submission) *slack.ViewSubmissionResponse {
	if clean(typed(s, inputReason).Value) == "" {
		return slack.NewErrorsViewSubmissionResponse(map[string]string{inputReason: "Please say why in a few words."})
	}
	return nil
}

func (h *Handlers) onDenied(ctx context.Context, a ask, s bot.Submission) error {
	var from denial
	unread := json.Unmarshal([]byte(s.Callback.View.PrivateMetadata), &from)
	marker, err := approvals.ParseMarker(from.Marker)
	if unread != nil || err != nil || from.Message != "" && !timestamp.MatchString(from.Message) {
		return sentence("That form belongs to no request of mine. Please press Deny again.")
	}
	_, err = h.Engine.Act(ctx, engine.Act{
		Event: a.event, By: a.user, Request: marker.ID, Revision: marker.Revision, Key: marker.Key,
		Verb: approvals.VerbDeny, Reason: reasonOf(typed(s, inputReason).Value), Channel: a.channel, Message: from.Message,
	})
	return err
}

// timestamp is what Slack names a message by.
var timestamp = regexp.MustCompile(`^\d{1,12}\.\d{1,9}$`)

// openTimeForm asks for what a draft lacks: a time, and where it is not known an
// instance.
func (h *Handlers) openTimeForm(ctx context.Context, a ask, draft Draft) error {
	if a.trigger == "" {
		return missing(draft.Verb, say("Please add a date and a time."))
	}
	if err := h.mayFill(ctx, a, draft); err != nil {
		return err
	}
	if person, err := h.person(ctx, a); err == nil {
		draft.Zone = person.Zone
	}
	var blocks []slack.Block
	if draft.Instance == "" && draft.Request == 0 {
		chooser, err := h.instanceInput(ctx)
		if err != nil {
			return err
		}
		blocks = append(blocks, chooser)
	}
	picker := slack.NewDateTimePickerBlockElement("time")
	picker.InitialDateTime = h.earliest().Unix()
	blocks = append(blocks, input(inputTime, "When? Your own time zone counts.", false, picker))
	if draft.Verb == "upgrade" {
		blocks = append(blocks, input(inputReason, "Why? (optional)", true, textInput(longestReason, draft.Reason)))
	}
	return h.openView(ctx, a, form(viewTime, "Pick a time", "Ask for it", draft.value(), blocks...))
}

const (
	mostOptions = 100 // of a select (deploy/docs/facts.md: Block Kit)
	longOption  = 75
)

// instanceInput offers the bastions that may be upgraded.
func (h *Handlers) instanceInput(ctx context.Context) (slack.Block, error) {
	all, unread := h.Cloud.Instances(ctx)
	if len(all) == 0 && unread != nil {
		return nil, unread
	}
	options := instanceOptions(all)
	if len(options) == 0 {
		return nil, sentence("The cloud offers no upgrade of any bastion at the moment. Type `/cbh instances` for those there are.")
	}
	chooser := input(inputInstance, "Which bastion?", false,
		slack.NewOptionsSelectBlockElement(slack.OptTypeStatic, plain("Choose", 20), "instance", options[:min(len(options), mostOptions)]...))
	if len(options) > mostOptions {
		chooser.Hint = plain(fmt.Sprintf("These are the first %d of %d. For another, type its name: /cbh upgrade NAME", mostOptions, len(options)), 150)
	}
	return chooser, nil
}

func instanceOptions(all []cloud.Instance) []*slack.OptionBlockObject {
	var options []*slack.OptionBlockObject
	for _, i := range all {
		nothing := i.Update == client.Latest || i.Update == client.CanRollback
		if !nothing && len(i.ServerID) <= longOption {
			options = append(options, slack.NewOptionBlockObject(i.ServerID, plain(choice(i)+" "+i.Version, longOption), nil))
		}
	}
	return options
}

// earliest is the first time that can be asked for, on a five-minute mark.
func (h *Handlers) earliest() time.Time {
	const step = 5 * time.Minute
	return h.Now().Add(h.anyNotice() + LeadSlack + step).Truncate(step).Add(step)
}

// checkTime refuses a time out of reach, at the input. It counts from the
// form's arrival, so that it says the same whenever it is asked.
func (h *Handlers) checkTime(_ context.Context, s bot.Submission) *slack.ViewSubmissionResponse {
	draft, _ := parseDraft(s.Callback.View.PrivateMetadata) // else UTC
	at, zone, problem := time.Unix(typed(s, inputTime).SelectedDateTime, 0), zoneOf(draft.Zone), ""
	switch {
	case at.Unix() == 0:
		problem = "Please choose a date and a time."
	case at.Before(s.Received.Add(h.anyNotice() + LeadSlack)):
		problem = "That is too soon. " + h.noticeWords() + " The earliest is " + exact(h.earliest(), zone) + "."
	case h.MaxLead > 0 && at.After(s.Received.Add(h.MaxLead)):
		problem = "That is too far ahead. The latest is " + exact(s.Received.Add(h.MaxLead), zone) + "."
	}
	if problem == "" {
		return nil
	}
	return slack.NewErrorsViewSubmissionResponse(map[string]string{inputTime: problem})
}

func (h *Handlers) onTimePicked(ctx context.Context, a ask, s bot.Submission) error {
	draft, err := parseDraft(s.Callback.View.PrivateMetadata)
	if err != nil {
		return err
	}
	draft.At = typed(s, inputTime).SelectedDateTime
	if chosen := typed(s, inputInstance).SelectedOption.Value; chosen != "" {
		draft.Instance = chosen
	}
	if reason := reasonOf(typed(s, inputReason).Value); reason != "" {
		draft.Reason = reason
	}
	return h.proceed(ctx, a, draft)
}
