"""Signing in as the OpenAPI document describes it; `session` does it."""

from callboard.api.operation import Endpoint
from callboard.api.session import SetUp, SignedIn, SignIn

SIGNING_IN = (
    Endpoint(
        name="sign_in",
        method="POST",
        path="/session",
        tag="session",
        summary="Signs staff in: a cookie comes with the answer",
        takes=SignIn,
        answers=SignedIn,
        open=True,
        limit="login",
    ),
    Endpoint(
        name="who",
        method="GET",
        path="/session",
        tag="session",
        summary="Who is signed in",
        answers=SignedIn,
    ),
    Endpoint(
        name="sign_out",
        method="DELETE",
        path="/session",
        tag="session",
        summary="Signs out",
        answers=None,
        status=204,
        forbids=True,
        open=True,
    ),
    Endpoint(
        name="set_up",
        method="POST",
        path="/setup",
        tag="session",
        summary="Makes the first administrator, with the link that the first start printed",
        takes=SetUp,
        answers=SignedIn,
        status=201,
        finds=True,
        open=True,
        limit="login",
    ),
)
