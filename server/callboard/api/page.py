"""A page as somebody gets it: the template in displays/, its texts, in a language they read."""

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from babel import Locale
from jinja2 import Environment, FileSystemLoader, StrictUndefined
from starlette.requests import Request
from starlette.responses import HTMLResponse

from callboard.api.language import chosen
from callboard.api.static import Static

YEAR_S = 365 * 24 * 3600
PRIVATE = {"Cache-Control": "no-store", "X-Robots-Tag": "noindex"}


class Pages:
    """Renders `<root>/<name>.html` with the texts of `<root>/texts/<language>/<name>.json`."""

    def __init__(self, root: Path, static: Static, *, secure: bool) -> None:
        self._texts = root / "texts"
        self.static = static
        self._secure = secure
        self._environment = Environment(loader=FileSystemLoader(root), autoescape=True, undefined=StrictUndefined)

    def languages_of(self, name: str) -> list[str]:
        """Those that a page has texts in, English first: what people see speaks more of them than what staff see."""
        found = sorted(path.parent.name for path in self._texts.glob(f"*/{name}.json"))
        return sorted(found, key=lambda lang: lang != "en")

    def answer(
        self,
        request: Request,
        name: str,
        languages: Sequence[str],
        context: Mapping[str, Any],
        *,
        lang: str = "",
        status: int = 200,
    ) -> HTMLResponse:
        """The page in `lang`, else in the language that the request asks for. A ?lang= is remembered.

        Where there are no texts in that language they are English; names, times and tickets still are in it.
        """
        asked = request.query_params.get("lang", "")
        lang = lang or language_of(request, languages)
        written, texts = self._read(name, lang)
        html = self._environment.get_template(f"{name}.html").render(
            lang=lang,
            dir="rtl" if Locale.parse(written).character_order == "right-to-left" else "ltr",
            languages=[{"code": code, "name": own_name(code)} for code in languages],
            texts=texts,
            static=self.static.address,
            **{"document": None, **context},
        )
        response = HTMLResponse(html, status, PRIVATE | {"Content-Language": lang, "Vary": "Accept-Language, Cookie"})
        if asked in languages:
            response.set_cookie("lang", asked, YEAR_S, secure=self._secure, httponly=True, samesite="lax")
        return response

    def texts(self, name: str, lang: str) -> dict[str, Any]:
        """Those of a page, for another one that shows the same."""
        return self._read(name, lang)[1]

    def _read(self, name: str, lang: str) -> tuple[str, dict[str, Any]]:
        """The language that the texts are in, and the texts; English where there are none."""
        path = self._texts / lang / f"{name}.json"
        if not path.is_file():
            lang, path = "en", self._texts / "en" / f"{name}.json"
        texts: dict[str, Any] = json.loads(path.read_text("utf-8"))
        return lang, texts


def language_of(request: Request, languages: Sequence[str]) -> str:
    """Of ?lang=, the cookie and the browser's languages the first that is known; else the first that there is."""
    return chosen(request, languages, asked=request.query_params.get("lang"), cookie=True)


def own_name(code: str) -> str:
    """A language's name in itself."""
    name = Locale.parse(code).get_display_name(code) or code
    return name[0].upper() + name[1:]
