"""Signing in with another provider's token, which only a check that was handed in can tell."""

import asyncio

from callboard.facades.bloom.errors import missing, refused
from callboard.identities import Identity, Unreachable
from callboard.services import Services

PATIENCE_S = 10  # with a check that does not come to an end


async def identity(services: Services, provider: str | None, token: str | None) -> Identity | None:
    """Who the provider says it is; None where none is named. Raises Problem."""
    if not provider:
        return None
    if not token:
        raise missing("oauth_token")
    check = services.identities.get(provider.lower())
    if check is None:
        raise refused("unknown_provider", "This server does not take tokens of that provider: none is configured.")
    try:
        async with asyncio.timeout(PATIENCE_S):
            found = await check(token)
    except (Unreachable, TimeoutError):
        raise refused("provider_away", "The provider cannot be asked just now; try again later.") from None
    if found is None:
        raise refused("bad_credentials", "The provider does not know the token.")
    return found


def external_id(provider: str, found: Identity) -> str:
    """By which the customer is found again."""
    return f"{provider.lower()}:{found.subject}"
