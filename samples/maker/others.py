"""Mails that are no submission: a question, a complaint, and what machines send."""

from __future__ import annotations

from dataclasses import replace

from samples.maker.cases import Expected, Plan
from samples.maker.desk import Desk
from samples.maker.mails import Client


def question(desk: Desk) -> list[Plan]:
    text = "老师您好，请问教学点使用的APP也要填吗？表里的备案号到哪里查询？盼复，谢谢！"
    letter = desk.letter(subject="请问学习类APP备案表怎么填", text=text)
    return [desk.plan(Expected(kind="question", disposition="question"), letter=letter)]


def complaint(desk: Desk) -> list[Plan]:
    text = (
        "市教育局领导：\n    我是一名学生家长，现举报学校要求使用的某学习APP强制收费，并向学生推送广告。"
        "请予查处，并对举报人信息保密。"
    )
    letter = desk.letter(
        subject="举报学习APP违规收费", text=text, sender="parent2020@mail.example.com", sender_name="一名家长"
    )
    return [desk.plan(Expected(kind="complaint", disposition="complaint"), letter=letter)]


def vacation(desk: Desk) -> list[Plan]:
    """As QQ writes it: neither Auto-Submitted nor a null sender, only its own headers and the subject."""
    letter = desk.letter(
        subject="自动回复:【受理】学习类APP统计备案表", text="您好，我最近正在休假中，无法亲自回复您的邮件。"
    )
    letter = replace(letter, client=Client.QQ_WEB, extra=(("X-QQ-AUTO-REPLY", "1"), ("X-QQ-HolidayReply", "1")))
    return [desk.plan(Expected(kind="vacation", disposition="automatic"), letter=letter)]


def newsletter(desk: Desk) -> list[Plan]:
    letter = desk.letter(
        subject="【在线教育周刊】第108期：停课不停学平台盘点",
        text="本期要闻：各地线上教学平台盘点。\n如不想再收到此类邮件，请点击退订。",
        sender="weekly@news.example.com",
        sender_name="在线教育周刊",
        return_path="bounce-20931@news.example.com",
        extra=(
            ("List-Id", "<weekly.news.example.com>"),
            ("List-Unsubscribe", "<https://news.example.com/unsubscribe?u=20931>"),
            ("Precedence", "bulk"),
        ),
    )
    return [desk.plan(Expected(kind="newsletter", disposition="automatic"), letter=letter)]


def bounce(desk: Desk) -> list[Plan]:
    """A Chinese 系统退信: no delivery-status part and a sender that only its name gives away."""
    text = (
        "抱歉，您的邮件被退回来了……\n原邮件信息：\n    主题：Re: 【受理】学习类APP统计备案表\n"
        "    收件人：jyj@unknown.example.cn\n退信原因：收件人邮件地址不存在，邮件无法送达。\n"
        "host mx.example.cn said: 550 User not found"
    )
    letter = desk.letter(
        subject="系统退信/Undelivered Mail Returned to Sender",
        text=text,
        sender="postmaster@mail.example.cn",
        sender_name="PostMaster",
        return_path="",
        extra=(("Auto-Submitted", "auto-replied"),),
    )
    return [desk.plan(Expected(kind="bounce", disposition="automatic"), letter=letter)]
