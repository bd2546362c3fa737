"""A carrier on loopback that speaks Twilio's HTTP, keeps what it accepted, and misbehaves when told to."""

import base64
import socket
from asyncio import Event, TaskGroup
from collections import deque
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from email.utils import format_datetime
from typing import Any, NamedTuple

import uvicorn
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route
from starlette.types import Receive, Scope, Send
from twilio.request_validator import RequestValidator  # type: ignore[import-untyped]

OURS = "+46700000001"  # the number that people answer to
SID, TOKEN = "AC" + "0" * 32, "carrier-secret"
PATH = "/2010-04-01/Accounts/{sid}/Messages.json"


class Call(NamedTuple):
    """A request of the carrier's to us."""

    address: str
    fields: Mapping[str, str]
    headers: Mapping[str, str]


def signed(address: str, fields: Mapping[str, str], token: str = TOKEN) -> Call:
    """Signed by the carrier's own package."""
    signature = RequestValidator(token).compute_signature(address, fields)
    return Call(address, fields, {"X-Twilio-Signature": signature})


class Lost(Response):
    """The answer breaks off: the connection ends in the middle of it."""

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        await send({"type": "http.response.start", "status": 201, "headers": [(b"content-length", b"100")]})
        await send({"type": "http.response.body", "body": b"{", "more_body": True})


class _Server(uvicorn.Server):
    def __init__(self, config: uvicorn.Config) -> None:
        super().__init__(config)
        self.up = Event()

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        self.up.set()


class Carrier:
    """`misbehave` says what the next posts meet, one each: an HTTP status, an error code, or one of
    "accept and fail", "accept and lose", "hang". `deaf` makes the list of messages fail as well."""

    def __init__(self, clock: Callable[[], int]) -> None:
        self.accepted: list[dict[str, str]] = []
        self.posts = 0
        self.lists = 0
        self.misbehave: deque[int | str] = deque()
        self.always: int | str | None = None
        self.deaf = False
        self.rest_s = 0  # how long it asks to be left alone with a 429
        self.hanging = Event()
        self.base = ""
        self.public = "https://queue.example.org"  # where it has been told to call
        self.brought = 1000
        self._clock = clock
        self._kept: list[dict[str, Any]] = []

    def texts(self, to: str = "") -> list[str]:
        """What people got, in order."""
        return [form["Body"] for form in self.accepted if not to or form["To"] == to]

    def calls(self, text: int, status: str, code: int = 0) -> "Call":
        """What it calls us with when the n-th accepted text has come so far."""
        kept = self._kept[text]
        fields = {"MessageSid": kept["sid"], "SmsSid": kept["sid"], "SmsStatus": status, "MessageStatus": status}
        fields |= {"To": kept["to"], "From": kept["from"] or OURS, "AccountSid": SID, "ApiVersion": "2010-04-01"}
        return signed(self.accepted[text]["StatusCallback"], fields | ({"ErrorCode": str(code)} if code else {}))

    def brings(self, words: str, number: str, *, id: int = 0, at: str = "/carrier/incoming", **more: str) -> Call:
        """What it calls us with when somebody has texted us; each time another text, but for one with an `id`."""
        self.brought += 1
        sid = f"SM{id or self.brought:032x}"
        fields = {"MessageSid": sid, "From": number, "To": OURS, "Body": words, "NumMedia": "0", "AccountSid": SID}
        return signed(f"{self.public}{at}", fields | more)

    @asynccontextmanager
    async def serve(self) -> AsyncIterator["Carrier"]:
        with socket.socket() as listener:
            listener.bind(("127.0.0.1", 0))
            self.base = f"http://127.0.0.1:{listener.getsockname()[1]}"
            routes = [Route(PATH, self._post, methods=["POST"]), Route(PATH, self._list, methods=["GET"])]
            config = uvicorn.Config(Starlette(routes=routes), lifespan="off", log_config=None)
            server = _Server(config)
            async with TaskGroup() as tasks:
                tasks.create_task(server.serve([listener]))
                await server.up.wait()
                try:
                    yield self
                finally:
                    self.hanging.set()
                    server.should_exit = True

    async def _post(self, request: Request) -> Response:
        self.posts += 1
        form = {name: str(value) for name, value in (await request.form()).items()}
        assert request.headers["authorization"] == "Basic " + base64.b64encode(f"{SID}:{TOKEN}".encode()).decode()
        assert form["To"] and form["Body"] and ("From" in form or "MessagingServiceSid" in form)
        mode = self.misbehave.popleft() if self.misbehave else self.always
        if mode == "hang":
            await self.hanging.wait()
        if isinstance(mode, int):
            return _refusal(mode, self.rest_s)
        message = self._accept(form)
        if mode == "accept and fail":
            return _refusal(500)
        return Lost() if mode == "accept and lose" else JSONResponse(message, 201)

    async def _list(self, request: Request) -> Response:
        self.lists += 1
        if self.deaf:
            return _refusal(503)
        to = request.query_params.get("To")
        return JSONResponse({"messages": [m for m in reversed(self._kept) if m["to"] == to], "page_size": 50})

    def _accept(self, form: dict[str, str]) -> dict[str, Any]:
        self.accepted.append(form)
        message = {
            "sid": f"SM{len(self.accepted):032}",
            "account_sid": SID,
            "to": form["To"],
            "from": form.get("From"),
            "body": "Sent from your trial account - " + form["Body"],
            "status": "queued",
            "direction": "outbound-api",
            "date_created": format_datetime(datetime.fromtimestamp(self._clock() / 1000, UTC)),
            "date_sent": None,
            "error_code": None,
            "num_segments": "1",
        }
        self._kept.append(message)
        return message


def _refusal(mode: int, rest_s: int = 0) -> Response:
    status = mode if mode < 1000 else 400
    headers = {"Retry-After": str(rest_s)} if rest_s and status == 429 else {}
    said = {"code": mode if mode >= 1000 else 20000 + mode, "message": "no", "status": status}
    return JSONResponse(said, status, headers)
