"""Signing in, signing out, and the first administrator."""

from typing import Annotated

from msgspec import Meta, Struct
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from callboard import auth, http
from callboard.domain.directory import Unknown
from callboard.services import Services, services_of
from callboard.store.accounts import NAME_LONGEST, LinkOver, User, user_id
from callboard.store.passwords import LONGEST, SHORTEST, Busy
from callboard.store.secret import fingerprint

UserName = Annotated[str, Meta(min_length=1, max_length=NAME_LONGEST)]


class SignIn(Struct, frozen=True, forbid_unknown_fields=True):
    user: UserName
    password: Annotated[str, Meta(max_length=LONGEST)]


class SetUp(Struct, frozen=True, forbid_unknown_fields=True):
    """The token is that of /setup/{token}."""

    token: Annotated[str, Meta(max_length=64)]
    user: UserName
    password: Annotated[str, Meta(min_length=SHORTEST, max_length=LONGEST)]


class SignedIn(Struct, frozen=True):
    """`csrf` goes into the header X-CSRF-Token of every write."""

    user: str
    csrf: str


async def session(request: Request) -> Response:
    methods = {"POST": _sign_in, "DELETE": _sign_out}
    return await methods.get(request.method, _who)(request)


async def set_up(request: Request) -> Response:
    """Makes the first administrator, of the first organization, and signs them in. The link works once; one that does
    not is answered like any secret that opens nothing."""
    services = services_of(request)
    auth.check_origin(request)
    await services.limit(request, "login")
    given = await http.read(request, SetUp)
    organization = services.directory.sites[0].organization.id
    try:
        user = await services.accounts.set_up(given.token, given.user, given.password, organization=organization)
    except LinkOver:
        raise Unknown("token", "") from None
    except Busy:
        raise _busy() from None
    return await _begin(request, user, 201)


async def _sign_in(request: Request) -> Response:
    """The answer does not tell an unknown name from a wrong password, and takes as long."""
    services = services_of(request)
    auth.check_origin(request)
    await services.limit(request, "login")
    given = await http.read(request, SignIn)
    user = await _checked(services, given)
    if user is None:
        raise http.Denied("The name or the password is wrong.", "wrong_password")
    return await _begin(request, user, 200)


async def _checked(services: Services, given: SignIn) -> User | None:
    """Every try counts against the account before it is looked at, so that many at once are not more than many."""
    account = fingerprint(user_id(given.user))
    await services.take("account", account)
    try:
        user = await services.accounts.sign_in(given.user, given.password)
    except Busy:
        await services.give_back("account", account)
        raise _busy() from None
    if user is not None:
        await services.give_back("account", account)
    return user


async def _sign_out(request: Request) -> Response:
    """Also for whoever is not signed in."""
    if await auth.session(request):
        await auth.staff(request)
    response = http.answer(None, 204)
    await auth.end_session(request, response)
    return response


async def _who(request: Request) -> Response:
    caller = await auth.staff(request)
    return http.answer(SignedIn(caller.name, caller.csrf))


async def _begin(request: Request, user: User, status: int) -> Response:
    caller, token = await auth.begin_session(request, user)
    response = http.answer(SignedIn(caller.name, caller.csrf), status)
    auth.give_cookie(response, token, services_of(request).settings)
    return response


def _busy() -> http.Problem:
    return http.Problem(503, "busy", "Too many sign in at this moment; try again.", {"Retry-After": "1"})


ROUTES = [
    Route("/api/v1/session", session, methods=["GET", "POST", "DELETE"]),
    Route("/api/v1/setup", set_up, methods=["POST"]),
]
