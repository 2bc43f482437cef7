package handlers

import (
	"context"
	"errors"
	"regexp"
	"slices"
	"strings"
	"time"

	"cbhbot/approvals"
	"cbhbot/client"
	"cbhbot/handlers/cloud"
	"cbhbot/handlers/messages"
)

// find looks for the instance somebody named. A name that is nobody's is a
// question with the candidates as buttons, which continue the draft.
func (h *Handlers) find(ctx context.Context, name string, draft messages.Draft) (cloud.Instance, error) {
	instance, err := h.Cloud.Find(ctx, name)
	if unknown, ok := errors.AsType[*cloud.UnknownError](err); ok {
		h.addRenamed(ctx, unknown)
	}
	return instance, askName(err, draft, h.Now())
}

// addRenamed offers first what has another name by now: the cards of open requests say the old one.
func (h *Handlers) addRenamed(ctx context.Context, unknown *cloud.UnknownError) {
	_ = h.Store.EachOpen(ctx, func(r *approvals.Request) { // without it, what is near is offered
		for _, item := range r.Items {
			if !strings.EqualFold(item.Target.Name, unknown.Name) {
				continue
			}
			is := func(i cloud.Instance) bool { return i.ServerID == item.Target.ServerID }
			if now, err := h.Cloud.Find(ctx, item.Target.ServerID); err == nil {
				unknown.Near = append([]cloud.Instance{now}, slices.DeleteFunc(unknown.Near, is)...)
			}
		}
	})
}

// nobodys reports whether a name is certainly no instance's.
func (h *Handlers) nobodys(ctx context.Context, name string) bool {
	_, err := h.Cloud.Find(ctx, name)
	_, unknown := errors.AsType[*cloud.UnknownError](err)
	return unknown
}

// askName asks which instance is meant; other errors pass.
func askName(err error, draft messages.Draft, now time.Time) error {
	var several *cloud.AmbiguousError
	var unknown *cloud.UnknownError
	var unread *cloud.UnreadError
	switch {
	case errors.As(err, &unread):
		return askUnread(unread, draft)
	case errors.As(err, &several):
		q := which(messages.Say(messages.SeveralInstances, "name", messages.Code(several.Name)), several.Found, draft)
		if more := several.Total - len(several.Found); more > 0 {
			q.Text = append(q.Text, messages.Say(messages.SeveralMore, "n", len(several.Found), "more", more))
		}
		return q
	case !errors.As(err, &unknown):
		return err
	}
	head := messages.NoInstanceNear
	if len(unknown.Near) == 0 {
		head = messages.NoInstance
	}
	q := which(messages.Say(head, "name", messages.Code(unknown.Name)), unknown.Near, draft)
	q.Text = append(q.Text, spelling(unknown.Name, draft.Verb, now)...)
	return q
}

// requestLike is what CBH-142 becomes in people's hands, glued a name with Chinese right behind it, and andName an "and"
// with another name.
var (
	requestLike = regexp.MustCompile(`^\W*(?i:cbh)[ _\p{Pd}]*([1-9][0-9]{0,17})\W*$`)
	glued       = regexp.MustCompile(`^([!-~]*[0-9A-Za-z])(\p{Han}.*)$`)
	andName     = regexp.MustCompile(`^[和与與及][!-~]`)
)

// spelling says how to type what may have been meant by a name that is nobody's.
func spelling(name, verb string, now time.Time) []messages.Saying {
	timed := verb == "upgrade" || verb == "reschedule"
	if parts := glued.FindStringSubmatch(name); parts != nil && timed {
		if andName.MatchString(parts[2]) {
			return []messages.Saying{messages.Say(messages.SpacedNames)}
		}
		return []messages.Saying{messages.Say(messages.TimeBehind, "words", messages.Code(parts[2]), "typed", messages.Code(parts[1]+" "+parts[2]))}
	}
	_, request := approvals.ParseName(name)
	parts := requestLike.FindStringSubmatch(name)
	switch {
	case request:
		return []messages.Saying{messages.Say(messages.NoRequestThere, "try", example(verb))}
	case parts != nil:
		return []messages.Saying{messages.Say(messages.RequestTyped, "typed", messages.Code("CBH-"+parts[1]))}
	case timed && beginsTime(name, now):
		return []messages.Saying{messages.Say(messages.NameFirst, "try", example(verb))}
	}
	return nil
}

// askUnread asks for what acts while projects cannot be read: they may hold another
// instance of the name.
func askUnread(e *cloud.UnreadError, draft messages.Draft) error {
	whys, told := whyUnread(e)
	if len(e.Found) == 0 || !told {
		return e
	}
	var away []any
	for _, project := range e.Projects {
		away = append(away, messages.Code(project))
	}
	text := messages.Say(messages.UnreadProject, "projects", messages.List(away...), "name", messages.Code(e.Name), "why", whys)
	return which(text, e.Found, draft)
}

// whyUnread says why projects cannot be read: each of the cloud's reasons once. told is false
// where there is none.
func whyUnread(e *cloud.UnreadError) (whys messages.Saying, told bool) {
	var codes []approvals.Code
	var all []messages.Saying
	for _, err := range e.Errs {
		if failure, ok := errors.AsType[*client.Error](err); ok && !slices.Contains(codes, cloud.CodeOf(failure)) {
			codes = append(codes, cloud.CodeOf(failure))
			all = append(all, messages.NotRead(failure))
		}
	}
	return messages.Together(all...), len(all) > 0
}

// which offers instances as buttons, each of which continues the draft.
func which(text messages.Saying, found []cloud.Instance, draft messages.Draft) *messages.Answer {
	q := messages.Tell(text)
	for _, i := range found {
		draft.Instance = cloud.Reference(i.Project, i.ServerID)
		q.Buttons = append(q.Buttons, messages.Button{Action: messages.ActContinue, Label: messages.Choice(i), Value: draft.Value()})
	}
	return q
}
