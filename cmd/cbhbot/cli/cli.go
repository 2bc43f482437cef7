// Package cli reads the command lines of the program's subcommands, and says what is wrong
// with one and what to type instead. What it prints of others' words does nothing to a terminal.
package cli

import (
	"bytes"
	"encoding/json"
	"flag"
	"fmt"
	"io"
	"strings"
	"time"
	"unicode"
	"unicode/utf16"

	"cbhbot/handlers/messages"
)

// UsageError is a mistake in how the program was started.
type UsageError struct{ Err error }

func (e UsageError) Error() string { return e.Err.Error() }
func (e UsageError) Unwrap() error { return e.Err }

// Flags are those of a subcommand, which is called name, such as "audit verify". The
// placeholder between backquotes in a flag's usage stands in its example.
func Flags(name string) *flag.FlagSet {
	set := flag.NewFlagSet(name, flag.ContinueOnError)
	set.SetOutput(io.Discard)
	return set
}

// Read is Parse for a subcommand that is given arguments such as "a request, such as
// CBH-142"; with no such words it takes none.
func Read(set *flag.FlagSet, args []string, what ...string) (rest []string, err error) {
	if rest, err = Parse(set, args); err == nil {
		err = takes(set, rest, what)
	}
	return rest, err
}

// Parse reads flags in front of and behind a subcommand's arguments, and returns
// the arguments. What is wrong is a UsageError that says what to type instead; who asks
// for help gets flag.ErrHelp.
func Parse(set *flag.FlagSet, args []string) (rest []string, err error) {
	for len(args) > 0 {
		arg := args[0]
		args = args[1:]
		switch {
		case arg == "--":
			return append(rest, args...), nil
		case len(arg) < 2 || arg[0] != '-':
			rest = append(rest, arg)
			continue
		}
		text := strings.TrimPrefix(strings.TrimPrefix(arg, "-"), "-")
		if args, err = setFlag(set, text, args); err != nil {
			return nil, err
		}
	}
	return rest, nil
}

// setFlag sets the flag that text names, to the value behind its "=" or to the next
// argument, and returns the arguments that are left.
func setFlag(set *flag.FlagSet, text string, args []string) ([]string, error) {
	name, value, given := strings.Cut(text, "=")
	found := set.Lookup(name)
	if found == nil {
		return nil, noFlag(set, name)
	}
	kind, _ := found.Value.(interface{ IsBoolFlag() bool })
	switch {
	case given:
	case kind != nil && kind.IsBoolFlag():
		value = "true"
	case len(args) == 0:
		return nil, Misuse(set, "--%s needs a value, as in --%s=%s", name, name, example(found))
	default:
		value, args = args[0], args[1:]
	}
	if err := set.Set(name, value); err != nil {
		return nil, Misuse(set, "--%s: %s", name, notA(found.Value, value, err))
	}
	return args, nil
}

func noFlag(set *flag.FlagSet, name string) error {
	if name == "help" || name == "h" {
		return flag.ErrHelp
	}
	var known []string
	set.VisitAll(func(f *flag.Flag) { known = append(known, f.Name) })
	if near, ok := messages.Nearest(name, known); ok {
		return Misuse(set, "there is no flag --%s; did you mean --%s?", name, near)
	}
	return Misuse(set, "there is no flag --%s", name)
}

// example is what may stand behind a flag.
func example(f *flag.Flag) string {
	if placeholder, _ := flag.UnquoteUsage(f); placeholder != "" {
		return strings.ToUpper(placeholder)
	}
	return "VALUE"
}

// notA says what a value is not. Flags with a type of their own say it themselves.
func notA(kind flag.Value, value string, err error) string {
	typed, _ := kind.(flag.Getter)
	if typed == nil {
		return err.Error()
	}
	switch typed.Get().(type) {
	case int:
		return fmt.Sprintf("%q is no whole number", value)
	case bool:
		return fmt.Sprintf("%q is neither true nor false", value)
	case time.Duration:
		return fmt.Sprintf("%q is no duration such as 30s or 2h", value)
	}
	return err.Error()
}

// Misuse is a UsageError about a subcommand, which says where to read how it is used.
func Misuse(set *flag.FlagSet, text string, args ...any) error {
	return UsageError{fmt.Errorf("%s: %s\nType `cbhbot %s --help` to see how it is used.", set.Name(), fmt.Sprintf(text, args...), set.Name())}
}

// takes fails where a subcommand has got another number of arguments than what it is
// to be given. It does not repeat them: they may be secrets.
func takes(set *flag.FlagSet, rest, what []string) error {
	switch {
	case len(rest) < len(what):
		return Misuse(set, "it has to be given %s", what[len(rest)])
	case len(rest) > len(what) && len(what) == 0:
		return Misuse(set, "it takes no arguments%s", butFlags(set))
	case len(rest) > len(what):
		return Misuse(set, "it takes one argument: %s", strings.Join(what, ", then "))
	}
	return nil
}

// butFlags names a flag, where there is one.
func butFlags(set *flag.FlagSet) (text string) {
	set.VisitAll(func(f *flag.Flag) {
		if text == "" {
			text = "; what it is told stands behind flags, such as --" + f.Name
		}
	})
	return text
}

// JSON writes values as JSON in which controls, and what changes how other letters are
// shown, are escaped: a terminal shows them as they are.
func JSON(w io.Writer) *json.Encoder {
	encoder := json.NewEncoder(escaping{w})
	encoder.SetEscapeHTML(false)
	return encoder
}

// escaping is given whole values by an encoder, which escapes the controls of ASCII itself.
type escaping struct{ to io.Writer }

func (e escaping) Write(text []byte) (int, error) {
	var out bytes.Buffer
	for _, r := range string(text) {
		if r < unicode.MaxASCII || !unicode.In(r, unicode.Cc, unicode.Cf) {
			out.WriteRune(r)
			continue
		}
		for _, unit := range utf16.AppendRune(nil, r) {
			fmt.Fprintf(&out, `\u%04x`, unit)
		}
	}
	_, err := e.to.Write(out.Bytes())
	return len(text), err
}

// Printable keeps what others have said from doing anything to a terminal.
func Printable(text string) string {
	return strings.Map(func(r rune) rune {
		if !unicode.IsPrint(r) {
			return ' '
		}
		return r
	}, text)
}
