"""Settings: defaults < callboard.toml < CALLBOARD_* environment < flags; an unknown key is an error that names it."""

from collections.abc import Iterator, Mapping
from ipaddress import ip_network
from pathlib import Path
from typing import Annotated, Any, Literal

import msgspec
from msgspec import Meta, Struct

from callboard.decode import convert, read_toml
from callboard.errors import Invalid, Mistake
from callboard.mistakes import did_you_mean

PREFIX = "CALLBOARD_"
FILE_SUFFIX = "_FILE"
DEFAULT_FILE = Path("callboard.toml")
SECRETS = frozenset({"redis", "twilio_auth_token", "smtp_password"})  # never printed; an address may hold a password


def _says(help: str, **rules: Any) -> Meta:
    return Meta(description=help, **rules)


class Settings(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What an operator may decide. Each field's description is its help, in the README and on the command line."""

    host: Annotated[str, _says("address to listen on", min_length=1)] = "127.0.0.1"
    port: Annotated[int, _says("port to listen on; 0 takes a free one", ge=0, le=65535)] = 8080
    workers: Annotated[
        int, _says("processes that answer, on one port and one store; as many as there are cores", ge=1, le=64)
    ] = 1
    reuse_port: Annotated[
        bool, _says("lets another server with the same `redis` listen on this port too, while one takes over")
    ] = False
    tls_cert: Annotated[str, _says("certificate with its chain, PEM: serves https; read again on SIGHUP")] = ""
    tls_key: Annotated[str, _says("the certificate's private key, PEM, without a password")] = ""
    data_dir: Annotated[str, _says("directory for the store, the archive and the first site file", min_length=1)] = (
        "data"
    )
    redis: Annotated[str, _says("address of your own Redis or Valkey; empty: a private one in the data directory")] = ""
    site: Annotated[tuple[str, ...], _says("site file; may be given more than once")] = ()
    public_url: Annotated[
        str,
        _says(
            "address that people's phones reach this server by; empty: made of host and port",
            pattern=r"^(https?://[^/\s?#]+(/[^\s?#]*[^/\s?#])?)?$(?!\n)",
            extra={"words": "an address such as https://tickets.example.org, without a slash at its end"},
        ),
    ] = ""
    trusted_proxies: Annotated[
        tuple[str, ...], _says("addresses of reverse proxies whose X-Forwarded-For is believed")
    ] = ()
    log_level: Annotated[
        Literal["debug", "info", "warning", "error"], _says("least severity that is written to the log")
    ] = "info"
    templates_dir: Annotated[str, _says("directory of message templates that come before the built-in ones")] = ""
    twilio_account_sid: Annotated[str, _says("Twilio account; empty: text messages stay in the outbox")] = ""
    twilio_auth_token: Annotated[str, _says("Twilio's secret")] = ""
    twilio_from: Annotated[str, _says("number or name that texts come from")] = ""
    twilio_messaging_service: Annotated[str, _says("Twilio messaging service, instead of a number")] = ""
    twilio_api_base: Annotated[str, _says("address of the carrier's API, where it is not Twilio's own")] = ""
    smtp_host: Annotated[str, _says("mail server; empty: e-mail stays in the outbox")] = ""
    smtp_port: Annotated[int, _says("mail server's port", ge=1, le=65535)] = 587
    smtp_user: Annotated[str, _says("name to sign in to the mail server with; empty: no sign-in")] = ""
    smtp_password: Annotated[str, _says("password for the mail server")] = ""
    smtp_tls: Annotated[Literal["starttls", "tls", "none"], _says("how the way to the mail server is encrypted")] = (
        "starttls"
    )
    mail_from: Annotated[str, _says("address that e-mail comes from")] = ""
    owner_email: Annotated[str, _says("is told when a webhook is told no more; empty: the log says so")] = ""
    web_push: Annotated[
        bool, _says("offers notifications on the ticket page where it is opened by https; they go before texts")
    ] = True
    webhook_private_networks: Annotated[
        tuple[str, ...], _says("networks such as 10.1.0.0/16 that webhooks may be sent to though they are not public")
    ] = ()
    identities: Annotated[
        tuple[str, ...],
        _says(
            "who checks what people sign in with elsewhere: google=package.module:check; may be given more than once"
        ),
    ] = ()
    body_limit_bytes: Annotated[int, _says("longest request body", ge=1024, le=16777216)] = 65536
    join_per_minute: Annotated[
        int, _says("tickets that one address may take in a minute; a lobby may share one", ge=1, le=10000)
    ] = 20
    numbers_per_hour: Annotated[
        int, _says("phone numbers that one address may leave in an hour; a lobby may share one", ge=1, le=100000)
    ] = 60
    session_hours: Annotated[float, _says("how long staff stay signed in", gt=0, le=720)] = 12
    store_wait_s: Annotated[float, _says("how long a request waits for a store that is away", ge=0, le=60)] = 3
    store_copies: Annotated[
        Literal["auto", "0", "1", "2"],
        _says("replicas that have to have a change before it is acknowledged; auto: one, where there are any"),
    ] = "auto"

    @property
    def url(self) -> str:
        """Where a browser finds this server: `public_url`, else host and port, a wildcard host being this machine."""
        host = {"0.0.0.0": "127.0.0.1", "::": "[::1]"}.get(self.host, self.host)
        named = f"[{host}]" if ":" in host and host[0] != "[" else host
        return self.public_url or f"{self.scheme}://{named}:{self.port}"

    @property
    def texts_from(self) -> str:
        """Whom people answer, and whose texts they opt out of."""
        return self.twilio_messaging_service or self.twilio_from

    @property
    def scheme(self) -> str:
        """What is spoken at the port itself."""
        return "https" if self.tls_cert else "http"

    def __repr__(self) -> str:
        shown = (f"{name}={'***' if name in SECRETS and value else repr(value)}" for name, value in _items(self))
        return f"Settings({', '.join(shown)})"

    def __rich_repr__(self) -> list[tuple[str, object]]:
        return [(name, "***" if name in SECRETS and value else value) for name, value in _items(self)]


def load(config: Path | None, env: Mapping[str, str], flags: Mapping[str, object]) -> Settings:
    """The settings of one run. Without `config`, ./callboard.toml is read if it is there.

    `flags` holds only what was given, by field name. Raises `Invalid`, each mistake saying key and source.
    """
    mistakes: list[Mistake] = []
    given: dict[str, object] = {}
    for values in (_from_file(config, mistakes), _from_environment(env, mistakes), _from_flags(flags, mistakes)):
        given.update(values)
    settings = convert(given, Settings, strict=False)
    mistakes.extend(_alone(settings))
    if mistakes:
        raise Invalid(mistakes)
    return settings


def help_of(field: str) -> str:
    """One line about a setting."""
    meta = next(m for m in Settings.__annotations__[field].__metadata__ if isinstance(m, Meta))
    return meta.description or ""


def _alone(settings: Settings) -> Iterator[Mistake]:
    """What no type says: settings that need another one beside them, and networks."""
    if bool(settings.tls_cert) != bool(settings.tls_key):
        missing, given = ("tls_key", "tls_cert") if settings.tls_cert else ("tls_cert", "tls_key")
        yield Mistake(missing, f"is needed beside {given}")
    if settings.tls_cert and settings.public_url.startswith("http:"):
        yield Mistake("public_url", "has to begin with https:// beside tls_cert")
    if settings.reuse_port and not settings.redis:
        yield Mistake("redis", "is needed beside reuse_port: two servers with a store each are two waiting rooms")
    if settings.twilio_account_sid:
        if not settings.twilio_auth_token:
            yield Mistake("twilio_auth_token", "is needed beside twilio_account_sid")
        if not (settings.twilio_from or settings.twilio_messaging_service):
            yield Mistake("twilio_from", "this or twilio_messaging_service is needed beside twilio_account_sid")
    if settings.smtp_host and not settings.mail_from:
        yield Mistake("mail_from", "is needed beside smtp_host")
    if settings.smtp_user and not settings.smtp_password:
        yield Mistake("smtp_password", "is needed beside smtp_user")
    for index, network in enumerate(settings.webhook_private_networks):
        try:
            ip_network(network)
        except ValueError:
            yield Mistake(f"webhook_private_networks.{index}", f"'{network}' is no network such as 10.1.0.0/16")


def _from_file(config: Path | None, mistakes: list[Mistake]) -> dict[str, object]:
    path = config or DEFAULT_FILE
    if config is None and not path.is_file():
        return {}
    try:
        values = read_toml(path.read_bytes())
    except OSError as error:
        mistakes.append(Mistake(str(path), f"cannot be read: {error.strerror}"))
        return {}
    except Invalid as error:
        mistakes.extend(Mistake(str(path), m.what) for m in error.mistakes)
        return {}
    for key in sorted(values.keys() - set(Settings.__struct_fields__)):
        mistakes.append(Mistake(key, f"unknown key{did_you_mean(key, Settings.__struct_fields__)} (in {path})"))
    return _checked({k: v for k, v in values.items() if k in Settings.__struct_fields__}, f"in {path}", True, mistakes)


def _from_environment(env: Mapping[str, str], mistakes: list[Mistake]) -> dict[str, object]:
    """CALLBOARD_PORT is `port`; CALLBOARD_SMTP_PASSWORD_FILE names a file that holds `smtp_password`."""
    given: dict[str, object] = {}
    for variable in sorted(env):
        if not variable.startswith(PREFIX):
            continue
        name = variable.removeprefix(PREFIX).lower()
        if name in Settings.__struct_fields__:
            given.update(_checked({name: env[variable]}, f"from {variable}", False, mistakes))
        elif (secret := name.removesuffix(FILE_SUFFIX.lower())) in SECRETS:
            if PREFIX + secret.upper() in env:
                mistakes.append(Mistake(secret, f"{variable} and {PREFIX}{secret.upper()} are both set"))
            else:
                given.update(_checked(_secret_file(secret, env[variable], variable, mistakes), "", False, mistakes))
        else:
            known = [PREFIX + field.upper() for field in Settings.__struct_fields__]
            mistakes.append(Mistake(variable, f"unknown variable{did_you_mean(variable, known)}"))
    return given


def _secret_file(name: str, path: str, variable: str, mistakes: list[Mistake]) -> dict[str, object]:
    try:
        return {name: Path(path).read_text(encoding="utf-8").rstrip("\r\n")}
    except (OSError, UnicodeDecodeError) as error:
        why = error.strerror if isinstance(error, OSError) else "not UTF-8"
        mistakes.append(Mistake(name, f"{path} cannot be read: {why} (from {variable})"))
        return {}


def _from_flags(flags: Mapping[str, object], mistakes: list[Mistake]) -> dict[str, object]:
    given: dict[str, object] = {}
    for name, value in flags.items():
        flag = "--" + name.replace("_", "-")
        if name in Settings.__struct_fields__:
            given.update(_checked({name: value}, f"from {flag}", False, mistakes))
        else:
            mistakes.append(Mistake(flag, f"unknown flag{did_you_mean(name, Settings.__struct_fields__)}"))
    return given


def _checked(values: dict[str, Any], source: str, strict: bool, mistakes: list[Mistake]) -> dict[str, object]:
    """The values, those that are wrong left out and told with their source; a single text stands for a list of one."""
    values = {name: _listed(value) if name in LISTS else value for name, value in values.items()}
    try:
        convert(values, Settings, strict=strict)
    except Invalid as error:
        mistakes.extend(Mistake(m.where, f"{m.what} ({source})") for m in error.mistakes)
        wrong = {m.where.partition(".")[0] for m in error.mistakes}
        return {name: value for name, value in values.items() if name not in wrong}
    return values


def _listed(value: object) -> object:
    """In the environment a list is written with commas."""
    if isinstance(value, str):
        return [part.strip() for part in value.split(",") if part.strip()]
    return list(value) if isinstance(value, tuple) else value


def _items(settings: Settings) -> Iterator[tuple[str, object]]:
    return ((name, getattr(settings, name)) for name in settings.__struct_fields__)


LISTS = frozenset(field.name for field in msgspec.structs.fields(Settings) if isinstance(field.default, tuple))
