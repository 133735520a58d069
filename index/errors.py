"""Everything that Dateline raises on purpose. Each message says what failed, where, and what to run next.

DatelineError
├── InputError          the caller asked for something that cannot be: bad filter, unknown id, empty question
│   ├── NotFoundError   no such article, or no such key
│   └── FetchError      a page, a feed or a robots.txt cannot be fetched
├── ConfigError         a setting is wrong, or a model cannot be loaded
│   └── IndexMismatch   another model or chunking is configured than the one indexed
├── EngineError        the cluster that computes cannot be reached, or gave up
├── ForbiddenError      whoever asks may not do that
├── BusyError           another process is writing
├── OverloadedError     too much is asked at once
│   └── TooOftenError   whoever asks has asked too much lately
├── StorageError        the data folder cannot be read or written, or the library is damaged
│   └── VectorsError    Chroma's folder is damaged: it can be written again from the library
└── CollectionGone      (internal) the collection was replaced while it was being read: read again
"""

import re

_STOPPED_TWICE = re.compile(r"(?<![\s./])\.\.(?=\s|\Z)")
"""A sentence that closes with the words of another error, which had their own full stop; not an ellipsis or a path."""


class DatelineError(Exception):
    """The base of all errors whose message is meant for the user."""

    def __init__(self, message: str) -> None:
        super().__init__(_STOPPED_TWICE.sub(".", message))


class InputError(DatelineError):
    """The request cannot be met as it stands."""


class NotFoundError(InputError):
    """There is nothing of that name."""


class FetchError(InputError):
    """Nothing of use came back from the web. `status` is what the server answered; None when it did not."""

    def __init__(self, message: str, *, status: int | None = None) -> None:
        super().__init__(message)
        self.status = status


class ConfigError(DatelineError):
    """A setting or a model is wrong."""


class IndexMismatch(ConfigError):
    """The index was built with another model or chunking than the one configured."""


class EngineError(DatelineError):
    """What computes elsewhere has failed; nothing that was committed is lost."""


class ForbiddenError(DatelineError):
    """The one who asks lacks the right to it."""


class BusyError(DatelineError):
    """Another process is the writer."""


class OverloadedError(DatelineError):
    """More is asked at once than can wait in line. After so many `seconds` one may try again."""

    def __init__(self, message: str, *, seconds: int = 5) -> None:
        super().__init__(message)
        self.seconds = seconds


class TooOftenError(OverloadedError):
    """Whoever asks has come too often."""


class StorageError(DatelineError):
    """The data folder or the library cannot be used."""


class VectorsError(StorageError):
    """Chroma cannot use its folder."""


class CollectionGone(DatelineError):
    """The collection was replaced by a rebuild; a fresh snapshot has the new one."""
