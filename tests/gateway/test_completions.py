"""Applications that lack papers, and what completes them: intake, the change feed, merging, holding."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.applications import Claim, Lack, misfit
from tests.gateway.rig import Gateway, Officer, Packet, Terminal, problem_of, run
from tests.gateway.shelf import Shelf
from wire import canon, manifest

F102 = [("f102", 1), ("f102", 2)]


def rows(terminal: Terminal, number: str) -> list[dict[str, object]]:
    """The change feed's rows of a number, as any terminal reads them."""
    url = f"{terminal.gateway.url}/v1/changes"
    found: list[dict[str, object]] = []
    after = 0
    while True:
        got = terminal.http.get(url, params={"after": after}, headers=terminal.headers(), timeout=20).json()
        found += [row for row in got["changes"] if row["number"] == number]
        after = got["cursor"]
        if not got["more"]:
            return found


def incomplete(terminal: Terminal) -> Packet:
    packet = terminal.packet(papers=F102, missing=("police", "kk"))
    terminal.send(packet)
    return packet


def test_a_completion_from_another_terminal_joins(terminal: Terminal, new_terminal: Callable[[], Terminal]) -> None:
    first = incomplete(terminal)
    other = new_terminal()
    completion = other.packet(papers=[("police", 1)], completes=first, missing=("kk",))
    proved = other.prove(other.send(completion))
    assert (proved.number, proved.seq) == (first.number, completion.seq)
    made = [(row["submission_id"], row["state"], row["first"], row["missing"]) for row in rows(terminal, first.number)]
    assert made == [
        (first.id, "received", "", ["police", "kk"]),
        (completion.id, "received", first.id, ["kk"]),
    ]


def test_two_completions_that_do_not_know_of_each_other_leave_nothing_missing(
    terminal: Terminal, new_terminal: Callable[[], Terminal]
) -> None:
    first = incomplete(terminal)
    one, two = new_terminal(), new_terminal()
    one.send(one.packet(papers=[("police", 1)], completes=first, missing=("kk",)))
    two.send(two.packet(papers=[("kk", 1)], completes=first, missing=("police",)))
    assert rows(terminal, first.number)[-1]["missing"] == []


def test_a_completion_that_is_faster_than_its_application_waits_for_it(
    terminal: Terminal, new_terminal: Callable[[], Terminal]
) -> None:
    first = terminal.packet(papers=F102, missing=("police", "kk"))
    other = new_terminal()
    completion = other.packet(papers=[("police", 1)], completes=first, missing=("kk",))
    other.send(completion)
    assert rows(terminal, first.number)[-1]["missing"] == ["kk"]
    officer = Officer(terminal.gateway)
    officer.sign_in()
    page = officer.get(f"/applications/{first.number}")
    assert page.status_code == 200
    assert 'name="decision"' not in page.text  # nothing is decided before the first one is here
    assert officer.get("/inbox").text.count(f'href="/applications/{first.number}"') >= 1
    terminal.send(first)
    last = rows(terminal, first.number)[-1]
    assert (last["submission_id"], last["missing"]) == (first.id, ["kk"])
    page = officer.get(f"/applications/{first.number}")
    assert page.text.count("?thumb=1") == 3
    assert 'name="decision"' in page.text


@pytest.mark.parametrize("wrong", ["number", "service", "tag", "chain", "itself"])
def test_a_completion_that_does_not_fit_hears_a_verdict(
    terminal: Terminal, new_terminal: Callable[[], Terminal], wrong: str
) -> None:
    first = incomplete(terminal)
    another = incomplete(terminal)
    other = new_terminal()
    if wrong == "number":
        bad = other.packet(completes=another, papers=[("police", 1)], corrects=first.id)
    elif wrong == "service":
        bad = other.packet(completes=first, papers=[("police", 1)], service="KK-HILANG-RUSAK")
    elif wrong == "tag":
        bad = other.packet(completes=first, papers=[("police", 1)], tag="A" * 43)
    elif wrong == "chain":
        middle = other.packet(completes=first, papers=[("police", 1)])
        other.send(middle)
        bad = other.packet(completes=first, papers=[("police", 1)], corrects=middle.id)
    else:
        bad = other.packet(completes=first, papers=[("police", 1)])
        payload = {**canon.Envelope.read(bad.envelope).payload, "corrects": bad.id}
        bad.envelope = canon.sign(payload, other.key, other.id, manifest.CONTEXT)
    got = other.put(bad)
    assert problem_of(got) == ("malformed" if wrong == "itself" else "conflict")
    assert got.json()["detail"]


def test_a_number_of_another_terminal_needs_what_it_completes(
    terminal: Terminal, new_terminal: Callable[[], Terminal]
) -> None:
    first = incomplete(terminal)
    other = new_terminal()
    assert problem_of(other.put(other.packet(completes=first, corrects=None))) == "malformed"


