"""The fixed cast: one organisation with its people, and a stranger who owns another."""

import base64
import gc
import json
import os
from contextlib import ExitStack
from types import SimpleNamespace

import hypothesis
import pytest
from django.apps import apps
from django.conf import settings as django_settings
from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY
from django.contrib.contenttypes.models import ContentType
from django.db import connection
from django.test import Client

from agents.runs import heartbeats
from tenants import services
from tenants.access import Access
from tenants.jobs import leases
from tenants.sessions import SessionStore
from tests import emptying
from tests.cluster import TEMPLATE
from tests.factories.tenants import ApiKeyFactory, TenantFactory, UserFactory
from tests.row_security import binding, policies

ROLES = ("owner", "admin", "editor", "contributor", "viewer")


def pytest_configure():
    """Keys of the tests' own: a fresh clone has no data folder with any."""
    django_settings.SECRET_KEY = "for tests only, " * 4
    django_settings.SECRET_KEYS = f"test:{base64.b64encode(bytes(32)).decode()}"
    # A gate says the same twice, on a busy machine as well: random examples are looked for by
    # `--hypothesis-profile=default`.
    hypothesis.settings.register_profile("gate", deadline=None, derandomize=True, database=None)
    hypothesis.settings.load_profile("gate")


def pytest_collection_finish():
    """What is loaded by now stays, so the garbage collector need not look through it for each test:
    that was a fifth of their time."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(10_000)


@pytest.fixture(scope="session")
def django_db_modify_db_settings(django_db_modify_db_settings_parallel_suffix):
    """The database that is made is a copy of one that has its tables, where there is one."""
    if TEMPLATE in os.environ:
        connection.settings_dict["TEST"]["TEMPLATE"] = os.environ[TEMPLATE]


@pytest.fixture(scope="session")
def django_db_setup(django_db_setup, django_db_blocker):
    """With ROSTER_TEST_RLS=1, every statement that is sent for somebody is checked for leaks."""
    with ExitStack() as stack:
        with django_db_blocker.unblock():
            stack.enter_context(emptying.quickly())
        if policies.is_asked():
            with django_db_blocker.unblock():
                policies.install()
            stack.enter_context(binding.active())
        yield


def _others_see_its_rows(request):
    marker = request.node.get_closest_marker("django_db")
    commits = bool(marker) and (marker.kwargs.get("transaction") or any(marker.args))
    return commits or not {"transactional_db", "live_server"}.isdisjoint(request.fixturenames)


@pytest.fixture(autouse=True)
def quiet_beside(request, monkeypatch):
    """Threads that ask the database now and then would find no row of a test that commits nothing:
    a lease would count as lost. And one that woke up between two tests would be refused."""
    if not _others_see_its_rows(request):
        monkeypatch.setattr(leases, "HEARTBEAT_SECONDS", 3_600.0)
        monkeypatch.setattr(heartbeats, "_beat", lambda: None)


@pytest.fixture(autouse=True)
def surroundings(settings, tmp_path):
    """Files of a test go to its own folder; passwords are hashed quickly."""
    settings.MEDIA_ROOT = tmp_path / "files"
    settings.STATIC_ROOT = tmp_path / "static"
    settings.STATIC_ROOT.mkdir()
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
    settings.STORAGES = {
        **settings.STORAGES,
        "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"},
    }


@pytest.fixture
def tenant(db):
    return TenantFactory(slug="acme", name="Acme")


@pytest.fixture
def other_tenant(db):
    return TenantFactory(slug="globex", name="Globex")


def member(tenant, role):
    user = UserFactory(email=f"{role}@{tenant.slug}.example", name=role.capitalize())
    services.add_member(tenant, user, role=role)
    return user


@pytest.fixture
def owner(tenant):
    return member(tenant, "owner")


@pytest.fixture
def admin(tenant):
    return member(tenant, "admin")


@pytest.fixture
def editor(tenant):
    return member(tenant, "editor")


@pytest.fixture
def contributor(tenant):
    return member(tenant, "contributor")


@pytest.fixture
def viewer(tenant):
    return member(tenant, "viewer")


@pytest.fixture
def stranger(other_tenant):
    """The owner of another organisation."""
    return member(other_tenant, "owner")


def session_of(user):
    """The key of a session that somebody opened with a password, put where sessions are: signing in
    takes three times as long as most pages."""
    who = {
        SESSION_KEY: str(user.pk),
        BACKEND_SESSION_KEY: "tenants.sign_in.PasswordBackend",
        HASH_SESSION_KEY: user.get_session_auth_hash(),
    }
    row = SessionStore().create_model_instance(who)
    row.save(force_insert=True)
    return row.session_key


@pytest.fixture
def page():
    """A browser session: `page(owner).get("/t/acme/")`; signed out without a person."""

    def sign_in(user=None):
        client = Client()
        if user:
            client.cookies[django_settings.SESSION_COOKIE_NAME] = session_of(user)
        return client

    return sign_in


@pytest.fixture
def access(tenant):
    """`access(editor)` in the cast's organisation, or in another one."""
    return lambda user, where=None: Access.of(user, (where or tenant).slug)


