"""What is wrong around the portal: the data folder, the secrets, the servers it was given."""

from collections.abc import Iterator

import psycopg
from django.conf import settings
from django.core.mail import get_connection
from kombu.exceptions import OperationalError

from config import broker, data_folder, environment
from config.celery import app

PATIENCE_SECONDS = 3


def find_problems(*, needs_secrets: bool) -> Iterator[str]:
    """One line for a person per problem, with the remedy; looks at everything."""
    try:
        data_folder.create(settings.DATA_DIR)
    except data_folder.Unusable as problem:
        yield str(problem)
    if needs_secrets:
        yield from environment.secret_problems(
            has_secret_key=settings.HAS_SECRET_KEY, has_secret_keys=bool(settings.SECRET_KEYS)
        )
    if not settings.IS_EMBEDDED:
        yield from _database_problems()
        if broker.url_beside(settings.DATABASE_URL) != settings.CELERY_BROKER_URL:
            yield from _broker_problems()


def _database_problems() -> Iterator[str]:
    try:
        with psycopg.connect(settings.DATABASE_URL, connect_timeout=PATIENCE_SECONDS) as server:
            vector = "SELECT 1 FROM pg_available_extensions WHERE name = 'vector'"
            if server.execute(vector).fetchone() is None:
                yield (
                    "The server of DATABASE_URL has no pgvector. Install that extension there, "
                    "or unset DATABASE_URL for the embedded server."
                )
    except psycopg.Error as error:
        yield (
            f"The database of DATABASE_URL can't be used ({_first_line(error)}). Start or repair "
            "it, correct DATABASE_URL, or unset it for the embedded server."
        )


def _broker_problems() -> Iterator[str]:
    try:
        with app.connection_for_write() as queue:
            queue.ensure_connection(max_retries=1, timeout=PATIENCE_SECONDS)
    except (OperationalError, OSError, ImportError) as error:
        yield (
            f"The queue of CELERY_BROKER_URL can't be used ({_first_line(error)}). Start or repair "
            "it, correct CELERY_BROKER_URL, or unset it: the queue is then in the database."
        )


def mail_problems() -> Iterator[str]:
    """Whether the mail server takes us: asked by `check_env` alone, since all else goes without."""
    if not settings.EMAIL_BACKEND.endswith(".smtp.EmailBackend"):
        return
    server = get_connection(timeout=PATIENCE_SECONDS)
    try:
        server.open()
    except OSError as error:  # also every error of smtplib
        yield (
            f"The mail server of EMAIL_URL can't be used ({_first_line(error)}). Start or repair "
            "it, correct EMAIL_URL, or unset it: mails are then printed."
        )
    finally:
        server.close()


def _first_line(error: Exception) -> str:
    return str(error).strip().partition("\n")[0]
