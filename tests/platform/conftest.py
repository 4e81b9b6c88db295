"""Somebody who looks after the platform and belongs to no organisation."""

import pytest

from tenants.platform import Platform
from tests.factories.tenants import UserFactory


@pytest.fixture
def operator(db):
    return UserFactory(email="ops@roster.example", name="Olga", is_platform_admin=True)


@pytest.fixture
def platform(operator):
    return Platform.of(operator)
