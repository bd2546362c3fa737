"""Scripts, styles and pictures of the pages: kept for ever under an address that changes with their content."""

import hashlib
from functools import lru_cache
from pathlib import Path

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route
from starlette.staticfiles import StaticFiles

FOR_EVER = "public, max-age=31536000, immutable"
ASK_FIRST = "no-cache"
WORKERS = {"push-worker.js": "/t/"}  # service workers, and the pages that they are for, which lie elsewhere
TYPES = {  # the machine's own table may know them otherwise, or not at all
    ".js": "text/javascript; charset=utf-8",
    ".css": "text/css; charset=utf-8",
    ".json": "application/json",
    ".svg": "image/svg+xml",
    ".png": "image/png",
    ".ico": "image/x-icon",
    ".woff2": "font/woff2",
    ".mp3": "audio/mpeg",
    ".ogg": "audio/ogg",
    ".wav": "audio/wav",
    ".webmanifest": "application/manifest+json",
}


class Static:
    """One directory below /static/. Nothing outside it is served, whatever the path says."""

    def __init__(self, root: Path) -> None:
        self._root = root
        self._files = StaticFiles(directory=root)
        self.route = Route("/static/{path:path}", self._answer, methods=["GET"])

    def address(self, name: str) -> str:
        """Where a file is, with the hash of what is in it. Raises FileNotFoundError."""
        return f"/static/{name}?v={self._version(name)}"

    def _version(self, name: str) -> str:
        path = self._root / name
        changed = path.stat()
        return _hash(path, changed.st_mtime_ns, changed.st_size)

    async def _answer(self, request: Request) -> Response:
        name = self._files.get_path({**request.scope, "path": request.path_params["path"], "root_path": ""})
        response = await self._files.get_response(name, request.scope)
        asked = request.query_params.get("v")
        is_known = asked is not None and response.status_code in (200, 304) and asked == self._version(name)
        response.headers["Cache-Control"] = FOR_EVER if is_known else ASK_FIRST
        if name in WORKERS:
            response.headers["Service-Worker-Allowed"] = WORKERS[name]
        if known_type := TYPES.get(Path(name).suffix):
            response.headers["Content-Type"] = known_type
        return response


@lru_cache(maxsize=500)
def _hash(path: Path, changed_ns: int, size: int) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()[:12]
