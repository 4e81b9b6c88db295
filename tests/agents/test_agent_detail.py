"""An agent's own page."""

from tests.factories.agents import AgentFactory, AgentSourceFactory, AgentToolFactory


def url(agent):
    return f"/t/acme/agents/{agent.pk}/"


def test_it_tells_what_the_agent_is_made_of(page, tenant, viewer):
    agent = AgentToolFactory(
        tenant=tenant, agent__description="For invoices", tool__name="Look up an order"
    ).agent
    AgentSourceFactory(tenant=tenant, agent=agent, source__name="Refund policy")

    body = page(viewer).get(url(agent)).content.decode()

    for told in ("For invoices", agent.persona.name, "Look up an order", "Refund policy"):
        assert told in body


def test_what_is_not_shared_with_a_person_is_not_named(page, tenant, viewer):
    agent = AgentToolFactory(
        tenant=tenant,
        tool__name="Secret tool",
        tool__is_restricted=True,
        agent__persona__name="Secret persona",
        agent__persona__is_restricted=True,
    ).agent

    body = page(viewer).get(url(agent)).content.decode()

    assert "Secret" not in body
    assert "A tool that isn’t shared with you" in body


def test_a_draft_says_what_it_lacks(page, tenant, viewer):
    needed = [{"name": "city", "description": "", "default": "", "required": True}]
    agent = AgentFactory(tenant=tenant, persona__variables=needed)

    assert "needs a value for “city”" in page(viewer).get(url(agent)).content.decode()


def test_a_draft_that_moved_on_says_what_changed(page, tenant, viewer):
    agent = AgentFactory(tenant=tenant, published=True)
    agent.persona.tone = "icy"
    agent.persona.save()

    body = page(viewer).get(url(agent)).content.decode()

    assert 'data-status="draft_ahead"' in body
    assert "Persona · Tone" in body


def test_buttons_are_those_of_what_a_person_may_do(page, tenant, owner, viewer):
    agent = AgentFactory(tenant=tenant)
    owners, viewers = (page(who).get(url(agent)).content.decode() for who in (owner, viewer))

    for action in ("publish/", "edit/", "delete/", "console/"):
        assert f"{url(agent)}{action}" in owners
        assert f"{url(agent)}{action}" not in viewers


def test_its_queries_do_not_grow_with_what_is_assigned(
    page, tenant, owner, django_assert_max_num_queries
):
    agent = AgentFactory(tenant=tenant, published=True)
    for _ in range(3):
        AgentToolFactory(tenant=tenant, agent=agent)
        AgentSourceFactory(tenant=tenant, agent=agent)
    client = page(owner)

    with django_assert_max_num_queries(11):
        client.get(url(agent))


def test_deleting_takes_the_agent_and_its_versions(page, tenant, admin):
    agent = AgentFactory(tenant=tenant, published=True)

    response = page(admin).post(f"{url(agent)}delete/")

    assert response["Location"] == "/t/acme/agents/"
    assert not type(agent).unscoped.exists()
    assert not type(agent.published_version).unscoped.exists()


def test_editors_may_not_delete(page, tenant, editor):
    agent = AgentFactory(tenant=tenant)

    assert page(editor).post(f"{url(agent)}delete/").status_code == 403
    assert type(agent).unscoped.exists()


def test_a_get_deletes_nothing(page, tenant, admin):
    agent = AgentFactory(tenant=tenant)

    assert page(admin).get(f"{url(agent)}delete/").status_code == 405
