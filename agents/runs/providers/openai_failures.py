"""The SDK's and the network's failures as the port's, in sentences that hold no key."""

from __future__ import annotations

from http import HTTPStatus

import openai

from agents.runs.providers.port import (
    CutOff,
    ProviderError,
    RateLimited,
    Refused,
    Silent,
    Unauthorised,
    Unavailable,
    Unreachable,
)
from tenants import outbound

LONGEST_MESSAGE = 300
LONGEST_WAIT = 3600.0


def failure_of(error: Exception, key: str, *, has_begun: bool) -> ProviderError:
    """The port's name for what went wrong; `has_begun` once a part of the answer had arrived."""
    found = error if isinstance(error, ProviderError) else _named(error, key)
    if has_begun and not isinstance(found, Silent):
        found = CutOff(f"The answer was cut off. {found}")
    found.has_begun = has_begun
    return found


def _named(error: Exception, key: str) -> ProviderError:
    if isinstance(error, openai.APITimeoutError):
        return Silent("The provider did not answer in time.")
    if isinstance(error, openai.APIStatusError):
        return _of_status(error, key)
    if isinstance(error, openai.APIConnectionError):
        return _of_connection(error)
    if isinstance(error, outbound.OutboundError):
        return CutOff(str(error))
    return CutOff("The connection to the provider broke.")


def _of_connection(error: openai.APIConnectionError) -> ProviderError:
    cause = error.__cause__
    if isinstance(cause, outbound.OutboundError) and cause.code == "refused":
        return Refused(str(cause))
    return Unreachable("The provider can't be reached.")


def _of_status(error: openai.APIStatusError, key: str) -> ProviderError:
    status, told = error.status_code, _told(error, key)
    if status == HTTPStatus.TOO_MANY_REQUESTS:
        if error.code == "insufficient_quota":
            return Refused("The account at the provider has no credit left (429).")
        return RateLimited(
            f"The provider has too many requests (429).{told}", retry_after=_wait(error)
        )
    if status in (HTTPStatus.UNAUTHORIZED, HTTPStatus.FORBIDDEN):
        # Its words are left out: vendors repeat a part of the key in them.
        return Unauthorised(f"The provider does not accept the API key ({status}).")
    if status >= HTTPStatus.INTERNAL_SERVER_ERROR or status == HTTPStatus.REQUEST_TIMEOUT:
        return Unavailable(f"The provider has trouble ({status}).{told}", retry_after=_wait(error))
    return Refused(f"The provider refused the request ({status}).{told}")


def _told(error: openai.APIStatusError, key: str) -> str:
    body = error.body
    message = body.get("message") if isinstance(body, dict) else None
    if not isinstance(message, str) or not message.strip():
        return ""
    text = message.replace(key, "…") if len(key) > len("none") else message
    return f" It says: {text[:LONGEST_MESSAGE]}"


def _wait(error: openai.APIStatusError) -> float | None:
    try:
        return min(LONGEST_WAIT, max(0.0, float(error.response.headers["retry-after"])))
    except (KeyError, ValueError):
        return None
