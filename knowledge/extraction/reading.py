"""Reading a stored file, whatever it is: find its type, read it where that is safe."""

from __future__ import annotations

import os
import shutil
import tempfile
from typing import IO

from knowledge.extraction import plain
from knowledge.extraction.blocks import Extracted, Limits, OnPage, Unreadable
from knowledge.extraction.process import read_in_child
from knowledge.extraction.sniffing import PLAIN, decode, media_type


def extract(file: IO[bytes], *, limits: Limits, on_page: OnPage) -> Extracted:
    """Blocks in reading order. Raises Unreadable, and what `on_page` raises."""
    data = file.read()
    found = media_type(data)
    if found == PLAIN:
        return _plain(data, limits)
    del data
    with _real(file) as real:
        os.lseek(real.fileno(), 0, os.SEEK_SET)
        return read_in_child(real, found, limits, on_page)


def _plain(data: bytes, limits: Limits) -> Extracted:
    text = decode(data)
    if len(text) > limits.characters:
        raise Unreadable("too_large", f"more than {limits.characters:,} letters")
    blocks = list(plain.blocks(text))
    if not blocks:
        raise Unreadable("empty")
    return Extracted(PLAIN, None, blocks)


def _real(file: IO[bytes]) -> IO[bytes]:
    """The file itself where the child can inherit it, else a copy on disk."""
    try:
        file.fileno()
    except (AttributeError, OSError):
        file.seek(0)
        copy = tempfile.TemporaryFile()  # noqa: SIM115  # the caller closes it
        shutil.copyfileobj(file, copy)
        copy.flush()
        return copy
    return file
