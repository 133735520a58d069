"""The process that reads files, with libraries in it that behave as the page says they should."""

import ctypes
import os
import re
import signal
import time
from pathlib import Path
from typing import Any

from index.worker import JOBS, main
from index.worker import page as real_page


def page(given: dict[str, Any], body: bytes) -> Any:
    text = given["record"]["text"]
    match text:
        case "pid":
            return {"key": "pid", "text": str(os.getpid())}
        case "exit":
            os._exit(0)
        case "segfault":
            ctypes.string_at(0)
        case "pipe":  # once: the kernel may tell of what was sent when it has been read already
            flag = Path(os.environ["SIGNALLED"])
            if not flag.exists():
                flag.touch()
                os.kill(os.getpid(), signal.SIGIO)
            return {"key": "a", "text": "read"}
        case "hang":
            re.match(r"(a|a)+$", "a" * 60 + "b")  # in C, with the GIL: no Python code gets a turn any more
        case "wait":
            time.sleep(60)
        case "eat":
            return [bytearray(100_000_000) for _ in range(100)]
        case "fail":
            raise AttributeError("a bug in a library")
    return real_page(given, body)


if __name__ == "__main__":
    main({**JOBS, "page": page})
