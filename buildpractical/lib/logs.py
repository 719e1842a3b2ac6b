"""Log lines: one JSON object a line, without secrets, with the request's id."""

import json
import logging
from contextvars import ContextVar
from datetime import UTC, datetime

from buildpractical.lib.redact import mask
from buildpractical.lib.tenancy import current_user, current_workspace

request_id = ContextVar("request_id", default="")
STANDARD = frozenset(vars(logging.makeLogRecord({}))) | {"message", "asctime", "taskName"}


class MaskFilter(logging.Filter):
    """Formats the message early and masks it, so that no handler behind it sees a secret."""

    def filter(self, record):
        try:
            message = record.getMessage()
        except Exception:
            # A filter's exception would reach the code that logs; the arguments may hold anything.
            message = f"Log line that cannot be formatted, {record.pathname}:{record.lineno}"
        record.msg, record.args = mask(message), None
        return True


class JsonFormatter(logging.Formatter):
    """time, level, event, logger, request, user and workspace ids, extras; a traceback without locals."""

    def format(self, record):
        line = {
            "time": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname.lower(),
            "event": mask(record.getMessage()),
            "logger": record.name,
            # Django tells of a refused request after the middleware has ended: then only the record knows it.
            "request": request_id.get() or getattr(getattr(record, "request", None), "id", ""),
            "user": current_user(),
            "workspace": current_workspace(),
        }
        for name, value in vars(record).items():
            # Extras that Django adds hold request objects: only plain values are logged.
            if name not in STANDARD and isinstance(value, str | int | float | bool | None):
                line[name] = mask(value) if isinstance(value, str) else value
        if record.exc_info:
            line["error"] = mask(self.formatException(record.exc_info))
        # ensure_ascii: no control, line-breaking or direction character reaches the terminal.
        return json.dumps(line, ensure_ascii=True)
