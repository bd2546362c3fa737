"""Where pages and message templates are: beside this module in a wheel, at the repository root in a checkout."""

from pathlib import Path

_PACKAGE = Path(__file__).resolve().parent


def _find(name: str) -> Path:
    for parent in (_PACKAGE, _PACKAGE.parents[1]):
        if (parent / name).is_dir():
            return parent / name
    raise FileNotFoundError(f"{name}/ is neither in {_PACKAGE} nor in {_PACKAGE.parents[1]}")


DISPLAYS, TEMPLATES = _find("displays"), _find("templates")
SITES = _PACKAGE / "sites"
