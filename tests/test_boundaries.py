"""The rooms of the house as tests: what never imports what, no giants, no vendor's word where it does not belong."""

import ast
import re
import sys
import tomllib
from collections.abc import Iterator
from graphlib import CycleError, TopologicalSorter
from importlib.metadata import packages_distributions
from pathlib import Path

import pytest
from calmjs.parse import es5
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

ROOT = Path(__file__).resolve().parent.parent
SERVER = ROOT / "server"
VENDORS = re.compile(r"ombori|phygrid|agendize|q-?flow|\bnexa\b|\bbloom\b", re.IGNORECASE)
BANNED_NAMES = {"utils", "util", "helpers", "helper", "manager", "service", "common", "misc"}
LONGEST_FILE = 250
LONGEST_FUNCTION = 60

# Longer files, each one subject that would not read better in two.
LONG = {
    "displays/static/board.js": "old televisions have no modules: the board is one file",
    "displays/static/base.css": "what all pages look alike in",
    "server/callboard/store/lua/prelude.lua": "what stands in front of every transition",
    "server/callboard/store/transitions.py": "one short method for every command",
}

# A room's modules import of ours only what begins with one of these.
ONLY: dict[str, tuple[str, ...]] = {
    "callboard.errors": (),
    "callboard.assets": (),
    "callboard.mistakes": ("callboard.errors",),
    "callboard.decode": ("callboard.errors", "callboard.mistakes"),
    "callboard.settings": ("callboard.errors", "callboard.mistakes", "callboard.decode"),
    "callboard.domain": ("callboard.domain",),
    "callboard.store": ("callboard.store", "callboard.domain", "callboard.errors", "callboard.slices"),
    "callboard.hub.protocol": (),
    "callboard.hub.few": (),
    "callboard.hub.sealed": (),
    "callboard.hub.wires": ("callboard.hub.sealed",),
    "callboard.hub.post": ("callboard.hub.wires",),
    "callboard.hub.hub": ("callboard.hub.protocol", "callboard.hub.few", "callboard.hub.post"),
    "callboard.hub.connection": ("callboard.hub.protocol", "callboard.hub.hub"),
}
# And never what begins with one of these.
NEVER: dict[str, tuple[str, ...]] = {
    "callboard.api": ("callboard.notify", "callboard.delivery", "callboard.webhooks", "callboard.facades"),
    "callboard.delivery": ("callboard.api", "callboard.hub", "callboard.notify", "callboard.webhooks"),
    "callboard.notify": ("callboard.api", "callboard.hub", "callboard.facades", "callboard.webhooks"),
    "callboard.webhooks": ("callboard.api", "callboard.hub", "callboard.facades", "callboard.notify"),
    "callboard.outside": (
        *("callboard.api", "callboard.hub", "callboard.facades"),
        *("callboard.notify", "callboard.webhooks", "callboard.store"),
    ),
    "callboard.texting": ("callboard.api", "callboard.hub", "callboard.facades", "callboard.webhooks"),
    "callboard.facades": ("callboard.api", "callboard.notify", "callboard.delivery", "callboard.webhooks"),
    "callboard.foreign": ("callboard.facades", "callboard.notify", "callboard.delivery", "callboard.webhooks"),
    "callboard.standing": ("callboard.facades", "callboard.api", "callboard.foreign"),
    "callboard.hub": ("callboard.api", "callboard.notify", "callboard.delivery", "callboard.facades"),
    "callboard": ("callboard.__main__",),
}


def modules() -> dict[str, Path]:
    return {
        ".".join(path.relative_to(SERVER).with_suffix("").parts).removesuffix(".__init__"): path
        for path in sorted((SERVER / "callboard").rglob("*.py"))
    }


MODULES = modules()
TREES = {name: ast.parse(path.read_text(encoding="utf-8")) for name, path in MODULES.items()}


