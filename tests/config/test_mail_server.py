"""A broken EMAIL_URL is named before the first invitation is lost."""

import socket
import threading

import pytest
from django.core.management import call_command

from config import environment, surroundings
from config.settings import env as settings_env

SMTP = "django.core.mail.backends.smtp.EmailBackend"


def problems(value):
    env = environment.Env(**settings_env.scheme)
    env.ENVIRON = {"EMAIL_URL": value}
    return list(environment.find_problems(env))


@pytest.mark.parametrize(
    "value",
    [
        *("consolemail://", "smtp+tls://user:password@mail.example.org:587", "dummymail://"),
        "smtps://user:password@mail.example.org:465",
    ],
)
def test_an_address_of_a_mail_server_is_fine(value):
    assert problems(value) == []


@pytest.mark.parametrize(
    "value",
    ["mail.example.org", "https://mail.example.org", "smtp://", "smtp+tls://host:a", "smtp://[x"],
)
def test_anything_else_is_named_without_its_password(value):
    [told] = problems(value)

    assert told.startswith("EMAIL_URL")
    assert "smtp+tls://user:password@host:587" in told


@pytest.fixture
def mail_server(settings):
    """Says one line to whoever connects, and hangs up."""
    listening = socket.create_server(("127.0.0.1", 0))
    settings.EMAIL_BACKEND, settings.EMAIL_HOST = SMTP, "127.0.0.1"
    settings.EMAIL_PORT = listening.getsockname()[1]
    settings.EMAIL_USE_TLS = settings.EMAIL_USE_SSL = False
    settings.EMAIL_HOST_USER = settings.EMAIL_HOST_PASSWORD = ""

    def answering(line):
        def answer():
            connection, _ = listening.accept()
            with connection:
                connection.sendall(line)
                connection.recv(1000)
                connection.sendall(b"250 mail.example.org\r\n")
                connection.recv(1000)

        threading.Thread(target=answer, daemon=True).start()

    yield answering
    listening.close()


def test_a_server_that_takes_us_is_no_problem(mail_server):
    mail_server(b"220 ready\r\n")

    assert list(surroundings.mail_problems()) == []


def test_a_server_that_refuses_us_is_named(mail_server):
    mail_server(b"554 go away\r\n")

    [told] = surroundings.mail_problems()

    assert "EMAIL_URL can't be used" in told
    assert "go away" in told


def test_a_server_that_is_not_there_fails_check_env(mail_server, settings, capsys, monkeypatch):
    with socket.create_server(("127.0.0.1", 0)) as free:
        settings.EMAIL_PORT = free.getsockname()[1]
    monkeypatch.setattr(surroundings, "find_problems", lambda **_: iter(()))

    with pytest.raises(SystemExit) as ended:
        call_command("check_env")

    assert ended.value.code == 2
    assert "EMAIL_URL" in capsys.readouterr().err


def test_mails_that_are_printed_need_no_server(settings):
    settings.EMAIL_BACKEND = "django.core.mail.backends.console.EmailBackend"

    assert list(surroundings.mail_problems()) == []
