"""The delivery machine set up for other systems' watches."""

from collections.abc import Callable, Mapping

from callboard.delivery.attempt import Attempts
from callboard.delivery.worker import Worker
from callboard.domain.events import Witnessed
from callboard.domain.watch import Shape
from callboard.outside.http import Client
from callboard.outside.reach import networks
from callboard.settings import Settings
from callboard.store.keys import PARTITIONS
from callboard.store.outbox import Outbox
from callboard.store.reads import Reads
from callboard.store.redis import Connection
from callboard.store.signing_keys import SigningKeys
from callboard.store.stream import Group
from callboard.store.watches import Watches
from callboard.webhooks.plan import LANE
from callboard.webhooks.planner import Planner
from callboard.webhooks.send import Ending, Teller

NAME = "webhooks"
LIMITS = {LANE: 64}  # under way at once; to one receiver fewer, see `pace`


def notices(connection: Connection) -> Outbox:
    """What is to be told to other systems, and what came of it."""
    return Outbox(connection, NAME, [LANE])


def webhooks_worker(
    reads: Reads,
    watches: Watches,
    signing: SigningKeys,
    shapes: Mapping[str, Shape],
    settings: Settings,
    consumer: str,
    clock: Callable[[], int],
    random: Callable[[], float],
    count: Callable[[str, str], None],
    ending: Ending,
) -> Worker:
    """A worker over all partitions. `consumer` is this process's name among those that share the work."""
    box = notices(reads.connection)
    groups = {number: Group(reads.connection, NAME, number, consumer, Witnessed) for number in range(PARTITIONS)}
    planner = Planner(reads, watches, box, shapes)
    client = Client(networks(settings.webhook_private_networks))
    teller = Teller(reads, watches, signing, shapes, client, settings.url, clock, random, ending)
    attempts = Attempts(box, teller, clock, random, count)
    return Worker(groups, box, planner.plan, attempts, LIMITS, clock, random, in_order=True)