def imported(tree: ast.Module) -> Iterator[str]:
    """Every module that is named in an import, also inside functions; `from package import module` names the module."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, "imports are absolute"
            for alias in node.names:
                full = f"{node.module}.{alias.name}"
                yield full if full in MODULES else str(node.module)


IMPORTS = {name: sorted(set(imported(tree))) for name, tree in TREES.items()}


def within(name: str, room: str) -> bool:
    return name == room or name.startswith(f"{room}.")


def sources(*suffixes: str) -> list[Path]:
    rooms = (SERVER / "callboard", ROOT / "displays", ROOT / "templates")
    found = (path for room in rooms for path in sorted(room.rglob("*")))
    return [path for path in found if path.is_file() and path.suffix in suffixes]


@pytest.mark.parametrize("room", ONLY)
def test_a_room_imports_only_what_lies_below_it(room: str) -> None:
    wrong = [
        f"{name} imports {other}"
        for name, others in IMPORTS.items()
        if within(name, room)
        for other in others
        if within(other, "callboard") and not any(within(other, allowed) for allowed in ONLY[room])
    ]
    assert wrong == []


@pytest.mark.parametrize("room", NEVER)
def test_a_room_never_imports_what_lies_beside_or_above_it(room: str) -> None:
    wrong = [
        f"{name} imports {other}"
        for name, others in IMPORTS.items()
        if within(name, room)
        for other in others
        if any(within(other, forbidden) for forbidden in NEVER[room])
    ]
    assert wrong == []


def test_one_facade_never_imports_another() -> None:
    def vendor(name: str) -> str:
        return ".".join(name.split(".")[:3])

    facades = {name for name in MODULES if within(name, "callboard.facades") and name.count(".") >= 2}
    wrong = [
        f"{name} imports {other}"
        for name in facades
        for other in IMPORTS[name]
        if within(other, "callboard.facades") and vendor(other) != vendor(name)
    ]
    assert wrong == []


def test_the_store_alone_knows_redis() -> None:
    knowing = {name for name, others in IMPORTS.items() if any(within(other, "redis") for other in others)}
    assert {name for name in knowing if not within(name, "callboard.store")} == set()


def test_what_is_imported_is_declared() -> None:
    """Not only there because something else needs it."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    declared = {canonicalize_name(Requirement(each).name) for each in project["dependencies"]}
    known = packages_distributions()
    foreign = {(name, other.partition(".")[0]) for name, others in IMPORTS.items() for other in others}
    wrong = [
        f"{name} imports {other}"
        for name, other in sorted(foreign)
        if other != "callboard" and other not in sys.stdlib_module_names
        if not declared & {canonicalize_name(each) for each in known.get(other, ())}
    ]
    assert wrong == []


def test_nothing_imports_in_a_circle() -> None:
    try:
        TopologicalSorter({name: set(others) & set(MODULES) - {name} for name, others in IMPORTS.items()}).prepare()
    except CycleError as error:
        pytest.fail(" -> ".join(error.args[1]))


def test_tasks_belong_to_a_group() -> None:
    """A task that nobody waits for loses its errors: only a TaskGroup starts tasks."""
    wrong = [
        f"{name}:{node.lineno}"
        for name, tree in TREES.items()
        for node in ast.walk(tree)
        if isinstance(node, ast.Call) and starts_a_bare_task(ast.unparse(node.func))
    ]
    assert wrong == []


def starts_a_bare_task(called: str) -> bool:
    owner, _, function = called.rpartition(".")
    return function == "ensure_future" or (
        function == "create_task" and (not owner or bool(re.search("asyncio|loop", owner)))
    )


def test_no_vendors_word_outside_the_facades() -> None:
    facades = SERVER / "callboard" / "facades"
    paths = sources(".py", ".lua", ".toml", ".html", ".js", ".css", ".json", ".txt", ".sms", ".mail", ".jinja", ".svg")
    texts = {path: path.read_text(encoding="utf-8") for path in paths if facades not in path.parents}
    wrong = [f"{path}: {found[0]}" for path, text in texts.items() if (found := VENDORS.search(f"{path.name}\n{text}"))]
    assert wrong == []


def test_no_giants() -> None:
    lengths = {
        str(path.relative_to(ROOT)): path.read_text(encoding="utf-8").count("\n")
        for path in sources(".py", ".lua", ".js", ".css", ".html")
    }
    long = {path for path, lines in lengths.items() if lines > LONGEST_FILE}
    assert long - set(LONG) == set(), "split it, or list it with a reason"


def test_no_giant_functions() -> None:
    wrong = [
        f"{name}.{node.name}: {node.end_lineno - node.lineno + 1} lines"
        for name, tree in TREES.items()
        for node in ast.walk(tree)
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
        if node.end_lineno is not None and node.end_lineno - node.lineno >= LONGEST_FUNCTION
    ]
    assert wrong == []


def test_files_are_named_after_their_subject() -> None:
    assert [str(path) for path in sources(".py", ".lua", ".js", ".css") if path.stem in BANNED_NAMES] == []


def test_every_module_says_what_it_is_for() -> None:
    """Only the empty `__init__` of a directory has nothing to say."""
    assert [name for name, tree in TREES.items() if tree.body and not ast.get_docstring(tree)] == []


@pytest.mark.parametrize("script", ["board.js"])
def test_the_boards_script_is_es5(script: str) -> None:
    """A television of 2017 shows nothing at all when it meets one newer word."""
    es5((ROOT / "displays" / "static" / script).read_text(encoding="utf-8"))


@pytest.mark.parametrize("newer", ["let a = 1", "var f = x => x", "f(`a`)", "a?.b", "var o = {a}", "f(...a)", "f(a,)"])
def test_the_es5_parser_refuses_what_is_newer(newer: str) -> None:
    with pytest.raises(SyntaxError):
        es5(newer)
