package slackemu

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
)

// object is a JSON object. Blocks, views and payloads are kept in this form, because an app may send any and
// gets back what it sent. Objects are never changed after they were stored.
type object = map[string]any

// decode reads one JSON value and nothing after it. Numbers keep their digits.
func decode(text []byte) (any, error) {
	var value any
	d := json.NewDecoder(bytes.NewReader(text))
	d.UseNumber()
	if err := d.Decode(&value); err != nil {
		return nil, err
	}
	if _, err := d.Token(); !errors.Is(err, io.EOF) {
		return nil, errors.New("text after the JSON value")
	}
	return value, nil
}

// encode is json.Marshal for values that are known to be JSON.
func encode(value any) json.RawMessage {
	text, err := json.Marshal(value)
	if err != nil {
		return json.RawMessage("null")
	}
	return text
}

// clone returns a deep copy.
func clone(value any) any {
	copied, err := decode(encode(value))
	if err != nil {
		return nil
	}
	return copied
}

func str(o object, key string) string       { s, _ := o[key].(string); return s }
func flag(o object, key string) bool        { b, _ := o[key].(bool); return b }
func child(o object, key string) object     { c, _ := o[key].(object); return c }
func list(o object, key string) []any       { l, _ := o[key].([]any); return l }
func objects(o object, key string) []object { return onlyObjects(list(o, key)) }

func onlyObjects(values []any) []object {
	var found []object
	for _, v := range values {
		if o, ok := v.(object); ok {
			found = append(found, o)
		}
	}
	return found
}
