"""Configuration problems are found all at once, each with its remedy."""

import base64

import pytest

from config import environment
from config.settings import env as settings_env

KEY = base64.b64encode(bytes(range(32))).decode()
GOOD = {
    "ROSTER_ENV": "production",
    "SECRET_KEY": "3tH!xQ9c-mR27vkLw_aZp04bnYsUe8jGfD6oiTB1",
    "ROSTER_SECRET_KEYS": f"k2:{KEY}, k1:{KEY}",
    "DATABASE_URL": "postgresql://roster:pw@db.internal:5432/roster?sslmode=verify-full",
    "CELERY_BROKER_URL": "redis://queue.internal:6379/0",
    "ALLOWED_HOSTS": "roster.example.com",
    "ROSTER_HTTPS": "true",
    "ROSTER_TRUSTED_PROXIES": "1",
}


def problems(**variables):
    env = environment.Env(**settings_env.scheme)
    env.ENVIRON = variables
    return list(environment.find_problems(env))


def test_nothing_set_is_a_demo_and_fine():
    assert problems() == []


def test_a_complete_production_environment_is_fine():
    assert problems(**GOOD) == []


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("ROSTER_ENV", "prod"),
        ("DEBUG", "maybe"),
        ("ROSTER_WEB_THREADS", "many"),
        ("UPLOAD_MAX_BYTES", "-1"),
        ("ALLOWED_HOSTS", "roster.example.com,*"),
        ("DATABASE_URL", "mysql://root@localhost/roster"),
        ("DATABASE_URL", "postgresql://localhost"),
        ("DATABASE_URL", "postgresql://localhost/roster?no_such_option=1"),
        ("CELERY_BROKER_URL", "localhost:6379"),
        ("SECRET_KEY", "short"),
        ("SECRET_KEY", "a" * 60),
        ("SECRET_KEY", "django-insecure-" + "3tH!xQ9c-mR27vkLw_aZp04bnYsUe8jGfD6oiTB1"),
        ("ROSTER_SECRET_KEYS", "no key at all"),
        ("ROSTER_SECRET_KEYS", "k1:c2hvcnQ="),
        ("LOG_LEVEL", "LOUD"),
        ("LOG_FORMAT", "xml"),
    ],
)
def test_a_malformed_variable_is_named_with_its_remedy(name, value):
    (problem,) = problems(**{name: value})

    assert problem.startswith(name)


def test_a_variable_that_is_set_to_nothing_counts_as_unset(monkeypatch):
    unset = {name: default for name, (_, default) in settings_env.scheme.items()}
    for name in unset:
        monkeypatch.setenv(name, "")

    env = environment.Env(**settings_env.scheme)

    assert list(environment.find_problems(env)) == []
    assert {name: env(name) for name in unset} == unset


def test_every_problem_is_listed_at_once():
    found = problems(DEBUG="maybe", ROSTER_RUN_THREADS="x", DATABASE_URL="nonsense")

    assert [line.split()[0] for line in found] == ["DEBUG", "DATABASE_URL", "ROSTER_RUN_THREADS"]


@pytest.mark.parametrize("name", environment.PRODUCTION_NEEDS)
def test_production_has_no_defaults_for_what_it_needs(name):
    (problem,) = problems(**{**GOOD, name: ""})

    assert problem.startswith(f"{name} is missing")


def test_production_refuses_to_show_code_to_everybody():
    (problem,) = problems(**GOOD, DEBUG="true")

    assert problem.startswith("DEBUG is on")


def test_production_refuses_to_serve_without_tls():
    (problem,) = problems(**{**GOOD, "ROSTER_HTTPS": "false"})

    assert problem.startswith("ROSTER_HTTPS")


def test_production_names_its_proxies_since_one_ends_tls():
    (problem,) = problems(**{**GOOD, "ROSTER_TRUSTED_PROXIES": "0"})

    assert problem.startswith("ROSTER_TRUSTED_PROXIES")


def test_a_secret_is_never_repeated_in_a_problem():
    found = "".join(problems(SECRET_KEY="hunter2hunter2", ROSTER_SECRET_KEYS="k1:hunter2"))

    assert "hunter2" not in found


def test_a_password_in_a_url_is_never_repeated_in_a_problem():
    found = "".join(
        problems(DATABASE_URL="mysql://u:hunter2@h/d", CELERY_BROKER_URL="x://:hunter2@h")
    )

    assert found
    assert "hunter2" not in found


def test_require_raises_all_problems_together():
    env = environment.Env(**settings_env.scheme)
    env.ENVIRON = {"DEBUG": "maybe", "ROSTER_ENV": "x"}

    with pytest.raises(environment.WrongEnvironment) as caught:
        environment.require(env)

    assert len(caught.value.problems) == 2


def test_serving_without_secrets_is_refused():
    found = list(environment.secret_problems(has_secret_key=False, has_secret_keys=False))

    assert [line.split()[0] for line in found] == ["SECRET_KEY", "ROSTER_SECRET_KEYS"]