def know_content_types():
    """As a process that has answered requests before: whether one is asked for otherwise depends
    on which tests came earlier."""
    ContentType.objects.clear_cache()
    ContentType.objects.get_for_models(*apps.get_models())


@pytest.fixture
def django_assert_max_num_queries(django_assert_max_num_queries, db):
    know_content_types()
    return django_assert_max_num_queries


@pytest.fixture
def django_assert_num_queries(django_assert_num_queries, db):
    know_content_types()
    return django_assert_num_queries


class ApiClient:
    """An integrator's client: JSON in, JSON out, one key."""

    def __init__(self, token):
        self.client = Client(headers={"Authorization": f"Bearer {token}"} if token else {})

    def call(self, method, path, body=None, **extra):
        path = path if path.startswith(("/api/", "/openai/")) else f"/api/v1{path}"
        payload = (
            {} if body is None else {"data": json.dumps(body), "content_type": "application/json"}
        )
        return getattr(self.client, method)(path, **payload, **extra)

    def get(self, path, query=None, **extra):
        return self.client.get(f"/api/v1{path}", query or {}, **extra)

    def post(self, path, body=None, **extra):
        return self.call("post", path, {} if body is None else body, **extra)

    def patch(self, path, body, **extra):
        return self.call("patch", path, body, **extra)

    def delete(self, path, **extra):
        return self.call("delete", path, **extra)

    def upload(self, path, data):
        """Multipart: `data` has files and fields."""
        return self.client.post(f"/api/v1{path}", data)


@pytest.fixture
def api(tenant):
    """`api(editor)`: with all of their rights; `api(editor, "view_agents")`: with that scope."""

    def client(user=None, *scopes, where=None):
        if user is None:
            return ApiClient("")
        home = where or tenant
        granted = scopes or Access.of(user, home.slug).capabilities
        key = ApiKeyFactory(tenant=home, user=user, scopes=sorted(granted))
        return ApiClient(key.token)

    return client


@pytest.fixture
def cast(tenant, owner, admin, editor, contributor, viewer, stranger):
    """Everybody at once, by name."""
    people = SimpleNamespace(
        owner=owner, admin=admin, editor=editor, contributor=contributor, viewer=viewer
    )
    people.stranger = stranger
    return people


@pytest.fixture(scope="session")
def fake_server():
    from agents.runs.providers import gemini, streaming
    from benchmarks.fake_provider import FakeProvider

    with FakeProvider() as server:
        yield server
        streaming.http().close()
        gemini._http().close()


@pytest.fixture
def fake(fake_server, settings):
    """A server that speaks the vendors' wires; the model's name says how it behaves."""
    settings.ALLOW_PRIVATE_NETWORKS = True
    fake_server.forget()
    return fake_server
