package policy

import (
	"cmp"

	"cbhbot/approvals"
)

// Language is what cards and threads are written in, as a BCP 47 tag.
type Language string

const (
	English           Language = "en"
	SimplifiedChinese Language = "zh-CN"
)

var Languages = []Language{English, SimplifiedChinese}

// Language is that of the cards of requests about a target.
func (p *Policy) Language(target approvals.Target) Language {
	return cmp.Or(p.Languages[target.Project], p.Languages[""], English)
}
