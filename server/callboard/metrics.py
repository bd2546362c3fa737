"""What the server counts, for Prometheus. Labels are words of ours: never a name, a number or a secret."""

import os
from pathlib import Path

from prometheus_client import CollectorRegistry, Counter, Histogram, generate_latest, values
from prometheus_client.exposition import CONTENT_TYPE_PLAIN_0_0_4
from prometheus_client.multiprocess import MultiProcessCollector

SECONDS = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30)


def count_together(directory: Path, name: str) -> None:
    """From now on this process counts in files of its name in a directory, beside other processes with other names;
    what one of that name has counted before stays. The library has one way of counting for a whole process."""
    os.environ["PROMETHEUS_MULTIPROC_DIR"] = str(directory)
    values.ValueClass = values.MultiProcessValue(lambda: name)  # type: ignore[no-untyped-call]


class Metrics:
    """A registry of its own, for one server in one process. Others add what they count to `registry`. `together`: where
    all processes of the server count, see `count_together`; any of them tells of all."""

    def __init__(self, together: Path | None = None) -> None:
        self.registry = CollectorRegistry()
        self._together = together
        self.requests = Counter(
            "callboard_http_requests",
            "Requests answered; those that stay to listen when they begin to, others when they end",
            ["method", "route", "status"],
            registry=self.registry,
        )
        self.seconds = Histogram(
            "callboard_http_request_seconds",
            "Time to the last byte of an answer; without live addresses",
            ["method", "route"],
            buckets=SECONDS,
            registry=self.registry,
        )
        self.documents = Counter(
            "callboard_documents", "Documents built for screens, phones and desks", registry=self.registry
        )
        self.fanout = Histogram(
            "callboard_fanout_seconds",
            "From an event to its documents at their listeners",
            buckets=SECONDS,
            registry=self.registry,
        )
        self.deliveries = Counter(
            "callboard_deliveries",
            "Messages to people and notices to other systems, by how each ended",
            ["lane", "state"],
            registry=self.registry,
        )
        self.lost = Counter(
            "callboard_store_lost_transitions",
            "Changes that the store had lost when it was found behind what was seen of it",
            registry=self.registry,
        )

    def lose(self, transitions: int) -> None:
        """The store had lost so many."""
        self.lost.inc(transitions)

    def delivered(self, lane: str, state: str) -> None:
        """One has ended so; `instead`: it goes on in another lane."""
        self.deliveries.labels(lane, state).inc()

    def built(self, documents: int) -> None:
        """One read of a location made so many."""
        self.documents.inc(documents)

    def published(self, ms: int) -> None:
        """The oldest event that it shows was so old; another machine's clock may be ahead of ours."""
        self.fanout.observe(max(ms, 0) / 1000)

    def text(self) -> tuple[bytes, str]:
        """Everything in Prometheus' text format, and its media type."""
        registry = self.registry
        if self._together:
            registry = CollectorRegistry()
            MultiProcessCollector(registry, str(self._together))  # type: ignore[no-untyped-call]
        return generate_latest(registry), CONTENT_TYPE_PLAIN_0_0_4
