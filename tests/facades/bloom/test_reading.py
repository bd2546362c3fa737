"""Forms: what their keys stand for, and what is no form."""

from contextlib import suppress
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from callboard.errors import Invalid
from callboard.facades.bloom.reading import form


@pytest.mark.parametrize(
    ("body", "read"),
    [
        ("username=eva&password=a%26b+c", {"username": "eva", "password": "a&b c"}),
        ("email=", {"email": ""}),
        ("a=1&a=2", {"a": "2"}),
        ("tickets[0][master_id]=m&tickets[0][service_id]=s", {"tickets": [{"master_id": "m", "service_id": "s"}]}),
        ("tickets%5B0%5D%5Bservice_id%5D=s", {"tickets": [{"service_id": "s"}]}),
        ("tickets[][service_id]=s", {"tickets": [{"service_id": "s"}]}),
        ("customer_attribute[name]=J", {"customer_attribute": {"name": "J"}}),
        ("t[1]=x", {"t": {"1": "x"}}),
        ("", {}),
    ],
)
def test_brackets_stand_for_what_is_inside(body: str, read: dict[str, Any]) -> None:
    assert form(body.encode()) == read


@pytest.mark.parametrize(
    "body",
    [
        b"a[b]=1&a=2&a[c]=3",
        b"a=1&a[b]=2",
        b"[a]=1",
        b"a[b=1",
        b"a[[b]]=1",
        b"a[1][2][3][4]=deep",
        b"name=%ff%fe",
        b"name=\xff",
        b"&".join(b"f%d=1" % n for n in range(201)),
    ],
)
def test_what_is_no_form_is_refused(body: bytes) -> None:
    with pytest.raises(Invalid):
        form(body)


@given(st.binary(max_size=200) | st.text("ab[]=&%0123456789+", max_size=60).map(str.encode))
def test_nothing_else_than_refused(body: bytes) -> None:
    with suppress(Invalid):
        assert isinstance(form(body), dict)
