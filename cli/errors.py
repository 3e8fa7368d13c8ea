"""Turns exceptions into what a command line owes its user: one line on stderr and an exit status."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager

import click


class NeedsAttention(Exception):
    """Done as far as could be, but something must be mended: exit status 1. `lines` go to stderr."""

    def __init__(self, *lines: str) -> None:
        super().__init__("; ".join(lines))
        self.lines = lines


@contextmanager
def explained() -> Iterator[None]:
    """Runs a command; exits with 1 for what needs attention, 2 for wrong usage or configuration."""
    try:
        yield
    except NeedsAttention as attention:
        _say(*attention.lines)
        sys.exit(1)
    except click.ClickException as error:
        error.show()
        sys.exit(2)
    except click.exceptions.Exit as stop:
        sys.exit(stop.exit_code)
    except click.Abort:
        sys.exit(130)
    except BrokenPipeError:
        sys.stderr.close()  # the reader of our output went away: nothing to say, nowhere to say it
        sys.exit(1)
    except Exception as error:
        lines = _known(error)
        if lines is None:
            raise
        _say(*lines)
        sys.exit(2 if _is_configuration(error) else 1)


def _known(error: Exception) -> list[str] | None:
    """What to say about an exception the operator can mend; None for one that is our own fault."""
    from config.notices import NoticeError
    from config.settings import SettingsError
    from ingest.child import ChildFailed
    from ingest.errors import Permanent, Transient
    from storage.errors import StorageError

    if isinstance(error, SettingsError):
        return [f"configuration: {fault}" for fault in error.faults]
    if isinstance(error, NoticeError):
        return [f"notice: {line}" for line in str(error).splitlines()]
    if isinstance(error, ChildFailed):
        return [
            f"a reader failed for a reason of its own, not of the file ({error}); `baosong doctor` tries the readers"
        ]
    if isinstance(error, (Permanent, Transient, StorageError, OSError)):
        return [f"{error}"]
    return None


def _is_configuration(error: Exception) -> bool:
    from config.notices import NoticeError
    from config.settings import SettingsError

    return isinstance(error, (SettingsError, NoticeError))


def _say(*lines: str) -> None:
    for line in lines:
        click.echo(f"baosong: {line}", err=True)


NONE_YET = "no notice is active yet: publish one in the console, or name one in notices.active"
