"""Words and sentences, as crudely as extraction needs them."""

from __future__ import annotations

import re

_WORD = re.compile(r"[^\W_]+", re.UNICODE)
# A sentence ends before a capital, a digit or a quotation mark; list items and lines stand alone.
_BREAK = re.compile(r"(?<=[.!?:])\s+(?=[\"“„(\d]|[^\W\d_a-zß-ÿ])|\n\s*(?:[-*•·]\s+)?")
_ENDINGS = ("ing", "ies", "ed", "es", "s", "e", "y")
_SHORTEST_STEM = 3
_LONGEST_SENTENCE = 400

_STOP_WORDS = """
a about after all also am an and any are as at be been before but by can could did do does done for
from get give had has have he her here him his how i if in into is it its just know let many may me
might more most much must my need no not now of on one only or our out over please shall she should
so some such tell than that the their them then there these they this those to too under up us use
very want was we were what when where which while who whom whose why will with within without would
yes you your during until per
der die das und oder ist sind ein eine einen wie was wann wer wo für von mit auf im zu
"""
STOP_WORDS = frozenset(_STOP_WORDS.split())


def stem(word: str) -> str:
    """The word without its commonest English endings."""
    for ending in _ENDINGS:
        if word.endswith(ending) and len(word) - len(ending) >= _SHORTEST_STEM:
            return word[: -len(ending)]
    return word


def words(text: str) -> list[str]:
    """All words in lower case."""
    return [found.lower() for found in _WORD.findall(text)]


def terms(text: str) -> set[str]:
    """The stems of the words that carry meaning."""
    return {stem(word) for word in words(text) if word not in STOP_WORDS}


def sentences(text: str) -> list[str]:
    """Sentences and list items, without line breaks in them."""
    found = (" ".join(part.split()) for part in _BREAK.split(text))
    return [sentence[:_LONGEST_SENTENCE] for sentence in found if sentence]


def count_tokens(text: str) -> int:
    """About as many as a language model would count."""
    return (len(text) + 3) // 4
