package handlers

import (
	"time"

	"cbhbot/approvals"
	"cbhbot/handlers/timephrase"
)

// LeadSlack is kept between the last moment of approval and the cloud's notice.
const LeadSlack = 5 * time.Minute

// reach is how far ahead an upgrade may lie that needs some notice.
func (h *Handlers) reach(notice time.Duration) timephrase.Limits {
	return timephrase.Limits{Min: notice + LeadSlack, Max: h.MaxLead}
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

// targetsOf are the instances of a request.
func targetsOf(r approvals.Request) []approvals.Target {
	var targets []approvals.Target
	for _, it := range r.Items {
		targets = append(targets, it.Target)
	}
	return targets
}

// noticeWords says how much notice upgrades need.
func (h *Handlers) noticeWords() string {
	of := h.Engine.Authority.Policy().Lead.Of
	minor, crossVersion := of(h.MinLead, approvals.OfferMinor), of(h.MinLead, approvals.OfferCrossVersion)
	if minor == crossVersion {
		return "An upgrade needs more than " + timephrase.Spell(minor) + " of notice."
	}
	return "A minor upgrade needs more than " + timephrase.Spell(minor) + " of notice, a cross-version one more than " + timephrase.Spell(crossVersion) + "."
}

// becauseOfNotice is why an upgrade's approval ended when it did: the notice that
// the cloud wants of it. It is "" where the deadline was another.
func becauseOfNotice(r approvals.Request) string {
	if r.Action != approvals.Upgrade || r.Deadline.Before(r.At.Add(-r.Lead-LeadSlack)) {
		return ""
	}
	return "the cloud wants to know " + timephrase.Spell(r.Lead) + " ahead"
}
