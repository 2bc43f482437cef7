package main

import (
	"bytes"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
)

func TestHealthAsksTheBotBesideIt(t *testing.T) {
	status := http.StatusOK
	beside := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path != "/healthz" {
			t.Errorf("asked for %s", r.URL.Path)
		}
		w.WriteHeader(status)
		w.Write([]byte("ok\n"))
	}))
	listen := strings.TrimPrefix(beside.URL, "http://")
	_, port, _ := strings.Cut(listen, ":")
	for _, c := range []struct {
		name, listen string
		status, code int
		says         string
	}{
		{"it lives", listen, http.StatusOK, exitOK, "ok\n"},
		{"it listens everywhere", ":" + port, http.StatusOK, exitOK, "ok\n"},
		{"it is ill", listen, http.StatusInternalServerError, exitFailed, "500"},
		{"no address", "nowhere", http.StatusOK, exitUsage, `CBHBOT_LISTEN: "nowhere" is no address such as`},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Setenv("CBHBOT_LISTEN", c.listen)
			status = c.status
			var out, errs bytes.Buffer
			if code := dispatch(t.Context(), []string{"health"}, nil, &out, &errs); code != c.code || !strings.Contains(out.String()+errs.String(), c.says) {
				t.Errorf("exit code %d: %s%s", code, &out, &errs)
			}
		})
	}
	beside.Close()
	t.Setenv("CBHBOT_LISTEN", listen)
	var out, errs bytes.Buffer
	if code := dispatch(t.Context(), []string{"health"}, nil, &out, &errs); code != exitFailed || !strings.Contains(errs.String(), "no bot answers") {
		t.Errorf("exit code %d: %s%s", code, &out, &errs)
	}
}
