// Package watch tests what watches the bot, with the real tools: its metrics with
// promtool and a real Prometheus, the alerts' rules, and the dashboard by Grafana's own
// schema. It is a module of its own, so that the program does not depend on Grafana's.
package watch
