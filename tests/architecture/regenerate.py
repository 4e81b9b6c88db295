"""Write anew what is derived from the code: `python -m tests.architecture.regenerate`.

The table of docs/access.md and docs/openapi.json. Read the difference before committing it.
"""

import os
import sys

import pytest

ASKED = "ROSTER_REGENERATE"


def is_asked():
    return os.environ.get(ASKED) == "1"


if __name__ == "__main__":
    os.environ[ASKED] = "1"
    tests = ["tests/architecture/test_role_matrix.py", "tests/architecture/test_openapi.py"]
    sys.exit(pytest.main(["-n0", "-q", "-k", "anew", *sys.argv[1:], *tests]))
