"""Why a request did not leave, or why its answer was not taken."""

from typing import Literal

import httpx2

Code = Literal[
    "refused",
    "host_not_allowed",
    "unreachable",
    "timeout",
    "too_large",
    "too_many_redirects",
    "bad_answer",
]


class OutboundError(httpx2.TransportError):
    """A message for the person who asked, and a stable code.

    It is one of the HTTP library's own errors so that the vendors' SDKs treat it as theirs.
    """

    def __init__(self, code: Code, message: str) -> None:
        super().__init__(message)
        self.code: Code = code
