"""The bench that works off mails of others: a small folder, through the real servers and the real worker."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

from bench.corpus import counted, found, run
from bench.corpus_pages import lines, page
from tests.mail_making import attachment, mixed
from tests.mail_wrapping import encrypted, smime_part, tnef

HEAD = b"From: li@163.com\r\nSubject: a\r\n"
BOUNCE = b"From: MAILER-DAEMON@qq.com\r\nSubject: b\r\n\r\nfailed"


def test_every_mail_of_a_folder_has_its_outcome(tmp_path: Path) -> None:
    files = {
        "one/deep/words.eml": HEAD + b"\r\nhello",
        "one/deep/bounce.eml": BOUNCE,
        "two/encrypted.eml": HEAD + smime_part(encrypted(b"x")),
        "two/rubbish.bin": b"X: 1\r\n\r\n\xff\xfe",
        "two/winmail.tnef": tnef([("a.txt", b"words")]),
        "two/exe.eml": mixed(attachment("a.exe", b"MZ\0")),
    }
    for name, data in files.items():
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(data)
    outcomes, faults = run(list(found(tmp_path)))
    assert faults == []
    assert counted(outcomes) == {
        "one/deep": Counter({"question": 1, "ignored.bounce": 1}),
        "two": Counter({"question": 3, "submission rejected": 1}),
    }
    assert [one.source.path for one in outcomes if one.missed] == ["two/encrypted.eml"]
    text = page(outcomes)
    assert "| all | 6 | 1 | 4 | 1 |" in text
    assert "- `two/winmail.tnef`: question; 1 file" in text
    assert "hello" not in text
    assert len(list(lines(outcomes))) == 7
