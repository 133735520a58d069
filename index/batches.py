"""Many things, a few at a time."""

from collections.abc import Iterable, Iterator
from itertools import islice
from typing import TypeVar

T = TypeVar("T")


def batches(items: Iterable[T], size: int) -> Iterator[list[T]]:
    """The items in lists of `size`, the last of what is left; none is taken before its list is asked for."""
    stream = iter(items)
    while batch := list(islice(stream, size)):
        yield batch
