"""How hard an address is tried with made-up requests: with a few in every run, with many in a proof."""

import pytest

examples = pytest.mark.parametrize(
    "examples", [pytest.param(2, id="few"), pytest.param(15, id="many", marks=pytest.mark.proof)]
)


def twin(root: str) -> object:
    """A second root of the same operations, which every run has tried at the first."""
    return pytest.param(root, marks=pytest.mark.proof)
