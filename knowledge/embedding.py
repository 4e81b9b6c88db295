"""The built-in embedding model: WordLlama, 256 dimensions, its weights inside its wheel."""

from __future__ import annotations

import importlib
import logging
import threading
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray
    from wordllama import WordLlamaInference

PROVIDER = "wordllama"
MODEL = "l2_supercat_256"
DIMENSIONS = 256
# Texts are padded to the longest of their batch: sorted by length, little is wasted.
BATCH = 64

_loading = threading.Lock()


def embed(texts: list[str]) -> NDArray[np.float32]:
    """A unit vector for each text, n × 256; a text without a known token gets the zero vector."""
    if not texts:
        return np.empty((0, DIMENSIONS), dtype=np.float32)
    order = sorted(range(len(texts)), key=lambda at: len(texts[at]))
    found: NDArray[np.float32] = _model().embed([texts[at] for at in order], batch_size=BATCH)
    lengths = np.linalg.norm(found, axis=1, keepdims=True)
    vectors = np.empty_like(found)
    vectors[order] = found / np.where(lengths > 0, lengths, 1)
    return vectors


def warm_up() -> None:
    """Begin to load the model, for somebody who will soon search; returns at once.

    A process that never searches does without its second of work and its 60 MB.
    """
    if not (_load.cache_info().currsize or _loading.locked()):
        threading.Thread(target=_model, name="embedding-warm-up", daemon=True).start()


def _model() -> WordLlamaInference:
    with _loading:
        return _load()


@lru_cache(maxsize=1)
def _load() -> WordLlamaInference:
    # Not imported at the start: it takes a second, and configures a root logger without handlers.
    kept_out = logging.NullHandler()
    logging.getLogger().addHandler(kept_out)
    wordllama = importlib.import_module("wordllama")
    logging.getLogger().removeHandler(kept_out)
    folder = Path(str(wordllama.__file__)).parent
    return wordllama.WordLlama.load(dim=DIMENSIONS, cache_dir=folder, disable_download=True)
