"""The table of what is answered, at the addresses of either version."""

from collections.abc import Awaitable, Callable
from functools import partial
from typing import Any

from callboard.facades.agendize import advance, faults, linked, registrations, watchers
from callboard.facades.agendize.credentials import caller
from callboard.facades.agendize.models import (
    Client,
    Filter,
    OldRegistration,
    OldRegistrations,
    QueueResource,
    Queues,
    Registration,
    Registrations,
    SentRegistration,
)
from callboard.facades.agendize.translation import NEW, OLD
from callboard.facades.agendize.watch_models import OfType, SentWatch, Watcher, Watchers
from callboard.foreign.operation import Face, Operation

ABOUT = """\
Registrations of queues and watches of them. An error is `{"error": {"code", "message"}}`. Who asks sends `token` and
`apiKey`, as headers or in the query, or `Authorization: Bearer`."""

QUEUE = "/queues/{queueId}"
ALL = QUEUE + "/registrations"
NEXT, WATCH, ONE = ALL + "/next", ALL + "/watch", ALL + "/{registrationId}"
WATCHER = "/watchers/{watcherId}"

Do = Callable[..., Awaitable[Any]]


def _registrations(version: str) -> list[Operation[Any, Any]]:
    one, many = (OldRegistration, OldRegistrations) if version == OLD else (Registration, Registrations)

    def said(method: str, path: str, name: str, summary: str, do: Do, **more: Any) -> Operation[Any, Any]:
        more = {"answers": one, "errors": () if method == "GET" else (409,)} | more
        return Operation(name=name, method=method, path=path, summary=summary, do=partial(do, version=version), **more)

    change = {"takes": SentRegistration}
    return [
        said("GET", ALL, "list", "Registrations by status", registrations.list_, asks=Filter, answers=many),
        said("POST", ALL, "insert", "Registers somebody", registrations.create, **change),
        said("GET", NEXT, "peek", "Who is next", advance.peek, errors=(409,) if version == OLD else ()),
        said("POST", NEXT, "next", "Who is next is in progress from now on", advance.advance),
        said("PUT", NEXT, "next_by_put", "The same as POST", advance.advance),
        said(
            "POST", WATCH, "watch", "Tells an address of every change", watchers.watch, takes=SentWatch, answers=Watcher
        ),
        said("GET", ONE, "get", "One registration", registrations.get),
        said("PUT", ONE, "update", "Changes what is sent", registrations.update, **change),
        said("PATCH", ONE, "patch", "The same as PUT", registrations.update, **change),
    ]


def _same_in_both() -> list[Operation[Any, Any]]:
    def said(method: str, path: str, name: str, summary: str, do: Do, **more: Any) -> Operation[Any, Any]:
        return Operation(name=name, method=method, path=path, summary=summary, do=do, **more)

    return [
        said("DELETE", ONE, "delete", "Deletes a registration", registrations.delete, errors=(409,)),
        said("GET", ONE + "/files/{fileId}", "file", "A file of a form", linked.file, open=True, limit="own"),
        said("GET", "/queues", "queues", "All queues", linked.queues, answers=Queues),
        said("GET", QUEUE, "queue", "One queue", linked.queue, answers=QueueResource),
        said("GET", "/clients/{clientId}", "client", "One client", linked.client, answers=Client),
        said("GET", "/watchers", "watchers", "All watches", watchers.list_, asks=OfType, answers=Watchers),
        said("GET", WATCHER, "watcher", "One watch", watchers.get, answers=Watcher),
        said("DELETE", WATCHER, "unwatch", "Removes a watch", watchers.delete),
    ]


def _face(version: str) -> Face:
    return Face(
        name=f"agendize-{version}",
        title=f"Agendize queue registration API, version {version}, as Callboard answers it",
        about=ABOUT,
        roots=(f"/api/{version}",),
        operations=(*_registrations(version), *_same_in_both()),
        caller=caller,
        fault=faults.fault,
        error=faults.Error,
        always=faults.ALWAYS,
        security={"bearer": {"type": "http", "scheme": "bearer", "description": "a key of an organization"}},
    )


faces = (_face(NEW), _face(OLD))
