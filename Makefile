# On Debian 12 with Swift 6.3, make demo and make test do the rest of the set-up themselves.
.PHONY: help setup build release dist demo docs paper test test-release test-warehouse test-dist lint check clean

help:
	@echo "make demo     the main job, end to end, on the example hospitals"
	@echo "make paper    the LLMSYN paper's tables beside your results; takes HOSPITAL=, MODEL=, MODEL_NAME=, ADMISSIONS="
	@echo "make test     every test"
	@echo "make test-release  the tests that run the programs, with the release build"
	@echo "make test-warehouse  counts in PostgreSQL, DuckDB and Spark, compared with the extractor's own counts;"
	@echo "                     and tables that pandas, Arrow, Polars, DuckDB and Spark wrote"
	@echo "make build    both programs, for testing, into .build/debug/"
	@echo "make release  both programs, optimised, into .build/release/"
	@echo "make dist     a .deb, a .tar.gz, an SBOM and SHA256SUMS, into .dist/"
	@echo "make test-dist  installs the .deb in a bare Debian 12 without Swift and runs the demo there (needs root)"
	@echo "make docs     the documentation as a site with a search, into .site/html/"
	@echo "make lint     swift-format's rules"
	@echo "make check    the structure rules of CONTRIBUTING.md"
	@echo "make clean    removes everything that was built or made"

setup:
	@scripts/setup packages

build: setup
	swift build --product cloister-extractor
	swift build --product cloister-generator

release: setup
	swift build -c release --product cloister-extractor
	swift build -c release --product cloister-generator

# Its build is quiet, because whoever tries the project out wants to see the demo.
demo: setup
	@mkdir -p .build
	@scripts/quietly "building the extractor; the first build takes 3 to 10 minutes" .build/demo-build.log \
	  swift build --product cloister-extractor
	@scripts/quietly "building the generator" .build/demo-build.log swift build --product cloister-generator
	@scripts/setup llm || echo "make: continuing without the local model"
	@scripts/demo

# Without MODEL, the small local model is used.
paper: release
	@scripts/setup xgboost
	@[ -n "$(MODEL)" ] || scripts/setup llm
	CLOISTER_BIN=.build/release scripts/paper $(if $(HOSPITAL),--hospital "$(HOSPITAL)") $(if $(MODEL),--model "$(MODEL)") \
	  $(if $(MODEL_NAME),--model-name "$(MODEL_NAME)") $(if $(ADMISSIONS),--admissions "$(ADMISSIONS)")

test: setup
	@scripts/setup llm || echo "make: continuing without the local model"
	@scripts/setup xgboost || echo "make: continuing without XGBoost"
	@scripts/setup postgresql || echo "make: continuing without PostgreSQL"
	swift build --build-tests
	@scripts/run-tests

# What a real model or a slow server answers, and what the pages and the sources say, doesn't depend on the build.
test-release: release
	swift build --build-tests
	@CLOISTER_PROGRAMS=$(CURDIR)/.build/release scripts/run-tests --filter CommandLineTests \
	  --skip 'aRealModelFillsAnAdmission|ServerTests|ServerConnectionTests|StructureTests|TutorialTests'

# Uses the release build, because the largest of its hospitals has 5,000 admissions.
test-warehouse: release
	@scripts/setup warehouse || echo "make: continuing without engines; their tests will be skipped"
	@[ -d .warehouse/hospital ] || Benchmarks/make-hospital .warehouse/hospital --admissions 5000
	swift build --build-tests
	@CLOISTER_PROGRAMS=$(CURDIR)/.build/release scripts/run-tests --filter 'WarehouseTests|ExportToolTests|OtherFormsTests'

# The system's own libcrypto and other C libraries are used: see docs/decisions/0009-packages.md.
dist: setup
	@scripts/setup dist
	swift build -c release --static-swift-stdlib --scratch-path .build-dist --product cloister-extractor
	swift build -c release --static-swift-stdlib --scratch-path .build-dist --product cloister-generator
	scripts/dist

test-dist: dist
	Tests/Support/install_package.sh .dist/*.deb

docs:
	@scripts/setup docs
	@scripts/site

lint:
	swift format lint --strict --recursive --parallel Package.swift Sources Tests

check:
	@scripts/check-structure

clean:
	rm -rf .build .build-dist .dist demo .paper .llm .litellm .warehouse .site
