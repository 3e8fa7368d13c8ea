"""Problems of what a return consists of beside its table: pages of a scan that is the return itself, and the other files asked
for; and other words of known codes, where there is no workbook."""

from __future__ import annotations

from collections.abc import Mapping

from domain.catalogue_entry import Entry, Words
from domain.problems import Severity

_E = Severity.ERROR
_BY_HAND = "不必重新发送，等候人工核对即可"
_ALL_PAGES = "把全部页按顺序扫描成一个PDF（或几张图片放在同一封邮件里）"

SET_ENTRIES: tuple[Entry, ...] = (
    Entry(
        code="cover.too_few_pages",
        severity=_E,
        name="扫描件页数不够",
        when="扫描件的页数少于通知要求的页数（空白页不算）",
        words=Words(
            message="扫描件只有{count}页，应有{wanted}页以上，可能漏扫了。",
            advice=f"请{_ALL_PAGES}，作为普通附件发来。",
        ),
    ),
    Entry(
        code="cover.too_many_pages",
        severity=_E,
        name="扫描件页数太多",
        when="扫描件的页数多于通知允许的页数（空白页不算）",
        words=Words(
            message="扫描件有{count}页，最多应有{wanted}页，可能夹进了别的材料。",
            advice="请只扫描要报送的材料，重新发来；别的材料另发。",
        ),
    ),
    Entry(
        code="cover.wrong_document",
        severity=_E,
        name="扫描件不是要报送的材料",
        when="看得清，但页面上印的标题不是要报送的那一种（不要电子表的通知）",
        words=Words(
            message="扫描件的标题是“{title}”，不是要报送的“{wanted}”。",
            advice="请核对是不是附错了文件；要报送的，标题请写“{example}”，盖章后扫描全部页发来。",
        ),
        variants={
            "untitled": Words(
                message="扫描件上没有找到标题“{wanted}”。",
                advice="请核对是不是附错了文件；标题请写“{example}”，盖章后扫描全部页发来。",
            ),
        },
    ),
    Entry(
        code="attachment.missing",
        severity=_E,
        name="缺其他附件",
        when="通知要求一并报送的附件没有收到；只缺附件的，先等补发，过时退回",
        words=Words(
            message="没有收到{name}。",
            advice="请把{name}（{kinds}）作为普通附件发来{words}。",
        ),
    ),
)

