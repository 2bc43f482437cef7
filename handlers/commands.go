package handlers

import (
	"context"

	"cbhbot/approvals"
	"cbhbot/handlers/messages"
)

// doing is what a command does for somebody, or one page of what it shows.
type doing func(h *Handlers, ctx context.Context, a actor, c messages.Draft) error

// command is one of the words that can stand after /cbh.
type command struct {
	run  doing
	on   doing          // carries on with a draft of a button or a form; nil: as if it had been typed
	page doing          // shows another page of its answer in the place of one; nil: there is one alone
	acts approvals.Verb // what it begins; "": it reads

	forAll bool // it tells how the bot is used
	ofOne  bool // it is for one request, which is that of the thread where none is named
	names  bool // a name is all that it takes
}

var commands map[string]command

func init() { // what they run looks them up
	commands = map[string]command{
		"upgrade":     {run: (*Handlers).upgrade, on: (*Handlers).upgradeOn, acts: approvals.VerbAsk},
		"cancel":      {run: (*Handlers).cancel, acts: approvals.VerbAsk, ofOne: true, names: true},
		"reschedule":  {run: (*Handlers).reschedule, on: (*Handlers).rescheduleOn, acts: approvals.VerbReschedule, ofOne: true},
		"withdraw":    {run: (*Handlers).withdraw, acts: approvals.VerbWithdraw, ofOne: true, names: true},
		"rollback":    {run: (*Handlers).rollback, acts: approvals.VerbAsk},
		"break-glass": {run: (*Handlers).breakGlass, acts: approvals.VerbBreakGlass, ofOne: true},
		"status":      {run: (*Handlers).status, page: (*Handlers).showOpen, ofOne: true, names: true},
		"list":        {run: (*Handlers).list, page: (*Handlers).showRequests},
		"history":     {run: (*Handlers).history, page: (*Handlers).showRequests, names: true},
		"instances":   {run: (*Handlers).instances, page: (*Handlers).showInstances},
		"policy":      {run: (*Handlers).policy, names: true},
		"help":        {run: (*Handlers).help, page: (*Handlers).help, forAll: true},
		"approve":     {run: (*Handlers).useButtons, acts: approvals.VerbApprove, ofOne: true},
		"deny":        {run: (*Handlers).useButtons, acts: approvals.VerbDeny, ofOne: true},
	}
}
