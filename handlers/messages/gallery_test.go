package messages

import (
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/slack-go/slack"

	"cbhbot/approvals"
	"cbhbot/approvals/policy"
	"cbhbot/bot"
	"cbhbot/bot/mrkdwn"
	"cbhbot/handlers/timephrase"
)

var update = flag.Bool("update", false, "write the goldens anew")

// golden compares text with the file of that name.
func golden(t *testing.T, name, got string) {
	t.Helper()
	path := filepath.Join("testdata", name+".golden")
	if *update {
		if err := os.WriteFile(path, []byte(got), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatalf("%v (run go test ./handlers/messages -update to write it)", err)
	}
	if got != string(want) {
		t.Errorf("%s has changed. Look at the difference after go test ./handlers/messages -update. It reads:\n%s", name, firstDifference(got, string(want)))
	}
}

func firstDifference(got, want string) string {
	a, b := strings.Split(got, "\n"), strings.Split(want, "\n")
	for i := range a {
		if i >= len(b) || a[i] != b[i] {
			return a[i]
		}
	}
	return "(shorter)"
}

// TestGoldens keeps all that people may see, in each language.
func TestGoldens(t *testing.T) {
	for _, l := range Languages {
		groups := map[string]*strings.Builder{}
		for _, s := range Gallery(l) {
			if groups[s.Group] == nil {
				groups[s.Group] = &strings.Builder{}
			}
			fmt.Fprintf(groups[s.Group], "## %s\n%s\n", s.Name, readable(s))
		}
		for group, text := range groups {
			golden(t, l.Tag+" "+group, text.String())
		}
	}
}

// readable writes a sample the way a person meets it.
func readable(s Sample) string {
	var b strings.Builder
	blocks := s.Message.Blocks
	if s.Home != nil {
		blocks = s.Home.Blocks.BlockSet
	} else if s.Modal != nil {
		blocks = s.Modal.Blocks.BlockSet
		fmt.Fprintf(&b, "form: %s\n[%s]\n", s.Modal.Title.Text, s.Modal.Close.Text)
		if s.Modal.Submit != nil {
			fmt.Fprintf(&b, "[%s]\n", s.Modal.Submit.Text)
		}
	} else {
		fmt.Fprintf(&b, "notification: %s\n", s.Message.Text)
	}
	for _, block := range blocks {
		writeBlock(&b, block)
	}
	if s.Message.Broadcast {
		b.WriteString("(in the channel, too)\n")
	}
	return b.String()
}

func writeBlock(b *strings.Builder, block slack.Block) {
	switch v := block.(type) {
	case *slack.HeaderBlock:
		fmt.Fprintf(b, "# %s\n", v.Text.Text)
	case *slack.SectionBlock:
		fmt.Fprintf(b, "%s: %s\n", v.Text.Type, v.Text.Text)
		if v.Accessory != nil {
			writeButton(b, v.Accessory.ButtonElement)
		}
	case *slack.ContextBlock:
		for _, e := range v.ContextElements.Elements {
			fmt.Fprintf(b, "small: %s\n", e.(*slack.TextBlockObject).Text)
		}
	case *slack.InputBlock:
		fmt.Fprintf(b, "input %s: %s\n", v.BlockID, v.Label.Text)
		writeInput(b, v)
	case *slack.TableBlock:
		for _, row := range v.Rows {
			for _, cell := range row {
				b.WriteString("| " + cellText(cell) + " ")
			}
			b.WriteString("|\n")
		}
	case *slack.ActionBlock:
		for _, e := range v.Elements.ElementSet {
			writeButton(b, e.(*slack.ButtonBlockElement))
		}
	default:
		fmt.Fprintf(b, "%s\n", block.BlockType())
	}
}

func writeInput(b *strings.Builder, input *slack.InputBlock) {
	switch element := input.Element.(type) {
	case *slack.SelectBlockElement:
		fmt.Fprintf(b, "  (%s)\n", element.Placeholder.Text)
	case *slack.MultiSelectBlockElement:
		fmt.Fprintf(b, "  (%s)\n", element.Placeholder.Text)
		for _, option := range element.InitialOptions {
			fmt.Fprintf(b, "  %s | %s\n", option.Text.Text, option.Description.Text)
		}
	case *slack.PlainTextInputBlockElement:
		if element.InitialValue != "" {
			fmt.Fprintf(b, "  %s\n", element.InitialValue)
		}
	}
	if input.Hint != nil {
		fmt.Fprintf(b, "  hint: %s\n", input.Hint.Text)
	}
}

func writeButton(b *strings.Builder, button *slack.ButtonBlockElement) {
	fmt.Fprintf(b, "[%s] %s %s", button.Text.Text, button.ActionID, button.Style)
	if c := button.Confirm; c != nil {
		fmt.Fprintf(b, " (asks: %s %s [%s] [%s])", c.Title.Text, c.Text.Text, c.Confirm.Text, c.Deny.Text)
	}
	b.WriteString("\n")
}

func cellText(cell slack.TableCell) string {
	switch c := cell.(type) {
	case *slack.TableRawTextCell:
		return c.Text
	case *slack.TableRichTextCell:
		var all string
		for _, element := range c.Elements[0].(*slack.RichTextSection).Elements {
			switch e := element.(type) {
			case *slack.RichTextSectionTextElement:
				all += bold(e.Style) + strings.ReplaceAll(e.Text, "\n", " / ") + bold(e.Style)
			case *slack.RichTextSectionDateElement:
				all += "<" + *e.Fallback + ">"
			case *slack.RichTextSectionUserElement:
				all += "@" + e.UserID
			case *slack.RichTextSectionLinkElement:
				all += e.Text + " → " + e.URL
			}
		}
		return all
	}
	return fmt.Sprintf("%T", cell)
}

func bold(style *slack.RichTextSectionTextStyle) string {
	if style != nil && style.Bold {
		return "*"
	}
	return ""
}

// all is all text of a gallery.
func all(l *Language) string {
	var b strings.Builder
	for _, s := range Gallery(l) {
		b.WriteString(readable(s))
	}
	return b.String()
}

// TestEveryTextIsInTheGallery also finds texts that nothing says any more.
func TestEveryTextIsInTheGallery(t *testing.T) {
	marked := english
	marked.texts = map[Key]mrkdwn.Format{}
	for key, text := range english.texts {
		marked.texts[key] = mrkdwn.Format("⟦"+string(key)+"⟧") + text
	}
	shown := all(&marked)
	for key, text := range english.texts {
		if text != "" && !strings.Contains(shown, "⟦"+string(key)+"⟧") {
			t.Errorf("%s is not in the gallery", key)
		}
	}
}

// TestEachWordHasAText goes over the words of other packages that are said to people.
func TestEachWordHasAText(t *testing.T) {
	has := func(key Key) {
		if _, there := english.texts[key]; !there {
			t.Errorf("there is no text for %s", key)
		}
	}
	for _, n := range noticeSamples() { // one of each kind, at least
		for _, said := range (notification{ViewOf(told(n.change), 0), n.notice, sampleNow}).sayings() {
			if !said.None() {
				has(said.key)
			}
		}
	}
	allHave(approvals.AllStages, stateKey, has)
	allHave(approvals.ItemStates, stateKey, has)
	allHave(approvals.Verbs, verbKey, has)
	allHave(approvals.OutcomeKinds, outcomeKey, has)
	allHave(approvals.Ends, endKey, func(key Key) {
		if key != endKey(approvals.EndRefused) { // of which the outcome says why
			has(key)
		}
	})
	allHave(policy.Grounds, groundKey, has)
	allHave(bot.Apologies, apologyKey, has)
	allHave(timephrase.Points, pointKey, has)
	for _, obstacle := range approvals.Obstacles {
		if said := hindered(&approvals.EventError{Request: pending(), Obstacle: obstacle}); english.texts[said.key] == "" {
			t.Errorf("nothing is said of: %s", obstacle)
		}
	}
}

func allHave[T any](words []T, key func(T) Key, has func(Key)) {
	for _, word := range words {
		has(key(word))
	}
}

// unfilled is a fact that nobody gave, or a number that chose no form.
var unfilled = regexp.MustCompile(`\{[a-z]+[|}]|%!|<nil>|\bmap\[`)

// dateForm is what Slack fills in.
var dateForm = regexp.MustCompile(`\^[^|]*\{time\}\|`)

func TestEveryFactIsGiven(t *testing.T) {
	for _, l := range Languages {
		for _, s := range Gallery(l) {
			text := dateForm.ReplaceAllString(readable(s), "^|")
			if found := unfilled.FindString(text); found != "" {
				t.Errorf("%s, %s %s: %s in\n%s", l.Tag, s.Group, s.Name, found, text)
			}
		}
	}
}

// wanted are the facts that a text asks for.
type wanted []string

func (w *wanted) Plain(name string) string     { *w = append(*w, name); return "" }
func (w *wanted) Has(string) bool              { return true }
func (w *wanted) Text(name string) mrkdwn.Text { w.Plain(name); return mrkdwn.Text{} }
func (w *wanted) Form(string) int              { return 0 }

func wantedBy(text mrkdwn.Format) wanted {
	var names wanted
	text.Plain(&names)
	return names
}

// TestLanguagesSayTheSame compares the tables: the same texts, with the same facts.
func TestLanguagesSayTheSame(t *testing.T) {
	for _, l := range Languages[1:] {
		for key, text := range english.texts {
			other, there := l.texts[key]
			if !there || (text == "") != (other == "") {
				t.Errorf("%s has no text for %s", l.Tag, key)
				continue
			}
			for _, name := range wantedBy(text) {
				if !strings.Contains(string(other), "{"+name) {
					t.Errorf("%s, %s: {%s} is missing in %q", l.Tag, key, name, other)
				}
			}
			for _, name := range wantedBy(other) {
				if !strings.Contains(string(text), "{"+name) {
					t.Errorf("%s, %s: {%s} is not in the English text", l.Tag, key, name)
				}
			}
		}
		for key := range l.texts {
			if _, there := english.texts[key]; !there {
				t.Errorf("%s has a text for %s, which English has not", l.Tag, key)
			}
		}
	}
}

// TestNoLabelSaysOptional, because Slack says it behind the label of an input that is.
func TestNoLabelSaysOptional(t *testing.T) {
	optional := 0
	for _, l := range Languages {
		for name, form := range formSamples(Voice{Language: l, Zone: time.UTC, Now: sampleNow}) {
			for _, block := range form.Blocks.BlockSet {
				input, ok := block.(*slack.InputBlock)
				if !ok || !input.Optional {
					continue
				}
				optional++
				for _, word := range []string{"optional", "可选", "选填"} {
					if strings.Contains(strings.ToLower(input.Label.Text), word) {
						t.Errorf("%s %s: %q", l.Tag, name, input.Label.Text)
					}
				}
			}
		}
	}
	if optional == 0 {
		t.Error("no input is optional")
	}
}
