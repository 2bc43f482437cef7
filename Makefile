SHELL := /bin/bash
GO ?= go

.DEFAULT_GOAL := help

help: ## say what can be made
	@grep -hE '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/^([a-z-]+):.*## (.*)/  make \1|\2/' | column -t -s '|'

build: ## build the program: ./cbhbot
	CGO_ENABLED=0 $(GO) build -trimpath -o cbhbot ./cmd/cbhbot

sandbox: ## try it: workspace, cloud and bot in one process, with a page
	$(GO) run ./cmd/cbhbot sandbox

# Packages whose tests take longest begin first.
longest = ./bot ./approvals/engine ./handlers ./bot/slackemu ./cmd/cbhbot ./approvals/store/redistest
# Packages that only compute: the race detector makes them four to seven times as slow, and those who use them are tested under it.
pure = ./approvals ./approvals/calendar ./bot/mrkdwn ./deploy/pictures ./handlers/messages ./handlers/timephrase

test: need vet ## everything: unit, race, end to end with real parts, browser
	$(GO) test -vet=off -race -shuffle=on -count=1 -timeout 10m -p 3 -parallel 6 $$($(GO) list $(longest) ./... | grep -vxF -e cbhbot/cmd/cbhbot/e2e $(pure:./%=-e cbhbot/%) | awk '!seen[$$0]++')
	$(GO) test -vet=off -shuffle=on -count=1 -timeout 10m $(pure)
	$(GO) test -vet=off -shuffle=on -count=1 -timeout 15m ./cmd/cbhbot/e2e # alone: it measures what people wait for of the program as it ships

vet:
	@test -z "$$(gofmt -l $$(git ls-files '*.go'))" || { echo "gofmt would change:"; gofmt -l $$(git ls-files '*.go'); exit 1; }
	$(GO) vet ./...

need: ## install what the tests need and the machine lacks
	@./.ci/need redis-server chromium-headless-shell

test-tour: need ## stories in both languages, and whom its page shuts out: wide and on a phone, by day and by night
	$(GO) test -count=1 -timeout 10m -run 'TestTheTourInABrowser|TestStoriesInABrowser|TestThePageIsForEverybody' ./cmd/cbhbot/e2e -tour

test-bolt: ## an unchanged @slack/bolt app against the Slack emulator
	@./.ci/need node npm
	cd bot/slackemu/bolttest && npm ci --ignore-scripts --no-audit --no-fund && $(GO) test -count=1 -tags bolt -v .

test-deploy: ## what it is shipped as, with the real tools: chart, release, packages, images, unit
	@./.ci/need buildah busybox debootstrap dpkg-deb git kubectl redis-server rpm systemd-analyze systemd-nspawn
	cd deploy/deploytest && $(GO) test -count=1 -timeout 60m .

lint: vet ## what golangci-lint (.golangci.yml), actionlint and shellcheck object to
	@./.ci/need shellcheck
	"$$(.ci/tool golangci-lint)" run
	"$$(.ci/tool actionlint)"
	shellcheck $$(git ls-files .ci | grep -v /tools/) deploy/package/*.sh

vuln: ## known vulnerabilities that the program reaches (DB=https://vuln.go.dev)
	@DB=$(DB) .ci/vuln

test-sdk: ## the cloud's official SDK against the cloud emulator
	cd client/sdktest && $(GO) test -race -count=1 ./...

test-watch: need ## what watches it: alerts, dashboard and metrics with promtool, Grafana's schema and a real Prometheus
	@./.ci/need prometheus
	cd deploy/watch && $(GO) test -count=1 -timeout 10m .

pictures: ## draw all that the bot says as people see it, on sheets (deploy/docs/pictures.md)
	@./.ci/need chromium node npm pngquant fonts-lato fonts-noto-cjk fonts-noto-color-emoji
	cd deploy/pictures && timeout 300 npm ci --ignore-scripts --no-audit --no-fund && npm run --silent build
	rm -rf deploy/docs/pictures
	$(GO) run ./deploy/pictures
	sed -n 's|.*(\(pictures/.*\.png\)).*|deploy/docs/\1|p' deploy/docs/pictures.md | xargs pngquant --force --ext .png --strip --nofs 32
	$(GO) test -count=1 -timeout 120s -tags pictures ./deploy/pictures

torture: need ## kill bots and Redis at random for 3 minutes, and bots in each step, and count what is lost (FOR=10m SEED=1)
	$(GO) test -count=1 -v -timeout 60m -run "TestTorture|TestEachCrashWindowIsClosed" ./cmd/cbhbot/e2e -crash.all -torture.for $(or $(FOR),3m) -torture.seed $(or $(SEED),0)

model: ## check the protocol of claims and leases, and that each of its cures is needed (Spin)
	@./.ci/need spin gcc
	@approvals/engine/model/check

# Bots that are measured have a processor of their own, where there are two.
two = $(and $(shell command -v taskset),$(filter-out 1,$(shell nproc)))
measure = CGO_ENABLED=0 $(GO) build -trimpath ./cmd/cbhbot ./cmd/cbhbot/e2e/bench/peers/... && $(GO) test -run '^$$' -benchtime 1x -timeout 3h \
  $(if $(two),-exec 'taskset -c 0') -bench $(1) ./cmd/cbhbot/e2e/bench -args $(if $(two),-processor 1) $(ARGS)

bench: ## ours beside slack-go's socketmode, Bolt and the floor (ARGS=-update writes it into the documents)
	@./.ci/need redis-server node npm
	cd cmd/cbhbot/e2e/bench/peers/bolt && npm ci --ignore-scripts --no-audit --no-fund
	$(call measure,BenchmarkBots)

bench-growth: ## with a million requests, 10,000 open ones, 1,000 bastions, 4 replicas (ARGS=-update)
	@./.ci/need redis-server
	$(call measure,BenchmarkGrowth)

bench-resilience: ## 10,000 cycles under torture over three seeds, and how long what fails is felt: 45 minutes (ARGS=-update)
	@./.ci/need redis-server
	$(GO) test -run '^$$' -benchtime 1x -timeout 3h -bench BenchmarkResilience ./cmd/cbhbot/e2e/bench -args $(ARGS)

profile: ## where ours spends CPU, memory and waiting: pictures in bin/profile
	@./.ci/need redis-server dot
	$(call measure,BenchmarkProfile) -pictures $(CURDIR)/bin/profile

bench-many: need ## lists and the audit with 100,000 requests
	$(GO) test -count=1 -v -run TestManyRequestsStayPaged ./cmd/cbhbot/e2e -many 100000

bench-phrases: ## how fast phrases are read, beside the stock parser
	$(GO) test -run '^$$' -bench . -benchmem ./handlers/timephrase

fuzz: ## each fuzz target for half a minute
	@set -e; for target in $$(grep -rlE '^func Fuzz' --include='*_test.go' . | xargs -n1 dirname | sort -u); do \
	  for name in $$(grep -hoE '^func Fuzz\w+' $$target/*_test.go | sed 's/func //'); do \
	    echo "$$target $$name"; $(GO) test -run '^$$' -fuzz "^$$name$$" -fuzztime 30s ./$$target; done; done

.PHONY: help build sandbox test vet need test-tour test-bolt test-deploy lint vuln test-sdk test-watch pictures torture model bench bench-growth bench-resilience bench-many bench-phrases profile fuzz
