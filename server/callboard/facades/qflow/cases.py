"""Cases: read by case or process, made by walking in, forced to another state."""

from msgspec.structs import replace

from callboard.domain.directory import Named
from callboard.domain.model import CLOSED, CloseReason, State
from callboard.errors import Invalid, Mistake, Refusal, Refused
from callboard.facades.qflow import finding, kept
from callboard.facades.qflow.asking import Asking
from callboard.facades.qflow.codes import Forced
from callboard.facades.qflow.customer_record import contact
from callboard.facades.qflow.detail import Seen, case_detail
from callboard.facades.qflow.holder import SOURCE
from callboard.facades.qflow.models import CaseCancel, CaseCreation, CaseDetail
from callboard.facades.qflow.noting import note
from callboard.facades.qflow.numbers import number_in_path
from callboard.facades.qflow.translation import forced
from callboard.foreign.operation import Asked

DONE = "OK"  # the text that Cases/Cancel answers is undocumented (INF)


async def get_case(asked: Asked[None, None]) -> CaseDetail:
    """GET Cases/{id} (Q7): the case as its newest process stands."""
    asking = Asking(asked)
    return case_detail(await asking.seen(await finding.of_case(asking, number_in_path(asked, "id"))))


async def get_process(asked: Asked[None, None]) -> CaseDetail:
    """GET Cases/Processes/{id} (Q8)."""
    asking = Asking(asked)
    return case_detail(await asking.seen(await finding.of_process(asking, number_in_path(asked, "id"))))


async def create_case(asked: Asked[CaseCreation, None]) -> CaseCreation:
    """POST Cases (Q9): somebody walks in and waits, or with AutoClose has been served already."""
    asking, body = Asking(asked), asked.body
    if not body.service_id and not body.service_id_ext_ref:
        raise Invalid([Mistake("ServiceId", "is missing")])
    _, queue = asking.service(body.service_id, body.service_id_ext_ref)
    who = contact(await asking.customer(body.customer_id))
    who |= {"source": SOURCE, "extra": kept.text("", _kept(body))}
    done = await asking.store.join(queue.id, once=asking.once, **who)
    assert done.ticket is not None
    if body.auto_close:
        await asking.store.correct(done.ticket.id, state=State.DONE, once=asking.once and f"{asking.once} closed")
    return replace(body, case_id=done.ticket.serial)


async def cancel_case(asked: Asked[CaseCancel, None]) -> str:
    """POST Cases/Cancel (Q10): the rules of the day are not asked."""
    asking, body = Asking(asked), asked.body
    wanted = forced(body.status, asking.codes)
    if wanted is None:
        raise Invalid([Mistake("Status", f"must be one of {', '.join(asking.codes.forced)}")])
    ticket = await _named(asking, body)
    if wanted.state is not None and not _says_more(body):
        await _force(asking, ticket, wanted)
        return DONE
    before = await asking.seen(ticket)
    if before.standing.ticket.state not in CLOSED:
        await _note(asking, before, body)
    await _force(asking, before.standing.ticket.id, wanted)
    if before.standing.ticket.state in CLOSED and wanted.state not in (None, *CLOSED):
        await _note(asking, await asking.seen(ticket), body)
    return DONE


async def _named(asking: Asking, body: CaseCancel) -> Named:
    if body.process_id:
        ticket = await finding.of_process(asking, body.process_id)
        if body.case_id and (await asking.seen(ticket)).case_id != body.case_id:
            raise Invalid([Mistake("CaseId", "is not the case of that process")])
        return ticket
    if body.case_id:
        return await finding.of_case(asking, body.case_id)
    raise Invalid([Mistake("", "give CaseId or ProcessId")])


def _says_more(body: CaseCancel) -> bool:
    """Whether there is anything to keep besides the state."""
    return body.notes is not None or bool(body.classification_code or body.custom_properties)


async def _force(asking: Asking, ticket: Named, wanted: Forced) -> None:
    """Asking for the state that it has is no mistake: it may be the same request again."""
    if wanted.state is None:
        return
    reason = wanted.reason or CloseReason.STAFF
    try:
        await asking.store.correct(ticket, state=wanted.state, reason=reason, once=asking.once)
    except Refused as refused:
        if refused.refusal is Refusal.NOT_FOUND:
            raise
        if (await asking.seen(ticket)).standing.ticket.state is not wanted.state:
            raise


async def _note(asking: Asking, seen: Seen, body: CaseCancel) -> None:
    """What is said beside; of a closed case nothing more is kept."""
    given = {
        "notes": body.notes,
        "classifications": [body.classification_code] if body.classification_code else None,
    }
    properties = body.custom_properties or {}
    await note(asking, seen, lambda known: given | {"custom_properties": {**known.custom_properties, **properties}})


def _kept(body: CaseCreation) -> kept.Kept:
    return kept.Kept(
        subject=body.subject,
        ext_ref=body.ext_ref,
        notes=body.notes,
        classifications=[body.classification_code] if body.classification_code else [],
        custom_properties=body.custom_properties or {},
        procedure_ext_ref=body.procedure_ext_ref,
        procedure_option_ext_ref=body.procedure_option_ext_ref,
    )
