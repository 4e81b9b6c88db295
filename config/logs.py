"""Log lines: one event, one line, whatever it contains."""

import logging
import sys
from typing import Any

import structlog
from structlog.typing import EventDict, Processor, WrappedLogger

SHARED: list[Processor] = [
    structlog.contextvars.merge_contextvars,
    structlog.stdlib.add_log_level,
    structlog.stdlib.add_logger_name,
    structlog.stdlib.PositionalArgumentsFormatter(),
    structlog.processors.TimeStamper(fmt="iso", utc=True),
    structlog.processors.StackInfoRenderer(),
    structlog.processors.format_exc_info,
]
# Chatty, or said better by our own lines.
QUIET = {
    "celery": logging.WARNING,
    "kombu": logging.WARNING,
    "pgmq": logging.WARNING,
    "django.request": logging.ERROR,  # 4xx are the clients' business; 5xx stay
    "httpx": logging.WARNING,
    "httpx2": logging.WARNING,
    "psycopg.pool": logging.ERROR,  # every failed attempt to reconnect; the caller says it once
    "axes": logging.WARNING,
}


def configuration(level: str, *, as_json: bool) -> dict[str, Any]:
    """Django's LOGGING: everything to standard output, through one formatter."""
    structlog.configure(
        processors=[
            structlog.stdlib.filter_by_level,
            *SHARED,
            structlog.stdlib.ProcessorFormatter.wrap_for_formatter,
        ],
        logger_factory=structlog.stdlib.LoggerFactory(),
        wrapper_class=structlog.stdlib.BoundLogger,
        cache_logger_on_first_use=True,
    )
    renderer: Processor = structlog.processors.JSONRenderer() if as_json else as_text
    return {
        "version": 1,
        "disable_existing_loggers": False,
        "formatters": {
            "line": {
                "()": structlog.stdlib.ProcessorFormatter,
                "foreign_pre_chain": SHARED,
                "processors": [
                    structlog.stdlib.ProcessorFormatter.remove_processors_meta,
                    renderer,
                ],
            }
        },
        "handlers": {
            "out": {"class": "logging.StreamHandler", "stream": sys.stdout, "formatter": "line"}
        },
        "root": {"handlers": ["out"], "level": level},
        "loggers": {
            # Django adds handlers of its own to these, which would print a second time.
            "django": {"handlers": [], "level": "INFO"},
            "django.server": {"handlers": [], "level": "INFO", "propagate": True},
            **{name: {"level": quiet} for name, quiet in QUIET.items()},
        },
    }


def as_text(logger: WrappedLogger, method: str, event: EventDict) -> str:
    """`14:03:09 info   job.done job=… took=3`: for people, and still one line per event."""
    moment = str(event.pop("timestamp"))[11:19]
    level, name = event.pop("level", method), event.pop("logger", "")
    words = [moment, f"{level:<7}", _one_line(event.pop("event", ""))]
    exception = event.pop("exception", None)
    words += [f"{key}={_quoted(value)}" for key, value in event.items()]
    if name and level not in {"info", "debug"}:
        words.append(f"logger={name}")
    if exception:
        words.append(f"exception={_quoted(exception)}")
    return " ".join(words)


def _quoted(value: object) -> str:
    text = _one_line(value)
    return f'"{text}"' if not text or any(mark in text for mark in ' "=') else text


def _one_line(value: object) -> str:
    """Line breaks and control characters escaped: nobody writes a line of ours for us."""
    return "".join(c if c.isprintable() else repr(c)[1:-1] for c in str(value))
