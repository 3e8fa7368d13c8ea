"""Which folder of a mailbox is which: real names from LIST and NAMESPACE, never from taste."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass


@dataclass(frozen=True, kw_only=True)
class Folder:
    """A row of LIST. `flags` are lower case; `delimiter` is empty in a flat hierarchy."""

    name: str
    delimiter: str
    flags: frozenset[str]

    @property
    def leaf(self) -> str:
        return self.name.rsplit(self.delimiter, 1)[-1] if self.delimiter else self.name

    @property
    def selectable(self) -> bool:
        return not self.flags & {"\\noselect", "\\nonexistent"}


def find(folders: Sequence[Folder], name: str) -> str | None:
    """The real name of a folder called `name`: the whole name first, else its last part under any parent."""
    usable = [folder for folder in folders if folder.selectable]
    wanted = name.casefold()
    for folder in usable:
        if folder.name.casefold() == wanted:
            return folder.name
    return next((folder.name for folder in usable if folder.leaf.casefold() == wanted), None)


def special(folders: Sequence[Folder], flag: str) -> str | None:
    """The folder with a special use of RFC 6154 (`\\Junk`, `\\Sent`)."""
    return next((folder.name for folder in folders if folder.selectable and flag.lower() in folder.flags), None)


def to_poll(folders: Sequence[Folder], inbox: str, junk: str) -> tuple[str, ...]:
    """INBOX, the folder configured for junk, and the one the server itself calls junk, as far as they are there.

    Both kinds of junk folder are read: a return lost in the one nobody configured is still a return.
    """
    found = (find(folders, inbox) or inbox, find(folders, junk) if junk else None, special(folders, "\\Junk"))
    return tuple(dict.fromkeys(name for name in found if name is not None))


def is_inbox(folder: str, inbox: str) -> bool:
    """Whether the polled `folder` is the one configured as INBOX, under whatever parent: all others are junk folders."""
    name, wanted = folder.casefold(), inbox.casefold()
    return name == wanted or (name.endswith(wanted) and not name[: -len(wanted)][-1:].isalnum())


def names_for_new(folders: Sequence[Folder], name: str, prefix: str) -> Iterator[str]:
    """Names under which a folder may be created, best first.

    In the personal namespace, else below a parent that holds no mails itself: QQ keeps own folders under 其他文件夹.
    """
    yield prefix + name
    for parent in folders:
        if "\\noselect" in parent.flags and "\\noinferiors" not in parent.flags and parent.delimiter and parent.name:
            yield parent.name + parent.delimiter + name
