"""Problems of the mail that brought a submission: its time, its sender, its attachments."""

from __future__ import annotations

from domain.catalogue_entry import Entry, Words
from domain.problems import Severity

_E, _W, _R = Severity.ERROR, Severity.WARNING, Severity.REVIEW

SPARE = {
    "spare_same_rows": Words(
        message="“{file}”的内容与“{taken}”相同，只登记一份。", advice="不必处理；下次请只发一份电子表。"
    ),
    "spare_version": Words(
        message="本单位有两份电子表，扫描件印的是“{taken}”，以它为准；“{file}”没有采用。",
        advice="如果应以“{file}”为准，请把它打印首页、盖章、扫描，只把这一份电子表和新的扫描件发来；否则不必处理。",
    ),
    "spare_more_rows": Words(
        message="本单位有两份电子表，扫描件印的是“{taken}”，以它为准；“{file}”没有采用，其中有{count}行不在“{taken}”里，没有登记。",
        advice="如果这些行也要报送，请把所有的行合并到一份电子表，重新打印首页、盖章、扫描，一并发来；否则不必处理。",
    ),
    "spare_not_read": Words(
        message="“{file}”打不开，或不是通知规定的表格、扫描件，没有采用。",
        advice="如果它是要报送的材料，请按规定的表格重新制作，连同另一件一并发来；否则不必处理。",
    ),
    "spare_not_shown": Words(
        message="扫描件“{file}”与采用的材料对不上，没有采用。",
        advice="如果它是某个单位盖章的首页，请连同那个单位的电子表另发一封邮件；否则不必处理。",
    ),
    "spare_unsure": Words(
        message="扫描件“{file}”分不清是哪个单位的首页，没有采用。",
        advice="请每个单位单独发一封邮件，把该单位的电子表和扫描件放在一起。",
    ),
}
"""Of a file that was read and not taken (`domain.pairing.Why`): what was taken in its stead, and what to do if that is wrong."""

