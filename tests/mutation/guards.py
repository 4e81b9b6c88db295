"""The list of guards.toml: what to take away, and the test that must notice."""

import tomllib
from dataclasses import dataclass
from pathlib import Path

HERE = "tests/architecture"
_LIST = tomllib.loads(Path(__file__).with_suffix(".toml").read_text())


@dataclass(frozen=True)
class Guard:
    """A protection without which `test` (file::name[case] of tests/architecture) must fail."""

    test: str
    removed: str
    edit: tuple
    fresh_database: bool = False
    new_case: bool = False  # the test has this case only because of the edit

    @property
    def node(self):
        return f"{HERE}/{self.test}"

    @property
    def function(self):
        return self.test.partition("[")[0]


GUARDS = tuple(Guard(**entry) for entry in _LIST["guard"])
# Tests that guard no code of the application, with the reason.
WITHOUT = _LIST["without"]
