"""The APIs that others have taught their integrators, each in a room of its own; here they are listed."""

from collections.abc import Callable, Mapping, Sequence

from msgspec import Struct
from starlette.routing import BaseRoute

from callboard.domain.watch import Shape
from callboard.facades.agendize import routes as agendize
from callboard.facades.agendize.options import Options as AgendizeOptions
from callboard.facades.agendize.shape import RegistrationShape
from callboard.facades.bloom import routes as bloom
from callboard.facades.ombori import live as ombori_live
from callboard.facades.ombori import routes as ombori
from callboard.facades.ombori.code import ticket_of_code
from callboard.facades.ombori.options import Options as OmboriOptions
from callboard.facades.ombori.shape import Webhooks
from callboard.facades.qflow import routes as qflow
from callboard.foreign.operation import Face
from callboard.lines import Lines
from callboard.noticed import SHAPE, OwnShape
from callboard.screens import View

FACES: Sequence[Face] = (*agendize.faces, *bloom.faces, ombori.face, qflow.face)
# By name: what a webhook receiver is told, and how.
SHAPES: Mapping[str, Shape] = {"agendize": RegistrationShape(), SHAPE: OwnShape(), "ombori": Webhooks()}
# What an organization may choose in its site file, by the API's name: its answers differ then.
OPTIONS: Mapping[str, type[Struct]] = {"agendize": AgendizeOptions, "ombori": OmboriOptions}
# Each reads what a scanner read: a ticket's id, or None.
CODES: Sequence[Callable[[str], str | None]] = (ticket_of_code,)
# Addresses beside the faces' own that somebody listens to, and the documents that are told there, by kind of channel.
LIVE: Sequence[Callable[[Lines], Sequence[BaseRoute]]] = (ombori_live.live_routes,)
VIEWS: Mapping[str, View] = {ombori_live.CHANNEL: ombori_live.view}
NAMES: Sequence[str] = ("agendize", "bloom", "ombori", "qflow")  # what a key may be for
