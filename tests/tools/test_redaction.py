"""A secret that comes back is taken out."""

import base64
import json
from urllib.parse import quote, quote_plus

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tools.redaction import MARK, Redactor

SECRET = 'p@ss "word"/+ü'


@pytest.mark.parametrize(
    "spelling",
    [
        SECRET,
        quote(SECRET),
        quote(SECRET, safe=""),
        quote_plus(SECRET),
        json.dumps(SECRET)[1:-1],
        base64.b64encode(SECRET.encode()).decode(),
        base64.urlsafe_b64encode(SECRET.encode()).decode(),
        SECRET.encode().hex(),
    ],
)
def test_a_secret_is_taken_out_however_it_is_spelt(spelling):
    assert Redactor(SECRET)(f"before {spelling} after") == f"before {MARK} after"


@given(st.text(min_size=1, max_size=20), st.text(max_size=20), st.text(max_size=20))
def test_no_text_keeps_the_secret(secret, before, after):
    cleaned = Redactor(secret)(before + secret + after)

    assert secret not in cleaned.replace(MARK, "") or secret in MARK


def test_without_a_secret_nothing_is_changed():
    assert Redactor()("plain") == "plain"
