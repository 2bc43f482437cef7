package bot

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"hash/crc32"
	"io"
	"sync"

	"github.com/slack-go/slack"

	"cbhbot/bot/mrkdwn"
)

// Message is what to say. Text is a full sentence: it is the notification and
// what screen readers read. No blocks means no blocks.
type Message struct {
	Text      mrkdwn.Text
	Blocks    []slack.Block
	Metadata  *slack.SlackMetadata // may be nil
	Broadcast bool                 // a reply is shown in its channel, too
}

// Picture is a Message encoded once, to be compared and sent.
type Picture struct {
	Digest string // 16 hex digits of a SHA-256; equal for messages that are equal in all their fields

	text      string
	blocks    []byte // JSON, "[]" when there are none
	metadata  []byte // JSON, nil when there is none
	broadcast bool
}

// Encode fails only for blocks or metadata that JSON cannot hold.
func (m Message) Encode() (Picture, error) {
	p := Picture{text: m.Text.String(), blocks: []byte("[]"), broadcast: m.Broadcast}
	var err error
	if len(m.Blocks) > 0 {
		if p.blocks, err = encodeBlocks(m.Blocks); err != nil {
			return Picture{}, fmt.Errorf("encoding blocks: %w", err)
		}
	}
	if m.Metadata != nil {
		if p.metadata, err = json.Marshal(m.Metadata); err != nil {
			return Picture{}, fmt.Errorf("encoding metadata: %w", err)
		}
	}
	p.Digest = p.digest()
	return p, nil
}

// drafts are buffers for what is then kept in a copy: as long as it is, which is less than
// a buffer grows to.
var drafts = sync.Pool{New: func() any { return new(bytes.Buffer) }}

// encodeBlocks gives each block, of at least one, without an id one that no other block of the
// message has, and that is another one once the block holds something else
// (https://docs.slack.dev/reference/block-kit/blocks: block_id).
func encodeBlocks(blocks []slack.Block) ([]byte, error) {
	list := drafts.Get().(*bytes.Buffer)
	defer drafts.Put(list)
	list.Reset()
	encoder := newEncoder(list)
	for i, block := range blocks {
		list.WriteByte(',')
		begin := list.Len()
		if err := encoder.Encode(block); err != nil {
			return nil, err
		}
		list.Truncate(list.Len() - len("\n"))
		if block.ID() == "" {
			sum := crc32.ChecksumIEEE(list.Bytes()[begin:])
			list.Truncate(list.Len() - len("}"))
			fmt.Fprintf(list, `,"block_id":"%d-%08x"}`, i, sum)
		}
	}
	list.WriteByte(']')
	list.Bytes()[0] = '['
	return bytes.Clone(list.Bytes()), nil
}

// encodeJSON is json.Marshal with newEncoder.
func encodeJSON(v any) ([]byte, error) {
	var text bytes.Buffer
	err := newEncoder(&text).Encode(v)
	return bytes.TrimSpace(text.Bytes()), err
}

// newEncoder leaves <, > and & as they are: in Slack's markup they are many, and escaped
// they take six bytes each.
func newEncoder(w io.Writer) *json.Encoder {
	encoder := json.NewEncoder(w)
	encoder.SetEscapeHTML(false)
	return encoder
}

func (p Picture) digest() string {
	sum := sha256.New()
	fmt.Fprintf(sum, "%t %d %d ", p.broadcast, len(p.text), len(p.blocks))
	_, _ = io.WriteString(sum, p.text)
	sum.Write(p.blocks)
	sum.Write(p.metadata)
	return hex.EncodeToString(sum.Sum(nil)[:8])
}

// form is the picture as a form, with more fields, each a name and a value. It always has
// blocks: without, chat.update may keep the old ones (and their buttons).
func (p Picture) form(fields ...string) []byte {
	form := append(make([]byte, 0, 8*(len(p.text)+len(p.blocks))/5+usualFields), "unfurl_links=false&unfurl_media=false"...)
	if p.broadcast {
		form = append(form, "&reply_broadcast=true"...)
	}
	for i := 0; i < len(fields); i += 2 {
		form = appendField(form, fields[i], fields[i+1])
	}
	form = appendField(form, "text", p.text)
	form = appendField(form, "metadata", p.metadata)
	return appendField(form, "blocks", p.blocks)
}

// usualFields is more than a form mostly takes besides its text and blocks, in bytes, which
// are half as long again when they are escaped.
const usualFields = 512

// appendField appends a field of a form, unless it is empty. It escapes as url.QueryEscape
// does, in one pass: this is nearly all that is sent, and long, and with url.QueryEscape a
// command costs a tenth more of the processor.
func appendField[T string | []byte](form []byte, name string, value T) []byte {
	const hex = "0123456789ABCDEF"
	if len(value) == 0 {
		return form
	}
	form = append(append(append(form, '&'), name...), '=')
	for i := range len(value) {
		switch c := value[i]; {
		case 'a' <= c && c <= 'z', 'A' <= c && c <= 'Z', '0' <= c && c <= '9', c == '-', c == '_', c == '.', c == '~':
			form = append(form, c)
		case c == ' ':
			form = append(form, '+')
		default:
			form = append(form, '%', hex[c>>4], hex[c&15])
		}
	}
	return form
}

// private is the picture for a response_url, seen by one person, in a thread where
// there is one.
func (p Picture) private(thread string) ([]byte, error) {
	body := struct {
		Text     string          `json:"text"`
		Blocks   json.RawMessage `json:"blocks,omitempty"`
		Type     string          `json:"response_type"`
		Replace  bool            `json:"replace_original"`
		ThreadTS string          `json:"thread_ts,omitempty"`
	}{Text: p.text, Type: "ephemeral", ThreadTS: thread}
	if string(p.blocks) != "[]" {
		body.Blocks = p.blocks
	}
	return encodeJSON(body)
}

// replacing is the picture for the response_url of a press, in the place of what was
// pressed and seen by whom that was. It always has blocks, as form has.
func (p Picture) replacing(string) ([]byte, error) {
	return encodeJSON(struct {
		Text    string          `json:"text"`
		Blocks  json.RawMessage `json:"blocks"`
		Replace bool            `json:"replace_original"`
	}{p.text, p.blocks, true})
}
