package file

import (
	"cmp"
	"errors"
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strings"
	"sync"
	"time"
	"unicode"

	"go.yaml.in/yaml/v3"
)

// reader goes through the nodes of a file and collects what is wrong.
type reader struct {
	problems   []Problem
	key        string            // of the value that is being read
	projects   []string          // that rules may name
	maxLead    time.Duration     // how far ahead an upgrade may lie; 0: not known
	identities map[string]string // accounts of one human, as in policy.Policy.Same
}

// take reads one value, and notes what is wrong with it.
type take func(*yaml.Node)

func (r *reader) add(line int, text string, args ...any) {
	r.problems = append(r.problems, Problem{Line: line, Text: fmt.Sprintf(text, args...)})
}

// at notes a problem of the thing that begins at n.
func (r *reader) at(n *yaml.Node, text string, args ...any) { r.add(n.Line, text, args...) }

// wrong notes a problem of the value n of the present key.
func (r *reader) wrong(n *yaml.Node, text string, args ...any) {
	if r.key != "" {
		text = r.key + ": " + text
	}
	r.add(n.Line, text, args...)
}

func (r *reader) value(key string, n *yaml.Node, read take) {
	outer := r.key
	r.key = key
	read(resolve(n))
	r.key = outer
}

// resolve follows an alias. An alias of an alias cannot be written.
func resolve(n *yaml.Node) *yaml.Node {
	if n.Kind == yaml.AliasNode {
		return n.Alias
	}
	return n
}

// mapping hands each value of a mapping to its key's reader, checks for those that must
// be there, and returns where each key stands; nil when n is no mapping.
func (r *reader) mapping(n *yaml.Node, what string, known map[string]take, needed ...string) map[string]*yaml.Node {
	names := strings.Join(slices.Sorted(maps.Keys(known)), ", ")
	keys := r.pairs(n, func(key, value *yaml.Node) {
		if read := known[key.Value]; read != nil {
			r.value(key.Value, value, read)
		} else {
			r.at(key, "unknown key %.40q in %s; the keys are %s%s", key.Value, what, names, wideColon(key.Value))
		}
	})
	for _, key := range needed {
		if keys != nil && keys[key] == nil {
			r.at(n, "%s needs %s", what, key)
		}
	}
	return keys
}

// pairs goes through a mapping's keys, each once.
func (r *reader) pairs(n *yaml.Node, each func(key, value *yaml.Node)) map[string]*yaml.Node {
	if !r.is(n, n.Kind == yaml.MappingNode, "keys and values") {
		return nil
	}
	keys := map[string]*yaml.Node{}
	for i := 0; i+1 < len(n.Content); i += 2 {
		key := n.Content[i]
		first := keys[key.Value]
		switch {
		case key.Kind != yaml.ScalarNode:
			r.at(key, "a key must be plain text")
		case first != nil:
			r.at(key, "the key %.40q stands here a second time; the first is on line %d", key.Value, first.Line)
		default:
			keys[key.Value] = key
			each(key, n.Content[i+1])
		}
	}
	return keys
}

// list returns a reader of a list that must not be empty.
func (r *reader) list(read take) take {
	return func(n *yaml.Node) {
		if !r.is(n, n.Kind == yaml.SequenceNode, "a list, in [ ] or with a dash before each") {
			return
		}
		if len(n.Content) == 0 {
			r.wrong(n, "is an empty list: write one at least, or leave the key out")
		}
		for _, item := range n.Content {
			read(resolve(item))
		}
	}
}

// into returns a reader that keeps what it reads.
func into[T any](r *reader, to *T, read func(*yaml.Node) (T, error)) take {
	return func(n *yaml.Node) {
		value, err := read(n)
		if err != nil {
			r.wrong(n, "%v", err)
			return
		}
		*to = value
	}
}

// eachOnce returns a reader of a list that says nothing twice.
func eachOnce[T comparable](r *reader, to *[]T, read func(*yaml.Node) (T, error)) take {
	return r.list(func(item *yaml.Node) {
		value, err := read(item)
		switch {
		case err != nil:
			r.wrong(item, "%v", err)
		case slices.Contains(*to, value):
			r.wrong(item, "%v is listed twice", value)
		default:
			*to = append(*to, value)
		}
	})
}

