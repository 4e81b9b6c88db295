"""Two people at the same settings: secrets, providers, prices, sign-ins, members' roles."""

import pytest

from tenants import services
from tenants.models import Membership, Role, Secret
from tests.factories.tenants import (
    ModelPriceFactory,
    ProviderFactory,
    SecretFactory,
    SignInProviderFactory,
)
from tests.tenants.browsing import inputs

pytestmark = pytest.mark.django_db
SETTINGS = "/t/acme/settings/"


@pytest.fixture
def secret(tenant):
    return SecretFactory(tenant=tenant, name="Vendor key")


def test_each_form_meets_what_was_saved_meanwhile(page, access, owner, viewer, tenant, secret):
    provider, client = ProviderFactory(tenant=tenant), page(owner)
    price = ModelPriceFactory(tenant=tenant, provider=provider)
    sign_in = SignInProviderFactory(tenant=tenant)
    member = Membership.unscoped.get(user=viewer)
    role = {slug: Role.unscoped.get(tenant=tenant, slug=slug) for slug in ("editor", "admin")}
    met = {  # where, the field, what somebody else saves, what one writes oneself
        f"secrets/{secret.pk}/": ("name", (secret, {"name": "T"}), "Mine"),
        f"providers/{provider.pk}/edit/": (
            "default_model",
            (provider, {"default_model": "T"}),
            "M",
        ),
        f"prices/{price.pk}/": ("input_mtok", (price, {"input_mtok": 3}), "4"),
        f"sign-in/{sign_in.pk}/": ("name", (sign_in, {"name": "T"}), "Mine"),
        f"members/{member.pk}/": ("role", (member, {"role": role["editor"]}), role["admin"].pk),
    }
    for place, (field, (row, theirs), mine) in met.items():
        url = SETTINGS + place
        sent = inputs(client.get(url).content.decode())
        row.refresh_from_db()
        for name, value in theirs.items():
            setattr(row, name, value)
        row.save()

        response = client.post(url, sent | {field: [mine]})

        merge = response.context["form"].merge
        assert merge.name == str(row), place
        assert [(part.name, part.choice) for part in merge.parts] == [(field, "")], place
        done = client.post(url, inputs(response.content.decode()) | {f"choose:{field}": ["mine"]})
        assert done.status_code == 302, place
        row.refresh_from_db()
        assert str(getattr(getattr(row, field), "pk", getattr(row, field))).startswith(str(mine))


def test_a_secret_that_two_people_set_is_shown_to_neither(page, access, owner, secret):
    client, url = page(owner), f"{SETTINGS}secrets/{secret.pk}/"
    sent = inputs(client.get(url).content.decode())
    services.replace_secret(access(owner), secret, value="canary-of-somebody")
    theirs = bytes(Secret.unscoped.get().sealed)

    response = client.post(url, sent | {"value": ["canary-of-oneself"]})

    content = response.content.decode()
    assert "Somebody set another one while you were typing yours" in content
    assert "canary" not in content
    assert bytes(Secret.unscoped.get().sealed) == theirs
    again = inputs(content) | {"value": ["canary-of-oneself"]}
    assert client.post(url, again).status_code == 302
    assert bytes(Secret.unscoped.get().sealed) != theirs


def test_a_role_that_is_saved_between_check_and_service_is_met_too(
    page, access, owner, monkeypatch
):
    role = services.create_role(access(owner), label="Desk", capabilities=["view_agents"])
    client, url = page(owner), f"{SETTINGS}roles/{role.pk}/edit/"
    sent = inputs(client.get(url).content.decode()) | {"label": ["Mine"]}
    update, rivals = services.update_role, ["Theirs"]

    def with_a_rival(by, row, **fields):
        if rivals:
            update(by, row, label=rivals.pop(), capabilities=["view_agents"])
        return update(by, row, **fields)

    monkeypatch.setattr("tenants.services.update_role", with_a_rival)

    response = client.post(url, sent)

    assert [part.theirs for part in response.context["form"].merge.parts] == ["Theirs"]
    role.refresh_from_db()
    assert role.label == "Theirs"


def test_without_a_difference_nobody_is_asked(page, owner, secret):
    client, url = page(owner), f"{SETTINGS}secrets/{secret.pk}/"
    sent = inputs(client.get(url).content.decode())
    secret.save()

    assert client.post(url, sent | {"value": ["canary-of-oneself"]}).status_code == 302
