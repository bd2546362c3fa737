"""Somebody texts us: the carrier hands it over, and sends what we answer it with."""

import re
from functools import cache
from pathlib import Path
from xml.sax.saxutils import escape

from starlette.requests import Request
from starlette.responses import Response

from callboard.assets import TEMPLATES
from callboard.contact import e164
from callboard.notify.render import Renderer
from callboard.notify.spending import Spending
from callboard.services import Services, services_of
from callboard.store.text_budget import TextBudget
from callboard.texting.commands import read_words
from callboard.texting.conversation import Conversation, Text
from callboard.texting.outgoing import Outgoing
from callboard.texting.signature import signed_form

OPT = frozenset({"stop", "start", "help"})
ID = re.compile(r"[A-Z]{2}[0-9a-f]{32}")


async def incoming(request: Request) -> Response:
    """POST /carrier/incoming: the answer to the text is the answer to the request. Who has no number of their own, such
    as a service, is not answered."""
    form = await signed_form(request)
    services = services_of(request)
    fields = {name: str(value) for name, value in form.items()}
    sender = fields.get("From", "")
    number = e164(sender, "ZZ") if sender.startswith("+") else None
    if not number or number == services.settings.twilio_from or not ID.fullmatch(fields.get("MessageSid", "")):
        return _say("")
    renderer, words = _language(services.settings.templates_dir)
    outgoing = _outgoing(services)
    talks = Conversation(services.store, services.reads, services.opt_outs, outgoing, renderer, words, services.clock)
    opt = fields.get("OptOutType", "").lower()
    text = Text(fields["MessageSid"], number, fields.get("Body", ""), opt if opt in OPT else "")
    return _say(await talks.answer(text))


def _outgoing(services: Services) -> Outgoing:
    budget = TextBudget(services.store.connection, services.clock)
    spending = Spending(services.reads, budget)
    return Outgoing(services.reads, spending, services.outbox, services.clock, services.metrics.delivered)


@cache
def _language(templates_dir: str) -> tuple[Renderer, dict[str, str]]:
    """What we say, and what we are told."""
    roots = [*([Path(templates_dir)] if templates_dir else []), TEMPLATES]
    return Renderer(roots), dict(read_words(roots))


def _say(text: str) -> Response:
    """One text to whom we answer, or none."""
    said = "".join(c for c in text if c.isprintable() or c == "\u200f")
    message = f"<Message>{escape(said)}</Message>" if said else ""
    body = f'<?xml version="1.0" encoding="UTF-8"?><Response>{message}</Response>'
    return Response(body, media_type="text/xml", headers={"Cache-Control": "no-store"})
