# Two commands do everything: `make demo` and `make test`. Each makes its own environment in .venv first.
PYTHON ?= python3.11
VENV := .venv
BIN := $(VENV)/bin
STAMP := $(VENV)/.installed

.PHONY: demo test test-postgresql check packages samples bench docs clean

demo: $(STAMP)
	$(BIN)/baosong demo

test: packages $(STAMP) check
	$(BIN)/python -m pytest -q -n 2 --dist loadfile
	$(MAKE) test-postgresql

# The tests that have to do with records once more, on a server that is started for them.
test-postgresql: $(STAMP)
	BAOSONG_TEST_DATABASE=postgresql $(BIN)/python -m pytest -q -n 2 --dist loadfile

check: $(STAMP)
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy

$(STAMP): requirements.lock pyproject.toml
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -r requirements.lock
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --editable .
	touch $@

# What the tests need beside Python: Debian's Dovecot, the second IMAP server, its ClamAV, Chromium, Chinese fonts, to draw seals with,
# libarchive, which reads rar and 7z, LibreOffice, which opens the merged workbook, systemd's tools, which look at our units,
# openssl, which checks signed heads as an auditor would, and PostgreSQL, the second database.
# Root installs what is missing; others are told by the test that fails.
DEBIAN := chromium clamav-daemon dovecot-imapd fonts-arphic-ukai fonts-arphic-uming fonts-noto-cjk libarchive13 libreoffice-calc openssl postgresql systemd

packages:
	@if ! dpkg -s $(DEBIAN) >/dev/null 2>&1 && [ "$$(id -u)" = 0 ] && command -v apt-get >/dev/null; then \
	  apt-get update -qq && DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends $(DEBIAN); \
	fi

samples: $(STAMP)
	$(BIN)/python -m samples.make
	$(BIN)/python -m samples.examples

# Side by side with what others use, for an hour. Root installs the rivals that are missing; without them their columns are left out.
RIVALS := getmail6 isync ocrmypdf tesseract-ocr-chi-sim

bench: $(STAMP)
	@if ! dpkg -s $(RIVALS) >/dev/null 2>&1 && [ "$$(id -u)" = 0 ] && command -v apt-get >/dev/null; then \
	  apt-get update -qq && DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends $(RIVALS); \
	fi
	$(BIN)/python -m pip install --quiet --disable-pip-version-check pandas==3.1.1
	$(BIN)/python -m bench

# The site for bureaus, in Chinese: build/site/index.html opens in any browser, also without a network. NOTICES: files of notices whose own
# rules stand on its page of rules as well.
docs: $(STAMP)
	BAOSONG_NOTICES="$(NOTICES)" $(BIN)/python -m sphinx -q -W --keep-going docs/site build/site
	@echo "build/site/index.html"

clean:
	rm -rf $(VENV) build dist
