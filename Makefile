# make run and make test are the two that matter; `make` alone lists the rest.
# tools/need.sh checks first that the machine has what a target needs.

SHELL := bash
.SHELLFLAGS := -euo pipefail -c
.NOTPARALLEL:

# One setting for every build and test: the binary is static, and nothing is compiled twice. Only race needs a C compiler.
export CGO_ENABLED ?= 0

BIN := $(CURDIR)/bin/proofkey
BUILD := $(CURDIR)/build
TESTFLAGS ?= -timeout 10m
UI := dashboard/ui
OWN := -not -path '*/node_modules/*' -not -path './.git/*' -not -path './bin/*' -not -path './build/*' -not -path './$(UI)/dist/*'

.PHONY: help run build ui check test test-sqlite test-pg test-ui test-libcrypto interop interop-go-auth0 race fuzz torture attack bench bench-libcrypto gallery clean

help: ## this list
	@sed -n 's/^\([a-z0-9-]*\):.*## /\1\t/p' $(MAKEFILE_LIST) | expand -t 18

run: build ## builds everything and starts a ready tenant on this machine
	$(BIN) dev

build: ui ## builds bin/proofkey with the Dashboard in it
	@tools/need.sh go ca
	go build -tags dashboard_ui -o $(BIN) ./cmd/proofkey

ui: $(UI)/dist/index.html ## builds the Dashboard's pages

$(UI)/dist/index.html: $(UI)/node_modules/.package-lock.json $(wildcard $(UI)/*.ts $(UI)/*.json $(UI)/*.html) docs/openapi.json $(shell find $(UI)/src -type f -not -name '*.gen.ts')
	cd $(UI) && npm run build --loglevel=error

$(UI)/node_modules/.package-lock.json: $(UI)/package-lock.json
	@tools/need.sh node npm ca
	cd $(UI) && npm ci --ignore-scripts --no-audit --no-fund --loglevel=error
	@touch $@

check: ## gofmt, go vet, staticcheck, known vulnerabilities, the floors, rules and licences of the house, the scripts' syntax
	@tools/need.sh go node ca
	@unformatted=$$(find . -name '*.go' $(OWN) -print0 | xargs -0 gofmt -l); \
	if [ -n "$$unformatted" ]; then printf 'not gofmt-ed:\n%s\n' "$$unformatted"; exit 1; fi
	go vet ./...
	go vet -tags torture ./store ./cmd/proofkey
	go tool staticcheck ./...
	@node tools/vulns.mjs
	go test -count=1 .
	@find . \( -name '*.mjs' -o -name '*.js' \) $(OWN) -print0 | xargs -0 -r -n 1 node --check
	@find . \( -name '*.sh' -o -path './.ci/run' \) $(OWN) -print0 | xargs -0 -r -n 1 bash -n

test: test-sqlite test-pg test-ui test-libcrypto interop interop-go-auth0 ## every test there is

test-sqlite: ## unit and HTTP tests on SQLite
	@tools/need.sh go ca
	go test $(TESTFLAGS) ./...

test-pg: ## the same tests on a real PostgreSQL, started for the run
	@tools/need.sh go ca postgres
	tools/with-postgres.sh go test -count=1 $(TESTFLAGS) ./...

test-ui: ui ## types, style and tests of the Dashboard's pages, and what the server makes of their build
	@tools/need.sh go node npm ca
	cd $(UI) && npm run check --loglevel=error
	go vet -tags dashboard_ui ./dashboard ./cmd/proofkey
	go test -count=1 -tags dashboard_ui ./dashboard

test-libcrypto: ## a build with cgo signs by OpenSSL's libcrypto where it finds it: the same tokens
	@tools/need.sh go gcc openssl
	CGO_ENABLED=1 go test -count=1 ./oauth/keys

interop: build ## the browser, and clients that nobody here wrote, against the real server
	@tools/need.sh go node npm ca chromium certutil openssl
	PROOFKEY_BIN=$(BIN) $(if $(CI),tools/quiet.sh $(BUILD)/interop.log) interop/run.sh

interop-go-auth0: build ## the Go SDK's own management tests against the real server
	@tools/need.sh go ca
	cd interop/go-auth0 && PROOFKEY_BIN=$(BIN) $(if $(CI),$(CURDIR)/tools/quiet.sh $(BUILD)/go-auth0.log) go run .

race: ## the unit and HTTP tests under the race detector
	@tools/need.sh go ca gcc
	CGO_ENABLED=1 go test -race $(TESTFLAGS) ./...

fuzz: ## every fuzz target, FUZZTIME (20s) each
	@tools/need.sh go ca
	tools/fuzz.sh $(FUZZTIME)

bench: build ## the table of figures, on SQLite and on PostgreSQL
	@tools/need.sh go ca postgres
	PROOFKEY_BIN=$(BIN) tools/with-postgres.sh go run ./bench $(BENCHFLAGS)

torture: ## kills the server 200 times under load, on SQLite and on PostgreSQL, one of three nodes, and a primary database
	@tools/need.sh go ca postgres
	tools/with-postgres.sh go run ./torture -postgres-bin "$$(tools/postgres-bin.sh)" $(TORTUREFLAGS)

attack: build ## the attacks that hit other providers, against a server of this build over HTTP and TLS; all fuzz targets
	@tools/need.sh go ca
	PROOFKEY_BIN=$(BIN) tools/attack.sh
	$(MAKE) --no-print-directory fuzz

bench-libcrypto: ## the same with a build that signs by OpenSSL's libcrypto
	@tools/need.sh go ca postgres gcc openssl
	CGO_ENABLED=1 go build -o $(BUILD)/proofkey-libcrypto ./cmd/proofkey
	CGO_ENABLED=1 PROOFKEY_BIN=$(BUILD)/proofkey-libcrypto tools/with-postgres.sh go run ./bench $(BENCHFLAGS)
	openssl speed -seconds 3 rsa2048 2>/dev/null | tail -n 1

gallery: build ## photographs every login page in every state, and every page of the Dashboard, into build/shots
	@tools/need.sh go node npm ca chromium certutil openssl
	PROOFKEY_GALLERY=$(BUILD)/gallery go test -count=1 -run TestGallery ./login
	cd login/gallery && npm ci --ignore-scripts --no-audit --no-fund --loglevel=error && \
		node shoot.mjs $(BUILD)/gallery $(BUILD)/shots $(GALLERYFLAGS)
	PROOFKEY_BIN=$(BIN) PROOFKEY_SHOTS=$(BUILD)/shots/dashboard interop/run.sh console-pages

clean: ## removes what the targets made
	rm -rf bin build $(UI)/dist
