"""Logs for the operator: JSON lines (or plain lines on a terminal) on stderr, never a name, phone or address."""

from __future__ import annotations

import logging
import sys

import structlog


def configure_logging(*, json_lines: bool, level: int = logging.INFO) -> None:
    """Sets structlog up for the process. The mail's id is bound by `structlog.contextvars` where work on it begins."""
    renderer: structlog.typing.Processor = (
        structlog.processors.JSONRenderer(ensure_ascii=False)
        if json_lines
        else structlog.dev.ConsoleRenderer(colors=sys.stderr.isatty())
    )
    common: list[structlog.typing.Processor] = [
        structlog.contextvars.merge_contextvars,
        structlog.processors.add_log_level,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        structlog.processors.StackInfoRenderer(),
        structlog.processors.format_exc_info if json_lines else structlog.dev.set_exc_info,
    ]
    structlog.configure(
        processors=[*common, renderer],
        wrapper_class=structlog.make_filtering_bound_logger(level),
        logger_factory=structlog.PrintLoggerFactory(file=sys.stderr),
        cache_logger_on_first_use=False,
    )
    _libraries(common, renderer)


def _libraries(common: list[structlog.typing.Processor], renderer: structlog.typing.Processor) -> None:
    """Warnings of libraries, and of our modules that log through the standard library, in the same form.

    Whatever our own level is: what libraries say below a warning quotes mails (imapclient shows every line of the protocol).
    """
    handler = logging.StreamHandler(sys.stderr)
    remove = structlog.stdlib.ProcessorFormatter.remove_processors_meta
    handler.setFormatter(structlog.stdlib.ProcessorFormatter(foreign_pre_chain=common, processors=[remove, renderer]))
    logging.basicConfig(handlers=[handler], level=logging.WARNING, force=True)
    # A run that is skipped because the one before it is still at work is daily life here, not a warning.
    logging.getLogger("apscheduler.scheduler").setLevel(logging.ERROR)
    # Its executor logs a job's exception with all its words, which may quote a mail: `job_failed` tells it without.
    logging.getLogger("apscheduler.executors").setLevel(logging.CRITICAL)
