"""A call that is made while another transaction has locked something."""

import time
from concurrent.futures import ThreadPoolExecutor

from django.db import connection, transaction

PATIENCE = 60  # seconds
# Whether anybody waits for this very transaction.
WAITED_FOR = """
    SELECT EXISTS (
        SELECT FROM pg_locks WHERE NOT granted AND pg_backend_pid() = ANY (pg_blocking_pids(pid))
    )
"""


def while_locked(lock, call):
    """Make the call on a connection of its own while a transaction has done `lock`, which ends once
    the call waits or has ended. Whether it waited, and the future of its answer."""

    def run():
        try:
            return call()
        finally:
            connection.close()

    with ThreadPoolExecutor(1) as pool, transaction.atomic():
        lock()
        answer = pool.submit(run)
        waited = _waits(answer)
    return waited, answer


def _waits(answer):
    deadline = time.monotonic() + PATIENCE
    while not answer.done():
        with connection.cursor() as cursor:
            cursor.execute(WAITED_FOR)
            if cursor.fetchone()[0]:
                return True
        if time.monotonic() > deadline:
            raise TimeoutError("The call neither waits nor ends.")
        time.sleep(0.01)
    return False
