"""What the server counts, for Prometheus. Labels are words of ours: never a name, a number or a secret."""

from prometheus_client import CollectorRegistry, Counter, Histogram, generate_latest
from prometheus_client.exposition import CONTENT_TYPE_PLAIN_0_0_4

SECONDS = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30)


class Metrics:
    """A registry of its own, for one server in one process. Others add what they count to `registry`."""

    def __init__(self) -> None:
        self.registry = CollectorRegistry()
        self.requests = Counter(
            "callboard_http_requests",
            "Requests answered; WebSockets of screens and phones when they begin, others when they end",
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

    def built(self, documents: int) -> None:
        """One read of a location made so many."""
        self.documents.inc(documents)

    def published(self, ms: int) -> None:
        """The oldest event that it shows was so old; another machine's clock may be ahead of ours."""
        self.fanout.observe(max(ms, 0) / 1000)

    def text(self) -> tuple[bytes, str]:
        """Everything in Prometheus' text format, and its media type."""
        return generate_latest(self.registry), CONTENT_TYPE_PLAIN_0_0_4
