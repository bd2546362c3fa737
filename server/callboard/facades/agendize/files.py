"""Files of a form: in as a data URI, kept beside the person and erased with them, out as a link that opens one file."""

import base64
import binascii
import hashlib
import hmac
import mimetypes
import re
from collections.abc import Mapping
from urllib.parse import quote, unquote_to_bytes

import msgspec
from msgspec import Struct

MEDIA_TYPE = re.compile(r"[a-z0-9][a-z0-9!#$&^_.+-]{0,60}/[a-z0-9][a-z0-9!#$&^_.+-]{0,100}")
PARAMETERS = re.compile(r"(;[A-Za-z0-9!#$&^_.+-]{1,60}=[A-Za-z0-9!#$&^_.+\"-]{0,60}){0,5}")
UNNAMED = "file"


class File(Struct, frozen=True, kw_only=True):
    """`data` is in base64."""

    name: str
    type: str
    data: str


def read_file(uri: str, name: str | None) -> File | None:
    """What a data URI holds; None where it is none. Without a name it is "file", ending as its type does."""
    head, comma, data = uri.partition(",")
    if not comma or head[:5].lower() != "data:":
        return None
    kind, is_base64 = (head[5:-7], True) if head[-7:].lower() == ";base64" else (head[5:], False)
    media_type, _, parameters = kind.partition(";")
    media_type = media_type.lower() or "text/plain"
    if not MEDIA_TYPE.fullmatch(media_type) or not PARAMETERS.fullmatch(f";{parameters}" if parameters else ""):
        return None
    try:
        content = base64.b64decode(unquote_to_bytes(data), validate=True) if is_base64 else unquote_to_bytes(data)
    except binascii.Error:
        return None
    name = name or UNNAMED + (mimetypes.guess_extension(media_type) or "")
    return File(name=name, type=media_type, data=base64.b64encode(content).decode())


def read_files(attachments: str) -> dict[str, File]:
    """By number, as they are kept; what another facade keeps there is none of ours."""
    try:
        return msgspec.json.decode(attachments or "{}", type=dict[str, File])
    except msgspec.DecodeError:
        return {}


def write_files(files: Mapping[str, File]) -> str:
    return msgspec.json.encode(files).decode() if files else ""


def file_id(number: str, token: str) -> str:
    """What opens one file and nothing else, and follows from the secret of its person, with whom it is erased."""
    digest = hmac.digest(token.encode(), f"agendize file {number}".encode(), hashlib.sha256)
    return f"{number}-{base64.urlsafe_b64encode(digest[:18]).decode()}"


def number_of(id: str, token: str) -> str | None:
    """Which file an id opens; None for one that was not made with this secret."""
    number = id.partition("-")[0]
    return number if hmac.compare_digest(file_id(number, token).encode(), id.encode()) else None


def disposition(name: str) -> str:
    """The header by which a browser saves the file, and never shows it as a page of ours."""
    plain = re.sub(r"[^A-Za-z0-9 ._-]", "_", name)
    return f"attachment; filename=\"{plain}\"; filename*=UTF-8''{quote(name, safe='')}"
