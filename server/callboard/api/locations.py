"""Locations, for whoever wants to come: which queues there are, and how long they are."""

from callboard.api.language import chosen
from callboard.api.operation import Asked, Operation
from callboard.api.shapes import InLanguage
from callboard.screens import LocationView


async def _location(asked: Asked[None, InLanguage]) -> LocationView:
    location = asked.services.directory.location(asked.ids["location"])
    lang = chosen(asked.request, location.languages, asked=asked.query.lang)
    return await asked.services.screens.location(location.id, lang)


OPERATIONS = (
    Operation(
        name="location",
        method="GET",
        path="/locations/{location}",
        tag="visitors",
        summary="A location: whether it is open, its queues, and how long one waits",
        do=_location,
        asks=InLanguage,
        answers=LocationView,
        open=True,
        limit="look",
    ),
)
