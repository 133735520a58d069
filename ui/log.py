"""The log of a server for programs that read logs: JSON, one object a line."""

import json
import logging
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import TextIO

from qa.types import Answer
from ui.observe import Done
from ui.visit import current_id

REQUESTS = logging.getLogger("dateline.requests")
QUESTIONS = logging.getLogger("dateline.questions")


@contextmanager
def json_log(stream: TextIO) -> Iterator[None]:
    """Everything that is logged goes to a stream as JSON: requests, questions, and whatever else warns of something."""
    handler = logging.StreamHandler(stream)
    handler.setFormatter(_Json())
    root = logging.getLogger()
    root.addHandler(handler)
    for logger in (REQUESTS, QUESTIONS):
        logger.setLevel(logging.INFO)
    try:
        yield
    finally:
        root.removeHandler(handler)
        for logger in (REQUESTS, QUESTIONS):
            logger.setLevel(logging.NOTSET)


def request(done: Done) -> None:
    """A line for a request that has ended. What was asked is not in it: not the body, and nothing behind the path."""
    fields = {
        "id": done.id,
        "method": done.method,
        "path": done.path,
        "status": done.status,
        "ms": round(done.seconds * 1000, 1),
        "key": done.key,
    }
    REQUESTS.info("request", extra={"fields": fields})


def question(answer: Answer) -> None:
    """A line for a question that was answered, with its words."""
    fields = {"id": current_id(), "question": answer.question, "abstained": answer.abstained}
    QUESTIONS.info("question", extra={"fields": fields})


class _Json(logging.Formatter):
    def format(self, record: logging.LogRecord) -> str:
        line = {
            "time": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname.lower(),
            "event": record.getMessage(),
            **(getattr(record, "fields", None) or {"logger": record.name, "id": current_id()}),
        }
        if record.exc_info:
            line["trace"] = self.formatException(record.exc_info)
        return json.dumps(line, ensure_ascii=True, default=str)
