# Everything that a checkout can do. Each task looks after its own set-up: a bare Debian 12 with git and make is enough.
SHELL := /bin/bash
.SHELLFLAGS := -euo pipefail -c
.DEFAULT_GOAL := help
.PHONY: help setup run services stop test test-all torture bench end2end web format

# The project's own tool, in the environment of scripts/env.sh. `exec`: Ctrl-C and kill reach it and nothing between.
xtask = source scripts/env.sh; exec cargo run --package xtask --

help: ## Lists what can be made
	@awk -F ':.*## ' '/^[a-z0-9-]+:.*## / { printf "  make %-10s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

setup: ## Installs what is missing: Debian packages, Rust, npm packages (the other tasks do this by themselves)
	@scripts/setup.sh

run: setup ## A farm on this machine: builds, starts everything, prints the address and four sign-ins (LAN=1: for phones in the network too)
	@$(xtask) run

services: setup ## Starts the private PostgreSQL, Redis and Mosquitto alone, in the background
	@$(xtask) services

stop: setup ## Ends what `make run` or `make services` started
	@$(xtask) stop

test: setup ## Every check and test, with one line of sums at the end
	@$(xtask) test

test-all: setup ## The same with the whole browser matrix, the long property tests and every kill 20 times
	@$(xtask) test --all

torture: setup ## Kills the server, the broker and the database under load (ROUNDS=10) and looks for what was lost
	@$(xtask) torture --rounds $(or $(ROUNDS),10)

bench: setup ## Measures throughput, latency, memory, commands and page rendering
	@$(xtask) bench

end2end: setup ## The browser tests alone
	@$(xtask) end2end

web: setup ## Builds the browser's half, small, into target/site
	@$(xtask) web --release

format: setup ## Formats the Rust sources
	@source scripts/env.sh; cargo fmt --all
