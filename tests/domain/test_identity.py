"""What other systems call a location or a queue: as the site file says it, or the same derived name everywhere."""

import msgspec
import pytest

from callboard.domain.directory import Directory, Unknown
from callboard.domain.identity import location_number, location_uuid, organization_uuid, queue_number, queue_uuid
from callboard.domain.model import Site


def site(organization: str, location: str, queues: list[dict[str, object]], **more: object) -> Site:
    one = {"id": location, "name": location, "queues": [{"name": "Q", "tag": "A"} | queue for queue in queues]}
    return msgspec.convert({"organization": {"id": organization, "name": "O"}, "locations": [one | more]}, Site)


NINE = "99999999-0000-4000-8000-000000000000"


@pytest.fixture
def directory() -> Directory:
    ours = site("ours", "main", [{"id": "general", "number": 42, "uuid": NINE}, {"id": "42"}], number=7)
    return Directory([ours, site("theirs", "branch", [{"id": "lab", "number": 43}])])


def test_the_site_files_word_is_used_else_a_stable_one(directory: Directory) -> None:
    main, general = directory.queue("general")
    assert (queue_number(general), queue_uuid(general), location_number(main)) == (42, NINE, 7)
    branch, _ = directory.queue("lab")
    # These are in integrators' programs: another derivation would break them.
    assert (location_uuid(branch), location_number(branch)) == ("ff412174-30c5-53e1-af62-be9ee80a0d4e", 695922783)


def test_each_is_found_by_every_name_it_has(directory: Directory) -> None:
    for ref in ("general", NINE):
        assert directory.find_queue("ours", ref)[1].id == "general"
    for ref in ("main", "7", location_uuid(directory.location("main"))):
        assert directory.find_location("ours", ref).id == "main"
    for ref in ("ours", organization_uuid(directory.organization("main"))):
        assert directory.find_organization(ref).id == "ours"
    assert [each.id for each in directory.locations_of("theirs")] == ["branch"]


def test_an_id_wins_over_another_ones_number(directory: Directory) -> None:
    assert directory.find_queue("ours", "42")[1].id == "42"


def test_nobody_finds_what_is_another_organizations(directory: Directory) -> None:
    for ref in ("lab", "43", queue_uuid(directory.queue("lab")[1]), "nothing"):
        with pytest.raises(Unknown):
            directory.find_queue("ours", ref)
    for ref in ("branch", "nothing", ""):
        with pytest.raises(Unknown):
            directory.find_location("ours", ref)
