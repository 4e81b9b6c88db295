"""The floor of measures 1 to 3: a bare Django WSGI application.

It does the least that any portal has to do for a run: look the key up, call the provider, commit
one row. No middleware, no forms, no rights; its rows are written with plain SQL.

`python -m benchmarks.floor_app PORT PROVIDER_URL`, with DATABASE_URL set.
"""

from __future__ import annotations

import hashlib
import json
import os
import sys
import uuid
from collections.abc import Iterator

import django
import environ
import httpx2
from django.conf import settings
from django.core.wsgi import get_wsgi_application
from django.db import connection
from django.http import HttpRequest, JsonResponse, StreamingHttpResponse
from django.urls import path
from granian.constants import Interfaces
from granian.server import Server

TABLES = """
CREATE TABLE IF NOT EXISTS floor_key (digest bytea PRIMARY KEY, name text NOT NULL);
CREATE TABLE IF NOT EXISTS floor_run (
    id uuid PRIMARY KEY, key_name text NOT NULL, input text NOT NULL, output text NOT NULL,
    created_at timestamptz NOT NULL DEFAULT now());
CREATE INDEX IF NOT EXISTS floor_run_by_time ON floor_run (key_name, created_at DESC);
"""
THREADS = 64

provider = httpx2.Client(limits=httpx2.Limits(max_connections=None), timeout=60)
provider_url = ""


def execute(request: HttpRequest) -> JsonResponse:
    """Answer when the provider has."""
    name, asked = _key_name(request), json.loads(request.body)
    answer = provider.post(provider_url, json=_body(asked, stream=False)).json()
    text = answer["choices"][0]["message"]["content"]
    _keep(name, asked["input"], text)
    response = JsonResponse({"status": "completed", "output": text, "usage": answer.get("usage")})
    # No middleware does it here; without a length the answer would be sent in chunks.
    response.headers["Content-Length"] = str(len(response.content))
    return response


def stream(request: HttpRequest) -> StreamingHttpResponse:
    """Pass the provider's pieces on as they come, and commit the row at the end."""
    name, asked = _key_name(request), json.loads(request.body)
    return StreamingHttpResponse(_pieces(name, asked), content_type="text/event-stream")


def _pieces(name: str, asked: dict[str, str]) -> Iterator[bytes]:
    said = []
    with provider.stream("POST", provider_url, json=_body(asked, stream=True)) as response:
        for line in response.iter_lines():
            if not line.startswith("data: {"):
                continue
            choices = json.loads(line[6:])["choices"]
            if text := choices and choices[0]["delta"].get("content"):
                said.append(text)
                data = json.dumps({"text": text})
                yield f"event: message.delta\ndata: {data}\n\n".encode()
    _keep(name, asked["input"], "".join(said))


def _key_name(request: HttpRequest) -> str:
    digest = hashlib.sha256(request.headers["Authorization"].encode()).digest()
    with connection.cursor() as cursor:
        cursor.execute("SELECT name FROM floor_key WHERE digest = %s", [digest])
        return str(cursor.fetchone()[0])


def _keep(name: str, asked: str, answered: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO floor_run (id, key_name, input, output) VALUES (%s, %s, %s, %s)",
            [uuid.uuid4(), name, asked, answered],
        )


def _body(asked: dict[str, str], *, stream: bool) -> dict[str, object]:
    message = {"role": "user", "content": asked["input"]}
    return {"model": asked["model"], "messages": [message], "stream": stream}


urlpatterns = [path("execute", execute), path("stream", stream)]


def main(port: str, url: str) -> None:
    """Serve with the settings of `manage.py web`."""
    global provider_url
    provider_url = f"{url}/chat/completions"
    database = environ.Env.db_url_config(os.environ["DATABASE_URL"])
    settings.configure(
        SECRET_KEY="floor",
        ALLOWED_HOSTS=["*"],
        ROOT_URLCONF=sys.modules[__name__],
        MIDDLEWARE=[],
        DATABASES={"default": {**database, "CONN_MAX_AGE": None, "CONN_HEALTH_CHECKS": True}},
    )
    django.setup()
    with connection.cursor() as cursor:
        cursor.execute(TABLES)
        digest = hashlib.sha256(b"Bearer floor").digest()
        cursor.execute("INSERT INTO floor_key VALUES (%s, 'a') ON CONFLICT DO NOTHING", [digest])
    connection.close()
    application = get_wsgi_application()
    Server(
        "floor",
        address="127.0.0.1",
        port=int(port),
        interface=Interfaces.WSGI,
        blocking_threads=THREADS,
        blocking_threads_idle_timeout=600,
        log_enabled=False,
    ).serve(target_loader=lambda _target: application)


if __name__ == "__main__":
    main(*sys.argv[1:])
