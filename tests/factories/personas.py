"""Personas."""

import factory

from personas.models import Persona
from tests.factories.tenants import OwnedFactory


class PersonaFactory(OwnedFactory):
    class Meta:
        model = Persona

    name = factory.Sequence(lambda n: f"Persona {n}")
    role = "a patient billing clerk"
    tone = "warm and brief"
    instructions = "Help the customers of {{company}}."
    variables = factory.LazyFunction(
        lambda: [
            {
                "name": "company",
                "description": "Whose customers ask.",
                "default": "Acme",
                "required": True,
            }
        ]
    )
