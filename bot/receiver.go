package bot

import (
	"context"
	"time"

	"github.com/sirupsen/logrus"

	"cbhbot/bot/mrkdwn"
)

const (
	replyWithin  = time.Second      // for an answer that rides on the ack
	apologyAfter = 10 * time.Second // how long telling "not recorded" may take
	keptWithin   = 2 * time.Second  // for finding out whether it is true: Slack waits 3 s for an ack
)

// Apology is why nothing, or nobody knows what, was done about somebody's words.
type Apology string

// The apologies.
const (
	NotYours    Apology = "not_yours"    // they are of another workspace
	NotRecorded Apology = "not_recorded" // storage does not have them
	NotKnown    Apology = "not_known"    // storage does not answer, and may have them all the same
	NotSafe     Apology = "not_safe"     // it holds them in one place only, from which they may be worked on or vanish
	PutAside    Apology = "put_aside"    // they were worked on in vain
)

// Apologies lists all of them.
var Apologies = []Apology{NotYours, NotRecorded, NotKnown, NotSafe, PutAside}

// Receiver takes envelopes from the sockets: it checks their shape, keeps them,
// and says whether to ack. All fields are required.
type Receiver struct {
	Inbox    *Inbox
	Mux      *Mux
	Sender   *Sender
	Identity func() Identity // the workspace and app we are
	Log      logrus.FieldLogger
	Metrics  *Metrics
	// Words puts an apology into words for a person; "" is somebody who is not known.
	Words func(ctx context.Context, user string, a Apology) mrkdwn.Text
}

// Receive returns whether to ack, and with which payload. What was not kept is
// not acked, so that Slack shows the person a failure too.
func (r *Receiver) Receive(ctx context.Context, e Envelope) (ack bool, payload any) {
	from, err := e.check()
	if err != nil {
		r.log(e).WithError(err).Warn("an envelope of unknown shape was ignored")
		r.Metrics.envelope(malformed)
		return e.ID != "", nil
	}
	if !r.ours(from) {
		r.log(e).WithField("team", from.team()).Warn("an envelope of another team or app was ignored")
		r.Metrics.envelope(foreign)
		if e.Type == TypeCommand && from.ResponseURL != "" {
			go r.apologise(context.WithoutCancel(ctx), Address{ResponseURL: from.ResponseURL}, NotYours)
		}
		return true, nil
	}
	e.from = &from
	if from.Type == "view_submission" {
		payload = r.reply(ctx, e)
		e.Refused = payload != nil
	}
	if !r.keep(ctx, e, from) {
		return false, nil
	}
	if from.asks() {
		payload = r.reply(ctx, e)
	}
	return true, payload
}

// keep puts an envelope into the inbox, and reports whether it is there.
func (r *Receiver) keep(ctx context.Context, e Envelope, from origin) bool {
	fresh, err := r.Inbox.Put(ctx, e)
	switch {
	case err != nil:
		return r.keptAfterAll(ctx, e, from, err)
	case fresh:
		r.Metrics.envelope(received)
	default:
		r.log(e).Info("an envelope came again")
		r.Metrics.envelope(repeated)
	}
	return true
}

// keptAfterAll reports whether an envelope is kept whose write has failed with why: it is worked
// on then, and people who read of a failure would ask once more. Where it is not, whoever waits
// for more than a menu's options is told so. An event Slack sends again.
func (r *Receiver) keptAfterAll(ctx context.Context, e Envelope, from origin, why error) bool {
	apology := r.apologyFor(ctx, e)
	if apology == "" {
		r.log(e).WithError(why).Info("an envelope is kept whose write seemed to fail")
		r.Metrics.envelope(received)
		return true
	}
	r.log(e).WithError(why).Error("an envelope could not be kept")
	r.Metrics.envelope(notRecorded)
	if e.Type != TypeEvent && !from.asks() {
		go r.apologise(context.WithoutCancel(ctx), from.address(), apology)
	}
	return false
}

// apologyFor is for an envelope whose write has failed; "" where it is kept all the same.
func (r *Receiver) apologyFor(ctx context.Context, e Envelope) Apology {
	ctx, cancel := context.WithTimeout(ctx, keptWithin)
	defer cancel()
	kept, err := r.Inbox.kept(ctx, e)
	switch {
	case err != nil:
		return NotKnown
	case !kept:
		return NotRecorded
	case r.Inbox.config.Durable != nil:
		return NotSafe
	}
	return ""
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
	if to, somebody := e.sayer(); somebody && !is[hopelessError](why) {
		go r.apologise(context.WithoutCancel(ctx), to, PutAside)
	}
}

func (r *Receiver) apologise(ctx context.Context, to Address, why Apology) {
	ctx, cancel := context.WithTimeout(ctx, apologyAfter)
	defer cancel()
	if err := r.Sender.Private(ctx, to, Message{Text: r.Words(ctx, to.User, why)}); err != nil {
		r.Log.WithError(err).Warn("nobody could be told what became of an envelope")
	}
}
