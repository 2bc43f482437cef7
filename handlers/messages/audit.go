package messages

import (
	"cbhbot/approvals"
	"cbhbot/approvals/audit"
	"cbhbot/bot"
)

// AuditLine is an entry of the audit for people to read. It names people without
// mentioning them: whoever reads along pings nobody.
func AuditLine(e audit.Entry) Saying {
	parts := cells{Say(AuditHead, "n", e.Seq, "time", e.At.UTC().Format("2006-01-02 15:04:05 UTC"), "actor", actor(e.Actor), "verb", Say(verbKey(e.Verb)))}
	add := func(there bool, key Key, facts ...any) {
		if there {
			parts = append(parts, Say(key, facts...))
		}
	}
	add(e.Refused != "", AuditRefused, "why", code(e.Refused))
	add(e.Request != 0, AuditRequest, "request", &approvals.Request{ID: e.Request}, "revision", e.Revision)
	add(e.Instance != "", Verbatim, "fact", code(e.Instance))
	add(e.From != e.To, AuditState, "from", Say(stateKey(e.From)), "to", Say(stateKey(e.To)))
	add(e.Outside, AuditOutside)
	add(e.Reason != "", AuditBecause, "reason", code(e.Reason))
	add(e.Cloud.Kind != "", AuditCloud, "kind", Say(outcomeKey(e.Cloud.Kind)), "id", code(e.Cloud.RequestID))
	return just(parts)
}

func actor(p approvals.Person) any {
	switch {
	case p.ID == "":
		return Say(AuditBot)
	case p.Name == "":
		return code(p.ID)
	}
	return Say(AuditPerson, "name", code(p.Name), "id", code(p.ID))
}

// Sorry is what package bot has to say for itself.
func Sorry(a bot.Apology) Saying { return Say(apologyKey(a)) }
