# make demo and make test do all the set-up themselves, on Debian 12 with Swift 6.3.
.PHONY: help setup build release demo test test-release lint check clean

help:
	@echo "make demo     the main job, end to end, on the example hospital"
	@echo "make test     every test"
	@echo "make test-release  the tests that run the programs, with the release build"
	@echo "make build    both programs, for trying and testing, into .build/debug/"
	@echo "make release  both programs, fast, into .build/release/"
	@echo "make lint     swift-format's rules"
	@echo "make check    the structure rules of CONTRIBUTING.md"
	@echo "make clean    removes what was built and made"

setup:
	@scripts/setup packages

build: setup
	swift build --product cloister-extractor
	swift build --product cloister-generator

release: setup
	swift build -c release --product cloister-extractor
	swift build -c release --product cloister-generator

demo: build
	@scripts/setup llm || echo "make: going on without the local model"
	@scripts/demo

test: setup
	@scripts/setup llm || echo "make: going on without the local model"
	@scripts/setup xgboost || echo "make: going on without XGBoost"
	@scripts/setup postgresql || echo "make: going on without PostgreSQL"
	swift build --build-tests
	swift test --skip-build --disable-xctest

test-release: release
	swift build --build-tests
	CLOISTER_PROGRAMS=$(CURDIR)/.build/release swift test --skip-build --disable-xctest --filter CommandLineTests

lint:
	swift format lint --strict --recursive --parallel Package.swift Sources Tests

check:
	@scripts/check-structure

clean:
	rm -rf .build .demo .llm