DOCUMENT: Mapping[str, Mapping[str, Words]] = {
    "cover.missing": {
        "document": Words(
            message="没有收到盖章的扫描件。",
            advice=f"请打印要报送的材料，加盖单位公章，{_ALL_PAGES}，作为普通附件发来。",
        ),
        "document_precheck": Words(
            message="这次没有附盖章的扫描件。",
            advice=f"正式报送时请打印要报送的材料，加盖单位公章，{_ALL_PAGES}发来。",
        ),
        "document_inside": Words(
            message="没有单独收到盖章的扫描件，可能就在“{inside}”里。",
            advice="请按该附件的说明处理后，把盖章的扫描件作为普通附件发来。",
        ),
    },
    "cover.unreadable": {
        "document_unbegun": Words(
            message="这封邮件里的附件太多，或有的附件长时间读不完，这个文件没有读。",
            advice="请另发一封邮件，只附要报送的材料。",
        ),
    },
    "cover.not_a_scan": {
        "document": Words(
            message="这个文件是电脑直接导出的，不是纸面盖章后的扫描件。",
            advice="请打印出来，在纸上加盖单位公章，再把全部页扫描或拍照后发来。",
        ),
        "document_pasted": Words(
            message="这个文件是电脑直接导出的，公章是贴上去的图片，不是纸面盖章后的扫描件。",
            advice="请打印出来，在纸上加盖单位公章，再把全部页扫描或拍照后发来。",
        ),
        "document_mixed": Words(
            message="{pages}是电脑直接导出的，不是纸面盖章后的扫描件，将由人工核对。",
            advice=f"{_BY_HAND}；如方便，也可把盖了章的纸面材料全部页一起扫描后发来。",
        ),
    },
    "cover.unstamped": {
        "document": Words(
            message="扫描件上没有看到单位公章。",
            advice="请在打印的材料上加盖单位公章（红色），用彩色重新扫描全部页后发来。",
        ),
        "document_page": Words(
            message="公章应盖在{where}，这一页上没有看到单位公章{elsewhere}。",
            advice="请在{where}加盖单位公章（红色），用彩色重新扫描全部页后发来。",
        ),
        "document_unofficial": Words(
            message="扫描件上有红色印记，但不是单位公章的样式。",
            advice="请在打印的材料上加盖单位公章（圆形，红色），用彩色重新扫描全部页后发来。",
        ),
    },
    "cover.seal_unreadable": {
        "document_unread": Words(
            message="扫描件共{count}页，没有全部读取，读到的页上没有看到公章，将由人工核对。",
            advice=f"{_BY_HAND}。",
        ),
    },
    "cover.low_quality": {
        "document": Words(
            message="扫描件不够清楚，无法确认是要报送的材料，将由人工核对。",
            advice=f"{_BY_HAND}；如方便，也可放平、拍全，用彩色、300 DPI重新扫描后发来。",
        ),
    },
    "header.unit_missing": {
        "document_no_label": Words(message="材料上没有写{field}。", advice="请在材料上写明“{field}：{example}”。"),
    },
    "header.date_missing": {
        "document_no_label": Words(message="材料上没有写{field}。", advice="请在材料上写明“{field}：{example}”。"),
    },
    "header.placeholder": {
        "document": Words(
            message="{field}“{value}”是样本里的示例，没有改成实际内容。",
            advice="请把其中的“X”改成实际内容，如“{example}”，重新打印、盖章、扫描。",
        ),
    },
    "attachment.too_large": {
        "document_pages_beside": Words(
            message="扫描件共{count}页，只读了前{read}页。", advice="不必处理；材料已全部保存，工作人员可以看到。"
        ),
    },
    "attachment.unsupported": {
        "document": Words(
            message="附件“{file}”不是要报送的文件，没有读取。", advice="不必处理；下次请只发要报送的材料。"
        ),
        "document_cover": Words(
            message="附件“{file}”不是PDF或图片，无法作为扫描件读取。",
            advice="请打印出来，加盖单位公章，把全部页扫描成PDF或JPG图片，作为普通附件发来。",
        ),
        "document_beside": Words(
            message="附件“{file}”不是盖章的扫描件，没有读取。",
            advice="如果里面有更正的内容，请改在要报送的材料里，重新打印、盖章、扫描后发来；没有就不必处理。",
        ),
        "document_format": Words(
            message="附件“{file}”是本系统不能读取的压缩格式，没有打开。",
            advice="请不要压缩，把盖章的扫描件直接作为附件重新发送；要压缩的，请改用普通的.zip格式。",
        ),
        "spare_other_scan": Words(
            message="扫描件“{file}”没有采用：采用的是同一封邮件里的另一份，或它不是要报送的材料。",
            advice="如果应以它为准，请只把它作为附件重新发来；否则不必处理。",
        ),
        "spare_no_workbook": Words(
            message="电子表“{file}”没有采用：本次报送的是盖章的扫描件，不要电子表。",
            advice="不必处理；下次请只发要报送的材料。",
        ),
        "no_workbook": Words(
            message="“{file}”是电子表，本次报送的是盖章的扫描件，不要电子表。",
            advice="请把要报送的材料打印出来，加盖单位公章，扫描成PDF或图片发来。",
        ),
    },
}
"""Code → name of words that are said where the return is a stamped scan alone, or of what only occurs there → the words."""


def with_document_words(entry: Entry) -> Entry:
    """The entry with its words for returns without a workbook."""
    more = DOCUMENT.get(entry.code)
    if not more:
        return entry
    return Entry(
        code=entry.code,
        severity=entry.severity,
        name=entry.name,
        when=entry.when,
        words=entry.words,
        variants={**entry.variants, **more},
    )
