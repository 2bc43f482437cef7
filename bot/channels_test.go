package bot_test

import (
	"context"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"testing"

	"cbhbot/bot"
)

func TestFromWhomAConversationIsHidden(t *testing.T) {
	t.Parallel()
	const info, members = "conversations.info", "conversations.members"
	of := func(fields string) http.HandlerFunc {
		return status(200, "", "", `{"ok":true,"channel":{"id":"C1",`+fields+`}}`)
	}
	for name, c := range map[string]struct {
		info, members http.HandlerFunc
		want          bool
		asked         string
	}{
		"public":               {of(`"is_channel":true`), nil, false, info},
		"private, and in it":   {of(`"is_private":true`), list("U2 U1", ""), false, info + " " + members},
		"private, and not":     {of(`"is_private":true`), list("U2 U3", ""), true, info + " " + members},
		"direct":               {of(`"is_im":true`), list("U2 U3", ""), true, info + " " + members},
		"a group":              {of(`"is_mpim":true`), list("U1 U2", ""), false, info + " " + members},
		"may not look":         {word("missing_scope"), nil, false, info},
		"not there":            {word("channel_not_found"), nil, false, info},
		"may not list":         {of(`"is_private":true`), word("missing_scope"), false, info + " " + members},
		"in it by its name":    {of(`"is_private":true`), list("U11 XU1", ""), true, info + " " + members},
		"private to the world": {of(`"is_private":true,"is_ext_shared":true`), list("U1", ""), false, info + " " + members},
	} {
		a := webAPI(t)
		a.answers(info, c.info)
		if c.members != nil {
			a.answers(members, c.members)
		}
		sender := a.sender()
		for range 2 { // the second time from memory
			got, err := sender.Hidden(context.Background(), "C1", "U1")
			if made := strings.Join(a.made(), " "); err != nil || got != c.want || made != c.asked {
				t.Errorf("%s: %v, %v after %s", name, got, err, made)
			}
		}
	}
}

// list is a page of members.
func list(ids, cursor string) http.HandlerFunc {
	quoted := `"` + strings.ReplaceAll(ids, " ", `","`) + `"`
	return status(200, "", "", fmt.Sprintf(`{"ok":true,"members":[%s],"response_metadata":{"next_cursor":%q}}`, quoted, cursor))
}

func TestMembersAreListedPageByPage(t *testing.T) {
	t.Parallel()
	a := webAPI(t)
	a.answers("conversations.members", list("U1 U2", "more"), sent(t, "cursor=more", word("internal_error")), sent(t, "cursor=more", list("U3", "")))
	got, err := a.sender().Members(context.Background(), "C1")
	if err != nil || !slices.Equal(got, []string{"U1", "U2", "U3"}) {
		t.Errorf("%v, %v", got, err)
	}
}

// A list without an end is not known, and not read for ever.
func TestAListWithoutAnEndIsNotKnown(t *testing.T) {
	t.Parallel()
	a := webAPI(t)
	for range 20 {
		a.answers("conversations.members", list("U1", "more"))
	}
	got, err := a.sender().Members(context.Background(), "C1")
	if err != nil || got != nil || len(a.made()) != 10 {
		t.Errorf("%v, %v after %d calls", got, err, len(a.made()))
	}
}

// Where Slack is away, nobody guesses.
func TestNothingIsHiddenWhileSlackIsAway(t *testing.T) {
	t.Parallel()
	a := webAPI(t)
	a.close()
	if got, err := a.sender().Hidden(context.Background(), "C1", "U1"); got || !bot.Temporary(err) {
		t.Errorf("%v, %v", got, err)
	}
}
