"""A real Chromium in front of a real server, with a worker that does the jobs."""

import os
import queue
import shutil
import threading
from contextlib import contextmanager

import pytest
from axe_playwright_python.base import AXE_FILE_PATH
from celery import current_app
from django.conf import settings as django_settings
from django.contrib.staticfiles.handlers import StaticFilesHandler
from django.db import connection, connections
from playwright.sync_api import Error, expect, sync_playwright
from pytest_django.live_server_helper import LiveServer

from tenants.jobs import asking

PASSWORD = "correct horse battery staple"
SCREENSHOTS = django_settings.BASE_DIR / "var" / "screenshots"
# Debian's first; else the one that `playwright install chromium` keeps.
INSTALLED = shutil.which("chromium") or shutil.which("chromium-browser")
QUIET = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
# Milliseconds for what is waited for: two cores may be busy with anything.
PATIENCE = 30_000
expect.set_options(timeout=PATIENCE)
STANDARDS = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]


@pytest.fixture
def site(transactional_db, surroundings, monkeypatch):
    """The address of a running server."""
    # Playwright's event loop lives in this thread; Django would refuse the test's own queries.
    monkeypatch.setenv("DJANGO_ALLOW_ASYNC_UNSAFE", "true")
    # No thread may keep a connection to the database, which is emptied and dropped afterwards.
    monkeypatch.setitem(connections.settings["default"], "CONN_MAX_AGE", 0)
    monkeypatch.setattr(StaticFilesHandler, "serve", kept_by_browsers(StaticFilesHandler.serve))
    server = LiveServer("127.0.0.1")
    yield server.url
    server.stop()
    for thread in threading.enumerate():
        if "process_request_thread" in thread.name or thread.name == "run-heartbeats":
            thread.join(10)


def kept_by_browsers(serve):
    """Static files are asked for once and not by every page, as where their names tell content."""

    def serving(self, request):
        response = serve(self, request)
        response.headers["Cache-Control"] = "max-age=600"
        return response

    return serving


@pytest.fixture
def worker(transactional_db, monkeypatch):
    """Does each job as a worker would, in a thread; only the queue between them is ours."""
    waiting = queue.Queue()
    monkeypatch.setattr(
        asking.current_app,
        "send_task",
        lambda name, args, **options: waiting.put((name, args)),
    )

    def work():
        try:
            while (task := waiting.get()) is not None:
                name, args = task
                current_app.tasks[name].apply(args=args)
        finally:
            connection.close()

    thread = threading.Thread(target=work, name="test-worker", daemon=True)
    thread.start()
    yield
    waiting.put(None)
    thread.join(30)


@pytest.fixture
def browser(site):
    """Chromium. Without one the test is skipped, or fails where ROSTER_REQUIRE_BROWSER is 1."""
    with sync_playwright() as playwright:
        try:
            chromium = playwright.chromium.launch(executable_path=INSTALLED, args=QUIET)
        except Error as error:
            if os.environ.get("ROSTER_REQUIRE_BROWSER") == "1":
                raise
            pytest.skip(f"No Chromium to test with: {error.message.splitlines()[0]}")
        yield chromium
        chromium.close()
        # Django keeps connections by event loop: those made while Playwright's runs are here only.
        connections.close_all()


class Watch:
    """What goes wrong in a page without anybody looking."""

    def __init__(self, context):
        self.problems = []
        context.add_init_script(
            "addEventListener('securitypolicyviolation', (event) =>"
            " console.error(`CSP: ${event.violatedDirective} ${event.blockedURI}`))"
        )
        context.on("console", self._console)
        context.on("weberror", lambda error: self.problems.append(f"uncaught: {error.error}"))
        context.on("requestfailed", self._failed)
        context.on("response", self._response)

    def _console(self, message):
        if message.type in ("error", "warning"):
            self.problems.append(f"console {message.type}: {message.text}")

    def _failed(self, request):
        # Leaving a page ends what it was still waiting for.
        if request.failure != "net::ERR_ABORTED":
            self.problems.append(f"failed: {request.method} {request.url} {request.failure}")

    def _response(self, response):
        if response.status >= 400:
            self.problems.append(f"{response.status}: {response.request.method} {response.url}")

    def take(self):
        """The problems since the last time."""
        problems, self.problems = self.problems, []
        return problems


@pytest.fixture
def visit(browser, site):
    """`with visit(width=360) as (page, watch)`: a fresh browser session that is being watched."""

    @contextmanager
    def session(*, width=1280, theme="light", **options):
        context = browser.new_context(
            base_url=site,
            viewport={"width": width, "height": 800},
            color_scheme=theme,
            reduced_motion="reduce",
            **options,
        )
        context.set_default_timeout(PATIENCE)
        watch = Watch(context)
        try:
            yield context.new_page(), watch
        finally:
            context.close()

    return session


@pytest.fixture
def person(owner):
    """The owner, who can sign in."""
    owner.set_password(PASSWORD)
    owner.save()
    return owner


def sign_in(page, person):
    """Through the sign-in page, as people do."""
    page.goto("/accounts/sign-in/")
    page.get_by_label("E-mail").fill(person.email)
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Sign in", exact=True).click()
    page.wait_for_url("**/t/*/")


def shoot(page, name):
    """A screenshot for somebody to look at, in a folder that git ignores."""
    SCREENSHOTS.mkdir(parents=True, exist_ok=True)
    page.screenshot(path=SCREENSHOTS / f"{name}.png", full_page=True)


def axe_findings(page, rules=STANDARDS, *, leaving_out=()):
    """What axe finds by these rules, down to minor things, as lines; parts of the page that match
    these selectors are left out. Its script comes through the debugger, which the page's
    Content-Security-Policy does not bind, so the policy stays on.
    """
    if not page.evaluate("'axe' in window"):
        page.evaluate(AXE_FILE_PATH.read_text())
    asked = {"options": {"resultTypes": ["violations"], "runOnly": rules}, "exclude": leaving_out}
    ask = """async ({options, exclude}) =>
        (await axe.run({include: document, exclude}, options)).violations"""
    return [
        f"axe {found['impact']}: {found['id']} at {node['target']}: {node['html'][:160]}"
        for found in page.evaluate(ask, asked)
        for node in found["nodes"]
    ]
