package bot

import (
	"bytes"
	"encoding/json"
	"reflect"
	"strings"
	"testing"
)

// read is all that fields says of an object, the last of several values of a name.
func read(t *testing.T, object string) map[string]any {
	t.Helper()
	all := map[string]any{}
	for name, value := range fields([]byte(object)) {
		var v any
		if err := json.Unmarshal(value, &v); err != nil {
			t.Fatalf("%s: the value of %s is %q: %v", object, name, value, err)
		}
		var n string
		if err := json.Unmarshal([]byte(`"`+string(name)+`"`), &n); err != nil {
			t.Fatalf("%s: a name is %q: %v", object, name, err)
		}
		all[n] = v
	}
	return all
}

func FuzzFieldsAreThoseOfTheObject(f *testing.F) {
	for _, object := range []string{
		`{}`, `{"a":1}`, ` { "a" : true , "b" : [ 1 , "]" , {"c":"}"} ] , "" : null } `, `{"a\"b":"c\\","d":"\\\"\u00e9{"}`,
		`{"a":{"b":{"c":[[],{}]}},"a":-1.5e3}`, `{"é":"\/","x":"` + strings.Repeat(`\\`, 9) + `"}`,
	} {
		f.Add(object)
	}
	f.Fuzz(func(t *testing.T, object string) {
		var want map[string]any
		if json.Unmarshal([]byte(object), &want) != nil || want == nil {
			for range fields([]byte(object)) { // whatever it says, it ends
			}
			return
		}
		if got := read(t, object); !reflect.DeepEqual(got, want) {
			t.Errorf("%q\n got %v\nwant %v", object, got, want)
		}
	})
}

func TestFieldsEndWhereTheObjectBreaksOff(t *testing.T) {
	whole := `{"ok":true,"message":{"ts":"1.1","text":"{\"}"},"ts":"2.2"}`
	for cut := range whole {
		for name, value := range fields([]byte(whole[:cut])) {
			if !json.Valid(value) || string(name) == "ts" && string(value) != `"2.2"` {
				t.Errorf("%s: %s is %s", whole[:cut], name, value)
			}
		}
	}
	for _, text := range []string{``, `null`, `[{"a":1}]`, `"{"`, `<html>`, `{a:1}`, `{1:2}`, `{"a"}`, `{"a" 1}`, `{":1`, `{,"a":1}`, `{"a":,"b":1}`} {
		for name, value := range fields([]byte(text)) {
			t.Errorf("%s: %s is %s", text, name, value)
		}
	}
}

func TestBlocksOfWhatWasShownAreNotKept(t *testing.T) {
	for payload, want := range map[string]string{
		`{"type":"block_actions","message":{"ts":"1.1","blocks":[{"type":"section"}],"text":"a \"card\""},"actions":[{"value":"blocks"}]}`: `{"type":"block_actions","message":{"ts":"1.1","text":"a \"card\""},"actions":[{"value":"blocks"}]}`,
		`{"view":{"blocks":[],"state":{"values":{"blocks":{"at":{}}}}},"original_message":{"blocks":[1]}}`:                                 `{"view":{"state":{"values":{"blocks":{"at":{}}}}},"original_message":{}}`,
		`{"event":{"blocks":[]},"message":null,"view":"x"}`:                                                                                `{"event":{"blocks":[]},"message":null,"view":"x"}`,
		`{}`: `{}`, `[{"blocks":1}]`: `[{"blocks":1}]`, ``: ``,
	} {
		if got := withoutBlocks(json.RawMessage(payload)); string(got) != want {
			t.Errorf("%s\n got %s\nwant %s", payload, got, want)
		}
		if payload == "" {
			continue
		}
		frame := []byte(`{"type":"interactive","envelope_id":"e","payload":` + payload + `}`)
		read, err := readFrame(frame)
		copy(frame, bytes.Repeat([]byte("x"), len(frame))) // the next one comes into the same buffer
		if err != nil || string(read.Payload) != want {
			t.Errorf("%s arrives as %s, %v", payload, read.Payload, err)
		}
	}
}

func TestPartedIsTheObjectWithoutOneValue(t *testing.T) {
	for object, want := range map[string]struct{ rest, value string }{
		`{"a":1,"payload":{"b":[2]},"c":3}`: {`{"a":1,"payload":null,"c":3}`, `{"b":[2]}`},
		` { "payload" : "x" } `:             {` { "payload" : null } `, `"x"`},
		`{"envelope_id":"1","payload":1}`:   {`{"envelope_id":"1","payload":null}`, `1`},
		`{"a":{"payload":1}}`:               {`{"a":{"payload":1}}`, ``},
		`{"payload":{"a":1`:                 {`{"payload":{"a":1`, ``},
		`{"payload":{"a":1}} and more`:      {`{"payload":null} and more`, `{"a":1}`},
		``:                                  {``, ``},
	} {
		if rest, value := parted([]byte(object), "payload"); string(rest) != want.rest || string(value) != want.value {
			t.Errorf("%s\n got %s and %s", object, rest, value)
		}
	}
}

// TestAFrameThatBreaksOffIsNoEnvelope: it would be acked, and what it says is lost.
func TestAFrameThatBreaksOffIsNoEnvelope(t *testing.T) {
	whole := `{"type":"interactive","payload":{"type":"block_actions","user":{"id":"U1"}},"envelope_id":"e"}`
	if _, err := readFrame([]byte(whole)); err != nil {
		t.Fatal(err)
	}
	for cut := range len(whole) {
		if read, err := readFrame([]byte(whole[:cut])); err == nil {
			t.Errorf("%s is read as %+v", whole[:cut], read)
		}
	}
}

func TestAnAnswerIsReadAsFarAsItSaysYes(t *testing.T) {
	for answer, want := range map[string]struct{ ts, err string }{
		`{"message":{"ok":false,"ts":"9.9"},"ok":true,"ts":"1.1"}`:                      {ts: "1.1"},
		`{"ok":true,"message_ts":"1.1","channel":"C1"`:                                  {ts: "1.1"},
		`{"response_metadata":{"messages":"superfluous_charset"},"ok":true,"ts":"1.1"}`: {ts: "1.1"},
		`{"ok":true}`: {err: errNoVerdict.Error()},
		`{"ok":false,"error":"not_in_channel","ts":"1.1"}`:                                                {err: "not_in_channel"},
		`{"ok":false,"error":"invalid_blocks","response_metadata":{"messages":["[ERROR] no such type"]}}`: {err: "invalid_blocks: [ERROR] no such type"},
		`{"ok":"yes","ts":"1.1"}`: {err: "json: cannot unmarshal string into Go value of type bool"},
		`<html>502</html>`:        {err: errNoVerdict.Error()},
		`{"message":{"text":"`:    {err: errNoVerdict.Error()},
		``:                        {err: errNoVerdict.Error()},
	} {
		ts, err := written(strings.NewReader(answer))
		said := ""
		if err != nil {
			said = err.Error()
		}
		if ts != want.ts || said != want.err {
			t.Errorf("%s\n got %q, %q\nwant %q, %q", answer, ts, said, want.ts, want.err)
		}
	}
}
