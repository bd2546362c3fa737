"""What the server counts, for Prometheus. Labels are words of ours: never a name, a number or a secret."""

import os
from collections.abc import Iterator, Mapping
from pathlib import Path

from prometheus_client import CollectorRegistry, Counter, Histogram, generate_latest, values
from prometheus_client.exposition import CONTENT_TYPE_PLAIN_0_0_4
from prometheus_client.metrics_core import GaugeMetricFamily, Metric
from prometheus_client.multiprocess import MultiProcessCollector
from prometheus_client.registry import Collector

from callboard.domain.tally import Score

SECONDS = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30)


def count_together(directory: Path, name: str) -> None:
    """From now on this process counts in files of its name in a directory, beside other processes with other names;
    what one of that name has counted before stays. The library has one way of counting for a whole process."""
    os.environ["PROMETHEUS_MULTIPROC_DIR"] = str(directory)
    values.ValueClass = values.MultiProcessValue(lambda: name)  # type: ignore[no-untyped-call]


WAITS = {  # a figure of Score: the gauge, and what it says
    "called": ("callboard_waits_called", "People called who had no booking and found no free desk"),
    "within": ("callboard_waits_called_within", "Those of them called within what they were shown when they came"),
    "within_last": (
        "callboard_waits_called_within_last",
        "Those of them called within what was shown at most two minutes before",
    ),
    "error_s": ("callboard_waits_error_seconds", "How far the likeliest wait was off, on average"),
    "plain_error_s": ("callboard_waits_plain_error_seconds", "How far people ahead times the average would have been"),
    "bias_s": ("callboard_waits_bias_seconds", "The likeliest wait minus the true one, on average"),
    "width_s": ("callboard_waits_width_seconds", "How wide the range was, on average"),
}


class _Waits(Collector):
    """How well each location's waits were kept, from the store: any process tells of all."""

    def __init__(self, scores: Mapping[str, Mapping[str, Score]]) -> None:
        self._scores = scores

    def collect(self) -> Iterator[Metric]:
        """A mean of nobody is left out."""
        for figure, (name, about) in WAITS.items():
            family = GaugeMetricFamily(name, about, labels=["location", "over"])
            for location, by_span in self._scores.items():
                for span, score in by_span.items():
                    if (value := getattr(score, figure)) is not None:
                        family.add_metric([location, span], value)
            yield family


def waits_text(scores: Mapping[str, Mapping[str, Score]]) -> bytes:
    """By location and span (day, week), in Prometheus' text format."""
    registry = CollectorRegistry()
    registry.register(_Waits(scores))
    return generate_latest(registry)


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
        self.ended = Counter(
            "callboard_webhooks_ended",
            "Webhooks that are told no more until somebody enables them",
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

    def webhook_ended(self) -> None:
        """One is told no more."""
        self.ended.inc()

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
