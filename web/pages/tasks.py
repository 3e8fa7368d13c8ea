"""What a person has to do, and saying that it is done."""

from __future__ import annotations

from typing import Annotated

from fastapi import Form, HTTPException, Request, Response
from fastapi.responses import RedirectResponse

from domain.accounts import Role
from ingest import access
from storage import tasks
from storage.errors import NotFound
from web.guard import Pages, visitor_of
from web.render import page
from web.roles import DECIDERS
from web.state import console_of
from web.wording import task_link, task_words

pages = Pages()
_LONGEST_NOTE = 300


@pages.get("/tasks", may=DECIDERS)
def list_(request: Request) -> Response:
    """Open tasks, the urgent kinds first; confidential ones for administrators."""
    console, visitor = console_of(request), visitor_of(request)
    with console.app.database.begin() as tx:
        open_ = tasks.open_(tx)
        access.note(tx, "tasks", "page:tasks", visitor.who, at=console.now())
    seen = [task for task in open_ if not task.confidential or visitor.role is Role.ADMIN]
    return page(
        request,
        "tasks.html",
        visitor=visitor,
        tasks=sorted(seen, key=lambda task: (task_words(task.kind).rank, task.created_at)),
        hidden=len(open_) - len(seen),
        task_words=task_words,
        link=task_link,
        zone=console.app.settings.staff.zone,
    )


@pages.post("/tasks/{task}/close", may=DECIDERS)
def close(request: Request, task: int, note: Annotated[str, Form()] = "") -> Response:
    console, visitor = console_of(request), visitor_of(request)
    with console.app.database.begin() as tx:
        try:
            found = tasks.load(tx, task)
        except NotFound as error:
            raise HTTPException(404) from error
        if found.confidential and visitor.role is not Role.ADMIN:
            raise HTTPException(404)
        tasks.close(tx, task, visitor.who, " ".join(note.split())[:_LONGEST_NOTE], at=console.now())
    return RedirectResponse("/tasks", 303)
