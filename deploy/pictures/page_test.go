//go:build pictures

package main

import (
	"bytes"
	"context"
	"encoding/json"
	"image"
	_ "image/png"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// onPage is the built page in a browser.
func onPage(t *testing.T) context.Context {
	t.Helper()
	tab, closeBrowser, err := open(t.Context(), "index.html")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(closeBrowser)
	return tab
}

func setOf(width int, blocks string) set {
	return set{
		Group: "card", Language: "en", Look: "light", Width: width, Now: time.Date(2026, 11, 25, 12, 0, 0, 0, time.UTC),
		Names:   map[string]string{"U0ANA": "Ana", "S0SRE": "sre", "C0OPS": "ops"},
		Samples: []sample{{Name: "a", Group: "card", Surface: "message", Language: "en", Text: "words", Blocks: json.RawMessage(blocks)}},
	}
}

const (
	text  = `{"type":"section","text":{"type":"mrkdwn","verbatim":true,"text":"*Asked* by <@U0ANA> of <!subteam^S0SRE> in <#C0OPS>, for <!date^1795888800^{date_short_pretty} {time}|x>: a &lt;@U0BO&gt; &amp; <https://example.com|b>"}},{"type":"section","text":{"type":"plain_text","text":"*c* <!here> &"}}`
	press = `{"type":"actions","elements":[{"type":"button","action_id":"a","text":{"type":"plain_text","text":"WORDS"}}]}`
	row   = `[{"type":"raw_text","text":"one"},{"type":"raw_text","text":"WORDS"}]`
)

func TestEachFaultIsFound(t *testing.T) {
	tab, long := onPage(t), strings.Repeat("word", 30)
	for blocks, want := range map[string]string{
		`[` + text + `,` + press + `]`:                                                                                  "",
		`[` + strings.Replace(press, "WORDS", long, 1) + `]`:                                                            "sticks out at 390 px",
		`[{"type":"section","text":{"type":"mrkdwn","text":"a ` + "``" + `"}}]`:                                         "markup is shown as it is: `",
		`[{"type":"section","text":{"type":"mrkdwn","text":"<@U0ANA> ` + "`" + long + "`" + `"}}]`:                      "",
		`[{"type":"section","text":{"type":"plain_text","text":"` + long + `"}}]`:                                       "",
		`[{"type":"unheard_of"},` + text + `]`:                                                                          "3 blocks, 2 drawn",
		`[{"type":"actions"}]`:                                                                                          "the renderer failed",
		`[{"type":"section","text":{"type":"plain_text","text":""}}]`:                                                   "is empty",
		`[{"type":"section","fields":[],"expand":true,"accessory":{"type":"unheard_of","text":"words that are lost"}}]`: `not on the picture: "words that are lost"`,
		`[{"type":"section","text":{"type":"mrkdwn","text":"at <!date^1^{date}"}}]`:                                     "markup is shown as it is: <!date^1^{date}",
	} {
		result, err := draw(tab, setOf(390, blocks), t.TempDir())
		got := strings.Join(result.Faults, "\n")
		if err != nil || (want == "") != (got == "") || !strings.Contains(got, want) {
			t.Errorf("%s: %v, and not %q, of\n%s", got, err, want, blocks)
		}
	}
}

func TestWideTablesAreNoted(t *testing.T) {
	tab := onPage(t)
	for cell, want := range map[string]string{"two": "", strings.Repeat("word ", 30): "card / a (en): the table is wider than 390 px"} {
		result, err := draw(tab, setOf(390, `[{"type":"table","rows":[`+strings.Replace(row, "WORDS", cell, 1)+`]}]`), t.TempDir())
		if got := strings.Join(result.Notes, "\n"); err != nil || got != want || len(result.Faults) > 0 {
			t.Errorf("%q is noted as %q, at fault with %q, %v", cell, got, result.Faults, err)
		}
	}
}

// size is how large a sheet is.
func size(t *testing.T, folder, name string) image.Config {
	t.Helper()
	picture, err := os.ReadFile(filepath.Join(folder, name))
	if err != nil {
		t.Fatal(err)
	}
	config, _, err := image.DecodeConfig(bytes.NewReader(picture))
	if err != nil {
		t.Fatal(err)
	}
	return config
}

func TestSheetsAreAsWideAsTheySay(t *testing.T) {
	tab, to := onPage(t), t.TempDir()
	for width, name := range map[int]string{390: "en-light-390-card-1.png", 720: "en-light-720-card-1.png"} {
		if _, err := draw(tab, setOf(width, `[`+text+`]`), to); err != nil {
			t.Fatal(err)
		}
		if is := size(t, to, name).Width; is != width+40 {
			t.Errorf("%s is %d wide", name, is)
		}
	}
}

func TestWhatIsTallerThanASheetHasOneOfItsOwn(t *testing.T) {
	s, to := setOf(390, `[`+text+`,`+press+`]`), t.TempDir()
	tall := s.Samples[0]
	tall.Blocks = json.RawMessage(`[` + strings.Repeat(text+`,`, 40) + press + `]`)
	s.Samples = []sample{s.Samples[0], tall, s.Samples[0]}
	result, err := draw(onPage(t), s, to)
	if err != nil || result.Sheets != 3 || len(result.Faults) > 0 {
		t.Fatalf("%d sheets, %d faults, %v", result.Sheets, len(result.Faults), err)
	}
	for n, isTall := range []bool{false, true, false} {
		name := sheet{s, n + 1}.File()
		if is := size(t, to, name); is.Width != 430 || isTall != (is.Height > 1840) {
			t.Errorf("%s is %d by %d", name, is.Width, is.Height)
		}
	}
}

func TestFontsThatLackAreNamed(t *testing.T) {
	config := filepath.Join(t.TempDir(), "fonts.conf")
	if err := os.WriteFile(config, []byte(`<fontconfig><dir>/usr/share/fonts/truetype/dejavu</dir></fontconfig>`), 0o644); err != nil {
		t.Fatal(err)
	}
	_, closeBrowser, err := open(t.Context(), "index.html", "FONTCONFIG_FILE="+config)
	if err == nil {
		closeBrowser()
	}
	if err == nil || !strings.Contains(err.Error(), "apt-get install fonts-noto-cjk") {
		t.Errorf("without fonts: %v", err)
	}
}
