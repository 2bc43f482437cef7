// Command floor is how fast the machine and the emulators are at all: a bare
// WebSocket, one round trip to Redis for all envelopes that wait, and their acks.
// With FLOOR_WORKS=1 it then also makes the calls of a plain approval bot, by hand.
// The benchmark runs it beside cbhbot.
package main

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"log"
	"net/http"
	"os"
	"os/signal"
	"strings"
	"syscall"
	"time"

	"github.com/gorilla/websocket"
	"github.com/redis/go-redis/v9"

	"cbhbot/client"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), syscall.SIGTERM)
	defer stop()
	f, err := newFloor()
	if err == nil {
		context.AfterFunc(ctx, func() { f.socket.Close() })
		err = f.run(ctx)
	}
	if err != nil && ctx.Err() == nil {
		log.Fatal(err)
	}
}

type floor struct {
	wire   *http.Client
	redis  *redis.Client
	cloud  *client.Client
	socket *websocket.Conn
	works  bool
	at     time.Time // of every upgrade: no phrase is read
}

func newFloor() (*floor, error) {
	f := &floor{wire: client.NewHTTP(64), works: os.Getenv("FLOOR_WORKS") != "", at: time.Now().Add(72 * time.Hour)}
	options, err := redis.ParseURL(os.Getenv("REDIS_URL"))
	if err != nil {
		return nil, err
	}
	f.redis = redis.NewClient(options)
	f.cloud, err = client.New(client.Config{
		Endpoint: os.Getenv("CBH_ENDPOINT"), ProjectID: os.Getenv("CBH_PROJECT_ID"), HTTP: f.wire,
		Auth: client.Password(client.PasswordConfig{
			IAMEndpoint: os.Getenv("IAM_ENDPOINT"), User: os.Getenv("CBH_IAM_USER"), Password: os.Getenv("CBH_IAM_PASSWORD"),
			Domain: os.Getenv("CBH_IAM_DOMAIN"), ProjectID: os.Getenv("CBH_PROJECT_ID"), HTTP: f.wire,
		}),
	})
	if err != nil {
		return nil, err
	}
	var opened struct{ URL string }
	answer, err := f.post("apps.connections.open", os.Getenv("SLACK_APP_TOKEN"), map[string]any{})
	if err == nil {
		err = json.Unmarshal(answer, &opened)
	}
	if err == nil {
		f.socket, _, err = websocket.DefaultDialer.Dial(opened.URL, nil)
	}
	return f, err
}

// post calls a method of Slack's Web API.
func (f *floor) post(method, token string, args map[string]any) ([]byte, error) {
	body, err := json.Marshal(args)
	if err != nil {
		return nil, err
	}
	r, err := http.NewRequest(http.MethodPost, os.Getenv("SLACK_API_URL")+method, bytes.NewReader(body))
	if err != nil {
		return nil, err
	}
	r.Header.Set("Content-Type", "application/json; charset=utf-8")
	r.Header.Set("Authorization", "Bearer "+token)
	answer, err := f.wire.Do(r)
	if err != nil {
		return nil, err
	}
	defer answer.Body.Close()
	return io.ReadAll(answer.Body)
}

// run takes envelopes until the socket ends.
func (f *floor) run(ctx context.Context) error {
	came := make(chan []byte, 1024)
	go f.store(ctx, came)
	for {
		_, frame, err := f.socket.ReadMessage()
		if err != nil {
			return err
		}
		came <- frame
	}
}

// store keeps what has come in one round trip, and acks it.
func (f *floor) store(ctx context.Context, came chan []byte) {
	for frame := range came {
		batch := []envelope{}
		pipe := f.redis.Pipeline()
		for more := true; more; {
			var e envelope
			if json.Unmarshal(frame, &e) == nil && e.ID != "" {
				batch = append(batch, e)
				pipe.Set(ctx, "envelope:"+e.ID, frame, time.Hour)
			}
			select {
			case frame = <-came:
			default:
				more = false
			}
		}
		if _, err := pipe.Exec(ctx); err != nil {
			log.Println(err)
			continue
		}
		for _, e := range batch {
			_ = f.socket.WriteMessage(websocket.TextMessage, []byte(`{"envelope_id":"`+e.ID+`"}`))
			if f.works {
				go f.work(ctx, e)
			}
		}
	}
}

// envelope is what the floor reads of a command or a press.
type envelope struct {
	ID      string `json:"envelope_id"`
	Payload struct {
		Text      string `json:"text"`
		ChannelID string `json:"channel_id"`
		Actions   []struct {
			Value string `json:"value"`
		} `json:"actions"`
		Container struct {
			ChannelID string `json:"channel_id"`
			TS        string `json:"message_ts"`
		} `json:"container"`
	} `json:"payload"`
}

func (f *floor) work(ctx context.Context, e envelope) {
	var err error
	if len(e.Payload.Actions) > 0 {
		err = f.decide(ctx, e)
	} else if words := strings.Fields(e.Payload.Text); len(words) > 1 {
		err = f.ask(ctx, e.Payload.ChannelID, words[1])
	}
	if err != nil {
		log.Println(err)
	}
}

func (f *floor) ask(ctx context.Context, channel, server string) error {
	if err := f.redis.HSet(ctx, "request:"+server, "at", f.at.UnixMilli()).Err(); err != nil {
		return err
	}
	button := map[string]any{"type": "button", "action_id": "approve", "value": server, "text": map[string]any{"type": "plain_text", "text": "Approve"}}
	return f.say("chat.postMessage", map[string]any{"channel": channel, "text": "Upgrade of " + server, "blocks": []any{
		map[string]any{"type": "section", "text": map[string]any{"type": "mrkdwn", "text": "Upgrade of " + server}},
		map[string]any{"type": "actions", "elements": []any{button}},
	}})
}

func (f *floor) decide(ctx context.Context, e envelope) error {
	server, card := e.Payload.Actions[0].Value, e.Payload.Container
	first, err := f.redis.HSetNX(ctx, "request:"+server, "decision", "approve").Result()
	if err != nil || !first {
		return err
	}
	if err := f.say("chat.update", map[string]any{"channel": card.ChannelID, "ts": card.TS, "text": "Approved: " + server, "blocks": []any{}}); err != nil {
		return err
	}
	if _, err := f.cloud.Upgrade(ctx, server, f.at); err != nil {
		return err
	}
	if err := f.redis.HSet(ctx, "request:"+server, "outcome", "scheduled").Err(); err != nil {
		return err
	}
	return f.say("chat.postMessage", map[string]any{"channel": card.ChannelID, "thread_ts": card.TS, "text": "Scheduled: " + server})
}

func (f *floor) say(method string, args map[string]any) error {
	answer, err := f.post(method, os.Getenv("SLACK_BOT_TOKEN"), args)
	if err == nil && !bytes.Contains(answer, []byte(`"ok":true`)) {
		err = fmt.Errorf("%s: %s", method, answer)
	}
	return err
}
