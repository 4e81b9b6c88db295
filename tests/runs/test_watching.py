"""Watching a run while it goes on, losing the connection, and getting exactly the rest."""

import threading
import time
from dataclasses import replace
from types import SimpleNamespace

import pytest

from agents.runs import events, live, performing, services, streaming
from agents.runs.disclosure import Disclosure
from agents.runs.events import Event
from agents.runs.models import AgentRun, RunEvent
from agents.runs.threads import Threads
from tests.factories.runs import AgentRunFactory
from tests.runs.fakes import DONE, ScriptedProvider, ports


def numbered(count):
    pieces = [Event(n, "message.delta", {"text": f"{n} "}) for n in range(2, count)]
    return [Event(1, "run.started"), *pieces, Event(count, "run.completed")]


def test_a_watcher_of_the_same_process_gets_every_event_once():
    run_id, got = AgentRunFactory.build().pk, []

    with live.feeding(run_id) as feed:
        watcher = threading.Thread(target=lambda: got.extend(live.watch(run_id)))
        watcher.start()
        for event in numbered(50):
            feed.publish(event)
        watcher.join(5)

    assert [event.number for event in got] == list(range(1, 51))


def test_a_watcher_that_comes_later_gets_what_it_lacks():
    run_id = AgentRunFactory.build().pk

    with live.feeding(run_id) as feed:
        for event in numbered(10):
            feed.publish(event)
        rest = list(live.watch(run_id, after=7))

    assert [event.number for event in rest] == [8, 9, 10]


def test_a_quiet_run_is_told_from_a_lost_connection(monkeypatch):
    monkeypatch.setattr(live, "KEEP_ALIVE_SECONDS", 0.02)
    run_id = AgentRunFactory.build().pk

    with live.feeding(run_id):
        assert next(live.watch(run_id)) is None


def test_pieces_that_share_a_row_come_back_one_by_one(agent):
    run = AgentRunFactory(tenant=agent.tenant, agent=agent)
    RunEvent.unscoped.bulk_create(events.rows(run, numbered(6)))

    assert RunEvent.unscoped.filter(run=run).count() == 3
    assert [e.number for e in events.kept(run.pk)] == [1, 2, 3, 4, 5, 6]
    assert [e.data.get("text") for e in events.kept(run.pk, after=3)] == ["4 ", "5 ", None]


@pytest.mark.parametrize("after", [0, 1, 3, 5, 6])
def test_whoever_reconnects_after_the_end_gets_exactly_the_rest(agent, after):
    run = AgentRunFactory(tenant=agent.tenant, agent=agent)
    RunEvent.unscoped.bulk_create(events.rows(run, numbered(6)))

    rest = list(live.watch(run.pk, after))

    assert [event.number for event in rest] == list(range(after + 1, 7))


def test_a_run_that_ended_in_memory_before_its_events_are_kept_is_still_told(agent):
    run = AgentRunFactory(tenant=agent.tenant, agent=agent, status="completed")

    with live.feeding(run.pk):
        assert live.has_more(run, 0)
    assert not live.has_more(run, 0)


def test_a_run_that_waits_for_a_thread_is_alive(agent, monkeypatch):
    monkeypatch.setattr(performing._threads, "submit", lambda call: None)
    run = AgentRunFactory(tenant=agent.tenant, agent=agent, status="running")
    watched = {}
    monkeypatch.setattr(performing.heartbeats, "watch", watched.__setitem__)

    performing.perform_in_background(SimpleNamespace(run=run, stop="its stop"))

    live._feeds.pop(run.pk)
    assert watched == {run.pk: "its stop"}


def test_a_run_in_another_process_is_followed_through_the_database(agent, short_connections):
    run = AgentRunFactory(tenant=agent.tenant, agent=agent, status="running")
    told = numbered(6)

    def elsewhere():
        for event in told:
            time.sleep(0.02)
            RunEvent.unscoped.bulk_create(events.rows(run, [event]))
        AgentRun.unscoped.filter(pk=run.pk).update(status="completed")

    threads = Threads("elsewhere", most=1, idle_seconds=0.01)
    threads.submit(elsewhere)
    got = list(live.watch(run.pk))

    assert [event.number for event in got] == [1, 2, 3, 4, 5, 6]


def test_watching_a_run_that_vanished_without_a_word_ends(agent, monkeypatch):
    monkeypatch.setattr(live, "ASK_SECONDS", 0)
    run = AgentRunFactory(tenant=agent.tenant, agent=agent, status="running")
    watch = live.watch(run.pk)
    AgentRun.unscoped.filter(pk=run.pk).update(status="failed")

    assert list(watch) == []


def test_a_run_goes_on_when_its_watcher_leaves(agent, access, contributor, short_connections):
    go_on, has_left = threading.Event(), []
    provider = ScriptedProvider(["Five ", lambda: go_on.wait(5), "days.", DONE])
    task = services.start_run(access(contributor), agent, text="How long?", origin="api")

    performing.perform_in_background(replace(task, ports=ports(provider)))
    watcher = live.watch(task.run.pk)
    first = [next(watcher), next(watcher)]
    watcher.close()
    has_left.append(True)
    go_on.set()
    rest = list(live.watch(task.run.pk, after=first[-1].number))

    assert [event.number for event in [*first, *rest]] == [1, 2, 3, 4, 5]
    task.run.refresh_from_db()
    assert (task.run.status, task.run.output) == ("completed", "Five days.")


def test_an_event_on_the_wire_has_number_name_and_data():
    line = streaming.line(Event(3, "message.delta", {"text": "ä\n"}), Disclosure())

    assert line == 'id: 3\nevent: message.delta\ndata: {"text": "ä\\n"}\n\n'.encode()


@pytest.mark.parametrize(
    ("header", "query", "number"),
    [("7", "", 7), ("", "5", 5), ("7", "5", 7), ("", "", 0), ("x", "", 0), ("-1", "", 0)],
)
def test_the_last_event_is_known_by_header_or_address(rf, header, query, number):
    request = rf.get("/", {"after": query}, headers={"Last-Event-ID": header})

    assert streaming.last_event_id(request) == number


def until(condition):
    deadline = time.monotonic() + 60
    while not condition() and time.monotonic() < deadline:
        time.sleep(0.005)


def test_threads_are_kept_for_the_next_call():
    threads, names, done = Threads("kept", most=2), [], threading.Event()

    for _ in range(3):
        done.clear()
        threads.submit(lambda: (names.append(threading.get_ident()), done.set()))
        done.wait(60)
        until(lambda: threads._idle == 1)

    assert len(set(names)) == 1


def test_no_more_threads_are_made_than_allowed():
    threads, release, running = Threads("few", most=2), threading.Event(), []

    for n in range(5):
        threads.submit(lambda n=n: (running.append(n), release.wait(60)))
    until(lambda: len(running) == 2)
    time.sleep(0.1)  # for a third that must not come
    at_once = len(running)
    release.set()
    until(lambda: len(running) == 5)

    assert at_once == 2
    assert sorted(running) == [0, 1, 2, 3, 4]
