package slackemu

import (
	"slices"
)

// A surface is where blocks are shown; the rules differ a little.
type surface struct {
	name   string
	blocks int // how many it takes
}

var (
	surfaceMessage = surface{"message", 50}
	surfaceModal   = surface{"modal", 100}
	surfaceHome    = surface{"home", 100}
)

// messageCharacters is how many characters the blocks of one message may hold in all.
const messageCharacters = 13200

// blockShapes says which fields each block takes (https://api.slack.com/reference/block-kit/blocks). A block of any
// other type is refused.
var blockShapes = map[string]shape{
	"section": {
		"text":      may(anyText(3000)),
		"fields":    may(listOf(1, 10, anyText(2000))),
		"accessory": may(element("button", "overflow", "static_select", "external_select", "users_select", "checkboxes", "radio_buttons", "image")),
		"expand":    may(boolean),
	},
	"header":  {"text": must(plainText(150))},
	"divider": {},
	"context": {"elements": must(listOf(1, 10, contextElement))},
	"actions": {"elements": must(listOf(1, 25, element("button", "overflow", "static_select", "external_select",
		"users_select", "datetimepicker", "checkboxes", "radio_buttons")))},
	"input": {
		"label": must(plainText(2000)),
		"element": must(element("plain_text_input", "static_select", "external_select", "users_select", "datetimepicker",
			"checkboxes", "radio_buttons")),
		"hint":            may(plainText(2000)),
		"optional":        may(boolean),
		"dispatch_action": may(boolean),
	},
	"rich_text": {"elements": must(listOf(0, 1000, richTextElement))},
	"image":     {"image_url": must(text(1, 3000)), "alt_text": must(text(1, 2000)), "title": may(plainText(2000))},
}

// checkBlocks returns what Slack would object to in the blocks found at a JSON pointer.
func checkBlocks(at string, value any, on surface) []string {
	p := &problems{}
	listOf(0, on.blocks, checkBlock)(p, at, value)
	if blocks, ok := value.([]any); ok {
		checkBlockIDs(p, at, onlyObjects(blocks))
	}
	return p.lines
}

func checkBlock(p *problems, at string, value any) {
	typed(p, at, value, blockShapes, shape{"block_id": may(text(0, 255))})
	block, _ := value.(object)
	if str(block, "type") != "section" {
		return
	}
	if block["text"] == nil && block["fields"] == nil {
		p.add(at, "must define either `text` or `fields`")
	}
}

// checkBlockIDs finds block_ids used twice and, within one block, action_ids used twice.
func checkBlockIDs(p *problems, at string, blocks []object) {
	var seen []string
	for i, b := range blocks {
		here := pointer(at, i)
		if id := str(b, "block_id"); id != "" && slices.Contains(seen, id) {
			p.add(here+"/block_id", "block_id already exists")
		} else {
			seen = append(seen, id)
		}
		checkActionIDs(p, here, b)
	}
}

func checkActionIDs(p *problems, at string, block object) {
	var seen []string
	for _, e := range elements(block) {
		id := str(e, "action_id")
		if id != "" && slices.Contains(seen, id) {
			p.add(at, "`action_id` `%s` already exists for another element", shortened(id))
		}
		seen = append(seen, id)
	}
}

// elements returns the interactive elements of a block.
func elements(block object) []object {
	var found []object
	for _, e := range append(objects(block, "elements"), child(block, "accessory"), child(block, "element")) {
		if _, known := elementShapes[str(e, "type")]; known && str(e, "type") != "image" && str(block, "type") != "context" {
			found = append(found, e)
		}
	}
	return found
}

// characters counts the characters of everything that is shown.
func characters(value any) int {
	total := 0
	switch v := value.(type) {
	case []any:
		for _, item := range v {
			total += characters(item)
		}
	case object:
		for key, item := range v {
			if words, ok := item.(string); ok && key == "text" {
				total += length(words)
			} else {
				total += characters(item)
			}
		}
	}
	return total
}

// completed returns a copy of blocks with the ids that Slack makes up where the app gave none. The caller holds
// s.mu and has checked the blocks.
func (s *Server) completed(value any) []object {
	blocks := onlyObjects(clone(value).([]any))
	for _, b := range blocks {
		if str(b, "block_id") == "" {
			b["block_id"] = s.secret()[:5]
		}
		for _, e := range elements(b) {
			if str(e, "action_id") == "" {
				e["action_id"] = s.secret()[:5]
			}
		}
	}
	return blocks
}
