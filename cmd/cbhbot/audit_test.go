package main

import (
	"slices"
	"testing"

	"cbhbot/approvals"
	"cbhbot/approvals/audit"
)

func TestNoCellIsAFormula(t *testing.T) {
	for _, text := range []string{"=1", "+1", "-1", "@SUM(A1)", "\t=1", "\r=1", "\n=1", "＝1", "＋1", "－1", "＠A"} {
		row := auditRow(audit.Entry{Reason: text, Actor: approvals.Person{Name: text}, Cloud: approvals.Outcome{Raw: text}})
		if slices.Contains(row, text) || !slices.Contains(row, "'"+text) {
			t.Errorf("%q stands as it is", text)
		}
	}
	if row := auditRow(audit.Entry{Reason: "security fixes"}); !slices.Contains(row, "security fixes") {
		t.Error("plain words are changed")
	}
}
