import pytest

from tenants import services
from tenants.models import Role
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
