from tenants.capabilities import (
    BUILT_IN_ROLES,
    LABELS,
    LADDERS,
    closure,
    denying,
    group_of,
    sufficient,
)


def test_change_includes_what_stands_below_it():
    assert closure({"change_agents"}) == {"change_agents", "run_agents", "view_agents"}


def test_managing_agents_includes_publishing_them():
    assert "publish_agents" in closure({"manage_agents"})


def test_publishing_includes_seeing():
    assert closure({"publish_agents"}) == {"publish_agents", "view_agents"}


def test_a_grant_to_change_is_enough_to_view():
    assert sufficient("view", "knowledge") == ("view", "upload", "change", "manage")


def test_only_managing_is_enough_to_publish_beside_publishing():
    assert sufficient("publish", "agents") == ("publish", "manage")


def test_every_capability_has_words_for_people():
    rungs = {f"{action}_{area}" for area, ladder in LADDERS.items() for action in ladder}

    assert rungs <= set(LABELS)


def test_each_built_in_role_holds_no_more_than_the_one_above_it():
    held = {slug: closure(capabilities) for slug, (_, capabilities) in BUILT_IN_ROLES.items()}

    assert held["owner"] > held["admin"] > held["editor"] > held["contributor"]
    assert held["editor"] > held["viewer"]


def test_what_each_built_in_role_holds():
    held = {slug: holds for slug, (_, holds) in BUILT_IN_ROLES.items()}
    everyday = {f"view_{area}" for area in ("agents", "personas", "tools", "knowledge")}

    assert set(LABELS) - held["admin"] == {"manage_tenant"}
    assert held["viewer"] == everyday | {"view_runs", "view_jobs"}
    assert held["contributor"] == everyday | {"run_agents", "upload_knowledge"}
    assert held["editor"] - held["viewer"] == {
        "run_agents", "publish_agents", "upload_knowledge", "manage_jobs",
        "change_agents", "change_personas", "change_tools", "change_knowledge",
    }  # fmt: skip


def test_a_denial_takes_what_stands_above_it_and_a_grant_brings_what_stands_below_it():
    assert sufficient("run", "agents") == ("run", "change", "manage")
    assert denying("run", "agents") == ("view", "run")
    assert denying("publish", "agents") == ("view", "run", "change")


def test_what_belongs_to_no_area_concerns_the_organisation():
    assert [group_of(name) for name in ("view_agents", "manage_members")] == ["agents", ""]
