"""Calls cost no memory that is mapped and unmapped, however deep they are made."""

import resource

import pytest

from tenants.frames import with_room

DEPTHS, CALLS = 200, 100


def call():
    """Something that is called and returns."""


def at(depth):
    if depth:
        return at(depth - 1)
    before = resource.getrusage(resource.RUSAGE_THREAD).ru_minflt
    for _ in range(CALLS):
        call()
    return resource.getrusage(resource.RUSAGE_THREAD).ru_minflt - before


def most_page_faults(where):
    return max(where(depth) for depth in range(DEPTHS))


def test_without_room_some_depth_is_unlucky():
    assert most_page_faults(at) >= CALLS


def test_with_room_none_is():
    assert most_page_faults(with_room(at)) < CALLS / 2


def test_a_function_with_room_is_the_same():
    @with_room
    def half(number, *, of=2):
        """Of a number."""
        return number / of

    assert half(3, of=4) == 0.75
    assert (half.__name__, half.__doc__) == ("half", "Of a number.")
    with pytest.raises(ZeroDivisionError):
        half(1, of=0)
