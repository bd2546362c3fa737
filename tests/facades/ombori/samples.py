"""The samples of the two source documents, repaired where they are damaged.

Repaired: comments, bare keys, missing and trailing commas, the inner quotes of the code, the last brace of an answer.
The ticket model's sample is a draft that has been called, served and completed at once; here it is one or the other.
Its times without a zone are in the form of the other document, and what its dots leave out is made up.
"""

from typing import Any

RESERVE: dict[str, Any] = {
    "locale": "en",
    "notification": {"type": "phoneNumber", "settings": {"to": "+48000"}},
    "customerInfo": ["Firstname Lastname"],
    "numberOfPeople": 1,
    "booking": {
        "start": "2020-11-30T14:30:00.000Z",
        "end": "2020-11-30T14:35:00.000Z",
        "virtualAppointment": {"isEnabled": True},
    },
    "customData": {"internalIdOrAnyOtherField": "foo"},
}

RESERVED: dict[str, Any] = {
    "location": None,
    "type": "booking",
    "priority": 100,
    "locale": "en",
    "notification": {"type": "phoneNumber", "settings": {"to": "+48000"}},
    "numberOfPeople": 1,
    "booking": {"start": "2020-11-30T14:30:00.000Z", "end": "2020-11-30T14:35:00.000Z"},
    "status": "reserved",
    "label": "",
    "id": "5afc59af-0270-481b-a50d-73445dd21ec6",
    "queue": "64aa8a7f-a616-44e8-806a-165e08d91192",
    "createdAt": "2020-11-30T15:15:17.176Z",
    "QRCodeCheckInPositionId": ('{"type":"check-in-position","positionId":"5afc59af-0270-481b-a50d-73445dd21ec6"}'),
    "bookingReminderAt": None,
    "customData": {"internalIdOrAnyOtherField": "foo"},
}

MODEL_SAID: dict[str, Any] = {
    "locale": "en",
    "notification": {
        "type": "phoneNumber",
        "settings": {"from": "", "to": "+phoneNumber", "recipient": "test@email.com"},
    },
    "registrationData": {"phone": {"value": "+48888888888"}},
    "booking": {
        "start": "2020-05-26T15:30:00.000Z",
        "end": "2020-05-26T16:00:00.000Z",
        "virtualAppointment": {
            "eventId": "AAMkADExYWZmYjI4LTMxMjItexample=",
            "isEnabled": True,
            "managerEmail": "virtual-booking@some-domen.com",
            "managerId": "9cd376b6-example",
            "url": "https://teams.microsoft.com/l/meetup-join/19example",
        },
    },
}

MODEL_DRAFT: dict[str, Any] = {
    "id": "ce4a66df-51ff-47af-bf5e-4e26f82d266b",
    "location": None,
    "type": "booking",
    "priority": 100,
    **MODEL_SAID,
    "status": "draft",
    "label": "",
    "queue": "_queue_id_",
    "createdAt": "2020-05-26T08:47:37.170Z",
    "bookingReminderAt": None,
    "QRCodeCheckInPositionId": ('{"type":"check-in-position","positionId":"ce4a66df-51ff-47af-bf5e-4e26f82d266b"}'),
}

MODEL_COMPLETED: dict[str, Any] = MODEL_DRAFT | {
    "status": "completed",
    "label": "A1",
    "station": {"id": "1234_id", "label": "A"},
    "calledAt": "2020-05-26T15:30:37.170Z",
    "fulfilledAt": "2020-05-26T17:15:59.610Z",
    "completedAt": "2020-05-26T17:16:59.610Z",
}
