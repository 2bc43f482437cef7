package main

import (
	"os"
	"slices"
	"strings"
	"testing"
	"unicode/utf8"

	"cbhbot/approvals"
	"cbhbot/approvals/audit"
)

func TestNoCellIsAFormula(t *testing.T) {
	for _, text := range []string{"=1", "+1", "-1", "@SUM(A1)", "\t=1", "\r=1", "\n=1", "＝1", "＋1", "－1", "＠A", " =1", "   +1", " \t-1"} {
		row := auditRow(audit.Entry{Reason: text, Actor: approvals.Person{Name: text}, Cloud: approvals.Outcome{Raw: text}})
		if slices.Contains(row, text) || !slices.Contains(row, "'"+text) {
			t.Errorf("%q stands as it is", text)
		}
	}
	for _, text := range []string{"\u00a0\u3000+1", "\u200b@A", "\x00=1", "\x1b-1"} {
		if row := auditRow(audit.Entry{Reason: text}); !slices.Contains(row, "'"+strings.Repeat(" ", utf8.RuneCountInString(text)-2)+text[len(text)-2:]) {
			t.Errorf("%q becomes %q", text, row)
		}
	}
	for _, words := range []string{"security fixes", " 1 = 1", "a-b"} {
		if row := auditRow(audit.Entry{Reason: words}); !slices.Contains(row, words) {
			t.Errorf("%q is changed", words)
		}
	}
}

// TestTheAuditIsDocumented: an auditor finds each column and each verb explained.
func TestTheAuditIsDocumented(t *testing.T) {
	text, err := os.ReadFile("../../deploy/docs/audit.md")
	if err != nil {
		t.Fatal(err)
	}
	words := slices.Clone(auditColumns)
	for _, verb := range approvals.Verbs {
		words = append(words, string(verb))
	}
	for _, word := range words {
		if !strings.Contains(string(text), "`"+word+"`") {
			t.Errorf("deploy/docs/audit.md says nothing of %q", word)
		}
	}
}
