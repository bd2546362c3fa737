"""The delivery machine set up for messages to people."""

from collections.abc import Callable
from pathlib import Path

from callboard.assets import TEMPLATES
from callboard.delivery.attempt import Attempts
from callboard.delivery.worker import Worker
from callboard.notify.media import LIMITS, media
from callboard.notify.plan import LANES
from callboard.notify.planner import Planner
from callboard.notify.reach import Reach
from callboard.notify.render import Renderer
from callboard.notify.send import Notifier
from callboard.notify.spending import Spending
from callboard.settings import Settings
from callboard.store.customers import Customers
from callboard.store.keys import PARTITIONS
from callboard.store.outbox import Outbox
from callboard.store.reads import Reads
from callboard.store.redis import Connection
from callboard.store.stream import Group
from callboard.store.text_budget import TextBudget

NAME = "notify"


def outbox(connection: Connection) -> Outbox:
    """What is to be told to people, and what came of it."""
    return Outbox(connection, NAME, LANES)


def notify_worker(
    reads: Reads,
    customers: Customers,
    reach: Reach,
    settings: Settings,
    base_url: str,
    consumer: str,
    clock: Callable[[], int],
    random: Callable[[], float],
) -> Worker:
    """A worker over all partitions.

    `consumer` is this process's name among those that share the work; `base_url` is where people's phones reach us.
    """
    box = outbox(reads.connection)
    roots = [Path(settings.templates_dir)] if settings.templates_dir else []
    renderer = Renderer([*roots, TEMPLATES])
    spending = Spending(reads, TextBudget(reads.connection, clock))
    notifier = Notifier(reads, customers, reach, spending, box, renderer, media(settings, clock), base_url)
    attempts = Attempts(box, notifier, clock, random)
    return Worker(
        groups_of(reads, consumer), box, Planner(reads, box).plan, attempts, LIMITS, clock=clock, random=random
    )


def groups_of(reads: Reads, consumer: str) -> dict[int, Group]:
    """One for each partition: a site that is applied again may have a location where there was none."""
    return {number: Group(reads.connection, NAME, number, consumer) for number in range(PARTITIONS)}
