"""OpenID Connect: what a server says of itself, and whether an ID token is its own and for us.

OpenID Connect Core 1.0, 3.1.3.7 (ID Token Validation), and Discovery 1.0, 4.3. django-allauth
leaves the signature unchecked where the token came straight from the server, and knows no nonce.
"""

from __future__ import annotations

from typing import Any

import jwt

from tenants import outbound
from tenants.outbound import OutboundError
from tenants.storable import is_storable

SECONDS = 10.0
MAX_BYTES = 512 * 1024
# Asymmetric ones alone: with a shared secret, whoever knows it could sign.
ALGORITHMS = ["RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "EdDSA"]
LEEWAY = 60  # seconds by which clocks may differ
ADDRESSES = ("authorization_endpoint", "token_endpoint", "jwks_uri")
METHODS = "token_endpoint_auth_methods_supported"
# All that is looked at of what a server says about a person; nothing else is kept.
TOLD: dict[str, type[str] | type[bool]] = {
    "sub": str,
    "name": str,
    "email": str,
    "email_verified": bool,
    "hd": str,
    "nonce": str,
}
LONGEST = 500
LONGEST_SUBJECT = 191  # as django-allauth keeps it


class NotBelieved(Exception):
    """What the server says is not as it must be; the message is for the organisation's owners."""


def configuration(server: str) -> dict[str, Any]:
    """The server's own description. Raises NotBelieved."""
    found = _json(f"{server.rstrip('/')}/.well-known/openid-configuration")
    if str(found.get("issuer", "")).rstrip("/") != server.rstrip("/"):
        raise NotBelieved("The server calls itself by another address than the one it was set to.")
    for name in (*ADDRESSES, *(["userinfo_endpoint"] if found.get("userinfo_endpoint") else [])):
        address = str(found.get(name, ""))
        try:
            outbound.check_url(address)
        except OutboundError as refusal:
            raise NotBelieved(f"The server names no proper {name}.") from refusal
        if server.startswith("https://") and not address.startswith("https://"):
            raise NotBelieved(f"The server names a {name} without https.")
    if not isinstance(found.get(METHODS), list):
        found.pop(METHODS, None)  # as where it says nothing
    return found


def claims(token: str, server: dict[str, Any], client_id: str) -> dict[str, Any]:
    """What an ID token says, once its signature, issuer, audience and times hold.

    Raises NotBelieved.
    """
    try:
        header = jwt.get_unverified_header(token)
        keys = jwt.PyJWKSet.from_dict(_json(str(server["jwks_uri"])))
        fitting = [k for k in keys.keys if k.key_id == header.get("kid")]
        key = (fitting or (keys.keys if "kid" not in header else []))[0]
        told = jwt.decode(
            token,
            key,
            algorithms=ALGORITHMS,
            audience=client_id,
            issuer=server["issuer"],
            leeway=LEEWAY,
            options={"require": ["exp", "iat", "iss", "aud", "sub"]},
        )
    except (jwt.PyJWTError, IndexError) as problem:
        raise NotBelieved(f"The ID token does not hold: {problem}") from problem
    if told.get("azp", client_id) != client_id:
        raise NotBelieved("The ID token was made for another client.")
    return told


def user_info(server: dict[str, Any], access_token: str, subject: str) -> dict[str, Any]:
    """What the server tells about the same person besides; nothing where it has no such place.

    Raises NotBelieved, also where it speaks of somebody else (Core 1.0, 5.3.2).
    """
    if not (address := server.get("userinfo_endpoint")):
        return {}
    told = _json(str(address), {"Authorization": f"Bearer {access_token}"})
    if told.get("sub") != subject:
        raise NotBelieved("The server spoke of two different people.")
    return told


def of_person(told: dict[str, Any]) -> dict[str, Any]:
    """Of all that was told, what is looked at and is what it should be; the rest is no answer.

    Raises NotBelieved for a person without an identifier that can be kept.
    """
    found = {name: told[name] for name, kind in TOLD.items() if _is_plain(told.get(name), kind)}
    if not 0 < len(found.get("sub", "")) <= LONGEST_SUBJECT:
        raise NotBelieved("The server names a person by what is no identifier, or a long one.")
    return found


def _is_plain(value: Any, kind: type[str] | type[bool]) -> bool:
    if not isinstance(value, str):
        return isinstance(value, kind)
    return kind is str and len(value) <= LONGEST and is_storable(value)


def _json(address: str, headers: dict[str, str] | None = None) -> dict[str, Any]:
    try:
        answer = outbound.fetch(
            "GET", address, headers=headers, timeout=SECONDS, max_bytes=MAX_BYTES
        )
        told = answer.json()
    except (OutboundError, ValueError) as problem:
        raise NotBelieved(f"The server does not answer as it must: {problem}") from problem
    if answer.status_code != 200 or not isinstance(told, dict):
        raise NotBelieved(f"The server answered {answer.status_code}.")
    return told
