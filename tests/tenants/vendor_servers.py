"""Google's and GitHub's sign-in on this machine, as their documents tell the wire.

developers.google.com/identity/openid-connect/openid-connect and docs.github.com/en/apps/
oauth-apps/building-oauth-apps/authorizing-oauth-apps, docs.github.com/en/rest/users/emails.
The page that asks for consent can be opened by a browser, too.
"""

import base64
import hashlib
import html
import json
import time
from functools import cache
from urllib.parse import parse_qs, urlencode, urlsplit

import jwt
from cryptography.hazmat.primitives.asymmetric import rsa

from tests.tenants.openid_server import CLIENT, CLIENT_SECRET


class Vendor:
    """What both have in common: a page that asks for consent, and codes that work once."""

    def __init__(self, **person):
        self.person, self.codes, self.asked = person, {}, []

    def authorize(self, url):
        """The way back of whoever agrees."""
        query = {name: values[0] for name, values in parse_qs(urlsplit(url).query).items()}
        assert (query["client_id"], query["response_type"]) == (CLIENT, "code")
        assert query["code_challenge_method"] == "S256"
        code = f"4/code-{len(self.codes)}"
        self.codes[code] = query
        return query["redirect_uri"], {"code": code, "state": query["state"]}

    def consent(self, path):
        """The page: one link for yes, one for no."""
        back, yes = self.authorize(path)
        no = {"error": "access_denied", "error_description": "No.", "state": yes["state"]}
        links = "".join(
            f'<p><a href="{html.escape(f"{back}?{urlencode(answer)}")}">{word}</a></p>'
            for word, answer in (("Continue", yes), ("Cancel", no))
        )
        return 200, "text/html", f'<link rel="icon" href="data:,"><h1>Who?</h1>{links}'

    def redeem(self, form):
        """The authorization request to which a code belongs; None where it is not all right."""
        query = self.codes.pop(form.get("code"), None)
        challenge = hashlib.sha256(form.get("code_verifier", "").encode()).digest()
        is_right = query and (
            query["code_challenge"] == base64.urlsafe_b64encode(challenge).decode().rstrip("=")
            and (form["client_id"], form["client_secret"]) == (CLIENT, CLIENT_SECRET)
            and form["redirect_uri"] == query["redirect_uri"]
        )
        return query if is_right else None


@cache
def _key():
    return rsa.generate_private_key(public_exponent=65537, key_size=2048)


class Google(Vendor):
    """`person` are claims of the ID token."""

    def answer(self, path, form, headers):
        bare = urlsplit(path).path
        if bare == "/o/oauth2/v2/auth":
            return self.consent(path)
        told = {
            "/.well-known/openid-configuration": self.description,
            "/oauth2/v3/certs": self.keys,
            "/token": lambda: self.token(form),
            "/v1/userinfo": lambda: {"sub": "1234567890", **self.person},
        }[bare]()
        return 400 if "error" in told else 200, "application/json; charset=utf-8", json.dumps(told)

    def description(self):
        return {
            "issuer": self.url,
            "authorization_endpoint": f"{self.url}/o/oauth2/v2/auth",
            "device_authorization_endpoint": f"{self.url}/device/code",
            "token_endpoint": f"{self.url}/token",
            "userinfo_endpoint": f"{self.url}/v1/userinfo",
            "revocation_endpoint": f"{self.url}/revoke",
            "jwks_uri": f"{self.url}/oauth2/v3/certs",
            "response_types_supported": ["code", "token", "id_token", "code token", "none"],
            "subject_types_supported": ["public"],
            "id_token_signing_alg_values_supported": ["RS256"],
            "scopes_supported": ["openid", "email", "profile"],
            "token_endpoint_auth_methods_supported": ["client_secret_post", "client_secret_basic"],
            "code_challenge_methods_supported": ["plain", "S256"],
        }

    def keys(self):
        public = json.loads(jwt.algorithms.RSAAlgorithm.to_jwk(_key().public_key()))
        return {"keys": [{**public, "kid": "b1f3", "alg": "RS256", "use": "sig"}]}

    def token(self, form):
        query = self.redeem(form)
        if query is None:
            return {"error": "invalid_grant", "error_description": "Malformed auth code."}
        assert set(query["scope"].split()) == {"openid", "profile", "email"}
        now = int(time.time())
        claims = {
            "iss": self.url, "azp": CLIENT, "aud": CLIENT, "sub": "1234567890", "iat": now,
            "exp": now + 3599, "nonce": query["nonce"], **self.person,
        }  # fmt: skip
        signed = jwt.encode(claims, _key(), algorithm="RS256", headers={"kid": "b1f3"})
        return {
            "access_token": "ya29.opaque", "expires_in": 3599, "scope": query["scope"],
            "token_type": "Bearer", "id_token": signed,
        }  # fmt: skip


class GitHub(Vendor):
    """`emails` are as GitHub lists them, (address, is primary, is verified)."""

    def __init__(self, *emails, **person):
        super().__init__(**{"id": 583231, "login": "kim", "name": None, "email": None, **person})
        self.emails = emails

    def answer(self, path, form, headers):
        bare = urlsplit(path).path
        if bare == "/login/oauth/authorize":
            return self.consent(path)
        if bare == "/login/oauth/access_token":
            return self.token(form, headers)
        if "User-Agent" not in headers:
            return 403, "text/html", "Request forbidden by administrative rules."
        if headers["Authorization"] not in ("token gho_1", "Bearer gho_1"):
            return 401, "application/json", '{"message": "Bad credentials"}'
        told = {"/user": lambda: self.person, "/user/emails": self.listed}[bare]()
        return 200, "application/json; charset=utf-8", json.dumps(told)

    def token(self, form, headers):
        query = self.redeem(form)
        told = {"access_token": "gho_1", "token_type": "bearer", "scope": "user:email"}
        if query is None:
            told = {"error": "bad_verification_code", "error_description": "Incorrect or expired."}
        else:
            assert query["scope"] == "user:email"
        if headers.get("Accept") == "application/json":
            return 200, "application/json; charset=utf-8", json.dumps(told)
        return 200, "application/x-www-form-urlencoded; charset=utf-8", urlencode(told)

    def listed(self):
        names = ("email", "primary", "verified")
        return [dict(zip(names, one, strict=True), visibility=None) for one in self.emails]
