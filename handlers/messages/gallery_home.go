package messages

import (
	"fmt"
	"time"

	"cbhbot/approvals"
	"cbhbot/approvals/policy"
)

func comingSamples() []Coming {
	r := changed(approvals.Scheduled, verified)
	outside := bastions()[0]
	outside.Name = "bastion-lab"
	return []Coming{{At: r.At, View: ViewOf(r, 0)}, {At: r.At.Add(time.Hour), Outside: outside}}
}

// homeSamples are what people may see on the bot's own page.
func homeSamples(v Voice) map[string]Home {
	full := Home{
		Waiting:  []*approvals.Request{pending(), undecided(rollback)},
		Mine:     []*approvals.Request{pending(), changed(approvals.Scheduled, verified), changed(approvals.Waiting, broken)},
		Coming:   comingSamples(),
		Finished: []View{ViewOf(changed(approvals.Succeeded, ran), 0), ViewOf(changed(approvals.Failed, ended(approvals.EndSameVersion)), 0)},
		Offers:   bastions()[:2],
		Links:    map[int64]string{142: "https://example.slack.com/archives/C0OPS/p1"},
	}
	answered := full
	answered.Note = v.Answer(Tell(Say(Looking))).Blocks
	paged := Home{Pages: map[Section]int{SectionOffers: 1, SectionWaiting: 7}, Unread: Say(NotWhole, "why", Refusal(reading, approvals.CodeUnreached))}
	for n := range 12 {
		r, i := pending(), bastions()[0]
		r.ID, i.Name = int64(n+1), fmt.Sprintf("bastion-%02d", n)
		paged.Waiting, paged.Offers = append(paged.Waiting, r), append(paged.Offers, i)
	}
	return map[string]Home{
		"nothing": {}, "full": full, "answered": answered, "paged": paged,
		"unsure": {Unsure: Say(groundKey(policy.Unreachable)), Mine: full.Mine[:1]},
	}
}
