"""What went wrong, by what the providers have taken and nothing that the notifier says of itself."""

from collections import defaultdict
from collections.abc import Iterator
from itertools import pairwise

from messages.book import CALL_MS, Book, Due, Taken

MOST_DELAYS = 2
ALMOST = "almost_your_turn"  # due anew whenever somebody looks, until the call: only its order says whether it is stale


def faults(book: Book, kills: int) -> list[str]:
    """One line each. A mail may come again, with the same Message-ID, for each kill and for each answer that was lost:
    mail servers cannot be asked. A text may not."""
    got: dict[tuple[str, str], list[Taken]] = defaultdict(list)
    owed: dict[tuple[str, str], list[Due]] = defaultdict(list)
    for taken in book.taken:
        got[taken.to, taken.kind].append(taken)
    for due in book.due:
        owed[due.to, due.kind].append(due)
    found = [line for key in {*got, *owed} for line in _of_one(*key, got[key], owed[key])]
    again = repeated(book)
    if again > kills + book.lost["mail"]:
        found.append(f"doubled: {again} mails came again, after {kills} kills and {book.lost['mail']} lost answers")
    return found + list(_out_of_order(book, owed))


def repeated(book: Book) -> int:
    """How many mails came again."""
    ids = [taken.id for taken in book.taken if taken.id]
    return len(ids) - len(set(ids))


def _of_one(to: str, kind: str, got: list[Taken], owed: list[Due]) -> Iterator[str]:
    """Of one kind for one address: the n-th that was taken answers the n-th that was due."""
    times = _once(got)
    most = MOST_DELAYS if kind == "delayed" else len(owed)
    if len(times) > most:
        yield f"{'doubled' if owed else 'not due'}: {kind} to {to}, {len(times)} times for {most}"
    if len(times) < sum(due.must for due in owed):
        yield f"missing: {kind} to {to}, {len(times)} times for {len(owed)}"
    if len(owed) == 1 and kind != ALMOST:
        for taken in got:
            late = taken.at - owed[0].until
            if late > CALL_MS or taken.at + taken.valid_s * 1000 > owed[0].until + CALL_MS:
                yield f"stale: {kind} to {to}, {late / 1000:.0f} s after its moment, valid {taken.valid_s} s"


def _once(got: list[Taken]) -> list[Taken]:
    """Copies with one Message-ID are one mail."""
    return list({taken.id or str(n): taken for n, taken in enumerate(got)}.values())


def _out_of_order(book: Book, owed: dict[tuple[str, str], list[Due]]) -> Iterator[str]:
    """Nobody is told what was so before something that they were told already."""
    told: dict[str, list[Taken]] = defaultdict(list)
    known: set[tuple[str, str]] = set()
    for taken in book.taken:
        if len(owed[taken.to, taken.kind]) == 1 and (taken.to, taken.id or taken.kind) not in known:
            known.add((taken.to, taken.id or taken.kind))
            told[taken.to].append(taken)
    for to, each in told.items():
        for before, after in pairwise(each):
            if owed[to, after.kind][0].at < owed[to, before.kind][0].at:
                yield f"out of order: {after.kind} to {to} after {before.kind}"
