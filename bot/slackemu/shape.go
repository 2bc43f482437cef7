package slackemu

import (
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"
	"unicode/utf8"
)

// problem is an objection to what stands at a JSON pointer.
type problem struct{ pointer, code, message string }

// The codes of problems, as far as Slack's documents name any
// (https://docs.slack.dev/reference/methods/blocks.validate).
const (
	failedConstraint = "failed_constraint"
	missingField     = "missing_field"
)

type problems struct{ found []problem }

func (p *problems) add(at, format string, args ...any) {
	p.found = append(p.found, problem{at, failedConstraint, fmt.Sprintf(format, args...)})
}

func (p *problems) missing(at, name string) {
	p.found = append(p.found, problem{at, missingField, "missing required field: " + name})
}

// lines are the problems as most methods tell them.
func (p *problems) lines() []string {
	var lines []string
	for _, f := range p.found {
		lines = append(lines, f.message+" [json-pointer:"+f.pointer+"]")
	}
	return lines
}

// A check objects to a value found at a JSON pointer, or does not.
type check func(p *problems, at string, value any)

// A shape says which fields an object takes and what each must look like. Fields it does not name are refused.
type shape map[string]field

type field struct {
	required bool
	check    check
}

func must(c check) field { return field{required: true, check: c} }
func may(c check) field  { return field{check: c} }

func pointer(at string, index int) string { return fmt.Sprintf("%s/%d", at, index) }

// length counts characters the way Slack does.
func length(words string) int { return utf8.RuneCountInString(words) }

// fields checks an object against a shape.
func fields(want shape) check {
	return func(p *problems, at string, value any) {
		o, ok := value.(object)
		if !ok {
			p.add(at, "must be an object")
			return
		}
		for _, name := range slices.Sorted(maps.Keys(want)) {
			if f := want[name]; o[name] != nil {
				f.check(p, at+"/"+name, o[name])
			} else if f.required {
				p.missing(at, name)
			}
		}
		for _, name := range slices.Sorted(maps.Keys(o)) {
			if _, known := want[name]; !known {
				p.add(at, "invalid additional property: %s", shortened(name))
			}
		}
	}
}

// typed checks an object against the shape of its type, to which common fields are added.
func typed(p *problems, at string, value any, shapes map[string]shape, common shape) {
	o, ok := value.(object)
	if !ok {
		p.add(at, "must be an object")
		return
	}
	want, known := shapes[str(o, "type")]
	if !known {
		p.add(at+"/type", "unsupported type: %s", shortened(str(o, "type")))
		return
	}
	all := shape{"type": must(text(1, 100))}
	maps.Copy(all, want)
	maps.Copy(all, common)
	fields(all)(p, at, value)
}

// text accepts strings of a length.
func text(least, most int) check {
	return func(p *problems, at string, value any) {
		words, ok := value.(string)
		switch n := length(words); {
		case !ok:
			p.add(at, "must be a string")
		case n < least:
			p.add(at, "must be more than %d characters", least-1)
		case n > most:
			p.add(at, "must be less than %d characters", most+1)
		}
	}
}

// plainText accepts a plain_text object; anyText also takes mrkdwn
// (https://api.slack.com/reference/block-kit/composition-objects#text).
func plainText(most int) check { return textObject(most, "plain_text") }
func anyText(most int) check   { return textObject(most, "plain_text", "mrkdwn") }

func textObject(most int, types ...string) check {
	return func(p *problems, at string, value any) {
		o, _ := value.(object)
		want := shape{"type": must(oneOf(types...)), "text": must(text(1, most))}
		if str(o, "type") == "mrkdwn" {
			want["verbatim"] = may(boolean)
		} else {
			want["emoji"] = may(boolean)
		}
		fields(want)(p, at, value)
	}
}

func boolean(p *problems, at string, value any) {
	if _, ok := value.(bool); !ok {
		p.add(at, "must be a boolean")
	}
}

// integer accepts whole numbers of a range.
func integer(least, most int64) check {
	return func(p *problems, at string, value any) {
		digits, _ := value.(json.Number)
		if n, err := digits.Int64(); err != nil || n < least || n > most {
			p.add(at, "must be an integer from %d to %d", least, most)
		}
	}
}

func oneOf(words ...string) check {
	return func(p *problems, at string, value any) {
		if word, ok := value.(string); !ok || !slices.Contains(words, word) {
			p.add(at, "must be one of: %s", strings.Join(words, ", "))
		}
	}
}

// listOf accepts lists of a length whose items pass a check.
func listOf(least, most int, item check) check {
	return func(p *problems, at string, value any) {
		items, ok := value.([]any)
		switch {
		case !ok:
			p.add(at, "must be an array")
		case len(items) < least:
			p.add(at, "no fewer than %d items allowed", least)
		case len(items) > most:
			p.add(at, "no more than %d items allowed", most)
		}
		for i, v := range items[:min(len(items), most)] {
			item(p, pointer(at, i), v)
		}
	}
}

// shortened shortens a name an app sent, for an error line.
func shortened(name string) string {
	if runes := []rune(name); len(runes) > 40 {
		return string(runes[:40])
	}
	return name
}
