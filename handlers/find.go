package handlers

import (
	"context"
	"errors"
	"fmt"

	"github.com/slack-go/slack"

	"cbhbot/bot/mrkdwn"
	"cbhbot/client"
	"cbhbot/handlers/cloud"
)

// mostNames is how many names are offered to choose from.
const mostNames = 5

// question is an error that the person can answer with a button.
type question struct {
	text    mrkdwn.Text
	options []slack.BlockElement
}

func (q *question) Error() string { return q.text.String() }

// find looks for the instance somebody named. A name that is nobody's is a
// *question with the candidates as buttons, which continue the draft.
func (h *Handlers) find(ctx context.Context, name string, draft Draft) (cloud.Instance, error) {
	instance, err := h.Cloud.Find(ctx, name)
	return instance, askName(err, draft)
}

// askName asks which instance is meant; other errors pass.
func askName(err error, draft Draft) error {
	var several *cloud.AmbiguousError
	var unknown *cloud.UnknownError
	var unread *cloud.UnreadError
	switch {
	case errors.As(err, &unread):
		return askUnread(unread, draft)
	case errors.As(err, &several):
		q := which(say("More than one instance is called like %s. Which one do you mean?", code(several.Name)), several.Found, draft)
		if more := several.Total - len(several.Found); more > 0 {
			q.text = q.text.Then(" These are the first %d; %d more fit, so you can also type more of the name.", len(several.Found), more)
		}
		return q
	case !errors.As(err, &unknown):
		return err
	case len(unknown.Near) == 0:
		return sentence("There is no instance called %s. Type `/cbh instances` for those there are.", code(unknown.Name))
	}
	return which(say("There is no instance called %s. Do you mean one of these?", code(unknown.Name)), unknown.Near, draft)
}

// askUnread asks for what acts while a project cannot be read: it may hold another
// instance of the name.
func askUnread(e *cloud.UnreadError, draft Draft) error {
	var failure *client.Error
	if len(e.Found) == 0 || !errors.As(e.Err, &failure) {
		return e
	}
	var away []mrkdwn.Text
	for _, project := range e.Projects {
		away = append(away, code(project))
	}
	return which(say("I cannot read the project %s, where there may be a %s too. %s Nothing was changed. Choose the bastion here, or name it as `project/name` or by its server id.",
		joined(away), code(e.Name), cloudWords(reading, codeOf(failure))), e.Found, draft)
}

// which offers instances as buttons, each of which continues the draft.
func which(text mrkdwn.Text, found []cloud.Instance, draft Draft) *question {
	q := &question{text: text}
	for n, i := range found {
		draft.Instance = cloud.Reference(i.Project, i.ServerID)
		q.options = append(q.options, button(numbered(actContinue, n), choice(i), draft.value()))
	}
	return q
}

// choice tells instances of the same name apart.
func choice(i cloud.Instance) string {
	if !i.Shared {
		return called(i.Target())
	}
	return fmt.Sprintf("%s %.8s…", mrkdwn.Line(called(i.Target()), longestLabel-len(" 12345678.")), i.ServerID)
}
