"""Appointments as they are taken and answered. Who makes, moves or cancels one is answered with the same object."""

from typing import Annotated

from msgspec import Meta

from callboard.facades.qflow.models import Date, Guid, Model, Text6, Text20, Text50, Text150, Text200, Text4000, Whole

Classifications = Annotated[list[Text20], Meta(max_length=100)]


class AppointmentCreation(Model, frozen=True, kw_only=True):
    """Q3. The list of its fields was cut after the first weekday; the other six are named like it (INF)."""

    process_id: Whole | None = None  # answered
    case_id: Whole | None = None  # answered
    service_id: Whole
    appointment_date_time: Date
    customer_id: Whole
    appointment_type_id: Whole | None = None  # 0 or none: the first
    subject: Text150 | None = None
    notes: Text4000 | None = None
    ext_ref: Text200 | None = None
    classifications: Classifications | None = None
    language_code: Text6 | None = None
    reserved_slot_id: Whole | None = None
    user_id: Whole | None = None  # 1 is the system
    book_first_available: bool = False
    days_to_search: Whole | None = None
    book_first_avail_mondays: bool = False
    book_first_avail_tuesdays: bool = False
    book_first_avail_wednesdays: bool = False
    book_first_avail_thursdays: bool = False
    book_first_avail_fridays: bool = False
    book_first_avail_saturdays: bool = False
    book_first_avail_sundays: bool = False


class AppointmentReschedule(Model, frozen=True, kw_only=True):
    """Q4; the rest of its fields was cut. Notes are not carried over."""

    original_process_id: Whole
    cancellation_reason_id: Whole | None = None
    cancellation_comment: Text4000 | None = None
    process_id: Whole | None = None  # answered: the new one
    case_id: Whole | None = None  # answered: as before
    appointment_date_time: Date
    service_id: Whole | None = None
    appointment_type_id: Whole | None = None
    subject: Text150 | None = None
    notes: Text4000 | None = None
    ext_ref: Text200 | None = None
    reserved_slot_id: Whole | None = None
    user_id: Whole | None = None


class AppointmentCancel(Model, frozen=True, kw_only=True):
    """Q5."""

    process_id: Whole
    user_id: Whole | None = None
    cancellation_reason_id: Whole | None = None
    cancellation_reason_ext_ref: Text200 | None = None
    cancellation_comment: Text4000 | None = None


class Appointment(Model, frozen=True, kw_only=True):
    """Q6; the rest of its fields was cut."""

    appointment_id: Whole
    case_id: Whole
    process_id: Whole
    process_guid: Guid
    created_date: Date
    appointment_date: Date
    arrival_date: Date | None
    time_zone_offset: Whole
    appointment_type_id: Whole
    appointment_type_name: Text50
    duration: Whole  # minutes
    appointment_type_ext_ref: Text200 | None
    case_ext_ref: Text200 | None
    subject: Text150 | None
    current_entity_status: Whole
    current_entity_status_desc: Text150
    resolution: Whole | None
    resolution_desc: Text150 | None
    service_id: Whole
    service_name: Text50
    service_ext_ref: Text200 | None
    unit_id: Whole
    unit_name: Text50
    unit_path: Text150
    unit_ext_ref: Text200 | None
