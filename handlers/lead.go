package handlers

import (
	"time"

	"cbhbot/approvals"
	"cbhbot/handlers/messages"
	"cbhbot/handlers/timephrase"
)

// reach is how far ahead an upgrade may lie that needs some notice.
func (h *Handlers) reach(notice time.Duration) timephrase.Limits {
	return timephrase.Limits{Min: notice + messages.LeadSlack, Max: h.MaxLead}
}

// notice is what the cloud wants for the upgrades of some instances: the longest.
func (h *Handlers) notice(targets []approvals.Target) time.Duration {
	var offers []approvals.Offer
	for _, target := range targets {
		offers = append(offers, target.Offer)
	}
	return h.Engine.Authority.Policy().Lead.Of(h.MinLead, offers...)
}

// anyNotice is what any upgrade needs, before it is known which is meant.
func (h *Handlers) anyNotice() time.Duration {
	return h.Engine.Authority.Policy().Lead.Shortest(h.MinLead)
}

// targetsOf are the instances that are left in a request.
func targetsOf(r *approvals.Request) []approvals.Target {
	var targets []approvals.Target
	for _, i := range r.Kept() {
		targets = append(targets, r.Items[i].Target)
	}
	return targets
}

// noticeWords says how much notice upgrades need.
func (h *Handlers) noticeWords() messages.Saying {
	of := h.Engine.Authority.Policy().Lead.Of
	minor, crossVersion := of(h.MinLead, approvals.OfferMinor), of(h.MinLead, approvals.OfferCrossVersion)
	if minor == crossVersion {
		return messages.Say(messages.HelpNotice, "lead", messages.Ample(minor))
	}
	return messages.Say(messages.HelpNotices, "minor", messages.Ample(minor), "cross", messages.Ample(crossVersion))
}
