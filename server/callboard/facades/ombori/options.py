"""What an organization may choose of this API, in its site file."""

from msgspec import Struct, convert

from callboard.domain.model import Organization

API = "ombori"


class Options(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    key_everywhere: bool = False  # nothing is open without the ApiKey
    registration_list: bool = False  # registrationData is a list (O17, O18), however it came
    serving_tab: bool = True  # off: who has been checked in is not checked out as well (O23, O24)


def options_of(organization: Organization) -> Options:
    """Those of the site file, which were checked when it was read."""
    return convert(organization.apis.get(API, {}), Options)
