package main

import (
	"bufio"
	"cmp"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"io"
	"strings"
	"time"

	"cbhbot/cmd/cbhbot/cli"
	"cbhbot/handlers/messages"
	"cbhbot/handlers/timephrase"
)

const whenUsage = `cbhbot when reads a time phrase and prints the instant it means, in UTC.

Usage: cbhbot when --now RFC3339 [--tz ZONE] [--lang TAG] [--explain] [--] 'PHRASE'
       cbhbot when [--lang TAG] [--explain] --batch

  --now      the moment the phrase is typed at, for example "$(date -Iseconds)"
  --tz       IANA zone of the person who types it (default UTC)
  --lang     language of the answer, en or zh-CN (default: that of the phrase)
  --explain  say how each part of the phrase was read, too
  --batch    read lines {"phrase","now","tz"}, and answer each with one line:
             {"time","message"}, or {"time":null,"error","message","candidates"}

Exit codes: 0 the instant is printed; 3 the phrase can mean several times or lacks
something; 2 it is not understood, or refused.
`

// exitAsk is the exit code of a phrase that has to be made plainer.
const exitAsk = 3

// whenNotice is the least notice an upgrade is given (deploy/docs/facts.md: Upgrading).
const whenNotice = 24 * time.Hour

// whenCommand reads a time phrase and prints the instant, or many with --batch.
// It reads neither the machine's clock nor its zone.
func whenCommand(args []string, stdin io.Reader, stdout, stderr io.Writer) int {
	flags := cli.Flags("when")
	tz := flags.String("tz", "UTC", "")
	now := flags.String("now", "", "")
	batch := flags.Bool("batch", false, "")
	var answers whenAnswers
	flags.Func("lang", "", answers.setLanguage)
	flags.BoolVar(&answers.explain, "explain", false, "")
	rest, err := cli.Parse(flags, args)
	flags.Visit(func(f *flag.Flag) {
		if *batch && (f.Name == "now" || f.Name == "tz") {
			err = cmp.Or(err, fmt.Errorf("--batch takes %q from each line: leave out --%s", f.Name, f.Name))
		}
	})
	switch {
	case errors.Is(err, flag.ErrHelp):
		fmt.Fprint(stdout, whenUsage)
		return exitOK
	case err != nil:
		return whenRefused(stderr, err)
	case *batch && len(rest) > 0:
		return whenRefused(stderr, fmt.Errorf("--batch reads its phrases from standard input: leave out %q", rest[0]))
	case *batch:
		return answers.batch(stdin, stdout, stderr)
	case len(rest) != 1:
		return whenRefused(stderr, fmt.Errorf("there must be exactly one phrase after the flags, in quotes: cbhbot when --now RFC3339 --tz ZONE 'sunday 2am'"))
	}
	asked := question{rest[0], *now, *tz}
	reading, err := asked.read()
	if err != nil {
		return answers.refused(stderr, asked, err)
	}
	fmt.Fprintln(stdout, rfc3339(reading.Time))
	if answers.explain {
		fmt.Fprintln(stdout, answers.voice(asked, reading.Chinese).Plain(messages.HowRead(reading)))
	}
	return exitOK
}

// whenAnswers is how phrases are to be answered.
type whenAnswers struct {
	language *messages.Language // nil: the phrase's
	explain  bool
}

func (w *whenAnswers) setLanguage(name string) error {
	for _, l := range messages.Languages {
		if base, _, _ := strings.Cut(l.Tag, "-"); strings.EqualFold(name, l.Tag) || strings.EqualFold(name, base) {
			w.language = l
			return nil
		}
	}
	return fmt.Errorf("%q is no language of the bot's: it must be en or zh-CN", name)
}

// voice speaks the language that was asked for, else that of the phrase.
func (w whenAnswers) voice(q question, chinese bool) messages.Voice {
	now, _ := time.Parse(time.RFC3339, q.Now)
	language := cmp.Or(w.language, messages.Typed(chinese), messages.Languages[0])
	return messages.Voice{Language: language, Zone: messages.ZoneOf(q.TZ), Now: now}
}

