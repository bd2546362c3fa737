"""All calls of this API, under both roots that its addresses are known by."""

from typing import Any

from callboard.facades.qflow import (
    appointment_view,
    appointments,
    cases,
    checkin,
    customers,
    faults,
    statistics,
    waiting,
)
from callboard.facades.qflow.access import API, SECURITY, caller
from callboard.facades.qflow.answering import write
from callboard.facades.qflow.booking_models import (
    Appointment,
    AppointmentCancel,
    AppointmentCreation,
    AppointmentReschedule,
)
from callboard.facades.qflow.models import (
    CaseCancel,
    CaseCreation,
    CaseDetail,
    Checkin,
    CheckinExtRef,
    Customer,
    StatisticsUnitResult,
    TicketsWaitingResult,
    UnitsAsked,
)
from callboard.facades.qflow.reading import body, query
from callboard.foreign.operation import Face, Operation

ALWAYS = {
    400: "The request is invalid, or a rule speaks against it; nothing has changed",
    401: "The key is missing, unknown or revoked",
    404: "There is no such record",
    408: "The body came too slowly",
    413: "The body is too long",
    415: "The body is neither JSON nor a form",
    429: "Too many wrong keys from this address; Retry-After says when to come again",
    503: "The store does not answer; the same request may be sent again",
}
ABOUT = """\
Appointments, cases, customers and units. Names are matched in any case; bodies are JSON, as application/json or
text/json, or a form. An error is a `Message`, with `ModelState` by field or the `ErrorNumber` of a rule."""

OPERATIONS: tuple[Operation[Any, Any], ...] = (
    Operation(
        name="Appointments_Checkin",
        method="POST",
        path="/Appointments/Checkin",
        summary="Checks in an appointment, found by case, process or customer",
        do=checkin.check_in,
        takes=Checkin,
        answers=CaseDetail,
    ),
    Operation(
        name="Appointments_CheckinExtRef",
        method="POST",
        path="/Appointments/CheckinExtRef",
        summary="Checks in an appointment, found by an external reference or customer",
        do=checkin.check_in_ext_ref,
        takes=CheckinExtRef,
        answers=CaseDetail,
    ),
    Operation(
        name="Appointments_Put",
        method="PUT",
        path="/Appointments",
        summary="Makes an appointment",
        do=appointments.create,
        takes=AppointmentCreation,
        answers=AppointmentCreation,
    ),
    Operation(
        name="Appointments_Patch",
        method="PATCH",
        path="/Appointments",
        summary="Moves an appointment: a new process of the same case",
        do=appointments.reschedule,
        takes=AppointmentReschedule,
        answers=AppointmentReschedule,
    ),
    Operation(
        name="Appointments_Delete",
        method="DELETE",
        path="/Appointments",
        summary="Cancels an appointment",
        do=appointments.cancel,
        takes=AppointmentCancel,
        answers=AppointmentCancel,
    ),
    Operation(
        name="Appointments_Get",
        method="GET",
        path="/Appointments/{id}",
        summary="An appointment, by its process",
        do=appointment_view.get_appointment,
        answers=Appointment,
    ),
    Operation(
        name="Cases_Process",
        method="GET",
        path="/Cases/Processes/{id}",
        summary="A case, by one of its processes",
        do=cases.get_process,
        answers=CaseDetail,
    ),
    Operation(
        name="Cases_Cancel",
        method="POST",
        path="/Cases/Cancel",
        summary="Forces a case into another state, whatever the rules say",
        do=cases.cancel_case,
        takes=CaseCancel,
        answers=str,
    ),
    Operation(
        name="Cases_Get",
        method="GET",
        path="/Cases/{id}",
        summary="A case, as its newest process stands",
        do=cases.get_case,
        answers=CaseDetail,
    ),
    Operation(
        name="Cases_Post",
        method="POST",
        path="/Cases",
        summary="Somebody walks in and waits",
        do=cases.create_case,
        takes=CaseCreation,
        answers=CaseCreation,
    ),
    Operation(
        name="Customers_Post",
        method="POST",
        path="/Customers",
        summary="Makes or changes a customer",
        do=customers.put_customer,
        takes=Customer,
        answers=Customer,
    ),
    Operation(
        name="Tickets_Waiting",
        method="GET",
        path="/Tickets/Waiting/{UnitId}",
        summary="Who waits in a unit, the oldest first",
        do=waiting.tickets_waiting,
        answers=list[TicketsWaitingResult],
    ),
    Operation(
        name="Statistics_Units",
        method="GET",
        path="/Statistics/Units",
        summary="Figures of units, now and today",
        do=statistics.units,
        asks=UnitsAsked,
        answers=list[StatisticsUnitResult],
    ),
)

face = Face(
    name=API,
    title="Q-Flow",
    about=ABOUT,
    roots=("/qflow", "/API"),
    operations=OPERATIONS,
    caller=caller,
    fault=faults.say,
    error=faults.ErrorBody,
    always=ALWAYS,
    read=body,
    query=query,
    write=write,
    security=SECURITY,
    any_case=True,
)
