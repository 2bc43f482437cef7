package handlers

import (
	"context"
	"encoding/json"
	"regexp"

	"github.com/slack-go/slack"

	"cbhbot/approvals"
	"cbhbot/bot"
	"cbhbot/handlers/messages"
)

// Callback ids of the forms.
const (
	viewDeny     = "deny"
	viewTime     = "pick_time"
	viewUpgrade  = "upgrade"
	viewOverride = "override"
)

// origin is what a form remembers of where it was opened, and of who fills it.
type origin struct {
	Channel  string `json:"c,omitempty"`
	Thread   string `json:"d,omitempty"`
	Zone     string `json:"z,omitempty"`
	Language string `json:"l,omitempty"`
}

// originOf is the origin of a form; where it cannot be read, nothing is known of it.
func originOf(metadata string) (from origin) {
	_ = json.Unmarshal([]byte(metadata), &from)
	return from
}

// denial is what the deny form remembers of the card it was opened from.
type denial struct {
	origin
	Marker  string `json:"m"`
	Message string `json:"t"`
}

func (h *Handlers) denyForm(ctx context.Context, a actor, marker, message string) slack.ModalViewRequest {
	voice := h.voice(ctx, a.user)
	private, err := json.Marshal(denial{origin{Channel: a.channel, Thread: a.to.ThreadTS, Language: voice.Language.Tag}, marker, message})
	if err != nil {
		panic(err) // strings always encode
	}
	return voice.ReasonForm(viewDeny, messages.FormDeny, messages.LabelDeny, messages.FormDenyWhy, "", string(private))
}

// onUnknownForm is a form that this version does not have, as onUnknown is a button.
func onUnknownForm(context.Context, actor, bot.Submission) error {
	return messages.Refuse(messages.BadDraft)
}

// checkReason refuses a reason that is only white space, at the input.
func (h *Handlers) checkReason(_ context.Context, s bot.Submission) *slack.ViewSubmissionResponse {
	if clean(typed(s, messages.InputReason).Value) == "" {
		return h.filling(s.Callback.View.PrivateMetadata).Errors(messages.InputReason, messages.Say(messages.FormSayWhy))
	}
	return nil
}

// filling is the voice of whoever fills a form: what it says while Slack waits comes
// from the form itself.
func (h *Handlers) filling(metadata string) messages.Voice {
	from := originOf(metadata) // else the first language, and UTC
	return messages.Voice{Language: messages.ByTag(from.Language), Zone: messages.ZoneOf(from.Zone), Now: h.Now()}
}

// spoken is a draft that knows how whoever fills its form is spoken to, and in which
// thread.
func (h *Handlers) spoken(ctx context.Context, a actor, draft messages.Draft) messages.Draft {
	voice := h.voice(ctx, a.user)
	draft.Zone, draft.Language, draft.Thread = voice.Zone.String(), voice.Language.Tag, a.to.ThreadTS
	return draft
}

func (h *Handlers) onDenied(ctx context.Context, a actor, s bot.Submission) error {
	var from denial
	unread := json.Unmarshal([]byte(s.Callback.View.PrivateMetadata), &from)
	marker, err := approvals.ParseMarker(from.Marker)
	if unread != nil || err != nil || from.Message != "" && !timestamp.MatchString(from.Message) {
		return messages.Refuse(messages.BadForm)
	}
	act := a.act(approvals.VerbDeny, marker)
	act.Reason, act.Message = messages.ReasonOf(typed(s, messages.InputReason).Value), from.Message
	_, err = h.Engine.Act(ctx, act)
	return err
}

// timestamp is what Slack names a message by.
var timestamp = regexp.MustCompile(`^\d{1,12}\.\d{1,9}$`)
