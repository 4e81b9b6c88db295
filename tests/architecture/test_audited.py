"""Whatever changes something leaves a line in the activity log, in the same transaction."""

import pytest

from tests.architecture import allowances
from tests.architecture.asking import Asker
from tests.architecture.routes import routes

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("without_background")]

CHANGES_NOTHING = "shows something and changes nothing"
RUN = "the run's own row says who asked what, when"
WITHOUT_AUDIT = {
    "personas:persona-preview POST": CHANGES_NOTHING,
    "personas:draft-preview POST": CHANGES_NOTHING,
    "personas:draft-add-variable POST": CHANGES_NOTHING,
    "personas:draft-remove-variable POST": CHANGES_NOTHING,
    "api:render_persona POST": CHANGES_NOTHING,
    "api:search_knowledge POST": CHANGES_NOTHING,
    "runs:agent-console POST": RUN,
    "api:execute_agent POST": RUN,
    "api:stream_agent POST": RUN,
}


def test_every_change_is_audited(world):
    asker, silent, refused = Asker(world), {}, {}
    for route in (route for route in routes() if route.is_unsafe):
        answer = asker.ask(route, "owner")
        if answer.word != "yes":
            refused[route.id] = answer.word
        elif not answer.audited:
            silent[route.id] = f"answered {answer.status} and wrote no AuditEvent"

    assert not refused, f"tests.architecture.payloads has no valid body for {refused}"
    allowances.check("audit.record(access, …) in the same transaction:", silent, WITHOUT_AUDIT)


def test_reading_is_not_audited(world):
    asker = Asker(world)

    read = {r.id: asker.ask(r, "owner").audited for r in routes() if not r.is_unsafe}

    assert not {name for name, audited in read.items() if audited}
