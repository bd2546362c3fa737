"""A site file is read, or every mistake in it is named with its key."""

import hashlib
import tomllib
from pathlib import Path

import pytest
from msgspec import Struct

from callboard.assets import SITES
from callboard.domain.directory import Directory, location_tag
from callboard.domain.identity import queue_number
from callboard.domain.model import Queue
from callboard.domain.names import name_in
from callboard.errors import Invalid
from callboard.notify.kinds import KINDS
from callboard.notify.texts import PLACEHOLDERS
from callboard.site import check, load, read

HEAD = """
[organization]
id = "org"
name = "Org"

[[locations]]
id = "here"
name = "Here"
"""
QUEUE = """
[[locations.queues]]
id = "general"
tag = "A"
name = "General"
"""
DESK = """
[[locations.desks]]
id = "d1"
tag = "1"
name = "Desk 1"
queues = ["general"]
"""
DISPLAY = """
[[locations.displays]]
id = "lobby"
name = "Lobby"
"""


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "site.toml"


def told(file: Path, text: str) -> dict[str, str]:
    file.write_text(text, encoding="utf-8")
    return {mistake.where: mistake.what for mistake in check(file)}


def test_what_ships_is_right() -> None:
    starter, demo = read(SITES / "starter.toml"), read(SITES / "demo.toml")
    assert (len(starter.locations[0].queues), len(starter.locations[0].desks)) == (2, 2)
    [hilltop] = demo.locations
    assert [queue.tag for queue in hilltop.queues] == ["A", "B", "C"]
    assert {desk.kind for desk in hilltop.desks} == {"desk", "counter", "room"}
    names = [each.name for each in hilltop.queues] + [each.name for each in hilltop.desks]
    assert all(isinstance(name, dict) for name in [hilltop.name, *names])
    assert hilltop.languages == ("en", "sv", "ar")


class Options(Struct, forbid_unknown_fields=True):
    loud: bool = False


def test_an_organization_chooses_among_the_options_that_an_api_has(file: Path) -> None:
    def told_of(line: str) -> dict[str, str]:
        file.write_text(HEAD.replace("[[locations]]", f"[organization.apis.{line}\n[[locations]]") + QUEUE, "utf-8")
        return {mistake.where: mistake.what for mistake in check(file, apis={"other": Options})}

    assert told_of("other]\nloud = true") == {}
    assert read(file, apis={"other": Options}).organization.apis == {"other": {"loud": True}}
    assert told_of("othr]") == {"organization.apis.othr": "no API with options is called 'othr'; did you mean 'other'?"}
    assert told_of('other]\nloud = "yes"\nlod = true') == {
        "organization.apis.other.loud": "must be true or false, not text",
        "organization.apis.other.lod": "unknown key; did you mean 'loud'?",
    }


def test_an_organization_chooses_the_same_in_all_of_its_files(tmp_path: Path) -> None:
    paths = [tmp_path / "a.toml", tmp_path / "b.toml"]
    chosen = HEAD.replace("[[locations]]", "[organization.apis.other]\nloud = true\n[[locations]]")
    paths[0].write_text(chosen + QUEUE, "utf-8")
    paths[1].write_text((HEAD + QUEUE).replace('"here"', '"there"').replace('"general"', '"more"'), "utf-8")
    with pytest.raises(Invalid, match=r"organization\.apis: 'org' has other options in another file"):
        load(paths, apis={"other": Options})


def test_what_the_starter_has_commented_out_is_right_too(file: Path) -> None:
    """Its commented lines are read by people as examples: without the mark they must pass."""
    lines = (SITES / "starter.toml").read_text(encoding="utf-8").splitlines()
    bare = [
        line.removeprefix("# ") if line.startswith("# ") and ("=" in line or "[" in line) else line for line in lines
    ]
    start = next(i for i, line in enumerate(bare) if line.startswith("[organization]"))
    text = "\n".join(["", *bare[start:]])
    assert told(file, text) == {}
    [location] = tomllib.loads(text)["locations"]
    assert location["hours"]
    assert location["texts"]
    assert "sensitive" in location["queues"][0]
    assert "booking_head_start_min" in location["queues"][1]


