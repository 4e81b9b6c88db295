"""Write anew what is derived from the code: `python -m tests.architecture.regenerate`.

The table of docs/access.md, docs/openapi.json and config/schema.sql. Read the difference before
committing it.
"""

import os
import sys

import pytest

ASKED = "ROSTER_REGENERATE"


def is_asked():
    return os.environ.get(ASKED) == "1"


if __name__ == "__main__":
    os.environ[ASKED] = "1"
    tests = [
        f"tests/architecture/test_{about}.py" for about in ("migrations", "role_matrix", "openapi")
    ]
    sys.exit(pytest.main(["-n0", "-q", "-k", "anew", *sys.argv[1:], *tests]))
