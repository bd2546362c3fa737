"""What an organization may choose of this API, in its site file."""

from msgspec import Struct, convert

from callboard.domain.model import Organization
from callboard.facades.agendize.kept import FACADE


class Options(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    next_by_get: bool = False  # GET of `next` takes the first who waits at the address of version 2.0
    keep_place: bool = False  # who is `registered` again stands where they stood, not at the end


def options_of(organization: Organization) -> Options:
    """Those of the site file, which were checked when it was read."""
    return convert(organization.apis.get(FACADE, {}), Options)
