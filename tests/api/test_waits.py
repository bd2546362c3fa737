"""How honest the waits are: for staff and keys, and in the metrics."""

from zoneinfo import ZoneInfo

import httpx2
import msgspec

from api.asking import ROOT
from callboard.domain.hours import local_s
from callboard.domain.tally import Call, Hour, Tally
from callboard.services import Services
from callboard.store.keys import learned_key, location_key


async def test_a_location_says_how_often_people_were_called_within_what_they_were_shown(
    services: Services, staff: httpx2.AsyncClient
) -> None:
    nothing = (await staff.get(f"{ROOT}/locations/main/waits")).json()
    assert nothing["estimated"] is False
    assert (nothing["day"]["called"], nothing["day"]["error_s"], nothing["calls"]) == (0, None, [])
    now = int(local_s(services.clock(), ZoneInfo("Europe/Stockholm")) // 3600)
    hours = [Hour(now - 30, 6, 4, 5, 600, 900, -60, 1800), Hour(now, 4, 4, 3, 200, 500, 100, 1000)]
    tally = Tally(hours=hours, calls=[Call(300, 420, 600, 601)])
    text = msgspec.json.encode(tally).decode()
    await services.reads.connection.client.hset(learned_key("main"), "tally", text)
    await services.reads.connection.client.set(location_key("main", "expected"), "{}")
    said = (await staff.get(f"{ROOT}/locations/main/waits")).json()
    week = {"called": 10, "within": 8, "within_last": 8, "error_s": 80.0, "plain_error_s": 140.0, "bias_s": 4.0}
    assert said["week"] == week | {"width_s": 280.0}
    assert (said["day"]["called"], said["day"]["within"], said["day"]["error_s"]) == (4, 4, 50.0)
    assert said["estimated"] is True
    assert said["calls"] == [{"low_s": 300, "likely_s": 420, "high_s": 600, "wait_s": 601, "within": False}]
    metrics = (await staff.get("/metrics")).text
    assert 'callboard_waits_called_within{location="main",over="week"} 8.0' in metrics
    assert 'callboard_waits_error_seconds{location="main",over="day"} 50.0' in metrics
    assert 'callboard_waits_bias_seconds{location="main",over="week"} 4.0' in metrics
