"""People, organisations and what belongs to the ground floor."""

from decimal import Decimal

import factory
from django.utils import timezone

from tenants import api_keys, secrets
from tenants.models import (
    ApiKey,
    Job,
    ModelPrice,
    Provider,
    Role,
    SavedView,
    Secret,
    SignInProvider,
    Tenant,
    User,
)
from tests.factories.organisations import organisation


class Numbered:
    """Numbers begin where no test writes names of its own, and stand in the order of their letters:
    what a factory has made in earlier tests changes nothing in the next."""

    @classmethod
    def _setup_next_sequence(cls):
        return 100_000


class UserFactory(Numbered, factory.django.DjangoModelFactory):
    class Meta:
        model = User
        skip_postgeneration_save = True

    email = factory.Sequence(lambda n: f"person{n}@example.org")
    name = factory.Sequence(lambda n: f"Person {n}")
    password = factory.django.Password(None)


class TenantFactory(Numbered, factory.Factory):
    """With its built-in roles, as the service makes it."""

    class Meta:
        model = Tenant

    slug = factory.Sequence(lambda n: f"tenant-{n}")
    name = factory.Sequence(lambda n: f"Tenant {n}")

    @classmethod
    def _create(cls, model_class, *args, **kwargs):
        return organisation(**kwargs)


class OwnedFactory(Numbered, factory.django.DjangoModelFactory):
    """A tenant-owned row; it has no `objects`, so it is made through `unscoped`."""

    class Meta:
        abstract = True

    tenant = factory.SubFactory(TenantFactory)

    @classmethod
    def _get_manager(cls, model_class):
        return model_class.unscoped


class SecretFactory(OwnedFactory):
    class Meta:
        model = Secret

    name = factory.Sequence(lambda n: f"Secret {n}")

    @classmethod
    def _create(cls, model_class, *args, value="correct horse battery staple", **kwargs):
        secret = Secret(**kwargs)
        secrets.seal(secret, value)
        secret.save()
        return secret


class ProviderFactory(OwnedFactory):
    class Meta:
        model = Provider

    name = factory.Sequence(lambda n: f"Provider {n}")
    base_url = "http://127.0.0.1:9/v1"
    default_model = "test-model"


class ModelPriceFactory(OwnedFactory):
    class Meta:
        model = ModelPrice

    provider = factory.SubFactory(ProviderFactory, tenant=factory.SelfAttribute("..tenant"))
    model = "test-model"
    input_mtok = Decimal(2)
    output_mtok = Decimal(8)


class SignInProviderFactory(OwnedFactory):
    class Meta:
        model = SignInProvider

    name = factory.Sequence(lambda n: f"Sign-in {n}")
    server_url = "https://id.example.org"
    client_id = "roster"
    domains = factory.LazyFunction(lambda: ["example.org"])
    secret = factory.SubFactory(
        SecretFactory, tenant=factory.SelfAttribute("..tenant"), held_for="sign_in"
    )
    role = factory.LazyAttribute(lambda o: Role.unscoped.get(tenant=o.tenant, slug="viewer"))


class SavedViewFactory(OwnedFactory):
    class Meta:
        model = SavedView

    name = factory.Sequence(lambda n: f"View {n}")
    listed = "agents"
    user = factory.SubFactory(UserFactory)
    query = factory.LazyFunction(lambda: {"status": "draft"})


class ApiKeyFactory(OwnedFactory):
    """The token that was shown once is left on the row as `token`."""

    class Meta:
        model = ApiKey

    name = factory.Sequence(lambda n: f"Key {n}")
    user = factory.SubFactory(UserFactory)
    scopes = factory.LazyFunction(list)

    @classmethod
    def _create(cls, model_class, *args, **kwargs):
        key = ApiKey(**kwargs)
        key.token = api_keys.make(key)
        key.save()
        return key


class JobFactory(OwnedFactory):
    class Meta:
        model = Job

    kind = "knowledge.ingest"
    title = factory.Sequence(lambda n: f"Job {n}")
    due_at = factory.LazyFunction(timezone.now)
