package bot_test

import (
	"context"
	"reflect"
	"testing"

	"cbhbot/bot"
)

func TestSlacksObjectionsAreHandedOn(t *testing.T) {
	t.Parallel()
	ctx := context.Background()
	objections := `"errors":[{"pointer":"/blocks/0/text/type","code":"failed_constraint","message":"unsupported type","constraint":{"type":"enum"}},
		{"pointer":"/blocks/1","code":"missing_field","message":"missing required field: text","field":"text"}]`
	want := []bot.Objection{
		{Pointer: "/blocks/0/text/type", Code: "failed_constraint", Message: "unsupported type"},
		{Pointer: "/blocks/1", Code: "missing_field", Message: "missing required field: text"},
	}
	for name, c := range map[string]struct {
		word, sent string
		call       func(*bot.Sender) ([]bot.Objection, error)
	}{
		"a message": {"invalid_message", "message=%7B%22blocks%22%3A%5B", func(s *bot.Sender) ([]bot.Objection, error) { return s.ValidateMessage(ctx, cardLike()) }},
		"a form":    {"invalid_view", "view=%7B%22type%22%3A%22modal%22", func(s *bot.Sender) ([]bot.Objection, error) { return s.ValidateModal(ctx, form) }},
		"a page":    {"invalid_view", "view=%7B%22type%22%3A%22home%22", func(s *bot.Sender) ([]bot.Objection, error) { return s.ValidateHome(ctx, home) }},
	} {
		a := webAPI(t)
		a.answers("blocks.validate", sent(t, c.sent, status(200, "", "", `{"ok":false,"error":"`+c.word+`",`+objections+`}`)), status(200, "", "", `{"ok":true}`))
		sender := a.sender()
		if got, err := c.call(sender); err != nil || !reflect.DeepEqual(got, want) {
			t.Errorf("%s: %+v, %v", name, got, err)
		}
		if got, err := c.call(sender); err != nil || got != nil {
			t.Errorf("%s that is right: %+v, %v", name, got, err)
		}
	}
}

// No verdict is no approval.
func TestWhatIsNotValidatedIsNotRight(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct{ body, kind string }{
		"another word":     {`{"ok":false,"error":"invalid_arguments"}`, "permanent unfit"},
		"no objections":    {`{"ok":false,"error":"invalid_message","errors":[]}`, "permanent"},
		"of another shape": {`{"ok":false,"error":"invalid_arguments","errors":["message: too long"]}`, "permanent unfit"},
		"nothing":          {``, "unclear temporary"},
		"a page":           {`<html>`, "unclear temporary"},
		"neither":          {`{}`, "unclear temporary"},
	} {
		a := webAPI(t)
		a.answers("blocks.validate", status(200, "", "", c.body))
		if got, err := a.sender().ValidateMessage(context.Background(), hello); kind(err) != c.kind || got != nil {
			t.Errorf("%s: %v, %q: %v", name, got, kind(err), err)
		}
	}
}
