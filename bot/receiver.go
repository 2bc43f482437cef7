package bot

import (
	"context"
	"errors"
	"time"

	"github.com/sirupsen/logrus"

	"cbhbot/bot/mrkdwn"
)

const (
	replyWithin  = time.Second      // for an answer that rides on the ack
	apologyAfter = 10 * time.Second // how long telling "not recorded" may take
)

// What a person is told when storage does not answer; when it holds their words in
// one place only, from which they may be worked on or vanish; and when they were
// worked on in vain, or are of another workspace.
var (
	notYours    = mrkdwn.Say("I work for the members of another workspace. Nothing was done.")
	notRecorded = mrkdwn.Say("Not recorded, please try again. My storage did not answer, and nothing was done.")
	notSafe     = mrkdwn.Say("Not recorded safely: part of my storage does not answer. See what was done with `/cbh list` before you try again.")
	putAside    = mrkdwn.Say("That did not work: something in me fails over it, however often it is tried. It is put aside, and whoever runs me finds it in the log. `/cbh list` shows what there is.")
)

func apology(err error) mrkdwn.Text {
	if errors.Is(err, ErrReplicas) {
		return notSafe
	}
	return notRecorded
}

// Receiver takes envelopes from the sockets: it checks their shape, keeps them,
// and says whether to ack.
type Receiver struct {
	Inbox    *Inbox
	Mux      *Mux
	Sender   *Sender
	Identity func() Identity // the workspace and app we are
	Log      logrus.FieldLogger
	Metrics  *Metrics
}

// Receive returns whether to ack, and with which payload. What was not kept is
// not acked, so that Slack shows the person a failure too.
func (r *Receiver) Receive(ctx context.Context, e Envelope) (ack bool, payload any) {
	from, err := e.check()
	if err != nil {
		r.log(e).WithError(err).Warn("an envelope of unknown shape was ignored")
		return e.ID != "", nil
	}
	if !r.ours(from) {
		r.log(e).WithField("team", from.team()).Warn("an envelope of another team or app was ignored")
		r.Metrics.envelope("foreign")
		if e.Type == TypeCommand && from.ResponseURL != "" {
			go r.apologise(context.WithoutCancel(ctx), Address{ResponseURL: from.ResponseURL}, notYours)
		}
		return true, nil
	}
	e.from = &from
	if from.Type == "view_submission" {
		payload = r.reply(ctx, e)
		e.Refused = payload != nil
	}
	fresh, err := r.Inbox.Put(ctx, e)
	if err != nil {
		r.log(e).WithError(err).Error("an envelope could not be kept")
		r.Metrics.envelope("not recorded")
		if !from.asks() {
			go r.apologise(context.WithoutCancel(ctx), from.address(), apology(err))
		}
		return false, nil
	}
	if fresh {
		r.Metrics.envelope("fresh")
	} else {
		r.log(e).Info("an envelope came again")
		r.Metrics.envelope("duplicate")
	}
	if from.asks() {
		payload = r.reply(ctx, e)
	}
	return true, payload
}

func (r *Receiver) log(e Envelope) logrus.FieldLogger {
	return r.Log.WithFields(logrus.Fields{"envelope": e.ID, "type": e.Type})
}

// ours reports whether a payload is for this workspace and app, as far as both
// sides say.
func (r *Receiver) ours(from origin) bool {
	me := r.Identity()
	same := func(theirs, mine string) bool { return theirs == "" || mine == "" || theirs == mine }
	team := same(from.team(), me.TeamID) || me.EnterpriseID != "" && from.enterprise() == me.EnterpriseID
	return team && same(from.APIAppID, me.AppID)
}

func (r *Receiver) reply(ctx context.Context, e Envelope) any {
	ctx, cancel := context.WithTimeout(ctx, replyWithin)
	defer cancel()
	return r.Mux.Reply(ctx, e)
}

// Parked tells the person what became of an envelope that was put aside, unless
// they were told.
func (r *Receiver) Parked(ctx context.Context, e Envelope, why error) {
	if to, somebody := e.sayer(); somebody && !isHopeless(why) {
		go r.apologise(context.WithoutCancel(ctx), to, putAside)
	}
}

func (r *Receiver) apologise(ctx context.Context, to Address, text mrkdwn.Text) {
	ctx, cancel := context.WithTimeout(ctx, apologyAfter)
	defer cancel()
	if err := r.Sender.Private(ctx, to, Message{Text: text}); err != nil {
		r.Log.WithError(err).Warn("nobody could be told what became of an envelope")
	}
}
