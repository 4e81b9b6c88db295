"""Terms, and BM25 as an inner product of sparse vectors.

BM25 (Robertson and Zaragoza, "The Probabilistic Relevance Framework", 2009; the inverse document
frequency in the form that stays positive, as Lucene has it):

    score(q, d) = Σ_t∈q  idf(t) · w(t, d)
    idf(t)      = ln(1 + (N − n(t) + ½) / (n(t) + ½))
    w(t, d)     = f(t, d) · (k₁ + 1) / (f(t, d) + k₁ · (1 − b + b · |d| / L))

with N passages, n(t) of them with the term, f its frequency in the passage, |d| the passage's
length in terms and L the average length. A passage stores w as a sparse vector, with L frozen; the
query carries the idf; the inner product of the two is the score.
"""

from __future__ import annotations

import hashlib
import math
import re
import sys
import threading
import unicodedata
from collections import Counter
from collections.abc import Mapping
from functools import lru_cache

import Stemmer

K1 = 1.2
B = 0.75
# Terms in a passage, on average: what passages of 200 to 350 tokens have without stop words.
AVERAGE_LENGTH = 100.0
# A sparse vector may have 10⁹ dimensions; a prime below that is the hash's modulus.
DIMENSIONS = 999_999_937
# pgvector's limit for a sparse vector that is not zero everywhere.
MOST_TERMS = 16_000

_STOP_WORDS = frozenset(  # a list of words reads best as words
    """a about am an and any are as at be been but by can could did do does for from had has have
    he her his how i if in into is it its me my no nor not of on or our shall she should so some
    such than that the their them then there these they this those to us was we were what when
    where which who whom whose why will with would you your s t d ll m re ve""".split()  # noqa: SIM905
)
# Written without spaces between words: pairs of letters stand in for words.
_UNSPACED = (
    "\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uac00-\ud7af"
    "\uf900-\ufaff"
)
_UNSPACED_RUN = re.compile(f"[{_UNSPACED}]+")
_ACCENTS = re.compile("[\u0300-\u036f]")
_stemmers = threading.local()


def _word_pattern() -> re.Pattern[str]:
    """Letters and digits with the marks that many scripts write around them."""
    codes = [
        code for code in range(0x300, 0x1_0000) if unicodedata.category(chr(code)) in ("Mn", "Mc")
    ]
    # As ranges: the end of every word is compared with all of them.
    firsts = [code for code in codes if code - 1 not in set(codes)]
    lasts = [code for code in codes if code + 1 not in set(codes)]
    marks = "".join(f"{chr(a)}-{chr(b)}" for a, b in zip(firsts, lasts, strict=True))
    return re.compile(rf"\w[\w{marks}]*")


_ASCII_WORD = re.compile(r"[a-z0-9]+")
_WORD = _word_pattern()


def terms(text: str) -> list[str]:
    """The terms of a text in order, with repetitions: folded, without stop words, stemmed."""
    return [_stem(word) for word in _words(text) if word not in _STOP_WORDS]


def _words(text: str) -> list[str]:
    if text.isascii():
        return _ASCII_WORD.findall(text.lower())
    folded = _folded(text).replace("_", " ")
    words = _WORD.findall(folded)
    if _UNSPACED_RUN.search(folded):
        words = [piece for word in words for piece in _pieces(word)]
    return words


def _folded(text: str) -> str:
    """Without case, accents and differences of form: "Ｍüller" and "muller" are one."""
    plain = _ACCENTS.sub("", unicodedata.normalize("NFKD", text).casefold())
    return unicodedata.normalize("NFC", plain)


def _pieces(word: str) -> list[str]:
    """A word, or the overlapping pairs of letters of each run that is written without spaces."""
    pieces: list[str] = []
    end = 0
    for run in _UNSPACED_RUN.finditer(word):
        pieces.append(word[end : run.start()])
        letters, end = run[0], run.end()
        pieces += [letters[at : at + 2] for at in range(max(1, len(letters) - 1))]
    pieces.append(word[end:])
    return [piece for piece in pieces if piece]


@lru_cache(maxsize=100_000)
def _stem(word: str) -> str:
    """English stems; words with other letters, and with digits, stay as they are."""
    if not (word.isascii() and word.isalpha()):
        return word
    if not hasattr(_stemmers, "english"):
        _stemmers.english = Stemmer.Stemmer("english")  # not to be shared between threads
    return sys.intern(_stemmers.english.stemWord(word))


def term_id(term: str) -> int:
    """The dimension that a term is hashed to, from 0."""
    digest = hashlib.blake2b(term.encode(), digest_size=8).digest()
    return int.from_bytes(digest) % DIMENSIONS


@lru_cache(maxsize=200_000)
def _dimension(word: str) -> int | None:
    """The dimension of a word's term; None for a stop word. Most words are among these."""
    return None if word in _STOP_WORDS else term_id(_stem(word))


def passage_weights(text: str, average_length: float) -> dict[int, float]:
    """w(t, d) of each term's dimension: what is stored of a passage."""
    found = [known for known in map(_dimension, _words(text)) if known is not None]
    norm = K1 * (1 - B + B * len(found) / average_length)
    frequencies = Counter(found)
    if len(frequencies) > MOST_TERMS:
        frequencies = Counter(dict(frequencies.most_common(MOST_TERMS)))
    return {
        dimension: frequency * (K1 + 1) / (frequency + norm)
        for dimension, frequency in frequencies.items()
    }


def idf(total: int, holding: int) -> float:
    """How much a term tells that stands in `holding` of `total` passages."""
    holding = min(max(holding, 0), total)
    return math.log(1 + (total - holding + 0.5) / (holding + 0.5))


def query_weights(
    query_terms: list[str], total: int, holding: Mapping[int, int]
) -> dict[int, float]:
    """idf(t) of each term's dimension, times how often the query has it."""
    return {
        dimension: frequency * idf(total, holding.get(dimension, 0))
        for dimension, frequency in Counter(map(term_id, query_terms)).items()
    }
