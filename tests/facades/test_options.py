"""What organizations may choose of an API is explained where the API is."""

from pathlib import Path

import pytest

from callboard import facades
from callboard.facades import NAMES, OPTIONS

HERE = Path(facades.__file__).parent


@pytest.mark.parametrize("api", OPTIONS)
def test_every_option_stands_in_the_readme(api: str) -> None:
    readme = (HERE / api / "README.md").read_text("utf-8")
    assert api in NAMES
    assert f"[organization.apis.{api}]" in readme
    assert [option for option in OPTIONS[api].__struct_fields__ if f"\n{option} = " not in readme] == []
