"""The board's files stop at what a television of 2017 can read."""

import re

from displays.server import DISPLAYS


def test_the_script_is_es5() -> None:
    source = (DISPLAYS / "static" / "board.js").read_text("utf-8")
    bare = re.sub(r"/\*.*?\*/|//[^\n]*|'(?:\\.|[^'\\\n])*'|/\\[^\n]*?/g", "''", source, flags=re.DOTALL)
    newer = re.findall(
        r"\b(?:let|const|class|async|await|yield|import|export|of)\b|=>|`|\.\.\.|\?\?|\?\.|\*\*|,\s*\)", bare
    )
    assert newer == []
    assert not re.search(r"\b(?:fetch|Promise|Map|Set|Symbol)\b|Object\.assign|Array\.from|innerHTML", bare)


def test_the_style_needs_nothing_newer_than_its_engines() -> None:
    style = (DISPLAYS / "static" / "board.css").read_text("utf-8")
    style = re.sub(r"/\*.*?\*/", "", style, flags=re.DOTALL)
    newer = r"grid|\bgap:|var\(|clamp\(|min\(|max\(|inset|-inline|-block(?!;)|:is\(|[^-]aspect-ratio:"
    assert re.findall(newer, style) == []
