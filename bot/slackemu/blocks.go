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

// onlyOn names the blocks that not every surface takes, and the surfaces that do
// (https://docs.slack.dev/blocks.json).
var onlyOn = map[string][]surface{"table": {surfaceMessage, surfaceHome}}

// blockShapes says which fields each block takes (https://api.slack.com/reference/block-kit/blocks). A block of any
// other type is refused.
var blockShapes = map[string]shape{
	"section": {
		"text":   may(anyText(3000)),
		"fields": may(listOf(1, 10, anyText(2000))),
		"accessory": may(element("button", "overflow", "static_select", "external_select", "multi_external_select",
			"users_select", "conversations_select", "checkboxes", "radio_buttons", "image")),
		"expand": may(boolean),
	},
	"header":  {"text": must(plainText(150))},
	"divider": {},
	"context": {"elements": must(listOf(1, 10, contextElement))},
	"actions": {"elements": must(listOf(1, 25, element("button", "overflow", "static_select", "external_select",
		"users_select", "conversations_select", "datetimepicker", "checkboxes", "radio_buttons")))},
	"input": {
		"label": must(plainText(2000)),
		"element": must(element("plain_text_input", "static_select", "external_select", "multi_external_select",
			"users_select", "conversations_select", "datetimepicker", "checkboxes", "radio_buttons")),
		"hint":            may(plainText(2000)),
		"optional":        may(boolean),
		"dispatch_action": may(boolean),
	},
	"rich_text": {"elements": must(listOf(0, 1000, richTextElement))},
	"table": {
		"rows":            must(listOf(1, 100, listOf(1, 20, tableCell))),
		"column_settings": may(listOf(0, 20, fields(columnShape))),
	},
	"image": {"image_url": must(text(1, 3000)), "alt_text": must(text(1, 2000)), "title": may(plainText(2000))},
}

// checkBlocks finds what Slack would object to in the blocks found at a JSON pointer.
func checkBlocks(p *problems, at string, value any, on surface) {
	listOf(0, on.blocks, on.checkBlock)(p, at, value)
	if blocks, ok := value.([]any); ok {
		checkBlockIDs(p, at, onlyObjects(blocks))
		checkTables(p, at, onlyObjects(blocks))
	}
}

func (on surface) checkBlock(p *problems, at string, value any) {
	block, _ := value.(object)
	kind := str(block, "type")
	if takers, some := onlyOn[kind]; some && !slices.Contains(takers, on) {
		p.add(at+"/type", "unsupported type: %s", kind)
		return
	}
	typed(p, at, value, blockShapes, shape{"block_id": may(text(0, 255))})
	if kind == "section" && block["text"] == nil && block["fields"] == nil {
		p.add(at, "must define either `text` or `fields`")
	}
	for _, e := range elements(block) {
		if flag(e, "response_url_enabled") && (kind != "input" || on != surfaceModal) {
			p.add(at, "response_url_enabled works in the inputs of a modal only")
		}
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

// completed returns a copy of blocks with what Slack adds where the app gave none: ids, and how texts are to be read.
// The caller holds s.mu and has checked the blocks.
func (s *Server) completed(value any) []object {
	blocks := onlyObjects(completeTexts(clone(value)).([]any))
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

// completeTexts says of each text that does not say so itself that emoji are to be drawn, or that names and links are to be
// found (the answers shown at https://docs.slack.dev/reference/methods/views.open and views.publish).
func completeTexts(value any) any {
	switch v := value.(type) {
	case []any:
		for _, item := range v {
			completeTexts(item)
		}
	case object:
		added := map[string]object{"plain_text": {"emoji": true}, "mrkdwn": {"verbatim": false}}[str(v, "type")]
		for name, otherwise := range added {
			if v[name] == nil {
				v[name] = otherwise
			}
		}
		for _, item := range v {
			completeTexts(item)
		}
	}
	return value
}
