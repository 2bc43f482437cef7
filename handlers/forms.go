package handlers

import (
	"context"
	"encoding/json"
	"regexp"
	"slices"
	"time"

	"github.com/slack-go/slack"

	"cbhbot/approvals"
	"cbhbot/approvals/engine"
	"cbhbot/bot"
	"cbhbot/handlers/cloud"
	"cbhbot/handlers/messages"
)

// Callback ids of the forms.
const (
	viewDeny = "deny"
	viewTime = "pick_time"
)

// denial is what the deny form remembers of the card it was opened from.
type denial struct {
	Marker   string `json:"m"`
	Channel  string `json:"c"`
	Message  string `json:"t"`
	Language string `json:"l"`
}

func (h *Handlers) denyForm(ctx context.Context, a ask, marker, message string) slack.ModalViewRequest {
	voice := h.voice(ctx, a.user)
	private, err := json.Marshal(denial{marker, a.channel, message, voice.Language.Tag})
	if err != nil {
		panic(err) // strings always encode
	}
	return voice.ReasonForm(viewDeny, messages.FormDeny, messages.LabelDeny, messages.FormDenyWhy, "", string(private))
}

// checkReason refuses a reason that is only white space, at the input.
func (h *Handlers) checkReason(_ context.Context, s bot.Submission) *slack.ViewSubmissionResponse {
	if clean(typed(s, messages.InputReason).Value) == "" {
		return h.filling(s).Errors(messages.InputReason, messages.Say(messages.FormSayWhy))
	}
	return nil
}

// filling is the voice of whoever fills a form: what it says while Slack waits comes
// from the form itself.
func (h *Handlers) filling(s bot.Submission) messages.Voice {
	var from struct {
		Zone     string `json:"z"`
		Language string `json:"l"`
	}
	_ = json.Unmarshal([]byte(s.Callback.View.PrivateMetadata), &from) // else the first language, and UTC
	return messages.Voice{Language: messages.ByTag(from.Language), Zone: messages.ZoneOf(from.Zone), Now: s.Received}
}

// spoken is a draft that knows how whoever fills its form is spoken to.
func (h *Handlers) spoken(ctx context.Context, a ask, draft messages.Draft) messages.Draft {
	voice := h.voice(ctx, a.user)
	draft.Zone, draft.Language = voice.Zone.String(), voice.Language.Tag
	return draft
}

func (h *Handlers) onDenied(ctx context.Context, a ask, s bot.Submission) error {
	var from denial
	unread := json.Unmarshal([]byte(s.Callback.View.PrivateMetadata), &from)
	marker, err := approvals.ParseMarker(from.Marker)
	if unread != nil || err != nil || from.Message != "" && !timestamp.MatchString(from.Message) {
		return messages.Refuse(messages.BadForm)
	}
	_, err = h.Engine.Act(ctx, engine.Act{
		Event: a.event, By: a.user, Request: marker.ID, Revision: marker.Revision, Key: marker.Key,
		Verb: approvals.VerbDeny, Reason: messages.ReasonOf(typed(s, messages.InputReason).Value), Channel: a.channel, Message: from.Message,
	})
	return err
}

// timestamp is what Slack names a message by.
var timestamp = regexp.MustCompile(`^\d{1,12}\.\d{1,9}$`)

// openTimeForm asks for what a draft lacks: a time, and where it is not known an
// instance.
func (h *Handlers) openTimeForm(ctx context.Context, a ask, draft messages.Draft) error {
	switch {
	case a.trigger == "" && draft.Instance == "" && draft.Request == 0 && draft.At != 0:
		return missing(messages.MissingBastion, draft.Verb)
	case a.trigger == "":
		return missing(messages.MissingTime, draft.Verb)
	}
	if err := h.mayFill(ctx, a, draft); err != nil {
		return err
	}
	draft = h.spoken(ctx, a, draft)
	var offered []cloud.Instance
	if draft.Instance == "" && draft.Request == 0 {
		var err error
		if offered, err = h.upgradable(ctx); err != nil {
			return err
		}
	}
	form := h.voice(ctx, a.user).TimeForm(viewTime, draft, h.earliest(), offered)
	return h.openView(ctx, a, form, messages.Button{Action: messages.ActPickTime, Value: draft.Value()})
}

// upgradable are the bastions that an upgrade can be thought of for.
func (h *Handlers) upgradable(ctx context.Context) ([]cloud.Instance, error) {
	all, unread := h.Cloud.Instances(ctx)
	if len(all) == 0 && unread != nil {
		return nil, unread
	}
	offered := slices.DeleteFunc(slices.Clone(all), func(i cloud.Instance) bool { return !messages.Upgradable(i) })
	if len(offered) == 0 {
		return nil, messages.Refuse(messages.NothingOffered)
	}
	return offered, nil
}

// earliest is the first time that can be asked for, on a five-minute mark.
func (h *Handlers) earliest() time.Time {
	const step = 5 * time.Minute
	return h.Now().Add(h.anyNotice() + messages.LeadSlack + step).Truncate(step).Add(step)
}

// checkTime refuses a time out of reach, at the input. It counts from the
// form's arrival, so that it says the same whenever it is asked.
func (h *Handlers) checkTime(_ context.Context, s bot.Submission) *slack.ViewSubmissionResponse {
	at, notice := time.Unix(typed(s, messages.InputTime).SelectedDateTime, 0), h.anyNotice()
	var wrong messages.Saying
	switch {
	case at.Unix() == 0:
		wrong = messages.Say(messages.FormChooseTime)
	case at.Before(s.Received.Add(notice + messages.LeadSlack)):
		wrong = messages.Say(messages.FormTooSoon, "lead", messages.Ample(notice), "exact", messages.Exact(h.earliest()))
	case h.MaxLead > 0 && at.After(s.Received.Add(h.MaxLead)):
		wrong = messages.Say(messages.FormTooFar, "exact", messages.Exact(s.Received.Add(h.MaxLead)))
	default:
		return nil
	}
	return h.filling(s).Errors(messages.InputTime, wrong)
}

func (h *Handlers) onTimePicked(ctx context.Context, a ask, s bot.Submission) error {
	draft, err := parseDraft(s.Callback.View.PrivateMetadata)
	if err != nil {
		return err
	}
	draft.At = typed(s, messages.InputTime).SelectedDateTime
	if chosen := typed(s, messages.InputInstance).SelectedOption.Value; chosen != "" {
		draft.Instance = chosen
	}
	if reason := messages.ReasonOf(typed(s, messages.InputReason).Value); reason != "" {
		draft.Reason = reason
	}
	return h.proceed(ctx, a, draft)
}
