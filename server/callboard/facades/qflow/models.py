"""What is taken and answered besides appointments: the case, the customer, and the lists for displays."""

from collections.abc import Mapping
from typing import Annotated

from msgspec import Meta, Struct

PLAIN = {"dob": "DOB", "today_sla": "TodaySLA"}


def pascal(name: str) -> str:
    """A field's name as this API writes it."""
    return PLAIN.get(name) or "".join(part[:1].upper() + part[1:] for part in name.split("_"))


class Model(Struct, frozen=True, kw_only=True, rename=pascal):
    """Names in PascalCase. What comes in is matched in any case, and names that nobody knows are passed over, as the
    vendor's library does (INF)."""


def _at_most(length: int) -> Meta:
    return Meta(max_length=length)


Whole = Annotated[int, Meta(ge=-(2**31), le=2**31 - 1)]
Text6 = Annotated[str, _at_most(6)]
Text10 = Annotated[str, _at_most(10)]
Text20 = Annotated[str, _at_most(20)]
Text25 = Annotated[str, _at_most(25)]
Text30 = Annotated[str, _at_most(30)]
Text50 = Annotated[str, _at_most(50)]
Text51 = Annotated[str, _at_most(51)]
Text100 = Annotated[str, _at_most(100)]
Text150 = Annotated[str, _at_most(150)]
Text200 = Annotated[str, _at_most(200)]
Text250 = Annotated[str, _at_most(250)]
Text2000 = Annotated[str, _at_most(2000)]
Text4000 = Annotated[str, _at_most(4000)]
Date = Annotated[str, Meta(max_length=40, extra_json_schema={"format": "date-time"})]
Guid = Annotated[str, Meta(max_length=36, extra_json_schema={"format": "uuid"})]
Properties = Annotated[Mapping[Annotated[str, _at_most(200)], Text4000], Meta(max_length=100)]


class Checkin(Model, frozen=True, kw_only=True):
    """S3: by process, case, or the person's next appointment of today."""

    case_id: Whole | None = None
    process_id: Whole | None = None
    personal_id: Text30 | None = None
    force_early_late: bool = False


class CheckinExtRef(Model, frozen=True, kw_only=True):
    """Q2."""

    ext_ref: Text200 | None = None
    personal_id: Text100 | None = None
    personal_id_type_ext_ref: Text200 | None = None
    force_early_late: bool = False


class Customer(Model, frozen=True, kw_only=True):
    """S3's sample and Q11. Taken, a field that is left out or null leaves what is known as it is."""

    customer_id: Whole | None = None
    personal_id: Text30 | None = None
    personal_id_type_id: Whole | None = None  # 0 none, null first available
    personal_id_type_ext_ref: Text200 | None = None
    first_name: Text50 | None = None
    last_name: Text50 | None = None
    email: Text100 | None = None
    tel_number1: Text25 | None = None
    tel_number2: Text25 | None = None
    dob: Date | None = None
    sex: Annotated[int, Meta(ge=0, le=2)] | None = None  # 0 unknown, 1 male, 2 female
    notes: Text250 | None = None
    ext_ref: Text200 | None = None
    notification_consent: bool | None = None
    is_active: bool | None = None
    custom_properties: Properties | None = None


class CaseDetail(Model, frozen=True, kw_only=True):
    """S3, in its order."""

    case_id: Whole
    process_id: Whole
    process_guid: Guid
    ticket: Text20 | None
    case_date_created: Date
    reference_date: Date
    arrival_time: Date | None
    time_zone_offset: Whole
    last_updated: Date
    case_status: Whole
    case_status_desc: Text150
    process_status: Whole
    process_status_desc: Text150
    subject: Text150 | None
    ext_ref: Text200 | None
    customer: Customer | None
    user_name: Text250 | None
    user_first_name: Text25 | None
    user_last_name: Text25 | None
    user_served_name: Text51 | None
    service_id: Whole
    service_name: Text50
    service_desc: Text50
    action: Whole
    action_desc: str
    entity_status: Whole
    entity_status_desc: str
    resolution: Whole | None
    resolution_desc: Text150 | None
    unit_id: Whole
    unit_name: Text50
    unit_description: Text250
    unit_type_id: Whole
    unit_parent_name: Text50
    parent_unit_type_id: Whole
    unit_path: Text2000
    location_name: Text50 | None
    location_served_name: Text50 | None
    language_code: Text6
    is_direct_admit: bool
    appointment_type_name: Text50 | None
    queue_position: Whole | None
    wait_time_est: Whole | None
    custom_properties: Mapping[str, str]


class CaseCreation(Model, frozen=True, kw_only=True):
    """Q9; answered with CaseId filled. The service is named by its number or by its ServiceIdExtRef."""

    case_id: Whole | None = None
    service_id: Whole | None = None
    service_id_ext_ref: Text200 | None = None
    customer_id: Whole | None = None
    ext_ref: Text200 | None = None
    notes: Text4000 | None = None
    subject: Text100 | None = None
    classification_code: Text20 | None = None
    auto_close: bool = False
    custom_properties: Properties | None = None
    procedure_ext_ref: Text200 | None = None
    procedure_option_ext_ref: Text200 | None = None


class CaseCancel(Model, frozen=True, kw_only=True):
    """Q10. Without a Status it is cancelled."""

    case_id: Whole | None = None
    process_id: Whole | None = None
    notes: Text4000 | None = None
    classification_code: Text20 | None = None
    custom_properties: Properties | None = None
    status: Whole | None = None


class TicketsWaitingResult(Model, frozen=True, kw_only=True):
    """Q12."""

    row: Whole
    process_id: Whole
    case_id: Whole
    enqueue_time: Date
    reception_point_id: Whole
    q_code: Text10
    q_number: Whole
    subject: Text100 | None
    service_name: Text50
    unit_id: Whole
    unit_name: Text50
    personal_id: Text50 | None
    first_name: Text50 | None
    last_name: Text50 | None
    is_appointment: bool


class StatisticsUnitResult(Model, frozen=True, kw_only=True):
    """Q13. Times in seconds."""

    unit_id: Whole
    unit_name: Text50
    unit_description: Text250
    unit_type_id: Whole
    parent_unit_id: Whole
    unit_level: Whole  # 0 is the root
    service_count: Whole  # now
    avg_service_time: Whole
    wait_count: Whole
    avg_wait_time: Whole
    users_avail: Whole
    locations_in_use: Whole
    locations: Whole
    today_count: Whole  # today
    today_service_count: Whole
    today_wait_count: Whole
    today_abandon_count: Whole
    today_avg_wait_time: Whole
    today_avg_service_time: Whole
    today_sla: Whole  # per cent of those called today who were called within the target
    is_in_work_hours: bool
    waiting_time_target: Whole


class UnitsAsked(Model, frozen=True, kw_only=True):
    """The query of Statistics/Units."""

    unit_type: Whole | None = None
    unit_level: Whole | None = None
    parent_unit_id: Whole | None = None
