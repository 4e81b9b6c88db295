"""Measures 1, 2 and 3: a run over an instant provider, many at once, and its first token."""

from __future__ import annotations

import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial

from agents import services as agent_services
from agents.models import Agent
from benchmarks import load, servers
from benchmarks.harness import Figure, alternate, measure, percentile
from benchmarks.load import Call
from tenants import api_keys
from tenants.access import Access
from tenants.models import ApiKey, Provider, Secret, User
from tenants.secrets import seal
from tenants.services import create_tenant

QUESTION = "How long do refunds take?"
CLIENTS = (1, 8, 32, 128)
# Throughput is said to fall where it loses more than measuring the same twice does.
STEADY = 0.9


@dataclass(frozen=True, slots=True)
class Pair:
    """The same run asked of us and of the floor."""

    ours: Call
    floor: Call


@contextmanager
def _served(model: str, path: str) -> Iterator[Pair]:
    with servers.serving() as found:
        agent, token = _agent(found.provider_url, model)
        body = {"input": QUESTION}
        ours = Call(found.our_port, f"/api/v1/agents/{agent.pk}/{path}", f"Bearer {token}", body)
        asked = {**body, "model": model}
        yield Pair(ours, Call(found.floor_port, f"/{path}", "Bearer floor", asked))


def _agent(url: str, model: str) -> tuple[Agent, str]:
    """A published agent at that provider, in an organisation of its own, and a key for it."""
    name = f"bench-{secrets.token_hex(4)}"
    person = User.objects.create_user(f"{name}@bench.example", name=name)
    tenant = create_tenant(slug=name, name=name, owner=person)
    access = Access.of(person, name)
    secret = Secret(tenant=tenant, name="key")
    seal(secret, "sk-bench-0123456789")
    secret.save()
    provider = Provider(
        tenant=tenant, name="fake", base_url=url, secret=secret, default_model=model
    )
    provider.save()
    agent = agent_services.create_agent(access, name=name, provider=provider, model=model)
    agent_services.publish_agent(access, agent)
    key = ApiKey(tenant=tenant, user=person, name="bench", scopes=["run_agents", "view_runs"])
    token = api_keys.make(key)
    key.save()
    return agent, token


@measure("1 run over an instant provider", goal="≤ 3")
def one_run(rounds: int) -> Iterator[Figure]:
    """One client, all rows committed."""
    with _served("instant", "execute") as pair:
        for call in (pair.ours, pair.floor):
            load.p50_ms(call, 30)  # pools, plans, imports
        ours, floor = alternate(
            rounds, partial(load.p50_ms, pair.ours), partial(load.p50_ms, pair.floor)
        )
        yield Figure("run, p50 at 1 client", ours, floor)


@measure("2 runs per second")
def many_runs(rounds: int) -> Iterator[Figure]:
    """With 32 clients against the floor, and with 1 to 128 against itself. An error ends it."""
    with _served("instant", "execute") as pair:
        for call in (pair.ours, pair.floor):
            load.per_second(call, 32, 2.0)
        ours, floor = alternate(
            rounds,
            partial(load.per_second, pair.ours, 32),
            partial(load.per_second, pair.floor, 32),
        )
        yield Figure("runs at 32 clients", ours, floor, "1/s", "≥ 0.5")
        rates = _rates(pair.ours, max(2, rounds // 2))
        for clients, rate in zip(CLIENTS, rates, strict=True):
            yield Figure(f"runs at {clients} clients", rate, unit="1/s", goal="")
        steadiness = min(rate / max(rates[: i + 1]) for i, rate in enumerate(rates))
        yield Figure("least rate against the best with fewer clients", steadiness, unit="",
                     goal=f"≥ {STEADY}")  # fmt: skip


def _rates(call: Call, rounds: int) -> list[float]:
    taken = [[load.per_second(call, clients) for clients in CLIENTS] for _ in range(rounds)]
    return [percentile(rates, 0.5) for rates in zip(*taken, strict=True)]


@measure("3 first token")
def first_token(rounds: int) -> Iterator[Figure]:
    """What is added to the provider's own first token, and how long each later piece is held."""
    with _served("instant", "stream") as pair:
        for call in (pair.ours, pair.floor):
            load.first_token_ms(call, 20)
        ours, floor = alternate(
            rounds,
            partial(load.first_token_ms, pair.ours),
            partial(load.first_token_ms, pair.floor),
        )
        yield Figure("first token of an instant provider, p50", ours, floor, goal="≤ 3")
    with _served("words=60,first=50,gap=20,stamped", "stream") as pair:
        held = sorted(_held_ms(pair.ours))
        yield Figure("later piece held, p50", percentile(held, 0.5), goal="≤ 2")
        yield Figure("later piece held, p95", percentile(held, 0.95), goal="")


def _held_ms(call: Call) -> Iterator[float]:
    """For each piece after the first: arrival minus the moment at which the provider sent it."""
    for _ in range(5):
        for number, (arrived, text) in enumerate(load.deltas(call)):
            if number:
                yield (arrived - float(text)) * 1000
