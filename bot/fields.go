package bot

import (
	"bytes"
	"encoding/json"
	"iter"
	"slices"
)

// fields goes over the fields of a JSON object in their order: the names, as they are
// written, and the values. It ends where the text goes on otherwise than an object does.
// Inside a value it looks for the end only: by far the most of what Slack sends is its
// repetition of our own blocks, which nobody reads.
func fields(object []byte) iter.Seq2[[]byte, json.RawMessage] {
	return func(yield func(name []byte, value json.RawMessage) bool) {
		rest, more := bytes.CutPrefix(unspaced(object), []byte("{"))
		for more {
			var name, value []byte
			name, rest = cutValue(rest)
			if rest, more = bytes.CutPrefix(unspaced(rest), []byte(":")); !more || len(name) < len(`""`) || name[0] != '"' {
				return
			}
			value, rest = cutValue(rest)
			if len(value) == 0 || !yield(name[1:len(name)-1], value) {
				return
			}
			rest, more = bytes.CutPrefix(unspaced(rest), []byte(","))
		}
	}
}

// decode reads an object as far as it can be read: a field of another type than expected is
// left out, because it may be one that nobody needs. It fails for what is no object.
func decode(object json.RawMessage, into any) error {
	err := json.Unmarshal(object, into)
	if err == nil || !json.Valid(object) || unspaced(object)[0] != '{' {
		return err
	}
	for name, value := range fields(object) {
		_ = json.Unmarshal(slices.Concat([]byte(`{"`), name, []byte(`":`), value, []byte("}")), into)
	}
	return nil
}

// parted is a JSON object with null in the place of one field's value, and that value; the
// object as it is, and nothing, where there is no such field.
func parted(object []byte, field string) (rest []byte, value json.RawMessage) {
	for name, value := range fields(object) {
		if string(name) == field {
			at := cap(object) - cap(value) // where it begins: both are slices of one array, and end with it
			return slices.Concat(object[:at], []byte("null"), object[at+len(value):]), value
		}
	}
	return object, nil
}

// cutValue parts the JSON value that text begins with from what follows. It is empty
// where there is no whole one.
func cutValue(text []byte) (value, rest []byte) {
	text = unspaced(text)
	depth := 0
	for i := 0; i < len(text); i++ {
		switch text[i] {
		case '"':
			if i = closingQuote(text, i); depth == 0 && i < len(text) {
				return text[:i+1], text[i+1:]
			}
		case '{', '[':
			depth++
		case '}', ']':
			if depth == 0 { // of what the value is in
				return text[:i], text[i:]
			}
			if depth--; depth == 0 {
				return text[:i+1], text[i+1:]
			}
		case ',', ':', ' ', '\t', '\r', '\n':
			if depth == 0 {
				return text[:i], text[i:]
			}
		}
	}
	return nil, nil
}

// closingQuote is where the string ends that begins at a quote; behind the text if it
// does not.
func closingQuote(text []byte, opening int) int {
	i := opening + 1
	for ; i < len(text) && text[i] != '"'; i++ {
		if text[i] == '\\' {
			i++
		}
	}
	return i
}

func unspaced(text []byte) []byte { return bytes.TrimLeft(text, " \t\r\n") }
