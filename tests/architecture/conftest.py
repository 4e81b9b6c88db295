"""What the sweeps share: two furnished organisations, built once for a module."""

import pytest
from django.conf import settings as project
from django.db import transaction
from django.test import override_settings

from tests.architecture.asking import Asker, fingerprint
from tests.architecture.world import World


@pytest.fixture(scope="session")
def folder(tmp_path_factory):
    folder = tmp_path_factory.mktemp("sweeps")
    (folder / "static").mkdir()
    return folder


def settings_of(folder):
    """One folder of files for all tests here, because the furnished rows outlive a test.

    That of static files holds nothing else: each client makes a handler, which looks through it.
    """
    storage = "django.contrib.staticfiles.storage.StaticFilesStorage"
    return {
        "MEDIA_ROOT": folder / "files",
        "STATIC_ROOT": folder / "static",
        "PASSWORD_HASHERS": ["django.contrib.auth.hashers.MD5PasswordHasher"],
        "STORAGES": {**project.STORAGES, "staticfiles": {"BACKEND": storage}},
    }


@pytest.fixture(autouse=True)
def surroundings(settings, folder):
    for name, value in settings_of(folder).items():
        setattr(settings, name, value)


@pytest.fixture(scope="module")
def world(django_db_setup, django_db_blocker, folder):
    """Inside one transaction that is undone; each test adds its own inside that."""
    with (
        django_db_blocker.unblock(),
        override_settings(**settings_of(folder)),
        transaction.atomic(),
    ):
        yield World()
        transaction.set_rollback(True)


@pytest.fixture(scope="module")
def asker(world):
    return Asker(world)


@pytest.fixture(scope="module")
def untouched(world):
    """How everything must be again: what a test changes is undone when it ends."""
    return fingerprint()


@pytest.fixture
def without_background(monkeypatch):
    """Runs that would go on in a thread don't begin: it would not see this transaction."""
    monkeypatch.setattr("agents.runs.services.run_in_background", lambda task: task.run)
