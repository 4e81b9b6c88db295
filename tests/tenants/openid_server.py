"""A small OpenID Connect server on this machine: discovery, tokens, keys, user info, PKCE.

`says` changes what it puts into the next ID token, `info` what it tells besides, `about` its
own description; `signs_with` another key.
"""

import base64
import hashlib
import json
import time
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from urllib.parse import parse_qs, urlsplit

import jwt
from cryptography.hazmat.primitives.asymmetric import ec

CLIENT, CLIENT_SECRET = "roster", "client-secret-of-the-test"


class Server:
    def __init__(self):
        self.key, self.signs_with = _key(), None
        self.says, self.info, self.about, self.codes, self.asked = {}, {}, {}, {}, []

    def authorize(self, url, **person):
        """What its page does when somebody has signed in there: the way back."""
        query = {name: values[0] for name, values in parse_qs(urlsplit(url).query).items()}
        assert query["client_id"] == CLIENT
        code = f"code-{len(self.codes)}"
        self.codes[code] = (query, person)
        return query["redirect_uri"], {"code": code, "state": query["state"]}

    def description(self):
        return {
            "issuer": self.url,
            "authorization_endpoint": f"{self.url}/authorize",
            "token_endpoint": f"{self.url}/token",
            "jwks_uri": f"{self.url}/keys",
            "userinfo_endpoint": f"{self.url}/info",
            "token_endpoint_auth_methods_supported": ["client_secret_post"],
            **self.about,
        }

    def keys(self):
        public = json.loads(jwt.algorithms.ECAlgorithm.to_jwk(self.key.public_key()))
        return {"keys": [{**public, "kid": "1", "alg": "ES256", "use": "sig"}]}

    def token(self, form):
        query, person = self.codes.pop(form["code"])
        challenge = hashlib.sha256(form["code_verifier"].encode()).digest()
        assert query["code_challenge"] == base64.urlsafe_b64encode(challenge).decode().rstrip("=")
        assert form["client_secret"] == CLIENT_SECRET
        now = int(time.time())
        told = {
            "iss": self.url, "aud": CLIENT, "iat": now, "exp": now + 60, "sub": "person-1",
            "nonce": query["nonce"], **person, **self.says,
        }  # fmt: skip
        self.person = told
        signed = jwt.encode(
            told, self.signs_with or self.key, algorithm="ES256", headers={"kid": "1"}
        )
        return {"access_token": "opaque", "token_type": "Bearer", "id_token": signed}

    def user_info(self):
        return {"sub": self.person["sub"], **self.info}

    def answer(self, path, form, headers):
        """Status, type and body of the answer to a request."""
        known = {
            "/.well-known/openid-configuration": self.description,
            "/keys": self.keys,
            "/info": self.user_info,
            "/token": lambda: self.token(form),
        }
        return 200, "application/json", json.dumps(known[urlsplit(path).path]())


def _key():
    return ec.generate_private_key(ec.SECP256R1())


@contextmanager
def running(server=None):
    server = server or Server()

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self):
            server.asked.append(self.path)
            length = int(self.headers["Content-Length"] or 0)
            form = {n: v[0] for n, v in parse_qs(self.rfile.read(length).decode()).items()}
            status, kind, body = server.answer(self.path, form, self.headers)
            self.send_response(status)
            self.send_header("Content-Type", kind)
            self.send_header("Content-Length", str(len(body.encode())))
            self.end_headers()
            self.wfile.write(body.encode())

        do_POST = do_GET

        def log_message(self, *args):
            pass

    web = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.url = f"http://127.0.0.1:{web.server_port}"
    thread = Thread(target=web.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True)
    thread.start()
    try:
        yield server
    finally:
        web.shutdown()
        web.server_close()
        thread.join()