def test_a_mismatch_found_later_holds_the_completion_and_shows_it(
    terminal: Terminal, new_terminal: Callable[[], Terminal]
) -> None:
    first = terminal.packet(papers=F102, missing=("police", "kk"))
    other = new_terminal()
    stray = other.packet(papers=[("police", 1)], completes=first, tag="B" * 43)
    good = other.packet(papers=[("police", 1)], completes=first, missing=("kk",))
    other.send(stray)
    other.send(good)
    terminal.send(first)
    feed = rows(terminal, first.number)
    assert [(row["submission_id"], row["first"]) for row in feed] == [
        (stray.id, ""),
        (good.id, first.id),
        (first.id, ""),
    ]
    assert feed[-1]["missing"] == ["kk"]
    officer = Officer(terminal.gateway)
    officer.sign_in()
    inbox = officer.get("/inbox").text
    assert inbox.count(f'class="open" href="/applications/{first.number}"') == 1  # one row a number
    assert "Bukan bagian" in inbox
    page = officer.get(f"/applications/{first.number}")
    assert page.text.count("?thumb=1") == 4  # two of the form, the letter, and the one kept apart
    assert officer.get(f"/applications/{first.number}/pages/4.jpg").status_code == 200


def test_what_completes_a_withdrawn_application_is_refused(
    gateway: Gateway, terminal: Terminal, new_terminal: Callable[[], Terminal]
) -> None:
    first = incomplete(terminal)
    other = new_terminal()
    completion = other.packet(papers=[("police", 1)], completes=first, missing=("kk",))
    other.send(completion)
    run("gateway", "withdraw", "--data", str(gateway.data), "--id", first.id)
    for packet, sender in ((first, terminal), (completion, other)):
        assert Shelf(gateway.data, sender.id, packet.id).names() == ["manifest.json"]
    got = other.put(other.packet(papers=[("kk", 1)], completes=first))
    assert problem_of(got) == "conflict"
    assert "withdrawn" in got.json()["detail"]


def test_replays_and_duplicates_keep_their_rules(terminal: Terminal) -> None:
    first = incomplete(terminal)
    completion = terminal.packet(papers=[("police", 1)], completes=first, missing=("kk",))
    receipt = terminal.send(completion)
    assert terminal.send(completion) == receipt
    assert len(rows(terminal, first.number)) == 2


def test_a_refused_paper_that_is_not_brought_again_stays_missing(terminal: Terminal) -> None:
    first = terminal.packet(papers=[*F102, ("police", 1)], missing=("kk",))
    terminal.send(first)
    officer = Officer(terminal.gateway)
    officer.sign_in()
    page = officer.get(f"/applications/{first.number}")
    version = page.text.split('name="version" value="')[1].split('"')[0]
    officer.post(
        f"/applications/{first.number}/decision",
        {
            "csrf": officer.csrf(page),
            "version": version,
            "decision": "needs_correction",
            "reason.police": "cut_off",
            "reason.kk": "missing",
        },
    )
    decided = rows(terminal, first.number)[-1]
    assert (decided["state"], decided["missing"]) == ("needs_correction", ["kk"])
    terminal.send(terminal.packet(papers=[("kk", 1)], completes=first, missing=("police",)))
    assert rows(terminal, first.number)[-1]["missing"] == ["police"]
    terminal.send(terminal.packet(papers=[("police", 1)], completes=first))
    assert rows(terminal, first.number)[-1]["missing"] == []


_paper = st.sampled_from(["a", "b", "c", "d"])


@given(
    missing=st.lists(_paper, unique=True),
    steps=st.lists(st.tuples(st.booleans(), st.lists(_paper), st.lists(_paper, unique=True))),
)
def test_what_came_is_never_missing_and_nothing_is_missing_that_nobody_wanted(
    missing: list[str], steps: list[tuple[bool, list[str], list[str]]]
) -> None:
    lack, wanted = Lack(tuple(missing)), set(missing)
    for decision, papers, named in steps:
        if decision:
            lack = lack.sent_back(papers)
            wanted |= set(papers)
        else:
            lack = lack.came(papers, named)
            assert not set(papers) & {*lack.missing, *lack.asked}
        assert set(lack.missing) <= wanted
        assert len(set(lack.missing)) == len(lack.missing)


@given(st.builds(Claim, *[st.sampled_from("xy")] * 1, st.sampled_from(["x", "y", None]), *[st.sampled_from("xy")] * 3))
def test_a_claim_fits_only_what_agrees_in_all(claim: Claim) -> None:
    first = Claim("x", None, "x", "x", "x")
    fits = (claim.corrects, claim.number, claim.service, claim.tag) == ("x", "x", "x", "x")
    assert (misfit(first, claim) == "") is fits
