"""Structured logs: one JSON object a line on stderr, ours and those of the libraries, without secrets."""

import logging
import re
import sys
from collections.abc import MutableMapping
from typing import Any, TextIO, cast

import structlog

_SECRET_NAME = re.compile(r"secret|token|password|passwd|authorization|cookie|api_key|dsn", re.IGNORECASE)
_SECRET_TEXT = re.compile(
    r"(?P<scheme>\w+://[^\s:/@]*:)[^\s@/]+@"
    r"|(?P<bearer>bearer\s+)[\w.~+/=-]{8,}"
    r"|(?P<first>/first/)[\w-]{16,}"
    r"|(?P<query>[?&](?:\w*token|\w*secret|code|key)=)[^\s&\"']+",
    re.IGNORECASE,
)
REMOVED = "[removed]"


class _Stderr:
    """Standard error as it is when something is written: whoever changes it may close the one before."""

    def write(self, text: str) -> int:
        return sys.stderr.write(text)

    def flush(self) -> None:
        sys.stderr.flush()


def start_logging(level: str, role: str) -> None:
    """Sets logging up for this process. ``level`` is one of the settings' words; ``role`` goes on every line."""
    shared: list[Any] = [
        structlog.contextvars.merge_contextvars,
        structlog.stdlib.add_log_level,
        structlog.processors.TimeStamper(fmt="iso", utc=True, key="at"),
        structlog.processors.format_exc_info,
        without_secrets,
    ]
    number = logging.getLevelNamesMapping()[level.upper()]
    structlog.configure(
        processors=[*shared, structlog.processors.JSONRenderer()],
        wrapper_class=structlog.make_filtering_bound_logger(number),
        logger_factory=structlog.WriteLoggerFactory(file=cast("TextIO", _Stderr())),
        cache_logger_on_first_use=True,
    )
    structlog.contextvars.bind_contextvars(role=role)
    _take_over_libraries(shared, number)


def without_secrets(logger: Any, method: str, event: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    """Replaces values whose name or look says secret. A structlog processor."""
    return {
        name: REMOVED if _SECRET_NAME.search(name) else cleaned(value) if isinstance(value, str) else value
        for name, value in event.items()
    }


def cleaned(text: str) -> str:
    """The text without passwords in addresses, bearer tokens, one-time links and secret query values."""
    return _SECRET_TEXT.sub(
        lambda found: f"{found[found.lastgroup or 0]}{REMOVED}{'@' if found['scheme'] else ''}", text
    )


def _take_over_libraries(shared: list[Any], level: int) -> None:
    handler = logging.StreamHandler(cast("TextIO", _Stderr()))
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=[structlog.stdlib.add_logger_name, *shared],
            processors=[
                structlog.stdlib.ProcessorFormatter.remove_processors_meta,
                structlog.processors.JSONRenderer(),
            ],
        )
    )
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(level)
    logging.getLogger("httpx").setLevel(max(level, logging.WARNING))