// said returns a reader of what is said in a text.
func said[T any](parse func(text string) (T, error)) func(*yaml.Node) (T, error) {
	return func(n *yaml.Node) (T, error) {
		value, err := parse(n.Value)
		if _, otherwise := text(n); otherwise != nil && (err == nil || !unquoted(n)) { // else quotation marks would not mend it
			err = otherwise
		}
		return value, err
	}
}

// instead returns a reader of a list that takes the place of the usual one. An empty
// list is allowed: there is none then.
func instead[T comparable](r *reader, usual *[]T, read func(*yaml.Node) (T, error)) take {
	return func(n *yaml.Node) {
		*usual = nil
		if !empty(n) {
			eachOnce(r, usual, read)(n)
		}
	}
}

func empty(n *yaml.Node) bool { return n.Kind == yaml.SequenceNode && len(n.Content) == 0 }

// is notes it when n is not what is wanted.
func (r *reader) is(n *yaml.Node, wanted bool, what string) bool {
	if !wanted {
		r.wrong(n, "%v", mustBe(n, what))
	}
	return wanted
}

func mustBe(n *yaml.Node, what string) error {
	return fmt.Errorf("must be %s, not %s%s", what, kindOf(n), wideColon(n.Value))
}

func kindOf(n *yaml.Node) string {
	words := map[string]string{
		"!!map": "keys and values", "!!seq": "a list", "!!str": "text", "!!int": "a number", "!!float": "a number",
		"!!bool": "true or false", "!!null": "nothing", "!!timestamp": "a date",
	}
	return cmp.Or(words[n.ShortTag()], "something else")
}

// scalar checks for a plain value of one of the given YAML types.
func scalar(n *yaml.Node, what string, tags ...string) error {
	if n.Kind == yaml.ScalarNode && slices.Contains(tags, n.ShortTag()) {
		return nil
	}
	return mustBe(n, what)
}

// text reads a text that is not empty and has no control characters.
func text(n *yaml.Node) (string, error) {
	what := "text"
	if unquoted(n) {
		what = "text, in quotes"
	}
	err := scalar(n, what, "!!str")
	if err == nil && (strings.TrimSpace(n.Value) == "" || strings.ContainsFunc(n.Value, unicode.IsControl)) {
		err = errors.New("must be one line of text")
	}
	return n.Value, err
}

// unquoted reports whether a value would be a text if it stood in quotes.
func unquoted(n *yaml.Node) bool {
	return n.Kind == yaml.ScalarNode && !slices.Contains([]string{"!!str", "!!null"}, n.ShortTag())
}

func integer(n *yaml.Node) (number int, err error) {
	err = scalar(n, "a whole number", "!!int")
	if err == nil && n.Decode(&number) != nil {
		err = errors.New("must be a whole number of a sensible size")
	}
	return number, err
}

func boolean(n *yaml.Node) (bool, error) {
	return strings.EqualFold(n.Value, "true"), scalar(n, "true or false", "!!bool")
}

func duration(text string) (time.Duration, error) {
	d, err := time.ParseDuration(text)
	if err != nil || d < time.Minute {
		return 0, fmt.Errorf("%.40q is no duration of a minute or more, such as 72h", text)
	}
	return d, nil
}

// matching returns a reader of texts of some form, which is compiled when there is one to read.
func matching(form, what string) func(text string) (string, error) {
	pattern := sync.OnceValue(func() *regexp.Regexp { return regexp.MustCompile(form) })
	return func(text string) (string, error) {
		if !pattern().MatchString(text) {
			return "", fmt.Errorf("%.40q does not look like %s", text, what)
		}
		return text, nil
	}
}

// oneOf returns a reader of a word of a list.
func oneOf[T ~string](otherwise string, known []T) func(text string) (T, error) {
	return func(text string) (T, error) {
		if !slices.Contains(known, T(text)) {
			return "", fmt.Errorf("%.40q is %s: %s", text, otherwise, Listed(known, "or"))
		}
		return T(text), nil
	}
}

// Listed says some words one after the other: "a, b or c".
func Listed[T ~string](some []T, last string) string {
	var words []string
	for _, word := range some {
		words = append(words, string(word))
	}
	if n := len(words) - 1; n > 0 {
		words = append(words[:n-1], words[n-1]+" "+last+" "+words[n])
	}
	return strings.Join(words, ", ")
}

// DurationWords says a duration: "36 h".
func DurationWords(d time.Duration) string {
	if d%time.Hour == 0 {
		return fmt.Sprintf("%d h", d/time.Hour)
	}
	return d.String()
}
