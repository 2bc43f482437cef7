package main

import (
	"encoding/json"
	"time"

	"cbhbot/handlers/messages"
)

// gallery is all that the bot says, in each of its languages.
func gallery() (samples, error) {
	all := samples{
		now:   time.Date(2026, 11, 25, 12, 0, 0, 0, time.UTC),
		names: map[string]string{"U0RITA": "Rita", "U0ANA": "Ana", "U0BO": "Bo", "U0CAM": "Cam", "C0OPS": "ops", "S0SEC": "security"},
	}
	for _, l := range messages.Languages {
		for _, each := range messages.Gallery(l) {
			s, err := asSample(l, each)
			if err != nil {
				return samples{}, err
			}
			all.list = append(all.list, s)
		}
	}
	return all, all.check()
}

func asSample(l *messages.Language, each messages.Sample) (s sample, err error) {
	s = sample{Name: each.Name, Group: each.Group, Language: l.Tag, Surface: "message"}
	switch {
	case each.Modal != nil:
		s.Surface = "modal"
		s.View, err = json.Marshal(each.Modal)
	case each.Home != nil:
		s.Surface = "home"
		s.View, err = json.Marshal(each.Home)
	default:
		s.Text = each.Message.Text.String()
		s.Blocks, err = json.Marshal(each.Message.Blocks)
	}
	return s, err
}
