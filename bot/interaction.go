package bot

import (
	"bytes"
	"cmp"
	"encoding/json"
	"strconv"
	"strings"
	"time"

	"github.com/slack-go/slack"
)

// interactionWire reads a press, a sent form or a menu's question.
type interactionWire struct {
	*callbackFields
	Message struct {
		Timestamp       string `json:"ts"`
		ThreadTimestamp string `json:"thread_ts"`
		Text            string `json:"text"`
	} `json:"message"`
	Actions []*slack.BlockAction `json:"actions"`
}

type callbackFields slack.InteractionCallback

func interaction(e Envelope) (*slack.InteractionCallback, bool) {
	callback := new(slack.InteractionCallback)
	wire := interactionWire{callbackFields: (*callbackFields)(callback)}
	if decode(e.Payload, &wire) != nil {
		return nil, false
	}
	callback.ActionCallback.BlockActions = wire.Actions
	callback.Message.ThreadTimestamp, callback.Message.Text = wire.Message.ThreadTimestamp, wire.Message.Text
	callback.Message.Timestamp = cmp.Or(wire.Message.Timestamp, callback.Container.MessageTs)
	callback.Channel.ID = cmp.Or(callback.Channel.ID, callback.Container.ChannelID)
	if callback.Type == slack.InteractionTypeBlockActions && len(callback.RawState) > 0 {
		_ = json.Unmarshal(callback.RawState, &callback.BlockActionState) // what cannot be read is not there
	}
	return callback, true
}

// interactionType is what kind of interaction a payload is, found without
// reading the rest.
func interactionType(payload []byte) (kind slack.InteractionType) {
	for name, value := range fields(payload) {
		if string(name) == "type" {
			_ = json.Unmarshal(value, &kind) // what cannot be read is of no kind
			return kind
		}
	}
	return ""
}

// withoutBlocks is a copy of a payload without the blocks of what was shown: they are ours,
// and by far the largest part.
func withoutBlocks(payload json.RawMessage) json.RawMessage {
	draft := drafts.Get().(*bytes.Buffer)
	defer drafts.Put(draft)
	draft.Reset()
	draft.Write(appendWithoutBlocks(draft.AvailableBuffer(), payload))
	return bytes.Clone(draft.Bytes())
}

// appendWithoutBlocks appends a payload, or a message or form in it, without its blocks. What
// is no object stays as it is.
func appendWithoutBlocks(kept []byte, whole json.RawMessage) []byte {
	if len(whole) == 0 || whole[0] != '{' {
		return append(kept, whole...)
	}
	kept = append(kept, '{')
	for name, value := range fields(whole) {
		if string(name) == "blocks" {
			continue
		}
		if kept[len(kept)-1] != '{' {
			kept = append(kept, ',')
		}
		kept = append(append(append(kept, '"'), name...), `":`...)
		switch string(name) {
		case "message", "original_message", "view":
			kept = appendWithoutBlocks(kept, value)
		default:
			kept = append(kept, value...)
		}
	}
	return append(kept, '}')
}

// actedAt is when a person acted by Slack's clock ("1548426417.840180"), as far
// as Slack says so, else when that was received.
func actedAt(ts string, received time.Time) time.Time {
	whole, fraction, _ := strings.Cut(ts, ".")
	seconds, err := strconv.ParseInt(whole, 10, 64)
	micros, fault := strconv.ParseUint((fraction + "000000")[:6], 10, 32)
	if err != nil || fault != nil || seconds <= 0 {
		return received
	}
	return time.Unix(seconds, int64(micros)*1000).UTC()
}

// mostOptions is how many a menu takes
// (https://docs.slack.dev/reference/block-kit/block-elements/select-menu-element).
const mostOptions = 100

// offered is as many of the options as a menu takes and an ack carries, the first ones:
// of an ack that is too long, nothing arrives.
func offered(options []*slack.OptionBlockObject) any {
	offer := struct {
		Options []json.RawMessage `json:"options"`
	}{Options: []json.RawMessage{}}
	left := ackLimit - ackHead
	for _, option := range options[:min(len(options), mostOptions)] {
		text, err := json.Marshal(option)
		if left -= len(text) + 1; err != nil || left < 0 {
			break
		}
		offer.Options = append(offer.Options, text)
	}
	return offer
}
