"""The end of `notice new`: writes the file, says its rules in plain words, makes the blank forms, tries it on made-up returns."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from cli.asking import say, table
from cli.errors import NeedsAttention
from domain.draft import Draft

if TYPE_CHECKING:
    from domain.notice import Notice
    from ingest.app import App
    from ingest.rehearsal import Rehearsal, Trial

_SHOWN_LINES = 60


def finish(app: App, draft: Draft, folder: Path) -> None:
    """Raises NeedsAttention where the file that was made has faults: it is kept under another name, to be mended."""
    from config.notice_writing import notice_text
    from config.notices import check_notice, load_notice

    folder.mkdir(parents=True, exist_ok=True)
    file, part = folder / f"{draft.id}.yaml", folder / f"{draft.id}.有误.yaml"
    if file.exists():
        raise NeedsAttention(f"{file} 已经有了，没有改动它。请给通知另取一个名字（id）。")
    part.write_text(notice_text(draft), encoding="utf-8")
    faults = check_notice(part)
    if faults:
        raise NeedsAttention(f"通知写好了，但还有问题，留在 {part}。改好后去掉名字里的“.有误”：", *faults)
    part.rename(file)
    notice = load_notice(file)
    click.echo()
    say(f"通知写好了：{file}", bold=True)
    _rules(app, notice)
    _forms(notice, folder / f"{draft.id}-空白表")
    _rehearsal(app, notice, folder / f"{draft.id}-试填")
    click.echo()
    say("下一步：", bold=True)
    say(f"1. 看一遍 {file}，里面每一项都有说明；改完运行 baosong notice check {file}", indent=2)
    say(f"2. 在 baosong.toml 的 [notices] 一节，directory 写 {folder}，active 里加上 {draft.id}", indent=2)
    say("3. 运行 baosong doctor，再重新启动 baosong run", indent=2)


def _rules(app: App, notice: Notice) -> None:
    from domain.rules_in_words import columns, rules

    click.echo()
    say("【规则】程序会这样检查：", bold=True)
    rows = [("列", "必填", "填什么")]
    rows += [(each.name, each.required, each.content) for each in columns(notice)]
    table(rows, (24, 22, 30))
    for rule in rules(notice, app.settings.retention.years):
        say(f"{rule.title}：{rule.text}", indent=2)


def _forms(notice: Notice, folder: Path) -> None:
    from ingest.blank_forms import file_name, of_code, offered

    folder.mkdir(exist_ok=True)
    forms = offered(notice)
    for code, name in forms.items():
        (folder / file_name(code, name)).write_bytes(of_code(notice, code))
    click.echo()
    say(f"【空白表】{len(forms)}份，每个单位一份，在 {folder}", bold=True)


def _rehearsal(app: App, notice: Notice, folder: Path) -> None:
    from ingest.rehearsal import rehearse

    tried = rehearse(app, notice)
    folder.mkdir(exist_ok=True)
    click.echo()
    say("【试填】用编出来的数据填了两份，像收到邮件一样检查了一遍：", bold=True)
    _trial(tried.right, folder / "填对的.xlsx", "都填对的")
    if not tried.right.accepted:
        say("编不出一份完全合格的表：请看上面的问题，规则之间可能有矛盾，或者范围太窄。", indent=2, fg="yellow")
    if tried.wrong:
        _trial(tried.wrong, folder / "填错的.xlsx", f"每条规则错一处的（{len(tried.broken)}处）")
    _left_out(tried, notice)


def _trial(trial: Trial, file: Path, called: str) -> None:
    file.write_bytes(trial.workbook)
    click.echo()
    say(f"{called}（{file}），会回信：", indent=2, bold=True)
    say(f"主题：{trial.subject}", indent=4)
    lines = trial.text.splitlines()
    for line in lines[:_SHOWN_LINES]:
        say(line, indent=4)
    if len(lines) > _SHOWN_LINES:
        say(f"……（还有{len(lines) - _SHOWN_LINES}行）", indent=4)


def _left_out(tried: Rehearsal, notice: Notice) -> None:
    click.echo()
    if notice.cover_required:
        say("盖章扫描件没有试：它要真的章。", indent=2)
    for name in tried.untried:
        say(f"规则“{name}”没有试：编不出只违反它的一行。", indent=2)
