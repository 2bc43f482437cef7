package slackemu

import "slices"

// actionID is common to all interactive elements.
var actionID = may(text(0, 255))

// confirmShape is https://docs.slack.dev/reference/block-kit/composition-objects/confirmation-dialog-object: its texts
// are plain_text, and clients show mrkdwn there as it is typed (https://github.com/slackapi/node-slack-sdk/issues/1612).
var confirmShape = shape{
	"title": must(plainText(100)), "text": must(plainText(300)),
	"confirm": must(plainText(30)), "deny": must(plainText(30)), "style": may(oneOf("primary", "danger")),
}

// optionShape is https://api.slack.com/reference/block-kit/composition-objects#option.
var optionShape = shape{
	"text": must(anyText(75)), "value": must(text(1, 75)),
	"description": may(anyText(75)), "url": may(text(1, 3000)),
}

var groupShape = shape{"label": must(plainText(75)), "options": must(listOf(1, 100, fields(optionShape)))}

var confirm = may(fields(confirmShape))

// elementShapes says which fields each element takes (https://api.slack.com/reference/block-kit/block-elements).
var elementShapes = map[string]shape{
	"button": {
		"text": must(plainText(75)), "action_id": actionID, "url": may(text(1, 3000)), "value": may(text(0, 2000)),
		"style": may(oneOf("primary", "danger")), "confirm": confirm, "accessibility_label": may(text(1, 75)),
	},
	"overflow": {"action_id": actionID, "options": must(listOf(1, 5, fields(optionShape))), "confirm": confirm},
	"static_select": {
		"action_id": actionID, "placeholder": may(plainText(150)), "options": may(listOf(1, 100, fields(optionShape))),
		"option_groups": may(listOf(1, 100, fields(groupShape))), "initial_option": may(fields(optionShape)),
		"confirm": confirm, "focus_on_load": may(boolean),
	},
	"external_select": {
		"action_id": actionID, "placeholder": may(plainText(150)), "initial_option": may(fields(optionShape)),
		"min_query_length": may(integer(0, 100)), "confirm": confirm, "focus_on_load": may(boolean),
	},
	"multi_external_select": {
		"action_id": actionID, "placeholder": may(plainText(150)), "initial_options": may(listOf(1, 100, fields(optionShape))),
		"min_query_length": may(integer(0, 100)), "max_selected_items": may(integer(1, 100)), "confirm": confirm, "focus_on_load": may(boolean),
	},
	"conversations_select": {
		"action_id": actionID, "placeholder": may(plainText(150)), "initial_conversation": may(text(1, 255)),
		"default_to_current_conversation": may(boolean), "response_url_enabled": may(boolean), "filter": may(fields(filterShape)),
		"confirm": confirm, "focus_on_load": may(boolean),
	},
	"users_select": {
		"action_id": actionID, "placeholder": may(plainText(150)), "initial_user": may(text(1, 255)),
		"confirm": confirm, "focus_on_load": may(boolean),
	},
	"datetimepicker": {
		"action_id": actionID, "initial_date_time": may(integer(1e9, 9999999999)), "confirm": confirm, "focus_on_load": may(boolean),
	},
	"plain_text_input": {
		"action_id": actionID, "placeholder": may(plainText(150)), "initial_value": may(text(0, 3000)),
		"multiline": may(boolean), "min_length": may(integer(0, 3000)), "max_length": may(integer(1, 3000)),
		"dispatch_action_config": may(fields(dispatchShape)), "focus_on_load": may(boolean),
	},
	"checkboxes": {
		"action_id": actionID, "options": must(listOf(1, 10, fields(optionShape))),
		"initial_options": may(listOf(1, 10, fields(optionShape))), "confirm": confirm, "focus_on_load": may(boolean),
	},
	"radio_buttons": {
		"action_id": actionID, "options": must(listOf(1, 10, fields(optionShape))),
		"initial_option": may(fields(optionShape)), "confirm": confirm, "focus_on_load": may(boolean),
	},
	"image": {"image_url": must(text(1, 3000)), "alt_text": must(text(1, 2000))},
}

// filterShape is https://docs.slack.dev/reference/block-kit/composition-objects/conversation-filter-object.
var filterShape = shape{
	"include":                          may(listOf(1, 4, oneOf(kindIM, kindMPIM, kindPrivate, kindPublic))),
	"exclude_external_shared_channels": may(boolean), "exclude_bot_users": may(boolean),
}

var dispatchShape = shape{"trigger_actions_on": may(listOf(1, 2, oneOf("on_enter_pressed", "on_character_entered")))}

// element accepts the elements that a block takes.
func element(types ...string) check {
	allowed := map[string]shape{}
	for _, t := range types {
		allowed[t] = elementShapes[t]
	}
	return func(p *problems, at string, value any) {
		typed(p, at, value, allowed, nil)
		e, _ := value.(object)
		if str(e, "type") == "static_select" && (e["options"] == nil) == (e["option_groups"] == nil) {
			p.add(at, "must define either `options` or `option_groups`")
		}
		checkInitial(p, at, e)
	}
}

// checkInitial objects to an initial option that is not among the options.
func checkInitial(p *problems, at string, e object) {
	if isExternal(e) {
		return
	}
	initial := objects(e, "initial_options")
	if one := child(e, "initial_option"); one != nil {
		initial = append(initial, one)
	}
	for _, o := range initial {
		if !slices.ContainsFunc(options(e), func(known object) bool { return str(known, "value") == str(o, "value") }) {
			p.add(at, "initial_option must be one of the options")
		}
	}
}

// isExternal reports whether the app invents the options of an element.
func isExternal(e object) bool {
	return str(e, "type") == "external_select" || str(e, "type") == "multi_external_select"
}

// contextElement accepts text and images.
func contextElement(p *problems, at string, value any) {
	o, _ := value.(object)
	if str(o, "type") == "image" {
		typed(p, at, value, elementShapes, nil)
		return
	}
	anyText(3000)(p, at, value)
}
