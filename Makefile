# Every step of .ci/run can be run alone. "make" lists them.
.DEFAULT_GOAL := help
SHELL := bash
.SHELLFLAGS := -euo pipefail -c
LINT := go tool -modfile=.ci/lint/go.mod golangci-lint
DATA ?= .baogong/demo

help: ## list the targets
	@grep -hE '^[a-z0-9]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/^([a-z0-9]+):.*## (.*)/\1\t\2/' | awk -F '\t' '{printf "%-9s %s\n", $$1, $$2}'

run: ## start the demonstration
	go run . demo

generate: ## write what is generated: graph/ from the schema, docs/settings.md from the flags
	go generate ./...

verify: generate ## fail if generated files, formatting, modules or lock files are not as they should be, or the schema breaks something
	git diff --exit-code -- graph gqlgen.yml schema.graphql schema docs/settings.md web/app/shared/terms.ts
	[ -z "$$(git status --porcelain -- graph)" ]
	[ -z "$$(gofmt -l $$(git ls-files '*.go' | grep -v '^graph/') | tee -a /dev/stderr)" ]
	go mod tidy -diff
	go mod verify >/dev/null
	go -C .ci/lint mod verify >/dev/null
	.ci/lockfiles
	node .ci/schema/breaking.mjs
	npm run --silent check --workspace web/app

lint: ## vet, golangci-lint (staticcheck is one of its linters), and known vulnerabilities
	go vet ./...
	$(LINT) run # .golangci.yml; the first run builds the tool, which takes some minutes
	.ci/vulnerabilities

test: ## the tests
	go test ./...

thorough: ## the tests in full, as CI has them; a plain run leaves out some that take long
	CI=true go test ./...

race: ## the tests with the race detector; prints the ten slowest
	.ci/race

e2e: ## the tests of the running program only
	go test ./e2e/...

soak: ## the long tests: floods, silent networks, a failover, full volumes; they need an idle machine
	go test -tags soak -timeout 60m ./...

bench: ## measure deliveries, sockets, moves and boards beside their yardsticks
	go run . bench

web: ## build the pages that need building
	npm run build --workspace web/graphiql
	npm run check --workspace web/app
	npm run build --workspace web/app

psql: ## open the private database of a running program: make psql DATA=.baogong/demo
	PGPASSWORD="$$(cat $(DATA)/postgres/password)" psql -h "$$(sed -n 5p $(DATA)/postgres/data/postmaster.pid)" -p "$$(sed -n 4p $(DATA)/postgres/data/postmaster.pid)" -U baogong postgres

ci: export CI = true
ci: verify lint race ## everything that must hold before a change lands; needs npm and Chromium

.PHONY: help run generate verify lint test thorough race e2e soak bench web psql ci
