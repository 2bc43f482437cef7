package slackemu

import (
	"fmt"
	"slices"
)

// This file is what the menu of conversations does
// (https://docs.slack.dev/reference/block-kit/block-elements/select-menu-element#conversations_select).

const conversationMenu = "conversations_select"

// chosenBy is stateEntry for a person, who can choose what they see. The caller holds s.mu.
func (s *Server) chosenBy(user string, element object, value any) (object, error) {
	entry, err := stateEntry(element, value)
	if err != nil || str(element, "type") != conversationMenu || entry["selected_conversation"] == nil {
		return entry, err
	}
	if id := str(entry, "selected_conversation"); !s.selectable(user, id, element) {
		return nil, fmt.Errorf("%s cannot choose %s here", user, id)
	}
	return entry, nil
}

// selectable reports whether a menu of conversations offers one to a person. The caller holds s.mu.
func (s *Server) selectable(user, channel string, element object) bool {
	ch, filter := s.channels[channel], child(element, "filter")
	if ch == nil || ch.Archived || !s.opens(user, ch) {
		return false
	}
	include := list(filter, "include")
	return (len(include) == 0 || slices.Contains(include, any(ch.kind()))) &&
		!(flag(filter, "exclude_external_shared_channels") && s.sharedOutside(ch)) && !(flag(filter, "exclude_bot_users") && ch.IM != "")
}

// opens reports whether a person can open a conversation: one of their own, or a public channel unless they are a
// guest or from outside. The caller holds s.mu.
func (s *Server) opens(user string, ch *Channel) bool {
	u := s.users[user]
	confined := u == nil || u.IsRestricted || u.IsUltraRestricted || u.IsStranger
	return ch.has(user) || ch.kind() == kindPublic && !confined
}

// preselect fills the menus that begin with the conversation the person was looking at. What the app preselects
// itself goes first. The caller holds s.mu.
func (s *Server) preselect(v *panel) {
	for _, b := range v.blocks {
		for _, e := range elements(b) {
			key := inputKey{v.id, str(b, "block_id"), str(e, "action_id")}
			wanted := flag(e, "default_to_current_conversation") && e["initial_conversation"] == nil && s.inputs[key] == nil
			if wanted && s.selectable(v.user, v.from, e) {
				s.inputs[key] = object{"type": conversationMenu, "selected_conversation": v.from}
			}
		}
	}
}

// responseURLs are those of a sent form: one for each conversation that was chosen in a menu which asks for it. The
// caller holds s.mu.
func (s *Server) responseURLs(v *panel) []object {
	urls, values := []object{}, s.inputValues(v.id, v.blocks)
	for _, b := range v.blocks {
		e := child(b, "element")
		channel := str(child(child(values, str(b, "block_id")), str(e, "action_id")), "selected_conversation")
		if flag(e, "response_url_enabled") && channel != "" {
			urls = append(urls, object{
				"block_id": str(b, "block_id"), "action_id": str(e, "action_id"), "channel_id": channel,
				"response_url": s.newReply(replyURL{user: v.user, channel: channel}),
			})
		}
	}
	return urls
}
