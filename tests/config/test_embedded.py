"""Where the embedded database is found, without starting it."""

from pathlib import Path

import pytest
from psycopg.conninfo import conninfo_to_dict

from config import broker, embedded


def test_the_sockets_live_in_the_data_folder():
    found = conninfo_to_dict(embedded.database_url(Path("/srv/roster/var")))

    assert found == {"user": "roster", "dbname": "roster", "host": "/srv/roster/var/socket"}


@pytest.mark.parametrize("folder", ["/srv/" + "deep/" * 30, "/srv/My Files/var", "/srv/a'b,c/var"])
def test_a_folder_that_no_socket_can_have_gets_one_in_tmp(folder):
    found = embedded.socket_folder(Path(folder))

    assert found.parent == Path("/tmp")
    assert found != embedded.socket_folder(Path(folder) / "other")


def test_the_url_is_the_same_at_every_start():
    folder = Path("/srv/My Files/var")

    assert embedded.database_url(folder) == embedded.database_url(folder)


def test_the_queue_is_in_the_same_database():
    url = embedded.broker_url(Path("/srv/Roster/var"))

    assert url == "pgmq://roster@/roster?host=%2Fsrv%2FRoster%2Fvar%2Fsocket"


def test_the_queue_keeps_account_and_tls_of_the_database():
    url = broker.url_beside("postgresql://u:p%40ss@db:6432/roster?sslmode=verify-full")

    assert url == "pgmq://u:p%40ss@db:6432/roster?sslmode=verify-full"


def test_another_queue_gets_none_of_the_options_of_the_one_in_postgres():
    options = broker.transport_options("redis://queue:6379/0")

    assert "use_notify" not in options
    assert options["socket_connect_timeout"] <= 1
