package slackemu

import (
	"encoding/json"
	"fmt"
	"maps"
	"strconv"
	"time"
)

// Option is a choice in a menu.
type Option struct {
	Text        string `json:"text"`
	Value       string `json:"value"`
	Description string `json:"description,omitempty"`
}

func (o Option) object() object {
	option := object{"text": object{"type": "plain_text", "text": o.Text, "emoji": true}, "value": o.Value}
	if o.Description != "" {
		option["description"] = object{"type": "plain_text", "text": o.Description, "emoji": true}
	}
	return option
}

// stateEntry is what a payload says about an element with a value, in the form of state.values.
func stateEntry(element object, value any) (object, error) {
	kind := str(element, "type")
	entry := object{"type": kind}
	var err error
	switch kind {
	case "static_select", "overflow", "radio_buttons", "external_select":
		entry["selected_option"], err = chosen(element, value)
	case "checkboxes", "multi_external_select":
		entry["selected_options"], err = chosenAll(element, value)
	case "users_select":
		entry["selected_user"] = nilIfEmpty(value)
	case "conversations_select":
		entry["selected_conversation"] = nilIfEmpty(value)
	case "datetimepicker":
		entry["selected_date_time"], err = unixSeconds(value)
	case "plain_text_input":
		entry["value"] = nilIfEmpty(value)
	}
	return entry, err
}

func nilIfEmpty(value any) any {
	if words, ok := value.(string); ok && words != "" {
		return words
	}
	return nil
}

// chosen returns the option with a value or a text. Options of an external menu are the app's to invent, so any will do.
func chosen(element object, value any) (any, error) {
	if value == nil || value == "" {
		return nil, nil
	}
	if option, ok := value.(Option); ok && isExternal(element) {
		return option.object(), nil
	}
	words, _ := value.(string)
	for _, o := range options(element) {
		if str(o, "value") == words || str(child(o, "text"), "text") == words {
			return o, nil
		}
	}
	if isExternal(element) && words != "" {
		return Option{Text: words, Value: words}.object(), nil
	}
	return nil, fmt.Errorf("%v is not among the options", value)
}

func chosenAll(element object, value any) (any, error) {
	all := []any{}
	var wanted []any
	switch v := value.(type) {
	case []string:
		for _, words := range v {
			wanted = append(wanted, words)
		}
	case []Option:
		for _, o := range v {
			wanted = append(wanted, o)
		}
	case []any:
		wanted = v
	}
	if most, ok := element["max_selected_items"].(json.Number); ok && len(wanted) > 0 {
		if n, _ := most.Int64(); len(wanted) > int(n) {
			return nil, fmt.Errorf("no more than %d may be chosen", n)
		}
	}
	for _, w := range wanted {
		o, err := chosen(element, w)
		if err != nil {
			return nil, err
		}
		all = append(all, o)
	}
	return all, nil
}

// options returns every option of an element, those in groups included.
func options(element object) []object {
	found := objects(element, "options")
	for _, group := range objects(element, "option_groups") {
		found = append(found, objects(group, "options")...)
	}
	return found
}

// unixSeconds reads a moment: a time.Time, or seconds in any form.
func unixSeconds(value any) (any, error) {
	switch v := value.(type) {
	case nil:
		return nil, nil
	case time.Time:
		return v.Unix(), nil
	case int:
		return int64(v), nil
	case int64:
		return v, nil
	case float64:
		return int64(v), nil
	case json.Number:
		return v.Int64()
	case string:
		if v == "" {
			return nil, nil
		}
		return strconv.ParseInt(v, 10, 64)
	}
	return nil, fmt.Errorf("%v is not a moment", value)
}

// initialEntry is the state of an element that nobody touched.
func initialEntry(element object) object {
	kind := str(element, "type")
	switch kind {
	case "button", "overflow":
		return nil
	case "checkboxes", "multi_external_select":
		return object{"type": kind, "selected_options": append([]any{}, list(element, "initial_options")...)}
	case "users_select":
		return object{"type": kind, "selected_user": element["initial_user"]}
	case "conversations_select":
		return object{"type": kind, "selected_conversation": element["initial_conversation"]}
	case "datetimepicker":
		return object{"type": kind, "selected_date_time": element["initial_date_time"]}
	case "plain_text_input":
		return object{"type": kind, "value": element["initial_value"]}
	}
	return object{"type": kind, "selected_option": element["initial_option"]}
}

// inputKey names a field within a message or view.
type inputKey struct{ place, block, action string }

// keepInput remembers what a person put into a field. The caller holds s.mu.
func (s *Server) keepInput(place string, block, element, entry object) {
	if initialEntry(element) != nil {
		s.inputs[inputKey{place, str(block, "block_id"), str(element, "action_id")}] = entry
	}
}

// inputValues is state.values: by block_id and action_id, what stands in each field. The caller holds s.mu.
func (s *Server) inputValues(place string, blocks []object) object {
	values := object{}
	for _, b := range blocks {
		fields := object{}
		for _, e := range elements(b) {
			entry := s.inputs[inputKey{place, str(b, "block_id"), str(e, "action_id")}]
			if entry == nil {
				entry = initialEntry(e)
			}
			if entry != nil {
				fields[str(e, "action_id")] = entry
			}
		}
		if len(fields) > 0 {
			values[str(b, "block_id")] = fields
		}
	}
	return values
}

// forgetInputs drops what was put into a place's fields. The caller holds s.mu.
func (s *Server) forgetInputs(place string) {
	maps.DeleteFunc(s.inputs, func(key inputKey, _ object) bool { return key.place == place })
}

// empty reports whether nothing stands in a field.
func empty(entry object) bool {
	for name, value := range entry {
		if chosen, isList := value.([]any); isList && len(chosen) == 0 {
			continue
		}
		if name != "type" && value != nil {
			return false
		}
	}
	return true
}
