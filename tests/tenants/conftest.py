import pytest

from tenants import services
from tenants.models import AuditEvent, Role
from tests.tenants import openid_server
from tests.tenants.accounts_kit import PASSWORD, sign_in


@pytest.fixture
def person(viewer):
    """A viewer of Acme with a password."""
    viewer.set_password(PASSWORD)
    viewer.save()
    return viewer


@pytest.fixture
def signed_in(client, person):
    """Their browser, past the sign-in page."""
    sign_in(client, person)
    return client


@pytest.fixture
def worker_mails(monkeypatch):
    """What is left to a worker is done at once."""
    from tenants import tasks
    from tenants.services import accounts

    monkeypatch.setattr(
        accounts.current_app,
        "send_task",
        lambda name, args, **options: {"tenants.mail_reset_link": tasks.mail_reset_link}[name](
            *args
        ),
    )


@pytest.fixture
def server(settings):
    settings.ALLOW_PRIVATE_NETWORKS = True
    with openid_server.running() as running:
        yield running


@pytest.fixture
def provider(server, tenant, owner, access):
    return services.create_sign_in(
        access(owner),
        name="Acme login",
        kind="openid",
        server_url=server.url,
        client_id=openid_server.CLIENT,
        client_secret=openid_server.CLIENT_SECRET,
        domains=["acme.example"],
        role=Role.unscoped.get(tenant=tenant, slug="editor"),
        is_enabled=True,
    )


@pytest.fixture
def put_back(page, owner):
    """`put_back(row, field)`: what the last event with the field tells of it, by an owner."""

    def restore(row, field, by=None):
        events = AuditEvent.unscoped.filter(object_id=row.pk, changes__has_key=field)
        event = events.latest("number")
        client, url = page(by or owner), event.get_absolute_url()
        offered = f"{url}restore/{field}/" in client.get(url).content.decode()
        answer = client.post(f"{url}restore/{field}/")
        row.refresh_from_db()
        return answer, offered, event

    return restore
