"""Room for the interpreter's frames.

CPython keeps the frames of a thread in chunks of 16 KB, and gives one back to the operating system
as soon as the last frame in it returns (`push_chunk` and `_PyThreadState_PopFrame` in
Python/pystate.c, 3.11 to 3.13). Calls that go back and forth over the end of a chunk map and unmap
memory each time. Where that is depends on nothing but how deep one is; a page of a list, whose
template calls some ten thousand functions at various depths, took up to twice as long for it.

A chunk for a large frame is as large as the next power of two, and what the frame leaves of it is
used for those above. So one frame is made larger than it needs to be: 264 of 512 KB, which nobody
touches. The rest has room for some thousand.
"""

from collections.abc import Callable
from functools import wraps
from typing import ParamSpec, TypeVar

P = ParamSpec("P")
R = TypeVar("R")

SLOTS = 33_000


def with_room(function: Callable[P, R]) -> Callable[P, R]:
    """`function`, from which all that it calls finds room in one chunk."""

    def roomy(*args: P.args, **kwargs: P.kwargs) -> R:
        return function(*args, **kwargs)

    roomy.__code__ = roomy.__code__.replace(co_stacksize=SLOTS)
    return wraps(function)(roomy)
