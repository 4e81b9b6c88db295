"""Making processes go when the one that started them goes, however that one ends."""

import ctypes
import os
import shutil
import signal
import sys

PR_SET_PDEATHSIG = 1


def tied_to_parent(stop: signal.Signals) -> list[str]:
    """What to put before a command line so that the process gets `stop` when its parent dies.

    Nothing where the platform has no such thing; there a killed parent leaves its children.
    The kernel watches the thread that starts the process: start it from the main thread.
    """
    setpriv = shutil.which("setpriv")
    return [setpriv, f"--pdeathsig={stop.name.removeprefix('SIG')}"] if setpriv else []


def die_with_parent(parent: int) -> None:
    """Have this process, a fork of `parent`, killed when that one dies."""
    if sys.platform != "linux":
        return
    ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGKILL)
    if os.getppid() != parent:  # it died before the kernel knew
        os.kill(os.getpid(), signal.SIGKILL)
