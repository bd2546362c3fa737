"""`registrationData` in its two forms: an object by field name (S0), and a list of fields (O17, O18)."""

from callboard.facades.ombori.models import RegistrationData
from callboard.facades.ombori.options import Options


def registration_data(data: RegistrationData | None, options: Options) -> RegistrationData | None:
    """As it came, or as a list where the organization wants that. A field without `{value}` around it is one, too."""
    if not options.registration_list or not isinstance(data, dict):
        return data
    return [{"name": name} | (field if isinstance(field, dict) else {"value": field}) for name, field in data.items()]
