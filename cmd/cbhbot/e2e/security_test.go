package e2e

import (
	"bytes"
	"encoding/json"
	"io"
	"io/fs"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"

	"cbhbot/bot/slackemu"
	"cbhbot/client/cbhemu"
)

// TestRedisHoldsNoSecret looks for them in all that was ever written there.
func TestRedisHoldsNoSecret(t *testing.T) {
	t.Parallel()
	w, _ := audited(t)
	err := filepath.WalkDir(w.redis.AOF(), func(path string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() {
			return err
		}
		text, err := os.ReadFile(path)
		for _, secret := range []string{slackemu.BotToken, slackemu.AppToken, cbhemu.DefaultPassword} {
			if strings.Contains(string(text), secret) {
				t.Errorf("%q is in %s", secret, entry.Name())
			}
		}
		if strings.HasSuffix(path, ".incr.aof") && !strings.Contains(string(text), "bastion-prod") {
			t.Errorf("%s is not what was written", entry.Name())
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
}

// echoing is a cloud that repeats whatever it is sent: in the answer to a login, in
// the refusal of a call, and as the id of the request.
func echoing(t *testing.T, w *world, echoed *atomic.Int32) *httptest.Server {
	server := httptest.NewServer(http.HandlerFunc(func(out http.ResponseWriter, r *http.Request) {
		body, err := io.ReadAll(r.Body)
		if err != nil {
			t.Error(err)
		}
		token := r.Header.Get("X-Auth-Token")
		echoed.Add(1)
		switch {
		case strings.HasSuffix(r.URL.Path, "/auth/tokens") && strings.Contains(string(body), "wrong"):
			out.WriteHeader(http.StatusUnauthorized)
			json.NewEncoder(out).Encode(map[string]any{"error": map[string]any{"code": 401, "message": "you sent " + string(body)}})
		case strings.HasSuffix(r.URL.Path, "/instance/upgrade"):
			out.Header().Set("X-Request-Id", token)
			out.WriteHeader(http.StatusBadRequest)
			json.NewEncoder(out).Encode(map[string]any{"error_code": "CBH.1", "error_description": "you sent " + token, "request_id": token})
		default:
			echoed.Add(-1)
			r.Body = io.NopCloser(bytes.NewReader(body))
			w.cloud.ServeHTTP(out, r)
		}
	}))
	t.Cleanup(server.Close)
	return server
}

// TestWhatTheCloudEchoesIsNeitherShownNorKept looks for the token and the password in
// Slack, in the log, and in all that was ever written to Redis, the audit included.
func TestWhatTheCloudEchoesIsNeitherShownNorKept(t *testing.T) {
	t.Parallel()
	const password = `wrong<&"\pass/word`
	w := newWorld(t, cbhemu.Options{})
	var echoed atomic.Int32
	cloud := echoing(t, w, &echoed)
	first := w.start("CBH_ENDPOINT="+cloud.URL, "IAM_ENDPOINT="+cloud.URL)
	w.presses(ana, w.card("in 3 days at 2am"), "Approve")
	w.sees(rita, "*Not scheduled*")
	first.stop()
	second := w.start("CBH_ENDPOINT="+cloud.URL, "IAM_ENDPOINT="+cloud.URL, "CBH_IAM_PASSWORD="+password)
	w.types(rita, "instances")
	w.sees(rita, "I could not ask the cloud")
	second.stop()
	inJSON, err := json.Marshal(password)
	if err != nil || echoed.Load() < 2 {
		t.Fatalf("%d answers held what was sent; %v", echoed.Load(), err)
	}
	places := map[string]string{"the log": first.log.String() + second.log.String(), "Slack": w.transcript(), "Redis": w.everWritten()}
	for place, text := range places {
		if !strings.Contains(text, "you sent") && place != "the log" {
			t.Errorf("%s does not hold the answer: %s", place, text)
		}
		for _, secret := range []string{"MIIemulated", password, strings.Trim(string(inJSON), `"`), "pass/word"} {
			if strings.Contains(text, secret) {
				t.Errorf("%q is in %s", secret, place)
			}
		}
	}
}

// everWritten is all that was ever written to Redis.
func (w *world) everWritten() string {
	w.t.Helper()
	var all strings.Builder
	err := filepath.WalkDir(w.redis.AOF(), func(path string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() {
			return err
		}
		text, err := os.ReadFile(path)
		all.Write(text)
		return err
	})
	if err != nil {
		w.t.Fatal(err)
	}
	return all.String()
}
