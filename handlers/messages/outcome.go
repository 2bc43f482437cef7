package messages

import (
	"time"

	"cbhbot/approvals"
)

// outcome says why the cloud, or the look before the call, said no, and what to do. The
// cloud's own text follows where there is one.
func outcome(v View) Saying {
	o := v.It.Call.Outcome
	action, _ := v.R.Doing(v.I)
	first := Refusal(action, o.Code, v)
	if o.Code == approvals.CodeTooLate && v.It.Call.Tries == 0 {
		first = tooLate(v)
	}
	all := sentences{first}
	if o.Phase != "" {
		all = append(all, Say(CloudShows, "phase", code(o.Phase)))
	}
	if o.Raw != "" {
		all = append(all, Say(CloudSaid, v))
	}
	return Together(all...)
}

// tooLate says why nothing was sent.
func tooLate(v View) Saying {
	switch {
	case !v.It.FreedAt.IsZero():
		return Say(TooLateForOther, v)
	case v.R.Action == approvals.Cancel:
		return Say(TooLateToCancel, v)
	case v.R.Action == approvals.Rollback:
		return Say(TooLateToReturn, v)
	}
	return Say(TooLateToSend, v)
}

// reading is the action of a look at the cloud.
const reading approvals.Action = ""

// Refusal is the sentence for a code of an outcome; where it matters one of the
// action's own. Its facts are those of the outcome, if there is one.
func Refusal(action approvals.Action, code approvals.Code, facts ...any) Saying {
	own := Key("code/" + string(code) + "/" + string(action))
	if action == reading {
		own = Key("code/" + string(code) + "/reading")
	}
	if _, ok := english.texts[own]; ok {
		return Say(own, facts...)
	}
	if key := codeKey(code); english.texts[key] != "" {
		return Say(key, facts...)
	}
	return Say(RefusedOther, "code", string(code))
}

// sentences are whole sentences, one behind the other.
type sentences []Saying

// Together are whole sentences as one text.
func Together(all ...Saying) Saying { return just(sentences(all)) }

// since is how long ago an instant was.
type since time.Time
