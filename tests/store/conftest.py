"""Every test of the store runs twice: against one server, and against a cluster of three nodes of the same program."""

import asyncio
from collections.abc import Iterator

import pytest

from store.cluster import cluster


@pytest.fixture(scope="session")
def three_nodes(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Started once, by the first test that needs it."""
    with asyncio.Runner() as runner:
        nodes = cluster(tmp_path_factory.mktemp("cluster"))
        yield runner.run(nodes.__aenter__())
        runner.run(nodes.__aexit__(None, None, None))


@pytest.fixture(scope="session", params=["one store", "three nodes"])
def store_url(request: pytest.FixtureRequest, store_url: str) -> str:
    """The same code on both: what differs is the address."""
    return store_url if request.param == "one store" else str(request.getfixturevalue("three_nodes"))
