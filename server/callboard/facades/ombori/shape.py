"""Webhooks as the vendor sends them: twelve types, each with the position as it stood, in one envelope."""

from typing import Any

import msgspec
from msgspec import UNSET
from msgspec.structs import replace

from callboard.domain.directory import Directory
from callboard.domain.events import Event
from callboard.domain.model import Location, Organization
from callboard.domain.names import name_in
from callboard.domain.watch import Notice, Outgoing, Watch
from callboard.facades.ombori.messages import message
from callboard.facades.ombori.models import Data, Envelope, Place, Position, ServedBy
from callboard.facades.ombori.options import Options, options_of
from callboard.facades.ombori.position import position
from callboard.facades.ombori.translation import WITHOUT_MESSAGE, webhook_of

_encode = msgspec.json.Encoder().encode


class Webhooks:
    """The shape of the twelve types. The position is that of the event, its person and its numbers those of now."""

    scheduled = False

    def wants(self, event: Event, watch: Watch) -> bool:
        return webhook_of(event) is not None

    async def render(self, watch: Watch, notice: Notice, reads: Any) -> Outgoing | None:
        directory: Directory = reads.directory
        organization = directory.organization(notice.standing.location.id)
        type = type_of(notice, options_of(organization))
        return Outgoing(_encode(envelope(type, notice, organization))) if type else None


def type_of(notice: Notice, options: Options) -> str | None:
    """Without a serving tab nobody is checked out: whoever was not checked in before is told of as fulfilled."""
    type = webhook_of(notice.event)
    if type == "positionCompleted" and not options.serving_tab:
        return None if notice.ticket.started_at is not None else "positionFulfilled"
    return type


def envelope(type: str, notice: Notice, organization: Organization) -> Envelope:
    """O10: message, data.position, type, organization."""
    standing = notice.standing
    place = Place(
        location_name=_name(standing.location),
        organization_title=name_in(organization.name, standing.ticket.locale, standing.location.languages[0]),
    )
    shown = _as_sampled(type, replace(position(standing, options_of(organization), staff=True), location=place))
    said = UNSET if type in WITHOUT_MESSAGE else message(type, standing, shown.label, notice.base_url)
    return Envelope(message=said, data=Data(shown), type=type, organization=organization.id)


def _as_sampled(type: str, shown: Position) -> Position:
    """Nulls and empty objects that the samples of single types show."""
    if type == "positionRemoved":  # O11
        return replace(shown, served_by=ServedBy(), station=None)
    if type == "bookingActivated":  # O12
        return replace(shown, leave_reminder_at=None, leave_at=None)
    return shown


def _name(location: Location) -> str:
    return name_in(location.name, location.languages[0], location.languages[0])
