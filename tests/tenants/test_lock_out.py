"""Failures lock out for a while: by account, by machine, for codes; and how it ends."""

from datetime import timedelta
from io import StringIO
from threading import Thread

import pytest
from django.core.management import CommandError, call_command
from django.db import connection
from django.test import Client
from django.utils import timezone

from tenants import attempts
from tenants.attempts import TooManyAttempts
from tenants.models import Attempt
from tests.tenants.accounts_kit import add_app, code_of, sign_in

pytestmark = pytest.mark.django_db


def locked_out(client, person):
    for _ in range(5):
        answer = sign_in(client, person, "nonsense")
    return answer


def from_machine(number):
    return Client(REMOTE_ADDR=f"192.0.2.{number}")


def test_the_page_says_when_to_try_again(client, person):
    answer = locked_out(client, person)

    assert answer.status_code == 429
    assert b"Try again in 15 minutes" in answer.content
    assert 0 < int(answer["Retry-After"]) <= 900


def test_a_stranger_at_another_machine_locks_nobody_out(client, person):
    locked_out(from_machine(66), person)

    assert sign_in(client, person).status_code == 302


def test_guesses_from_many_machines_lock_the_account(client, person):
    for number in range(30):
        sign_in(from_machine(number), person, "nonsense")

    assert sign_in(client, person).status_code == 429


def test_guesses_over_many_accounts_lock_the_machine(client, person):
    for _ in range(100):
        attempts.take("password from", "127.0.0.1")

    assert sign_in(client, person).status_code == 429
    assert sign_in(from_machine(1), person).status_code == 302


def test_a_line_of_ipv6_is_one_machine_whichever_of_its_addresses_it_uses(client, person):
    for number in range(100):
        attempts.take("password from", f"2001:db8:0:1::{number:x}")

    assert sign_in(Client(REMOTE_ADDR="2001:db8:0:1:ffff::1"), person).status_code == 429
    assert sign_in(Client(REMOTE_ADDR="2001:db8:0:2::1"), person).status_code == 302

    call_command("unlock", "--address", "2001:DB8:0:1::7", stdout=StringIO())
    assert sign_in(Client(REMOTE_ADDR="2001:db8:0:1:ffff::1"), person).status_code == 302


@pytest.mark.parametrize(
    ("machine", "typed"),
    [("192.0.2.7", "::ffff:192.0.2.7"), ("2001:db8:0:1::a", "2001:DB8:0:1::7")],
)
def test_unlocking_a_machine_takes_any_spelling_and_all_of_its_line(person, machine, typed):
    client = Client(REMOTE_ADDR=machine)
    assert locked_out(client, person).status_code == 429
    with pytest.raises(TooManyAttempts):
        for _ in range(101):
            attempts.take("password from", machine)
    locked_out(from_machine(8), person)

    call_command("unlock", "--address", typed, stdout=StringIO())

    assert sign_in(from_machine(8), person).status_code == 429
    assert sign_in(client, person).status_code == 302


def test_what_is_no_address_is_not_unlocked():
    with pytest.raises(CommandError, match="no address"):
        call_command("unlock", "--address", "192.0.2.0/24")


def test_a_success_does_not_wash_a_machine_clean(client, person):
    attempts.take("password from", "127.0.0.1")

    sign_in(client, person)

    assert [row.count for row in Attempt.objects.all()] == [1]


def test_no_header_makes_another_machine(client, person):
    for number in range(5):
        client.post(
            "/accounts/sign-in/",
            {"login": person.email, "password": "nonsense"},
            headers={"X-Forwarded-For": f"192.0.2.{number}", "X-Real-IP": f"192.0.2.{number}"},
        )

    assert sign_in(client, person).status_code == 429


def test_an_operator_unlocks_an_account(client, person):
    locked_out(client, person)
    said = StringIO()

    call_command("unlock", person.email.upper(), stdout=said)

    assert said.getvalue() == "Unlocked.\n"
    assert sign_in(client, person).status_code == 302


@pytest.mark.parametrize("kind", ["code of", "mail of"])
def test_what_is_counted_of_an_account_begins_anew_with_it(person, kind):
    attempts.take(kind, person.pk)

    call_command("unlock", person.email, stdout=StringIO())

    assert not Attempt.objects.exists()


def test_an_operator_unlocks_a_machine(client, person):
    for _ in range(100):
        attempts.take("password from", "127.0.0.1")

    call_command("unlock", "--address", "127.0.0.1", stdout=StringIO())

    assert sign_in(client, person).status_code == 302


def test_unlocking_needs_to_be_told_whom():
    with pytest.raises(CommandError):
        call_command("unlock")


def test_codes_are_guessed_a_few_times_only(client, person):
    key = add_app(person)
    sign_in(client, person)

    answers = [client.post("/accounts/sign-in/code/", {"code": "000000"}) for _ in range(6)]

    assert [answer.status_code for answer in answers] == [422] * 5 + [429]
    assert b"Try again in 15 minutes" in answers[-1].content
    assert client.post("/accounts/sign-in/code/", {"code": code_of(key)}).status_code == 429


def test_a_period_ends():
    for _ in range(5):
        attempts.take("code of", "somebody")
    Attempt.objects.update(ends_at=timezone.now() - timedelta(seconds=1))

    attempts.take("code of", "somebody")

    assert Attempt.objects.get().count == 1


def test_counters_of_the_past_are_removed():
    attempts.take("code of", "somebody")
    attempts.take("code of", "somebody else")
    past = Attempt.objects.first()
    Attempt.objects.filter(pk=past.pk).update(ends_at=timezone.now() - timedelta(seconds=1))

    attempts.forget_past()

    assert Attempt.objects.count() == 1


def test_no_address_stands_in_the_table():
    attempts.take("reset of", "kim@example.org")

    assert "kim" not in Attempt.objects.get().key


@pytest.mark.django_db(transaction=True)
def test_of_many_at_once_exactly_as_many_pass_as_may():
    passed = []

    def guess():
        try:
            attempts.take("code of", "somebody")
            passed.append(1)
        except TooManyAttempts:
            pass
        finally:
            connection.close()

    threads = [Thread(target=guess) for _ in range(16)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert len(passed) == attempts.LIMITS["code of"].times
