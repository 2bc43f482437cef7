package watch

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"cbhbot/approvals/store/redistest"
)

// TestARealScrapeIsAsPrometheusLikesIt lints what the built bot tells after a story.
func TestARealScrapeIsAsPrometheusLikesIt(t *testing.T) {
	w := newWorld(t)
	w.story()
	for _, bot := range w.bots {
		scraped := get(t, "http://"+address(t, bot)+"/metrics")
		if text, good := promtool(t, scraped, "check", "metrics"); !good || !strings.Contains(scraped, "cbhbot_redis_up 1") {
			t.Errorf("%s: %s", text, scraped)
		}
	}
}

// scraping is a Prometheus that scrapes bots by the alerts' rules, and waits longer than a
// bot waits for Redis.
func scraping(t *testing.T, bots ...*process) string {
	t.Helper()
	rules, err := filepath.Abs(alertsFile)
	if err != nil {
		t.Fatal(err)
	}
	config := "global: {scrape_interval: 3s, evaluation_interval: 1s}\nrule_files: [" + rules + "]\nscrape_configs:\n- job_name: cbhbot\n  static_configs: [{targets: ["
	for _, bot := range bots {
		config += `"` + address(t, bot) + `",`
	}
	dir := t.TempDir()
	file := filepath.Join(dir, "prometheus.yaml")
	if err := os.WriteFile(file, []byte(config+"]}]\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	own := fmt.Sprintf("127.0.0.1:%d", redistest.FreePort(t))
	run(t, os.Environ(), "prometheus", "--config.file="+file, "--storage.tsdb.path="+filepath.Join(dir, "data"), "--web.listen-address="+own, "--log.level=warn")
	return own
}

// TestAlertsFireInARealPrometheus has two copies scraped while an envelope is put aside
// and Redis is stopped for a minute, in which the bots do not flood their logs.
func TestAlertsFireInARealPrometheus(t *testing.T) {
	w := newWorld(t)
	w.story()
	prometheus := scraping(t, w.bots...)
	firing := func() map[string]string { return asked(t, prometheus, `ALERTS{alertstate="firing"}`, "alertname") }
	await(t, "both copies to be scraped", func() bool { return asked(t, prometheus, "count(cbhbot_build_info)", "")[""] == "2" })
	await(t, "the story in Prometheus", func() bool {
		return asked(t, prometheus, `sum(cbhbot_cloud_calls_total{operation="upgrade",outcome="ok"})`, "")[""] == "1"
	})
	if all := firing(); len(all) != 0 {
		t.Errorf("while all is well: %v", all)
	}

	client := w.redis.Client()
	if err := client.Do(t.Context(), "XADD", "{cbhbot}:inbox:commands", "*", "envelope", "{").Err(); err != nil { // nobody can read it
		t.Fatal(err)
	}
	await(t, "the alert of a parked entry", func() bool { return firing()["CbhbotParked"] != "" })

	before := []int{strings.Count(w.bots[0].String(), "\n"), strings.Count(w.bots[1].String(), "\n")}
	begun := time.Now()
	w.redis.Kill()
	await(t, "the alert of a stopped Redis", func() bool { return firing()["CbhbotRedisDown"] != "" })
	if took := time.Since(begun); took < time.Minute {
		t.Errorf("it fired after %s", took)
	}
	for i, bot := range w.bots {
		if lines := strings.Count(bot.String(), "\n") - before[i]; lines < 4 || lines > 40 {
			t.Errorf("a bot wrote %d lines in a minute without Redis", lines)
		} else {
			t.Logf("a bot wrote %d lines in a minute without Redis", lines)
		}
	}
	w.redis.Restart()
	await(t, "the alert to end", func() bool { return firing()["CbhbotRedisDown"] == "" })
}
