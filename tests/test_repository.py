"""No secret stands in the repository: what is tracked holds no private key and no password but the toys of the tests."""

from __future__ import annotations

import re
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
FOLDERS = (
    "bench", "cli", "config", "deploy", "docs", "domain", "ingest", "notifier", "parsers", "samples", "storage", "tests",
    "web",
)  # fmt: skip

PRIVATE_KEY = re.compile(rb"-----BEGIN (?:[A-Z]+ )*PRIVATE KEY(?: BLOCK)?-----\s+[A-Za-z0-9+/=:]{16}")
TOKEN = re.compile(rb"\b(?:AKIA[0-9A-Z]{16}|gh[pousr]_[A-Za-z0-9]{36}|xox[abps]-[A-Za-z0-9-]{20}|sk-[A-Za-z0-9]{32})")
ASSIGNMENT = re.compile(
    rb"(?i)(?:password|passwd|passphrase|secret|token|api_?key|credential|auth(?:orization)?_?code)\w*[\"']?\s*[:=]{1,2}\s*"
    rb"(?:b|f|rb)?[\"']([^\"'\s{}<>%@]{8,})[\"']"
)
URL = re.compile(rb"\b(?:imaps?|smtps?|https?|postgresql(?:\+\w+)?)://[^\s/:@\"']+:([^\s/@\"'{}]+)@")

TOYS = {
    b"VelvetSweatshop", b"authorization-code", b"clerks-own", b"demo-password", b"dovecot-test", b"imap-password",
    b"made-anew", b"s3cret-code-of-qq", b"wrong-and-secret", b"from-env", b"hush-hush", b"x1y2", b"secret", b"13912345678",
    b"openid-secret", b"database-password", b"s3-credentials", b"***",
    b"http://evil.example/token", b"same-origin",
}  # fmt: skip
"""Of accounts on loopback that end with their test, a file's name, and Excel's own. Whoever adds one says here that it is no secret."""


def tracked() -> list[Path]:
    """What git has; without git, as in an unpacked archive, the folders of the product."""
    listed = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, text=True, check=False)
    if listed.returncode:
        return [path for folder in FOLDERS for path in (ROOT / folder).rglob("*") if path.is_file()]
    return [path for name in listed.stdout.split("\0") if name and (path := ROOT / name).is_file()]


def secrets_in(content: bytes) -> set[bytes]:
    """What looks like one, but for the toys."""
    found = {match.group() for pattern in (PRIVATE_KEY, TOKEN) for match in pattern.finditer(content)}
    found |= {match.group(1) for pattern in (ASSIGNMENT, URL) for match in pattern.finditer(content)}
    return {each for each in found - TOYS if any(byte < 0x80 for byte in each)}  # Chinese alone are words of a page


def test_no_tracked_file_holds_a_secret() -> None:
    files = tracked()
    assert len(files) > 500
    assert {str(path.relative_to(ROOT)): found for path in files if (found := secrets_in(path.read_bytes()))} == {}


def test_no_file_that_holds_secrets_is_tracked() -> None:
    kinds = {".pem", ".key", ".p12", ".pfx", ".env", ".netrc"}
    assert [
        path for path in tracked() if path.suffix in kinds or path.name in kinds or path.name == "baosong.toml"
    ] == []


BEGIN = "-----BEGIN {}PRIVATE KEY-----\n"
CODE = "abcdefghijklmnop"


@pytest.mark.parametrize(
    "planted",
    [
        BEGIN.format("") + "MC4CAQAwBQYDK2VwBCIEIA",
        BEGIN.format("RSA ") + "MIIEpAIBAAKCAQEA",
        BEGIN.format("OPENSSH ") + "b3BlbnNzaC1rZXktdjEAAAA",
        f'password = "{CODE}"',
        f"BAOSONG_MAILBOX__PASSWORD = '{CODE}'",
        f'"smtp_password": "{CODE}"',
        f'Settings(password="{CODE}")',
        f'authorization_code = "{CODE}"',
        f"imaps://bureau%40qq.com:{CODE}@imap.qq.com",
        "AKIA" + "A" * 16,
    ],
)
def test_a_secret_would_be_found(planted: str) -> None:
    assert secrets_in(f"a line\n{planted}\nanother".encode())