def test_a_file_that_is_not_there_or_not_toml_is_said_so(file: Path, tmp_path: Path) -> None:
    assert [m.what for m in check(tmp_path / "none.toml")] == ["cannot be read: No such file or directory"]
    assert "line 2, column 4" in told(file, "a = 1\nb =\n")[""]


def test_mistakes_of_type_are_all_named(file: Path) -> None:
    text = HEAD.replace('name = "Here"', 'nmae = "Here"\nhours = { mon = ["9-17"], mond = [] }\nreset_at = 04:00:00')
    text += QUEUE.replace('"A"', '"a"') + 'colour = "blue"\nservice_min = 0\n'
    assert told(file, text) == {
        "locations.0.nmae": "unknown key; did you mean 'name'?",
        "locations.0.name": "is missing",
        "locations.0.hours.mon.0": "must be a time range such as 09:00-17:00, up to 24:00",
        "locations.0.hours.mond": "the key must be one of fri, mon, sat, sun, thu, tue, wed; did you mean 'mon'?",
        "locations.0.reset_at": "must be text, not a time",
        "locations.0.queues.0.tag": "must be one or two capital letters",
        "locations.0.queues.0.colour": "must be a colour such as #1f5f8b",
        "locations.0.queues.0.service_min": "must be more than 0 and at most 600",
    }


@pytest.mark.parametrize(
    ("line", "where", "what"),
    [
        ('time_zone = "Europe/Stokholm"', "time_zone", "did you mean 'Europe/Stockholm'?"),
        ('time_zone = "Europe"', "time_zone", "no time zone is called 'Europe'"),
        ('time_zone = "../../etc/passwd"', "time_zone", "no time zone is called"),
        ('country = "XX"', "country", "no country has the code XX"),
        ('hours = { mon = ["17:00-09:00"] }', "hours.mon.0", "ends before it starts"),
        ('hours = { mon = ["09:00-12:00", "11:00-13:00"] }', "hours.mon.1", "starts before the range before it"),
        ('hours = { tue = ["13:00-14:00", "09:00-10:00"] }', "hours.tue.1", "starts before the range before it"),
        ('staffed = { mon = ["17:00-09:00"] }', "staffed.mon.0", "ends before it starts"),
        ('languages = ["en", "xq"]', "languages.1", "no language has the code xq"),
        ('languages = ["en", "en"]', "languages.1", "stands here twice"),
        ('texts = { sv = { missed = "x" } }', "texts.sv", "sv is not among the languages en"),
        ('texts = { en = { mised = "x" } }', "texts.en.mised", "did you mean 'missed'?"),
        ('texts = { en = { missed = "%{ticket.nr}" } }', "texts.en.missed", "%{ticket.nr}; did you mean"),
        ('texts = { en = { missed = "Reply CANCEL to go." } }', "texts.en.missed", "CANCEL is a word that carriers"),
        (
            f'texts = {{ en = {{ missed = "{"ż" * 300}" }} }}',
            "texts.en.missed",
            "too long with the longest values: 5 s",
        ),
        ('texts = { en = { missed = "%{zzz}" } }', "texts.en.missed", "there are booking.day, booking.time, desk.name"),
        ('titles = { en = { mised = "x" } }', "titles.en.mised", "did you mean 'missed'?"),
        ('titles = { en = { missed = "%{ticket.nr}" } }', "titles.en.missed", "%{ticket.nr}; did you mean"),
        ('titles = { sv = { missed = "x" } }', "titles.sv", "sv is not among the languages en"),
    ],
)
def test_a_location_that_cannot_be_meant_so(file: Path, line: str, where: str, what: str) -> None:
    [(key, said)] = told(file, HEAD + line + QUEUE).items()
    assert key == f"locations.0.{where}"
    assert what in said


