"""Why each rule of time, sender and attachments is asked, with an example right and wrong."""

from __future__ import annotations

from domain.catalogue_entry import Reason

MAIL_REASONS: dict[str, Reason] = {
    "timing.late": Reason(
        why="汇总和上报都有期限。以收信服务器收到的时间为准，不看邮件里自己写的时间。",
        right="截止前一天收到",
        wrong="截止后一天收到",
    ),
    "mail.unchanged": Reason(
        why="内容没有变，不必再审一遍，先前的回执继续有效。",
        right="有更正时，改好电子表并重新打印、盖章、扫描，两件一起发",
        wrong="不放心，把同样的文件又发一次",
    ),
    "mail.unknown_sender": Reason(
        why="邮箱谁都能注册。第一次见到的邮箱照常办理，但要告诉单位，免得有人冒名报送。",
        right="用单位登记过的邮箱发送",
        wrong="临时借同事的私人邮箱发送",
    ),
    "mail.sender_unverified": Reason(
        why="发件地址可以伪造，收信服务器会查它是否真的从那个邮箱发出，没有通过的要留意。",
        right="登录单位邮箱直接发送",
        wrong="用代发服务，以单位邮箱的名义发送",
    ),
    "mail.takeover": Reason(
        why="已经收下的材料要换成新的，而新的来自没见过的邮箱，先由人确认，免得被人顶替。",
        right="在原来的回复邮件上点“回复”，重新报送",
        wrong="换一个没登记的邮箱，另写一封新邮件重报",
    ),
    "mail.foreign_part": Reason(
        why="两件来自两个邮箱，要确认是同一个单位的人所发。",
        right="用报电子表的同一个邮箱补发扫描件",
        wrong="由另一个没登记的邮箱补发扫描件",
    ),
    "attachment.malware": Reason(
        why="带病毒的文件会危害所有打开它的电脑，一律不打开，也不退还。",
        right="杀毒以后，新建工作簿重新填写的甲县.xlsx",
        wrong="被查毒软件报警的甲县.xlsm",
    ),
    "attachment.bomb": Reason(
        why="展开后大得异常的压缩包会拖垮收信的电脑，所以不打开。报送只要两个文件，不用压缩。",
        right="两个文件直接作附件",
        wrong="压缩包里套压缩包，层层套了许多层",
    ),
    "attachment.too_large": Reason(
        why="太大的文件传送慢，也占邮箱空间。只扫盖章的首页，一般不到2 MB。",
        right="首页一张，300 DPI、彩色、JPG压缩",
        wrong="把几十页附表都按600 DPI扫进一个文件",
    ),
    "attachment.unreadable": Reason(
        why="压缩包有密码、缺分卷或没传完整，里面的文件取不出来。",
        right="不压缩、不加密，直接作附件",
        wrong="设了密码的甲县.rar，或只发来第一个分卷",
    ),
    "attachment.cloud_link": Reason(
        why="网盘和超大附件几天后就失效，也可能指向别处，所以从不打开。邮件里只有一条链接，就等于没有附件。",
        right="点“添加附件”，作为普通附件发送",
        wrong="点“超大附件”“从网盘添加”发送",
    ),
    "attachment.unsupported": Reason(
        why="不是要报的文件，读不出要报的内容；要报的内容写在里面，就等于没有报。",
        right="甲县.xlsx、甲县扫描.pdf",
        wrong="把表格贴在甲县.docx里，或发一个网页快捷方式",
    ),
}
