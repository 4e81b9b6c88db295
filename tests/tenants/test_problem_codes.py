"""The codes of problem documents are a promise to integrators, so each is written down."""

from pathlib import Path

import pytest

from tenants.problems import CODES

DOCUMENT = Path(__file__).parents[2] / "docs" / "api.md"


@pytest.mark.parametrize("code", CODES)
def test_every_code_is_documented(code):
    assert f"| `{code}` | {CODES[code]} |" in DOCUMENT.read_text()
