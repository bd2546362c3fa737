"""The delivery machine set up for messages to people."""

import os
from collections.abc import Callable
from pathlib import Path

from callboard.assets import TEMPLATES
from callboard.delivery.attempt import Attempts
from callboard.delivery.worker import Worker
from callboard.notify.kinds import LANES
from callboard.notify.look import Look
from callboard.notify.media import LIMITS, media
from callboard.notify.notification import Notifications
from callboard.notify.planner import Planner
from callboard.notify.promised import Promised
from callboard.notify.push import TIMEOUT_S, Push
from callboard.notify.reach import Reach
from callboard.notify.render import Renderer
from callboard.notify.send import Notifier
from callboard.notify.shown import Shown
from callboard.notify.spending import Spending
from callboard.notify.vapid import subject
from callboard.outside.http import Client
from callboard.settings import Settings
from callboard.store.customers import Customers
from callboard.store.keys import PARTITIONS
from callboard.store.outbox import Outbox
from callboard.store.promises import Promises
from callboard.store.push_keys import PushKeys
from callboard.store.reads import Reads
from callboard.store.redis import Connection
from callboard.store.stream import Group
from callboard.store.text_budget import TextBudget
from callboard.store.transitions import Store

NAME = "notify"


def outbox(connection: Connection) -> Outbox:
    """What is to be told to people, and what came of it."""
    return Outbox(connection, NAME, LANES)


def notify_worker(
    reads: Reads,
    customers: Customers,
    reach: Reach,
    store: Store,
    push_keys: PushKeys,
    settings: Settings,
    base_url: str,
    consumer: str,
    clock: Callable[[], int],
    random: Callable[[], float],
    count: Callable[[str, str], None],
) -> Worker:
    """A worker over all partitions.

    `consumer` is this process's name among those that share the work; `base_url` is where people's phones reach us.
    """
    box = outbox(reads.connection)
    roots = [Path(settings.templates_dir)] if settings.templates_dir else []
    renderer = Renderer([*roots, TEMPLATES])
    spending = Spending(reads, TextBudget(reads.connection, clock))
    ways = media(settings, clock)
    client = Client((), TIMEOUT_S)
    push = Push(push_keys, subject(settings), client, clock, random, os.urandom)
    sends_texts = not isinstance(ways["sms"], Shown)
    pushes = Notifications(push, renderer, store.unsubscribe, clock, sends_texts=sends_texts)
    notifier = Notifier(
        reads,
        customers,
        reach,
        spending,
        box,
        Promised(Promises(reads.connection, NAME)),
        renderer,
        ways,
        base_url,
        clock,
        pushes if settings.web_push else None,
        settings.owner_email,
    )
    attempts = Attempts(box, notifier, clock, random, count)
    return Worker(
        groups_of(reads, consumer), box, Planner(reads, box).plan, attempts, LIMITS, clock=clock, random=random
    )


def looking(reads: Reads, clock: Callable[[], int]) -> Look:
    """What looks again as time passes."""
    return Look(reads, outbox(reads.connection), Promised(Promises(reads.connection, NAME)), clock)


def groups_of(reads: Reads, consumer: str) -> dict[int, Group]:
    """One for each partition: a site that is applied again may have a location where there was none."""
    return {number: Group(reads.connection, NAME, number, consumer) for number in range(PARTITIONS)}
