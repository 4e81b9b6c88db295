"""The SDKs' and the network's failures as the port's, in sentences that hold no key."""

from __future__ import annotations

from collections.abc import Mapping
from http import HTTPStatus

from agents.runs.providers.port import (
    CutOff,
    NotThere,
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


def failure_of(found: ProviderError, *, has_begun: bool) -> ProviderError:
    """What to raise for it; `has_begun` once a part of the answer had arrived."""
    if has_begun and not isinstance(found, Silent):
        found = CutOff(f"The answer was cut off. {found}")
    found.has_begun = has_begun
    return found


def of_network(error: BaseException | None) -> ProviderError:
    """For what the HTTP library or the outbound guard raised."""
    code = error.code if isinstance(error, outbound.OutboundError) else ""
    if code == "refused":
        return Refused(str(error))
    if code == "timeout" or isinstance(error, outbound.HttpTimeout):
        return Silent("The provider did not answer in time.")
    return Unreachable("The provider can't be reached.")


def of_broken(error: Exception) -> ProviderError:
    """For an answer that was already arriving."""
    if isinstance(error, outbound.OutboundError):
        return CutOff(str(error))
    return CutOff("The connection to the provider broke.")


def of_status(status: int, message: object, headers: Mapping[str, str], key: str) -> ProviderError:
    """For an answer that says with its HTTP status that it is none; `message` is what it tells."""
    told, wait = _told(message, key), _wait(headers)
    if status == HTTPStatus.TOO_MANY_REQUESTS:
        return RateLimited(f"The provider has too many requests (429).{told}", retry_after=wait)
    if status in (HTTPStatus.UNAUTHORIZED, HTTPStatus.FORBIDDEN):
        # Its words are left out: vendors repeat a part of the key in them.
        return Unauthorised(f"The provider does not accept the API key ({status}).")
    if status >= HTTPStatus.INTERNAL_SERVER_ERROR or status == HTTPStatus.REQUEST_TIMEOUT:
        return Unavailable(f"The provider has trouble ({status}).{told}", retry_after=wait)
    if status == HTTPStatus.PAYMENT_REQUIRED:
        return Refused(f"The account at the provider has no credit left ({status}).")
    if status == HTTPStatus.NOT_FOUND:
        return NotThere(f"The provider knows no such model or address (404).{told}")
    return Refused(f"The provider refused the request ({status}).{told}")


def _told(message: object, key: str) -> str:
    if not isinstance(message, str) or not message.strip():
        return ""
    text = message.replace(key, "…") if len(key) > len("none") else message
    return f" It says: {text[:LONGEST_MESSAGE]}"


def _wait(headers: Mapping[str, str]) -> float | None:
    try:
        return min(LONGEST_WAIT, max(0.0, float(headers["retry-after"])))
    except (KeyError, ValueError):
        return None