MAIL_ENTRIES: tuple[Entry, ...] = (
    Entry(
        code="timing.late",
        severity=_W,
        name="迟报",
        when="收到的时间晚于截止时间",
        words=Words(
            message="收到的时间是{received}，晚于截止时间{deadline}，按迟报登记。",
            advice="材料照收，不必为此重新发送。",
        ),
        variants={
            "rejected": Words(
                message="收到的时间是{received}，晚于截止时间{deadline}，按迟报登记。",
                advice="迟报的材料也会受理，退回不是因为迟报；请改好后尽快重新发送。",
            ),
            "precheck": Words(
                message="截止时间已过，正式报送会按迟报登记。", advice="迟报的材料也会受理，请尽快正式报送。"
            ),
        },
    ),
    Entry(
        code="mail.unchanged",
        severity=_W,
        name="无变化",
        when="内容与已受理的那份相同",
        words=Words(
            message="内容与已受理的材料相同，无变化。",
            advice="不必重复发送；若要更正，请修改后重新打印、盖章、扫描，一并发来。",
        ),
    ),
    Entry(
        code="mail.unknown_sender",
        severity=_W,
        name="新的发件邮箱",
        when="发件邮箱不在该单位已知的邮箱之列；通知规定只办理已知邮箱的（senders.policy），转人工核对",
        words=Words(
            message="邮箱{value}还没有登记为本单位的报送邮箱，不影响本次办理。",
            advice="不必处理；如需登记，请直接回复本邮件，写明单位名称和联系人；如不是本单位所发，请告知我们。",
        ),
        variants={
            "review": Words(
                message="邮箱{value}还没有登记为本单位的报送邮箱，按本通知的要求，由人工核实发件人后办理。",
                advice="不必重新发送，等候人工核对即可；也可改用已登记的邮箱发送。如不是本单位所发，请告知我们。",
            ),
        },
    ),
    Entry(
        code="mail.sender_unverified",
        severity=_W,
        name="发件人未通过验证",
        when="收信服务器验证发件域名（DMARC）未通过；通知规定要核实发件人的（senders.policy），转人工核对，"
        "要求经过验证的，没有 DMARC 或 DKIM 证明也转人工核对",
        words=Words(
            message="发件邮箱{value}没有通过收信服务器的验证，可能是他人冒用。",
            advice="请从单位常用邮箱直接发送，不要用代发服务；如不是本单位所发，请告知我们。",
        ),
        variants={
            "review": Words(
                message="发件邮箱{value}没有通过收信服务器的验证，可能是他人冒用，由人工核实发件人后办理。",
                advice="不必重新发送，等候人工核对即可；如不是本单位所发，请告知我们。",
            ),
            "unproven": Words(
                message="还不能确定邮件确实由{value}发出，按本通知的要求，由人工核实发件人后办理。",
                advice="不必重新发送，等候人工核对即可；如不是本单位所发，请告知我们。",
            ),
        },
    ),
    Entry(
        code="mail.takeover",
        severity=_R,
        name="换了邮箱重报",
        when="将取代另一个邮箱报送的材料，而这个邮箱既未登记，也不是原发件人或在原邮件中回复",
        words=Words(
            message="这次的邮箱{value}尚未登记为本单位的报送邮箱，将由人工确认后再办理。",
            advice="不必重新发送，等候人工核对即可；也可改用本单位登记过或先前报送用过的邮箱发送。",
        ),
        variants={
            "unverified": Words(
                message="这次的邮件没有通过发件验证，不能确认是本单位的邮箱所发，将由人工确认后再办理。",
                advice="不必重新发送，等候人工核对即可；也可从本单位的邮箱直接发送，不要用代发服务。",
            ),
        },
    ),
    Entry(
        code="mail.foreign_part",
        severity=_R,
        name="另一邮箱补件",
        when="补上了另一个邮箱所报材料缺的一件，而这个邮箱既未登记，也不是原发件人或在原邮件中回复",
        words=Words(
            message="这次补来的一件与先前的材料来自不同的邮箱，且邮箱尚未登记，将由人工核对。",
            advice="不必重新发送，等候人工核对即可；也可由原来的邮箱，直接回复原邮件补发。",
        ),
        variants={
            "unverified": Words(
                message="这次补来的一件与先前的材料来自不同的邮箱，且邮件没有通过发件验证，将由人工核对。",
                advice="不必重新发送，等候人工核对即可；也可由原来的邮箱，直接回复原邮件补发。",
            ),
        },
    ),
    Entry(
        code="attachment.malware",
        severity=_E,
        name="附件带病毒",
        when="查毒发现附件有病毒或木马，或者邮件正文里有",
        words=Words(
            message="附件“{file}”查出病毒，没有打开，也不会退还。",
            advice="请先给自己的电脑杀毒，再只把电子表和盖章的扫描件作为附件重新发送，不要再发送这个文件。",
        ),
        variants={
            "sheet": Words(
                message="附件“{file}”查出病毒，没有打开，也不会退还。",
                advice="请先给自己的电脑杀毒，再新建一个工作簿，把表格内容复制进去，另存为.xlsx后重新发送。不要再发送原来的文件。",
            ),
            "cover": Words(
                message="附件“{file}”查出病毒，没有打开，也不会退还。",
                advice="请先给自己的电脑杀毒，再把盖章的首页重新扫描成PDF或JPG后发送。不要再发送原来的文件。",
            ),
            "mail": Words(
                message="这封邮件查出病毒，但不在能单独打开的附件里。",
                advice="请先给自己的电脑杀毒，再另写一封新邮件（不要转发或回复原来的内容），"
                "只把电子表和盖章的扫描件作为附件发来。",
            ),
        },
    ),
    Entry(
        code="attachment.bomb",
        severity=_E,
        name="附件展开过大",
        when="压缩包展开后大得异常，或层数过多",
        words=Words(
            message="附件“{file}”展开后大得异常，没有打开。", advice="请不要压缩，把电子表和扫描件直接作为附件发来。"
        ),
        variants={
            "mail": Words(
                message="这封邮件里的文件太多，或者层层套得太深，没有全部打开。",
                advice="请另写一封新邮件，只把电子表和盖章的扫描件作为附件发来。",
            )
        },
    ),
    Entry(
        code="attachment.too_large",
        severity=_E,
        name="附件过大",
        when="文件超过大小限制，或扫描件页数太多",
        words=Words(
            message="附件“{file}”太大，没有读取。",
            advice="请把文件改小后再发：扫描件用300 DPI、彩色、JPG压缩，只扫盖章的首页；电子表删去无关的图片和空白行。",
        ),
        variants={
            "limit": Words(
                message="附件“{file}”太大（超过{limit}），没有读取。",
                advice="请把文件改小后再发：扫描件用300 DPI、彩色、JPG压缩，只扫盖章的首页；电子表删去无关的图片和空白行。",
            ),
            "pages": Words(
                message="扫描件“{file}”共{count}页，只读取前{read}页，其中没有找到规定的表格。",
                advice="请只扫描盖章的表格首页，作为一个文件发来。",
            ),
            "pages_beside": Words(
                message="扫描件“{file}”共{count}页，只读取了前{read}页。",
                advice="不必处理；下次请只扫描盖章的表格首页。",
            ),
            "mail": Words(
                message="整封邮件太大（超过{limit}），附件没有读取。",
                advice="附件在邮件里会变大约三分之一。请把文件改小后再发：扫描件用300 DPI、彩色、JPG压缩，只扫盖章的首页；"
                "电子表删去无关的图片和空白行。",
            ),
        },
    ),
    Entry(
        code="attachment.unreadable",
        severity=_E,
        name="附件打不开",
        when="压缩包损坏、有密码、分卷不齐或是空的，或附件不完整",
        words=Words(
            message="附件“{file}”未能打开，可能已损坏或设了密码。",
            advice="请不要压缩、不要加密，把电子表和扫描件直接作为附件重新发送。",
        ),
        variants={
            "locked": Words(
                message="附件“{file}”设了密码，未能打开。",
                advice="请不要设密码、不要加密，把电子表和扫描件直接作为附件重新发送；要压缩的，压缩时密码一栏请空着。",
            ),
            "damaged": Words(
                message="附件“{file}”未能打开，文件已损坏或没有传完整。",
                advice="请先在自己的电脑上确认文件能打开，然后不要压缩，把电子表和扫描件直接作为附件重新发送。",
            ),
            "volumes": Words(
                message="附件“{file}”是分成几个文件的压缩包（分卷），没有收齐，或其中有的已损坏，未能全部打开。",
                advice="请不要压缩，把电子表和扫描件直接作为附件重新发送；文件太大的，扫描件请用300 DPI、JPG压缩。"
                "一定要分卷的，请把所有分卷放在同一封邮件里。",
            ),
            "empty": Words(
                message="压缩包“{file}”里没有文件。",
                advice="请把电子表和扫描件直接作为附件重新发送。",
            ),
            "mail": Words(
                message="这封邮件未能打开，附件没有读取。",
                advice="请另写一封新邮件，把电子表和盖章的扫描件直接作为附件发来。",
            ),
            "mail_encrypted": Words(
                message="这封邮件是加密发送的，我们打不开，附件没有读取。",
                advice="请在邮件软件里取消“加密”（数字证书、S/MIME或PGP加密），把电子表和盖章的扫描件作为普通附件重新发送。"
                "数字签名不必取消。",
            ),
            "mail_split": Words(
                message="这封邮件被发信软件拆成了几封，附件没有读取。",
                advice="请在发信软件的账户设置里取消“拆分大邮件”，或把扫描件改小（300 DPI、JPG压缩），"
                "在一封邮件里把电子表和盖章的扫描件重新发送。拆开的每一封都会收到这样的回复，只需重发一次。",
            ),
        },
    ),
    Entry(
        code="attachment.cloud_link",
        severity=_E,
        name="附件是网盘链接",
        when="应有的文件是超大附件或网盘链接，不是普通附件（电子表和扫描件都已收到时，只提示）",
        words=Words(
            message="“{file}”是超大附件或网盘链接，不是普通附件，我们不会打开链接。",
            advice="请把文件改小（扫描件300 DPI、JPG压缩），作为普通附件重新发送。",
        ),
        variants={
            "beside": Words(
                message="“{file}”是超大附件或网盘链接，没有打开；电子表和扫描件都已另外收到。",
                advice="不必处理；如果里面有要报送的文件，请作为普通附件重新发送。",
            )
        },
    ),
    Entry(
        code="attachment.unsupported",
        severity=_W,
        name="附件不能读",
        when="不能读的文件种类或压缩格式，或没有要求的文件；如果它是缺的那一件唯一可能的文件，则退回",
        words=Words(
            message="附件“{file}”不是要报送的文件，没有读取。", advice="不必处理；下次请只发电子表和盖章的扫描件。"
        ),
        variants={
            "sheet": Words(
                message="附件“{file}”不是Excel电子表，无法读取。",
                advice="请把表格填在Excel工作簿（.xlsx）里，作为普通附件发来。",
            ),
            "cover": Words(
                message="附件“{file}”不是PDF或图片，无法作为扫描件读取。",
                advice="请把盖章的首页扫描成PDF或JPG图片，作为普通附件发来。",
            ),
            "format": Words(
                message="附件“{file}”是本系统不能读取的压缩格式，没有打开。",
                advice="请不要压缩，把电子表和扫描件直接作为附件重新发送；要压缩的，请改用普通的.zip格式。",
            ),
            "beside": Words(
                message="附件“{file}”不是Excel电子表或扫描件，没有读取。",
                advice="如果里面有更正的内容，请改在Excel电子表里，重新打印、盖章、扫描后一并发来；没有就不必处理。",
            ),
            **SPARE,
        },
    ),
)
