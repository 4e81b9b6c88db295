"""Texts that have topics: the same ones in every run."""

from __future__ import annotations

import importlib
import json
from functools import lru_cache
from pathlib import Path
from typing import Any

import numpy as np

_TOPICS = 300
_WORDS_OF_TOPIC = 120
_SEED = 7


@lru_cache(maxsize=1)
def vocabulary() -> list[str]:
    """The whole words of the embedding model's tokenizer, commonest first."""
    folder = Path(str(importlib.import_module("wordllama").__file__)).parent
    tokenizer = json.loads(
        (folder / "tokenizers" / "l2_supercat_tokenizer_config.json").read_text()
    )
    words = (token[1:] for token in tokenizer["model"]["vocab"] if token.startswith("▁"))
    return list(dict.fromkeys(word.lower() for word in words if word.isalpha() and len(word) > 2))


def passages(number: int, *, words: int = 160, seed: int = _SEED) -> list[str]:
    """Texts of about this many words: three fifths of a topic's words, the rest of any."""
    generator = np.random.default_rng(seed)
    topics = _topics()
    common = _common(len(vocabulary()))
    return [
        _text(generator, topics[generator.integers(_TOPICS)], common, words) for _ in range(number)
    ]


def queries(number: int, *, words: int = 5, seed: int = _SEED + 1) -> list[str]:
    """Questions of a few words of one topic."""
    generator = np.random.default_rng(seed)
    topics = _topics()
    everything = vocabulary()
    return [
        " ".join(
            everything[at]
            for at in generator.choice(
                topics[generator.integers(_TOPICS)][:60], words, replace=False
            )
        )
        for _ in range(number)
    ]


def _topics() -> np.ndarray:
    generator = np.random.default_rng(_SEED)
    return np.array(
        [generator.permutation(len(vocabulary()))[:_WORDS_OF_TOPIC] for _ in range(_TOPICS)]
    )


def _common(size: int) -> Any:
    """Zipf's law."""
    shares = 1 / np.arange(1, size + 1)
    return shares / shares.sum()


def _text(generator: np.random.Generator, topic: np.ndarray, common: np.ndarray, words: int) -> str:
    everything = vocabulary()
    length = max(20, int(generator.normal(words, words / 4)))
    own = topic[(generator.pareto(1.0, length) * 8).astype(int) % len(topic)]
    other = generator.choice(len(common), length, p=common)
    chosen = np.where(generator.random(length) < 0.6, own, other)
    drawn = [everything[at] for at in chosen]
    return (
        ". ".join(" ".join(drawn[at : at + 12]).capitalize() for at in range(0, length, 12)) + "."
    )