def test_planned_hours_of_a_desk_are_checked_like_opening_hours(file: Path) -> None:
    text = HEAD + QUEUE + DESK + 'staffed = { tue = ["9-12"], wen = [] }'
    mistakes = told(file, text)
    assert mistakes["locations.0.desks.0.staffed.tue.0"] == "must be a time range such as 09:00-17:00, up to 24:00"
    assert "did you mean 'wed'?" in mistakes["locations.0.desks.0.staffed.wen"]
    text = HEAD + QUEUE + DESK + 'staffed = { mon = ["09:00-12:00", "11:00-13:00"] }'
    assert told(file, text) == {
        "locations.0.desks.0.staffed.mon.1": "11:00-13:00 starts before the range before it has ended"
    }


def test_ranges_that_touch_and_reach_midnight_are_fine(file: Path) -> None:
    assert told(file, HEAD + 'hours = { mon = ["00:00-12:00", "12:00-24:00"], tue = [] }' + QUEUE) == {}


def test_all_texts_may_use_all_placeholders(file: Path) -> None:
    words = " ".join(f"%{{{name}}}" for name in PLACEHOLDERS)
    texts = "\n".join(f'{kind} = "100 %: {words}"' for kind in KINDS)
    assert told(file, HEAD + QUEUE + DESK + "[locations.texts.en]\n" + texts) == {}


def test_messages_that_are_turned_off_are_there_and_so_are_their_languages(file: Path) -> None:
    messages = "messages = { taken = false, missed = { en = true }, delay = false, moved = { sv = false } }\n"
    found = told(file, HEAD + messages + QUEUE)
    assert list(found) == ["locations.0.messages.delay", "locations.0.messages.moved.sv"]
    assert found["locations.0.messages.delay"].startswith("no message is called delay")
    assert found["locations.0.messages.moved.sv"] == "sv is not among the languages en"


def test_quiet_hours_have_a_beginning_and_an_end(file: Path) -> None:
    assert told(file, HEAD + 'quiet_hours = "21:00-07:00"' + QUEUE) == {}
    for hours in ("07:00-07:00", "21:00-24:00", "at night"):
        assert list(told(file, HEAD + f'quiet_hours = "{hours}"' + QUEUE)) == ["locations.0.quiet_hours"]


def test_a_name_is_given_in_every_language_and_no_other(file: Path) -> None:
    text = HEAD + 'languages = ["en", "sv"]' + QUEUE.replace('"General"', '{ en = "General", se = "Allmänt" }')
    assert told(file, text) == {
        "locations.0.queues.0.name": "is missing in sv",
        "locations.0.queues.0.name.se": "se is not among the languages en, sv",
    }


def test_tags_are_unique_within_a_location(file: Path) -> None:
    text = HEAD + QUEUE + QUEUE.replace("general", "other") + DESK + DESK.replace("d1", "d2")
    assert told(file, text) == {
        "locations.0.queues.1.tag": "A is the tag of 'general' too",
        "locations.0.desks.1.tag": "1 is the tag of 'd1' too",
    }


def test_desks_and_displays_serve_and_show_what_is_there(file: Path) -> None:
    text = HEAD + QUEUE + DESK.replace('["general"]', '["genral", "general", "general"]')
    text += DISPLAY + 'queues = ["lab"]\nlanguages = ["en", "sv", "en"]\n'
    assert told(file, text) == {
        "locations.0.desks.0.queues.0": "this location has no queue 'genral'; did you mean 'general'?",
        "locations.0.desks.0.queues.2": "general stands here twice",
        "locations.0.displays.0.queues.0": "this location has no queue 'lab'",
        "locations.0.displays.0.languages.1": "sv is not among the languages en",
        "locations.0.displays.0.languages.2": "en stands here twice",
    }


