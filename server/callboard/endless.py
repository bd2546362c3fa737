"""Loops that run until they are cancelled."""

import asyncio


def goes_on() -> bool:
    """Whether this task has not been told to end; for the head of an endless loop that calls the store.

    redis-py sends inside `asyncio.wait_for`, which on Python 3.11 swallows a cancellation that comes just when it is
    done: a loop that relied on the exception alone would never hear of it.
    """
    task = asyncio.current_task()
    return not (task and task.cancelling())
