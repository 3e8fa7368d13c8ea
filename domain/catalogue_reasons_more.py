"""Why each rule of other parts of a return and of rounds is asked, with an example right and wrong."""

from __future__ import annotations

from domain.catalogue_entry import Reason

MORE_REASONS: dict[str, Reason] = {
    "cover.too_few_pages": Reason(
        why="少一页就少一部分内容，盖章认可的是整份材料。",
        right="三页按顺序扫成一个PDF",
        wrong="只扫了盖章的最后一页",
    ),
    "cover.too_many_pages": Reason(
        why="夹进别的材料，就不知道哪几页是要报送的。",
        right="只扫描要报送的材料",
        wrong="把通知原文和别的表也扫在一个文件里",
    ),
    "cover.wrong_document": Reason(
        why="附错文件是常有的事，按标题看一眼，免得把别的材料登记成这一份。",
        right="标题写着要报送的那份材料",
        wrong="标题是另一份通知要的材料",
    ),
    "attachment.missing": Reason(
        why="通知要求几样一起报，缺一样，整份材料就不完整。",
        right="要求的附件都放在同一封邮件里",
        wrong="正文写“方案另附”，却没有附上",
    ),
    "round.missing_row": Reason(
        why="上一期有的单位这一期没有，不是撤并，就是漏报。",
        right="上期有的都在，撤并的在回复里说明",
        wrong="换人填表，漏了两所学校",
    ),
    "round.jump": Reason(
        why="两期之间一般变化不大，差得多的往往是多打、少打一位，或填错了行。",
        right="上期120，本期126",
        wrong="上期120，本期1260",
    ),
    "round.not_current": Reason(
        why="标题没有改，这一期的数就会登记到上一期去。",
        right="报11月的数，标题写“2026年11月”",
        wrong="报11月的数，标题还写着“2026年10月”",
    ),
}
