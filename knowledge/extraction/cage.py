"""The cage that the child shuts itself into before it looks at a file."""

from __future__ import annotations

import ctypes
import os
import resource
import signal
import socket
import sys
from typing import Any

from knowledge.extraction.blocks import Limits

# From <linux/prctl.h> and <linux/sched.h>.
_PR_SET_PDEATHSIG = 1
_PR_SET_NO_NEW_PRIVS = 38
_CLONE_NEWUSER = 0x1000_0000
_CLONE_NEWNET = 0x4000_0000
# A folder that nobody can put a file into and that shows only this process's own descriptors.
_NO_FILES = "/proc/self/fdinfo"


def enter(limits: Limits, parent: int) -> None:
    """Give up what reading a file does not need. All that is imported later must be imported."""
    _bound(limits)
    _refuse_sockets()
    if sys.platform == "linux":
        _die_with(parent)
        _leave_network_and_files()


def _bound(limits: Limits) -> None:
    for what, amount in (
        (resource.RLIMIT_AS, limits.memory_bytes),
        (resource.RLIMIT_CPU, limits.cpu_seconds),
        (resource.RLIMIT_FSIZE, 0),
        (resource.RLIMIT_NOFILE, limits.open_files),
        (resource.RLIMIT_CORE, 0),
    ):
        resource.setrlimit(what, (amount, amount))


def _die_with(parent: int) -> None:
    """A worker that is killed takes its child along."""
    libc = ctypes.CDLL(None, use_errno=True)
    libc.prctl(_PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0)
    libc.prctl(_PR_SET_PDEATHSIG, signal.SIGKILL, 0, 0, 0)
    if os.getppid() != parent:
        os.kill(os.getpid(), signal.SIGKILL)


def _leave_network_and_files() -> None:
    """A network without interfaces and a root folder without files, where that is permitted."""
    libc = ctypes.CDLL(None, use_errno=True)
    if libc.unshare(_CLONE_NEWUSER | _CLONE_NEWNET) != 0:
        return
    try:
        os.chroot(_NO_FILES)
        os.chdir("/")
    except OSError:
        return  # the network is gone all the same
    # Without capabilities there is no way back out of the folder: capset(2), version 3.
    libc.capset((ctypes.c_uint32 * 2)(0x2008_0522, 0), (ctypes.c_uint32 * 6)())


def _refuse_sockets() -> None:
    """For systems that permit no namespace: at least no Python code connects."""

    def refuse(*args: Any, **kwargs: Any) -> Any:
        raise PermissionError("Reading a file needs no network.")

    socket.socket = refuse  # type: ignore[misc,assignment]
    socket.create_connection = refuse
