package main

import (
	"slices"
	"testing"

	"cbhbot/approvals"
	"cbhbot/approvals/audit"
)

func TestNoCellIsAFormula(t *testing.T) {
	for _, text := range []string{"=1", "+1", "-1", "@SUM(A1)", "\t=1", "\r=1", "\n=1", "＝1", "＋1", "－1", "＠A", " =1", "\u00a0\u3000+1", "\u200b@A", " \t-1", "\x00=1"} {
		row := auditRow(audit.Entry{Reason: text, Actor: approvals.Person{Name: text}, Cloud: approvals.Outcome{Raw: text}})
		if slices.Contains(row, text) || !slices.Contains(row, "'"+text) {
			t.Errorf("%q stands as it is", text)
		}
	}
	for _, words := range []string{"security fixes", " 1 = 1", "a-b"} {
		if row := auditRow(audit.Entry{Reason: words}); !slices.Contains(row, words) {
			t.Errorf("%q is changed", words)
		}
	}
}
