"""The board's files stop at what a television of 2017 can read."""

import re

from calmjs.parse import es5

from displays.server import DISPLAYS


def test_the_script_is_es5() -> None:
    source = (DISPLAYS / "static" / "board.js").read_text("utf-8")
    es5(source)  # raises at the first newer word
    bare = re.sub(r"/\*.*?\*/|//[^\n]*|'(?:\\.|[^'\\\n])*'", "''", source, flags=re.DOTALL)
    assert re.findall(r"\b(?:fetch|Promise|Map|Set|Symbol|innerHTML)\b|Object\.assign|Array\.from", bare) == []


def test_the_style_needs_nothing_newer_than_its_engines() -> None:
    style = (DISPLAYS / "static" / "board.css").read_text("utf-8")
    style = re.sub(r"/\*.*?\*/", "", style, flags=re.DOTALL)
    newer = r"grid|\bgap:|var\(|clamp\(|min\(|max\(|inset|-inline|-block(?!;)|:is\(|[^-]aspect-ratio:"
    assert re.findall(newer, style) == []
