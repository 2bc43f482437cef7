package bot

import (
	"context"

	"github.com/slack-go/slack"
)

// View names a form or a home tab as Slack shows it.
type View struct {
	ID   string
	Hash string // of what it shows; another one after each change
}

// OpenView shows a form. The trigger works once, for 3 seconds; after that the error
// is Permanent. It is tried whatever Slack asked others to wait.
func (s *Sender) OpenView(ctx context.Context, trigger string, view slack.ModalViewRequest) (View, error) {
	return s.show(ctx, "views.open", false, func(ctx context.Context) (*slack.ViewResponse, error) {
		return s.api.OpenViewContext(ctx, trigger, view)
	})
}

// UpdateView makes a form look like the view while it is open. With a hash it does so
// only to the form with that hash: the error of another one is Outdated. Without, the
// last update wins.
func (s *Sender) UpdateView(ctx context.Context, id, hash string, view slack.ModalViewRequest) (View, error) {
	return s.show(ctx, "views.update", hash == "", func(ctx context.Context) (*slack.ViewResponse, error) {
		return s.api.UpdateViewContext(ctx, view, "", hash, id)
	})
}

// Publish shows a person's home tab; its hash means what UpdateView's does.
func (s *Sender) Publish(ctx context.Context, user, hash string, view slack.HomeTabViewRequest) (View, error) {
	return s.show(ctx, "views.publish", hash == "", func(ctx context.Context) (*slack.ViewResponse, error) {
		request := slack.PublishViewContextRequest{UserID: user, View: view}
		if hash != "" {
			request.Hash = &hash
		}
		return s.api.PublishViewContext(ctx, request)
	})
}

func (s *Sender) show(
	ctx context.Context, method string, harmless bool, call func(context.Context) (*slack.ViewResponse, error),
) (shown View, err error) {
	ctx, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	err = s.await(ctx, method, harmless, func(ctx context.Context) error {
		answer, err := call(ctx)
		if err == nil {
			shown = View{ID: answer.View.ID, Hash: answer.View.Hash}
		}
		return err
	})
	return shown, err
}
