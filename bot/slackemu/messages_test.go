package slackemu_test

import (
	"slices"
	"testing"

	"cbhbot/bot/slackemu"
)

// TestWhoeverListensIsToldOfEachMessage, of private and direct ones, too, in their order.
func TestWhoeverListensIsToldOfEachMessage(t *testing.T) {
	var told []string
	s := slackemu.New(slackemu.Options{OnMessage: func(m slackemu.Message) { told = append(told, m.Channel+" "+m.Text) }})
	t.Cleanup(s.Close)
	rita := s.As(slackemu.UserRita)
	rita.Say(slackemu.ChannelOps, "one")
	rita.Say(slackemu.ChannelGeneral, "two")
	rita.Command(slackemu.ChannelOps, "/cbh", "help") // which nobody takes
	want := []string{slackemu.ChannelOps + " one", slackemu.ChannelGeneral + " two"}
	if len(told) != 3 || !slices.Equal(told[:2], want) {
		t.Errorf("%q", told)
	}
}
