"""Units: an organization is the root, its locations are below it (Q13 INF). Their names, numbers and paths."""

from zoneinfo import ZoneInfo

from callboard.domain.identity import location_number
from callboard.domain.model import Location, Organization
from callboard.domain.names import name_in
from callboard.domain.typed import Text
from callboard.facades.qflow.codes import Codes

ROOT = 0  # UnitId of the organization: no location has it


def short(text: str, most: int) -> str:
    """As much as a field of the vendor takes."""
    return text[:most]


def name_of(text: Text, location: Location) -> str:
    """In the location's first language: to a program a name is the same whoever waits."""
    return name_in(text, location.languages[0], location.languages[0])


def unit_name(location: Location) -> str:
    return short(name_of(location.name, location), 50)


def root_name(organization: Organization) -> str:
    return short(name_in(organization.name, "en", "en"), 50)


def unit_description(location: Location) -> str:
    """Where it is, if that is known; S3 does not describe it (INF)."""
    where = ", ".join(filter(None, (location.address, location.city, location.region)))
    return short(where or name_of(location.name, location), 250)


def unit_path(organization: Organization, location: Location) -> str:
    """Such as \\NEXA\\NSW\\Bondi Junction (S3); its region stands between, if it has one."""
    parts = (name_in(organization.name, "en", "en"), location.region, name_of(location.name, location))
    return short("".join("\\" + part.replace("\\", "/") for part in parts if part), 2000)


def unit_id(location: Location) -> int:
    return location_number(location)


def zone_of(location: Location) -> ZoneInfo:
    return ZoneInfo(location.time_zone)


def server_zone(codes: Codes, locations: tuple[Location, ...]) -> ZoneInfo:
    """The zone of the dates that the vendor has on its server's clock."""
    return ZoneInfo(codes.server.time_zone or (locations[0].time_zone if locations else "UTC"))
