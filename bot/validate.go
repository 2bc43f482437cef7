package bot

import (
	"context"
	"encoding/json"
	"net/url"
	"slices"

	"github.com/slack-go/slack"
)

// Objection is one thing that Slack would refuse blocks for.
type Objection struct {
	Pointer string `json:"pointer"` // JSON pointer of what is wrong, below the message or the view
	Code    string `json:"code"`
	Message string `json:"message"`
}

// ValidateMessage asks Slack what it objects to in the blocks of a message, without
// posting it (https://docs.slack.dev/reference/methods/blocks.validate); none is no
// objection. The limits of that method are its own, and nobody says which: a
// *LimitedError tells when to go on. It looks at the schema, not at what a message may
// hold in all.
func (s *Sender) ValidateMessage(ctx context.Context, m Message) ([]Objection, error) {
	p, err := m.Encode()
	if err != nil {
		return nil, err
	}
	return s.validate(ctx, "message", struct { // with a text it is refused (https://github.com/slackapi/node-slack-sdk/pull/2659)
		Blocks json.RawMessage `json:"blocks"`
	}{p.blocks})
}

// ValidateModal is ValidateMessage for a form.
func (s *Sender) ValidateModal(ctx context.Context, view slack.ModalViewRequest) ([]Objection, error) {
	return s.validate(ctx, "view", view)
}

// ValidateHome is ValidateMessage for a home tab.
func (s *Sender) ValidateHome(ctx context.Context, view slack.HomeTabViewRequest) ([]Objection, error) {
	return s.validate(ctx, "view", view)
}

func (s *Sender) validate(ctx context.Context, kind string, payload any) (objections []Objection, err error) {
	text, err := json.Marshal(payload)
	if err != nil {
		return nil, err
	}
	form := url.Values{kind: {string(text)}, "token": {s.token}}
	err = s.once(ctx, "blocks.validate", "", func(ctx context.Context) error {
		objections, err = s.objections(ctx, form)
		return err
	})
	return objections, err
}

// objecting are the words with which blocks.validate introduces its objections.
var objecting = []string{"invalid_blocks", "invalid_message", "invalid_view"}

func (s *Sender) objections(ctx context.Context, form url.Values) ([]Objection, error) {
	answer, err := s.post(ctx, "blocks.validate", []byte(form.Encode()))
	if err != nil {
		return nil, err
	}
	defer answer.Body.Close()
	var said struct {
		OK     bool        `json:"ok"`
		Error  string      `json:"error"`
		Errors []Objection `json:"errors"`
	}
	err = json.NewDecoder(answer.Body).Decode(&said)
	switch {
	case said.OK:
		return nil, nil
	case slices.Contains(objecting, said.Error) && len(said.Errors) > 0:
		return said.Errors, nil
	}
	return nil, verdictOf(said.OK, said.Error, err)
}
