"""Why each rule of the stamped scan is asked, with an example right and wrong."""

from __future__ import annotations

from domain.catalogue_entry import Reason

COVER_REASONS: dict[str, Reason] = {
    "cover.missing": Reason(
        why="公章表示单位对所报内容负责，没有盖章的扫描件，电子表只是草稿。",
        right="一封邮件附两个文件：甲县.xlsx、甲县扫描.pdf",
        wrong="只附了甲县.xlsx",
    ),
    "cover.unreadable": Reason(
        why="打不开的文件看不到公章，只能请您重新扫描。",
        right="扫描后自己打开看过的PDF或JPG",
        wrong="上传中断、打不开的PDF",
    ),
    "cover.encrypted": Reason(
        why="设了密码的文件没有密码读不出来。",
        right="不设打开密码的PDF",
        wrong="要输入密码才能打开的PDF",
    ),
    "cover.wrong_form": Reason(
        why="章要盖在所报的表上，盖在公函、封面上，证明不了这张表。",
        right="电子表首页的打印件，盖章后扫描",
        wrong="单位公函盖章后扫描，没有表格",
    ),
    "cover.not_a_scan": Reason(
        why="电脑导出的页面和贴上去的章图谁都能做，只有盖在纸上的章才作数。",
        right="打印、盖章、再扫描或拍照",
        wrong="Excel直接另存的PDF，贴一张公章图片",
    ),
    "cover.electronic_seal": Reason(
        why="电子印章可能合法有效，但要用专门的软件验证，所以请人核对，不退回。",
        right="纸面盖章后的扫描件（最快）",
        wrong="带数字签名的PDF或OFD文件（等候人工核对）",
    ),
    "cover.unstamped": Reason(
        why="没有公章就看不出单位认可这份表。黑白扫描也会把红章变成灰影，请用彩色。",
        right="首页盖红色单位公章，彩色扫描",
        wrong="打印以后没有盖章就扫描，或只盖了私章",
    ),
    "cover.seal_mismatch": Reason(
        why="谁填报，谁盖章。盖别的单位的章，责任就落到别人身上。",
        right="填报单位是甲县教育局，盖“甲县教育局”章",
        wrong="填报单位是甲县教育局，盖“乙县教育局”章",
    ),
    "cover.seal_wrong_kind": Reason(
        why="财务、合同等专用章只用于各自的事务，不能代表单位对外报送。",
        right="“甲县教育局”章",
        wrong="“甲县教育局财务专用章”",
    ),
    "cover.content_mismatch": Reason(
        why="章盖在打印件上，电子表若在打印以后又改过，盖章认可的就不是所报的内容。",
        right="先改好电子表，再打印、盖章、扫描",
        wrong="盖章以后又在电子表里改了一个电话",
    ),
    "cover.seal_unreadable": Reason(
        why="章看得见，字看不清，机器不敢断定是谁的，所以请人看。",
        right="印泥均匀、字迹完整，不压在黑字密集处",
        wrong="盖得很淡、只盖出半个，或被照片反光遮住",
    ),
    "cover.colourless": Reason(
        why="黑白的页面分不清是盖的红章还是打印的图案，所以请人看。",
        right="扫描时选“彩色”",
        wrong="扫描时选“黑白”或“灰度”，或用复印件再扫描",
    ),
    "cover.seal_suspect": Reason(
        why="打印、描画出来的章与盖的章在放大后不同，机器有怀疑时请人看原件。",
        right="扫描盖了章的原件",
        wrong="彩色复印件，或对着电脑屏幕拍的照片",
    ),
    "cover.low_quality": Reason(
        why="字看不清，就没法确认打印件与电子表一致，所以请人看。",
        right="放平、拍全、不反光，300 DPI彩色",
        wrong="歪斜、模糊、缺角，或经聊天软件压缩过的照片",
    ),
}
