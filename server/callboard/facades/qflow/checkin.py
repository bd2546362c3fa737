"""Checking in: the person of an appointment has arrived and waits."""

from callboard.domain.directory import Named
from callboard.errors import Invalid, Mistake, Refusal, Refused
from callboard.facades.qflow import finding
from callboard.facades.qflow.asking import Asking
from callboard.facades.qflow.detail import Seen, case_detail
from callboard.facades.qflow.models import CaseDetail, Checkin, CheckinExtRef
from callboard.foreign.operation import Asked

# It has arrived, which is what was asked for.
HERE_ALREADY = frozenset({Refusal.STILL_WAITING, Refusal.ALREADY_CALLED, Refusal.ALREADY_SERVING, Refusal.ON_HOLD})


async def check_in(asked: Asked[Checkin, None]) -> CaseDetail:
    """POST Appointments/Checkin (S3)."""
    asking, body = Asking(asked), asked.body
    return await _arrive(asking, await _named(asking, body), body.force_early_late)


async def check_in_ext_ref(asked: Asked[CheckinExtRef, None]) -> CaseDetail:
    """POST Appointments/CheckinExtRef (Q2): by the reference, the person, or both."""
    asking, body = Asking(asked), asked.body
    if not body.ext_ref and not body.personal_id:
        raise Invalid([Mistake("", "give ExtRef or PersonalId")])
    if not body.ext_ref:
        ticket = await finding.of_person(asking, body.personal_id or "", body.personal_id_type_ext_ref or None)
    else:
        among = None
        if body.personal_id:
            among = await finding.tickets_of_person(asking, body.personal_id, body.personal_id_type_ext_ref or None)
        ticket = await finding.of_reference(asking, body.ext_ref, among)
    return await _arrive(asking, ticket, body.force_early_late)


async def _named(asking: Asking, body: Checkin) -> Named:
    """By process, then by case, then by person (INF); what else is given must be of the same appointment."""
    ticket: Named
    if body.process_id:
        ticket = await finding.of_process(asking, body.process_id)
    elif body.case_id:
        ticket = await finding.of_case(asking, body.case_id)
    elif body.personal_id:
        return await finding.of_person(asking, body.personal_id)
    else:
        raise Invalid([Mistake("", "give CaseId, ProcessId or PersonalId")])
    if body.personal_id or (body.process_id and body.case_id):
        _check_agreement(body, await asking.seen(ticket))
    return ticket


def _check_agreement(body: Checkin, seen: Seen) -> None:
    known = seen.customer.personal_id if seen.customer else ""
    mistakes = []
    if body.case_id and body.case_id != seen.case_id:
        mistakes.append(Mistake("CaseId", "is not the case of that process"))
    if body.personal_id and body.personal_id.casefold() != known.casefold():
        mistakes.append(Mistake("PersonalId", "is not the customer of that appointment"))
    if mistakes:
        raise Invalid(mistakes)


async def _arrive(asking: Asking, ticket: Named, force: bool) -> CaseDetail:
    """Who has arrived already is answered the same again: there is no second ticket."""
    try:
        done = await asking.store.showing.check_in(ticket, force=force)
    except Refused as refused:
        if refused.refusal not in HERE_ALREADY:
            raise
        return case_detail(await asking.seen(ticket))
    return case_detail(await asking.seen_after(done))
