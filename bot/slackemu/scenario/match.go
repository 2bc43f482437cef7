package scenario

import (
	"encoding/json"
	"fmt"
	"reflect"
	"strings"
)

type object = map[string]any

// generic is a value as JSON has it.
func generic(value any) any {
	var copied any
	text, err := json.Marshal(value)
	if err == nil {
		err = json.Unmarshal(text, &copied)
	}
	if err != nil {
		return fmt.Sprintf("not JSON: %v", err)
	}
	return copied
}

// fits reports whether a value is what is expected of it, by the rules of the package.
func fits(want, got any) bool {
	switch want := want.(type) {
	case object:
		got, ok := got.(object)
		for name, part := range want {
			if ok = ok && fits(part, got[name]); !ok {
				return false
			}
		}
		return ok
	case []any:
		got, ok := got.([]any)
		if !ok || len(got) < len(want) {
			return false
		}
		for i, part := range want {
			if !fits(part, got[i]) {
				return false
			}
		}
		return true
	case string:
		words, ok := got.(string)
		within, contained := strings.CutPrefix(want, "~")
		return ok && (want == words || want == "*" && words != "" || contained && strings.Contains(words, within))
	}
	return reflect.DeepEqual(want, got)
}

// filled puts what was kept in the place of its names.
func filled(value any, kept map[string]any) any {
	switch v := value.(type) {
	case object:
		copied := object{}
		for name, part := range v {
			copied[name] = filled(part, kept)
		}
		return copied
	case []any:
		copied := make([]any, len(v))
		for i, part := range v {
			copied[i] = filled(part, kept)
		}
		return copied
	case string:
		if name, refers := strings.CutPrefix(v, "$"); refers {
			return kept[name]
		}
	}
	return value
}

// at finds what stands at a path such as "payload.event_id".
func at(value any, path string) any {
	for name := range strings.SplitSeq(path, ".") {
		o, _ := value.(object)
		value = o[name]
	}
	return value
}