def test_ids_are_unique_over_all_locations_of_their_kind(file: Path) -> None:
    one = HEAD + QUEUE + DESK + DISPLAY
    another = one[one.index("[[locations]]") :].replace('"here"', '"there"')
    assert told(file, one + another) == {
        "locations.1.queues.0.id": "'general' is the id of another queue: locations.0.queues.0.id",
        "locations.1.desks.0.id": "'d1' is the id of another desk: locations.0.desks.0.id",
        "locations.1.displays.0.id": "'lobby' is the id of another display: locations.0.displays.0.id",
    }
    assert (
        told(file, one + another.replace("general", "g2").replace("d1", "lobby").replace('"lobby"', '"lobby2"')) == {}
    )


def test_what_other_systems_call_a_queue_is_that_queues_alone(file: Path) -> None:
    number = queue_number(Queue(id="general", tag="A", name="General"))
    second = QUEUE.replace("general", "second").replace('"A"', '"B"')
    assert told(file, HEAD + QUEUE + second + f"number = {number}\n") == {
        "locations.0.queues.1.number": f"{number} is that of 'general' too; say another"
    }
    uuid = 'uuid = "99999999-0000-4000-8000-000000000000"\n'
    assert list(told(file, HEAD + QUEUE + uuid + second + uuid)) == ["locations.0.queues.1.uuid"]
    assert told(file, HEAD + QUEUE + uuid + second) == {}


def test_ids_are_unique_over_all_files(tmp_path: Path) -> None:
    first, second = tmp_path / "first.toml", tmp_path / "second.toml"
    first.write_text(HEAD + QUEUE)
    second.write_text(HEAD.replace('"Org"', '"Other"').replace("here", "there") + QUEUE)
    with pytest.raises(Invalid) as caught:
        load([first, second])
    assert {m.where: m.what for m in caught.value.mistakes} == {
        f"{second}: organization.name": "'org' has another name in another file",
        f"{second}: locations.0.queues.0.id": f"'general' is the id of another queue: {first}: locations.0.queues.0.id",
    }
    second.write_text(HEAD.replace("here", "there") + QUEUE.replace("general", "other"))
    assert [location.id for location in Directory(load([first, second])).locations] == ["here", "there"]


def test_the_mistakes_of_all_files_are_told_together(tmp_path: Path) -> None:
    paths = [tmp_path / "a.toml", tmp_path / "b.toml"]
    for path in paths:
        path.write_text(HEAD)
    with pytest.raises(Invalid) as caught:
        load([*paths, tmp_path / "c.toml"])
    assert [m.where for m in caught.value.mistakes] == [
        f"{paths[0]}: locations.0.queues",
        f"{paths[1]}: locations.0.queues",
        str(tmp_path / "c.toml"),
    ]


def test_two_locations_whose_tickets_could_not_be_told_apart_are_refused(file: Path) -> None:
    """A ticket's id has 24 bits for its location; two ids that share them are searched for."""
    seen: dict[int, str] = {}
    one = same = ""
    while one == same:
        same = hashlib.sha256(str(len(seen)).encode()).hexdigest()[:32]
        one = seen.setdefault(location_tag(same), same)
    text = (HEAD + QUEUE).replace('"here"', f'"{one}"')
    another = text[text.index("[[locations]]") :].replace(f'"{one}"', f'"{same}"').replace("general", "other")
    assert told(file, text + another) == {"locations.1.id": f"tickets could not tell '{same}' from '{one}'; change one"}


def test_a_name_falls_back_to_the_locations_first_language() -> None:
    name = {"en": "Lobby", "sv": "Entré"}
    assert name_in("Lobby", "sv", "en") == "Lobby"
    assert name_in(name, "sv", "en") == "Entré"
    assert name_in(name, "ar", "sv") == "Entré"
    assert name_in(name, "ar", "de") == "Lobby"
