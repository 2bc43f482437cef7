package mrkdwn

import "strings"

// Format is a sentence of the program's own with {facts} in it:
//
//	"{requester} asked for {n} {n|upgrade|upgrades}."
//
// Behind a name stand the forms that a number chooses from. What stands between {?name} and
// {/} is left out where there is no such fact:
//
//	"{title}{?time}, {time}{/}"
//
// A Format stands in the program's source: nothing that came from outside is ever made one.
type Format string

// Facts are what a Format is filled with.
type Facts interface {
	Text(name string) Text    // in mrkdwn
	Plain(name string) string // in plain text
	Form(name string) int     // which of its forms a number takes, from 0
	Has(name string) bool     // whether there is such a fact, and something to show of it
}

// Fill is the sentence in mrkdwn.
func (f Format) Fill(facts Facts) Text {
	return Text{f.fill(facts, func(name string) string { return facts.Text(name).s })}
}

// Plain is the sentence in plain text.
func (f Format) Plain(facts Facts) string { return f.fill(facts, facts.Plain) }

func (f Format) fill(facts Facts, value func(name string) string) string {
	var out strings.Builder
	out.Grow(2 * len(f)) // facts are longer than their names
	rest := string(f)
	for {
		before, after, found := strings.Cut(rest, "{")
		out.WriteString(before)
		if !found {
			return out.String()
		}
		var place string
		place, rest, _ = strings.Cut(after, "}")
		name, forms, several := strings.Cut(place, "|")
		wanted, optional := strings.CutPrefix(name, "?")
		switch {
		case optional && !facts.Has(wanted):
			_, rest, _ = strings.Cut(rest, "{/}")
		case optional, name == "/":
		case several:
			choices := strings.Split(forms, "|")
			out.WriteString(choices[min(facts.Form(name), len(choices)-1)])
		default:
			out.WriteString(value(name))
		}
	}
}