func whenRefused(stderr io.Writer, err error) int {
	return exitCode(cli.UsageError{Err: err}, stderr)
}

// refused says what is wrong, and the instants the phrase may mean.
func (w whenAnswers) refused(stderr io.Writer, q question, err error) int {
	e, ok := errors.AsType[*timephrase.Error](err)
	if !ok {
		return whenRefused(stderr, err)
	}
	voice := w.voice(q, e.Chinese)
	fmt.Fprintln(stderr, voice.Plain(messages.PhraseFault(e)))
	for _, c := range e.Candidates {
		fmt.Fprintf(stderr, "  %s  %s\n", rfc3339(c.Time), voice.Plain(messages.WhyThen(c)))
	}
	if e.Kind == timephrase.Ambiguous {
		return exitAsk
	}
	return exitUsage
}

// question is one phrase, and who types it when.
type question struct{ Phrase, Now, TZ string }

func (q question) read() (timephrase.Reading, error) {
	if q.Now == "" {
		return timephrase.Reading{}, errors.New(`"now" is missing: give the moment the phrase is typed at, for example --now "$(date -Iseconds)"`)
	}
	now, err := time.Parse(time.RFC3339, q.Now)
	if err != nil {
		return timephrase.Reading{}, fmt.Errorf("%q is not an RFC 3339 instant like 2026-08-05T10:17:33+08:00", q.Now)
	}
	if q.TZ == "" {
		return timephrase.Reading{}, errors.New(`"tz" is missing: give the IANA time zone of the person who types it, for example Europe/Berlin`)
	}
	zone, err := time.LoadLocation(q.TZ)
	if err != nil || q.TZ == "Local" {
		return timephrase.Reading{}, fmt.Errorf("%q is not an IANA time zone like Europe/Berlin", q.TZ)
	}
	return timephrase.Parse(q.Phrase, now, zone, timephrase.Limits{Min: whenNotice})
}

// reply is one line of a batch's answer.
type reply struct {
	Time       *string  `json:"time"`
	Error      string   `json:"error,omitempty"`
	Message    string   `json:"message"` // how it was read, or what is wrong
	Explain    string   `json:"explain,omitempty"`
	Candidates []string `json:"candidates,omitempty"`
}

// batch answers each line before it reads the next.
func (w whenAnswers) batch(stdin io.Reader, stdout, stderr io.Writer) int {
	lines, answers := bufio.NewReader(stdin), cli.JSON(stdout)
	for {
		line, err := lines.ReadBytes('\n')
		if len(line) > 0 {
			if err := answers.Encode(w.answerLine(line)); err != nil {
				fmt.Fprintln(stderr, err)
				return exitFailed
			}
		}
		switch {
		case errors.Is(err, io.EOF):
			return exitOK
		case err != nil:
			fmt.Fprintln(stderr, err)
			return exitFailed
		}
	}
}

func (w whenAnswers) answerLine(line []byte) reply {
	var q question
	if err := json.Unmarshal(line, &q); err != nil {
		return reply{Error: string(timephrase.Invalid), Message: `A line must be an object like {"phrase":"sunday 2am","now":"2026-08-05T10:17:33+08:00","tz":"Asia/Shanghai"}.`}
	}
	reading, err := q.read()
	if err != nil {
		return w.refusal(q, err)
	}
	at := rfc3339(reading.Time)
	voice := w.voice(q, reading.Chinese)
	r := reply{Time: &at, Message: voice.Plain(messages.ReadTime(reading))}
	if w.explain {
		r.Explain = voice.Plain(messages.HowRead(reading))
	}
	return r
}

func (w whenAnswers) refusal(q question, err error) reply {
	r := reply{Error: string(timephrase.Invalid), Message: err.Error()}
	if e, ok := errors.AsType[*timephrase.Error](err); ok {
		r.Error, r.Message = string(e.Kind), w.voice(q, e.Chinese).Plain(messages.PhraseFault(e))
		for _, c := range e.Candidates {
			r.Candidates = append(r.Candidates, rfc3339(c.Time))
		}
	}
	return r
}

func rfc3339(t time.Time) string { return t.UTC().Format(time.RFC3339Nano) }
