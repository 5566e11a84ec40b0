# Part of slack-im
# SPDX-License-Identifier: Apache-2.0
"""The same days in a company's life, on every kind of target, with real processes: the built program, the simulated
workspace, scim2-server (able, strict and poor), a REST service and a file."""

import fcntl
import importlib.util
import json
import os
import subprocess
import sys
import threading
import time
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from conftest import _until_ready, free_port
from fault_proxy import Fault, call
from office import BINARY, Office, Workspaces
from target_desks import TOKEN, FileDesk, RESTDesk, SCIMDesk

KINDS = ["rest", "normal", "strict", "poor", "file"]
ON_THE_WIRE = ["rest", "normal", "strict", "poor"]
# For tables of faults, where two kinds of wire are enough.
EACH_WIRE = ["rest", "normal"]


@pytest.fixture(scope="session")
def workspaces(tmp_path_factory):
    if not BINARY.is_file():
        pytest.fail("SLACK_IM_BINARY must name the built program; scripts/test sets it", pytrace=False)
    pool = Workspaces(tmp_path_factory.mktemp("workspaces"))
    yield pool
    pool.close()


@pytest.fixture(scope="session")
def scim_ports(tmp_path_factory):
    """A server process of each kind; ended when the session is over."""
    folder, processes, ports = tmp_path_factory.mktemp("scim"), [], {}
    if importlib.util.find_spec("scim2_server") is None:
        yield None
        return
    script = Path(__file__).with_name("scim_server.py")
    try:
        for kind in ("normal", "strict", "poor"):
            ports[kind] = free_port()
            log = folder / f"{kind}.txt"
            with log.open("wb") as talk:
                process = subprocess.Popen(
                    [sys.executable, str(script), str(ports[kind]), kind, *([TOKEN] if kind == "strict" else [])], stdin=subprocess.DEVNULL, stdout=talk, stderr=talk)
            processes.append(process)
            _until_ready(
                process, time.monotonic() + 60, log,
                lambda kind=kind: call(f"http://127.0.0.1:{ports[kind]}/probe/dump") is not None)
        yield ports
    finally:
        for process in processes:
            process.kill()
            process.wait()


@pytest.fixture
def office(request, workspaces, scim_ports, tmp_path):
    kind = request.param
    if kind == "rest":
        desk = RESTDesk()
    elif kind == "file":
        desk = FileDesk(tmp_path)
    elif scim_ports is None:
        pytest.skip("scim2-server is not installed; it needs Python 3.11")
    else:
        desk = SCIMDesk(kind, scim_ports[kind], f"office{time.time_ns()}")
    workspaces.url_for(6)
    workspaces.used -= 6
    yield Office(workspaces, tmp_path, desk)
    desk.close()


def on(kinds):
    return pytest.mark.parametrize("office", kinds, indirect=True)


def names(office):
    return {key: one[office.desk.name] for key, one in office.desk.accounts().items()}


def active(office):
    return {key for key, one in office.desk.accounts().items() if one.get("active", True)}


# Joiners, movers, leavers


@on(KINDS)
def test_joiners_get_accounts_once(office):
    for local in ("kim", "lee", "park"):
        office.hire(local)
    assert sorted(office.sync("--plan", exit=10).changes) == [("create", "kim"), ("create", "lee"), ("create", "park")]
    assert office.desk.count() == 0
    office.sync()
    assert names(office) == {"kim": "Kim", "lee": "Lee", "park": "Park"}
    passwords = [one["password"] for one in office.desk.accounts().values()]
    assert len(set(passwords)) == 3 and all(len(password) == 20 for password in passwords)
    if office.desk.kind in ("normal", "strict", "poor"):
        assert {one["externalId"] for one in office.desk.accounts().values()} == set(office.people.values())
    office.settled()
    office.hire("choi", "Choi \"Ji\" \\ <!channel>")
    assert office.sync().changes == [("create", "choi")]
    assert names(office)["choi"] == "Choi \"Ji\" \\ <!channel>"
    office.settled()


@on(KINDS)
def test_a_mover_is_updated_and_what_others_wrote_stays(office):
    kim = office.hire("kim")
    office.hire("lee")
    office.sync()
    before = office.desk.accounts()["kim"]["password"]
    by_hand = {"title": "Captain"} if office.desk.kind != "rest" else {"badge": 7}
    office.desk.edit("kim", **by_hand)
    office.settled()
    office.change(kim, real_name="Kim Minjun")
    assert office.sync().changes == [("update", "kim")]
    account = office.desk.accounts()["kim"]
    assert account[office.desk.name] == "Kim Minjun"
    assert by_hand.items() <= account.items()
    assert account["password"] == before
    assert names(office)["lee"] == "Lee"
    office.settled()
    # Drift by another hand is put right.
    office.desk.edit("lee", **{office.desk.name: "Somebody"})
    assert office.sync().changes == [("update", "lee")]
    assert names(office)["lee"] == "Lee"


@on(KINDS)
def test_a_leaver_is_disabled_and_a_rehire_enabled(office):
    office.options["leavers"] = "disable"
    kim = office.hire("kim")
    office.hire("lee")
    office.sync()
    password = office.desk.accounts()["kim"]["password"]
    office.change(kim, deleted=True)
    assert office.sync().changes == [("disable", "kim")]
    assert active(office) == {"lee"}
    assert names(office) == {"kim": "Kim", "lee": "Lee"}
    office.settled()
    office.change(kim, deleted=False)
    assert ("enable", "kim") in office.sync().changes
    assert active(office) == {"kim", "lee"}
    assert office.desk.accounts()["kim"]["password"] == password
    office.settled()


@on(KINDS)
def test_a_leaver_is_deleted_when_there_is_no_grace(office):
    office.options.update(leavers="delete", grace="0s")
    kim = office.hire("kim")
    office.hire("lee")
    office.sync()
    office.change(kim, deleted=True)
    assert office.sync().changes == [("delete", "kim")]
    assert set(office.desk.accounts()) == {"lee"}
    office.settled()
    # And comes back: a new account.
    office.change(kim, deleted=False)
    assert office.sync().changes == [("create", "kim")]
    assert active(office) == {"kim", "lee"}


@on(KINDS)
def test_a_leaver_is_deleted_after_the_grace(office):
    office.options.update(leavers="delete", grace="1s")
    kim = office.hire("kim")
    office.hire("lee")
    office.sync()
    office.change(kim, deleted=True)
    assert office.sync().changes == [("disable", "kim")]
    deadline = time.monotonic() + 20
    while "kim" in office.desk.accounts() and time.monotonic() < deadline:
        time.sleep(0.5)
        office.sync()
    assert set(office.desk.accounts()) == {"lee"}


# Names


@on(KINDS)
def test_a_rename_is_held_until_it_is_allowed(office):
    kim = office.hire("kim")
    office.sync()
    password = office.desk.accounts()["kim"]["password"]
    office.change(kim, email=f"kim.minjun@{office.domain}")
    report = office.sync()
    assert ("rename_held", "kim.minjun") in report.findings
    assert set(office.desk.accounts()) == {"kim"}
    office.options["rename"] = "update"
    assert office.sync().changes == [("update", "kim.minjun")]
    assert set(office.desk.accounts()) == {"kim.minjun"}
    assert office.desk.accounts()["kim.minjun"]["password"] == password
    office.settled()


def rename(office, **keys):
    """Gives people other names at once, as an HR system would: by way of names that nobody has."""
    for local in keys:
        office.change(office.people[local], email=f"moving.{local}@{office.domain}")
    for local, new in keys.items():
        office.change(office.people[local], email=f"{new}@{office.domain}")


def passwords(office):
    """Whose account is which: nobody else has the password of its creation."""
    return {key: one["password"] for key, one in office.desk.accounts().items()}


def owned(office):
    """The member of each account, where the target keeps our word for it."""
    return {key: one.get("externalId") for key, one in office.desk.accounts().items()}


@on(KINDS)
def test_two_who_swap_their_names_keep_their_accounts(office):
    office.options["rename"] = "update"
    kim, lee = office.hire("kim"), office.hire("lee")
    office.sync()
    before, owners = passwords(office), owned(office)
    rename(office, kim="lee", lee="kim")
    expected = [("update", "lee2"), ("update", "kim"), ("update", "lee")]
    assert office.sync("--plan", exit=10).changes == expected
    assert passwords(office) == before
    assert office.sync().changes == expected
    assert passwords(office) == {"kim": before["lee"], "lee": before["kim"]}
    assert owned(office) == {"kim": owners["lee"], "lee": owners["kim"]}
    assert office.desk.count() == 2
    office.settled()
    # Renames that wait for a person wait.
    office.options["rename"] = "hold"
    rename(office, kim="kim", lee="lee")
    assert sorted(office.sync().findings) == [("key_taken", "kim"), ("key_taken", "lee")]
    assert passwords(office) == {"kim": before["lee"], "lee": before["kim"]}


@on(KINDS)
def test_names_go_round_and_along_in_one_run(office):
    office.options.update(rename="update", leavers="delete", grace="0s")
    for local in ("ahn", "bae", "cha", "kim", "lee", "oh"):
        office.hire(local)
    office.sync()
    before = passwords(office)
    # Three in a circle; kim onto the name of lee, lee onto that of one who leaves, and a newcomer onto that of kim.
    rename(office, ahn="bae", bae="cha", cha="ahn", lee="oh", kim="lee")
    office.change(office.people["oh"], deleted=True)
    office.people.pop("oh")
    office.people["new"] = office.hire("kim", "New Kim")
    office.sync()
    after = passwords(office)
    assert after.pop("kim") not in before.values()
    assert after == {
        "bae": before["ahn"], "cha": before["bae"], "ahn": before["cha"], "oh": before["lee"], "lee": before["kim"]}
    assert names(office)["kim"] == "New Kim" and names(office)["lee"] == "Kim"
    assert office.desk.count() == 6
    office.settled()


@on(EACH_WIRE)
@pytest.mark.parametrize("arrives", [True, False], ids=["done", "not done"])
@pytest.mark.parametrize("step", [1, 2, 3])
def test_a_swap_that_is_killed_is_finished_by_the_next_run(office, step, arrives):
    office.options["rename"] = "update"
    office.hire("kim"), office.hire("lee")
    office.sync()
    before = passwords(office)
    rename(office, kim="lee", lee="kim")
    office.desk.proxy.reset()
    writes = Counter()

    def kill(method, path, number):
        if method not in ("PUT", "PATCH"):
            return None
        writes["all"] += 1
        if writes["all"] != step:
            return None
        process.kill()
        process.wait()
        return None if arrives else Fault("refuse")

    office.desk.proxy.rule = kill
    process = office.start()
    process.communicate(timeout=120)
    assert process.returncode == -9
    office.desk.proxy.reset()
    office.sync()
    assert passwords(office) == {"kim": before["lee"], "lee": before["kim"]}
    assert office.desk.count() == 2
    office.settled()


@on(EACH_WIRE)
@pytest.mark.parametrize("what", ["500", "a reset after it was done", "half an answer"])
def test_a_swap_whose_requests_go_wrong_is_made_in_the_end(office, what):
    fault, _ = CHANGING[what]
    office.options.update(rename="update", limits={"per_second": 1000, "timeout": "2s", "retries": 0})
    for local in ("kim", "lee", "ahn", "bae", "cha"):
        office.hire(local)
    office.sync()
    before = passwords(office)
    rename(office, kim="lee", lee="kim", ahn="bae", bae="cha", cha="ahn")
    lock, count = threading.Lock(), Counter()

    def every_second(method, path, number):
        if method not in ("PUT", "PATCH"):
            return None
        with lock:
            count["writes"] += 1
            return fault if count["writes"] % 2 else None

    office.desk.proxy.rule = every_second
    for _ in range(6):
        office.start().communicate(timeout=120)
    office.desk.proxy.reset()
    # A refused connection counts against the target; whoever names it is heard all the same.
    office.sync()
    assert passwords(office) == {
        "kim": before["lee"], "lee": before["kim"], "bae": before["ahn"], "cha": before["bae"], "ahn": before["cha"]}
    assert office.desk.count() == 5
    office.settled()


@on(["file"])
def test_swaps_in_a_file_that_are_killed_are_finished_by_the_next_run(office):
    office.options["rename"] = "update"
    pairs = [(f"a{number}x", f"b{number}x") for number in range(12)]
    for one, other in pairs:
        office.hire(one), office.hire(other)
    office.sync()
    before = passwords(office)
    rename(office, **{one: other for one, other in pairs}, **{other: one for one, other in pairs})
    process = office.start()
    deadline = time.monotonic() + 60
    while set(passwords(office)) == set(before) and process.poll() is None and time.monotonic() < deadline:
        time.sleep(0.001)
    process.kill()
    process.communicate(timeout=30)
    office.sync()
    assert passwords(office) == {new: before[old] for pair in pairs for old, new in (pair, pair[::-1])}
    assert office.desk.count() == 2 * len(pairs)
    office.settled()


@on(KINDS)
def test_of_two_with_one_name_the_first_keeps_it(office):
    office.domains = [office.domain, "other-" + office.domain]
    kim = office.hire("kim", "Kim One")
    office.sync()
    office.hire("kim", "Kim Two", domain="other-" + office.domain)
    report = office.sync()
    assert report.changes == []
    assert [kind for kind, _ in report.findings] in (["collision"], ["key_taken"])
    assert names(office) == {"kim": "Kim One"}
    # The first leaves: the second does not inherit the account.
    office.options["leavers"] = "disable"
    office.change(kim, deleted=True)
    office.sync()
    assert names(office) == {"kim": "Kim One"}
    assert active(office) == set()


@on(KINDS)
def test_an_account_that_was_there_is_left_alone_until_it_may_be_adopted(office):
    office.desk.add("kim", "Old Kim")
    office.desk.add("service", "A machine")
    before = office.desk.accounts()
    office.hire("kim", "New Kim")
    report = office.sync()
    assert report.findings == [("unlinked", "kim")]
    assert office.desk.accounts() == before
    office.options["adopt"] = "always"
    assert sorted(office.sync().changes) == [("link", "kim"), ("update", "kim")]
    assert names(office) == {"kim": "New Kim", "service": "A machine"}
    office.settled()
    # The database is lost: nothing is written.
    for file in office.folder.glob("slack-im.sqlite*"):
        file.unlink()
    office.options["adopt"] = "ask"
    before = office.desk.accounts()
    assert office.sync().findings == [("unlinked", "kim")]
    assert office.desk.accounts() == before


@on(["rest", "normal", "strict", "file"])
def test_three_hundred_accounts_that_were_there_before(office):
    count = 300
    for number in range(count):
        office.desk.add(f"person{number}", f"Person {number}")
    with ThreadPoolExecutor(4) as hands:
        list(hands.map(lambda number: office.hire(f"person{number}", f"Person {number}"), range(count)))
    before = office.desk.accounts()
    report = office.settled()
    assert sorted(report.findings) == sorted(("unlinked", f"person{number}") for number in range(count))
    adopted = subprocess.run(
        [str(BINARY), "adopt", "desk", "--config", str(office.configuration())], cwd=office.folder,
        stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=120)
    assert adopted.returncode == 0, adopted.stdout + adopted.stderr
    assert office.desk.accounts() == before
    assert office.settled().findings == []
    # The database is lost, and somebody leaves: no write, and no removal.
    for file in office.folder.glob("slack-im.sqlite*"):
        file.unlink()
    office.options.update(leavers="delete", grace="0s")
    office.change(office.people["person7"], deleted=True)
    assert len(office.settled().findings) == count - 1
    assert office.desk.accounts() == before


@on(["normal", "strict", "poor"])
def test_an_account_of_another_member_is_never_taken_over(office):
    office.options["adopt"] = "always"
    kim = office.hire("kim")
    office.desk.add("kim", "Somebody else's", externalId="U0SOMEBODY")
    before = office.desk.accounts()
    assert ("key_taken", "kim") in office.sync().findings
    assert office.desk.accounts() == before
    # Made behind the back of a run that saw nobody there.
    office.desk.wipe()

    def slip_in(method, path):
        if method == "POST":
            office.desk.proxy.before = lambda method, path: None
            office.desk.add("kim", "Somebody else's", externalId="U0SOMEBODY")

    office.desk.proxy.before = slip_in
    assert ("key_taken", "kim") in office.sync().findings
    assert names(office) == {"kim": "Somebody else's"}
    assert kim not in {one["externalId"] for one in office.desk.accounts().values()}


@on(["rest", "file"])
def test_a_target_that_is_renamed_or_removed_leaves_its_accounts_and_says_so(office):
    office.options.update(leavers="delete", grace="0s")
    kim = office.hire("kim")
    office.hire("lee")
    office.sync()
    before = office.desk.accounts()
    office.options["name"] = "other"
    office.change(kim, deleted=True)
    assert office.settled().findings == [("unlinked", "lee")]
    assert office.desk.accounts() == before
    told = subprocess.run(
        [str(BINARY), "status", "--config", str(office.configuration())], cwd=office.folder,
        stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=60)
    assert "desk is no longer configured; its accounts are left as they are" in told.stdout, told.stdout + told.stderr


# Wipes


@on(KINDS)
def test_a_wiped_target_is_filled_again_with_the_same_passwords(office):
    office.options["ephemeral"] = True
    for number in range(12):
        office.hire(f"person{number}")
    office.sync()
    before = {key: one["password"] for key, one in office.desk.accounts().items()}
    office.desk.wipe()
    report = office.sync()
    assert report.counts["created"] == 12
    assert {key: one["password"] for key, one in office.desk.accounts().items()} == before
    office.settled()


@on(ON_THE_WIRE)
def test_a_wipe_in_the_middle_of_a_run_touches_no_stranger(office):
    office.options["ephemeral"] = True
    people = [office.hire(f"person{number}", f"Person {number}") for number in range(12)]
    office.sync()
    for number, member in enumerate(people):
        office.change(member, real_name=f"Renamed {number}")
    strangers = {}
    office.desk.proxy.reset()
    # One at a time: what is on its way when a server is wiped reaches whoever has the id then, and nobody can help it.
    office.options["limits"] = {"per_second": 1000, "concurrency": 1}

    def wipe(method, path):
        # The ids that the accounts had are given to strangers, in the same order. A change begins with a look at the
        # account, where accounts are changed by their ids.
        begins = method == "PUT" if office.desk.kind == "rest" else method == "GET" and "/Users/" in path
        if begins and len(office.desk.proxy.writes) >= 4:
            office.desk.proxy.before = lambda method, path: None
            office.desk.wipe()
            for number in range(15):
                office.desk.add(f"stranger{number}", f"Stranger {number}")
            strangers.update(office.desk.accounts())

    office.desk.proxy.before = wipe
    process = office.start()
    out, _ = process.communicate(timeout=120)
    assert process.returncode in (0, 1), out
    assert strangers
    for _ in range(2):
        office.sync()
    accounts = office.desk.accounts()
    assert {key: accounts[key] for key in strangers} == strangers
    assert {key: one[office.desk.name] for key, one in accounts.items() if key not in strangers} == {
        f"person{number}": f"Renamed {number}" for number in range(12)}
    assert office.desk.count() == 27
    office.settled()


# Half-broken answers

BROKEN = {
    "502": Fault("status", 502), "404": Fault("status", 404), "401": Fault("status", 401), "a web page": Fault("page"),
    "half an answer": Fault("truncate"), "no list": Fault("garbage"), "a reset": Fault("refuse"),
    "silence": Fault("hang", seconds=3), "a redirect": Fault("status", 302, {"Location": "/elsewhere"}),
}


@on(EACH_WIRE)
@pytest.mark.parametrize("what", BROKEN)
def test_a_list_that_is_broken_is_no_list(office, what):
    office.options["limits"] = {"per_second": 1000, "timeout": "1s", "retries": 0}
    office.options["leavers"] = "disable"
    office.hire("kim")
    office.sync()
    before = office.desk.accounts()
    office.hire("lee")
    office.desk.proxy.reset()
    office.desk.proxy.rule = lambda method, path, number: BROKEN[what]
    report = office.sync(exit=5)
    assert report.error["code"] in ("target.unreachable", "target.misconfigured", "target.unauthorized")
    assert office.desk.proxy.writes == []
    assert office.desk.accounts() == before
    line = office.check()
    assert not line["ok"] and line["advice"]
    office.desk.proxy.reset()
    office.sync()
    assert set(office.desk.accounts()) == {"kim", "lee"}


# What is answered to the first creation, and what comes of the run; the second one is always whole.
CREATING = {
    "429 with Retry-After": (Fault("status", 429, {"Retry-After": "1"}), 0),
    "429 without": (Fault("status", 429), 0),
    "503 with a date": (Fault("status", 503, {"Retry-After": "Sun, 06 Nov 1994 08:49:37 GMT"}), 0),
    "500 and nothing done": (Fault("status", 500), 0),
    "502 and nothing done": (Fault("status", 502), 0),
    "a reset after it was done": (Fault("reset"), 0),
    "a reset before": (Fault("refuse"), 0),
    "half an answer": (Fault("truncate"), 0),
    "silence": (Fault("hang", seconds=3), 0),
    "slow bytes": (Fault("slow", seconds=1), 0),
    "a web page": (Fault("page"), 0),
    "400": (Fault("status", 400), 1),
    "403": (Fault("status", 403), 5),
}


@on(EACH_WIRE)
@pytest.mark.parametrize("what", CREATING)
def test_a_creation_that_goes_wrong_makes_one_account_or_none(office, what):
    fault, exit = CREATING[what]
    office.options["limits"] = {"per_second": 1000, "concurrency": 1, "timeout": "2s", "retries": 3}
    for local in ("kim", "lee", "park"):
        office.hire(local)
    office.desk.proxy.rule = lambda method, path, number: fault if method == "POST" and number == 0 else None
    office.sync(exit=exit)
    if exit == 0:
        assert set(office.desk.accounts()) == {"kim", "lee", "park"}
    office.desk.proxy.reset()
    office.sync()
    assert set(office.desk.accounts()) == {"kim", "lee", "park"}
    assert office.desk.count() == 3
    office.settled()


@on(EACH_WIRE)
def test_a_target_that_asks_to_wait_for_an_hour_is_left_alone(office):
    office.options["limits"] = {"per_second": 1000, "concurrency": 1, "timeout": "2s", "retries": 3}
    for number in range(12):
        office.hire(f"person{number}")
    office.desk.proxy.rule = lambda method, path, number: (
        Fault("status", 429, {"Retry-After": "3600"}) if method == "POST" else None)
    report = office.sync(exit=5)
    assert report.error["code"] == "target.rate_limited" and "3600 s" in report.error["detail"]
    assert len(office.desk.proxy.writes) == 1
    office.desk.proxy.reset()
    office.sync()
    assert office.desk.count() == 12


# What is answered to every second change, and what comes of the run.
CHANGING = {
    "429": (Fault("status", 429, {"Retry-After": "0"}), 0), "500": (Fault("status", 500), 0),
    "a reset after it was done": (Fault("reset"), 0), "half an answer": (Fault("truncate"), 0),
    "slow bytes": (Fault("slow", seconds=1), 0),
}


@on(EACH_WIRE)
@pytest.mark.parametrize("what", CHANGING)
def test_changes_that_go_wrong_now_and_then_are_made_in_the_end(office, what):
    fault, exit = CHANGING[what]
    office.options.update(leavers="disable", limits={"per_second": 1000, "timeout": "2s", "retries": 5})
    people = {local: office.hire(local) for local in ("kim", "lee", "park", "choi")}
    office.sync()
    office.change(people["kim"], real_name="Kim New")
    office.change(people["lee"], real_name="Lee New")
    office.change(people["park"], deleted=True)
    lock, count = threading.Lock(), Counter()

    def every_second(method, path, number):
        if method in ("GET", "POST"):
            return None
        with lock:
            count["writes"] += 1
            return fault if count["writes"] % 2 else None

    office.desk.proxy.rule = every_second
    office.sync(exit=exit)
    assert names(office) == {"kim": "Kim New", "lee": "Lee New", "park": "Park", "choi": "Choi"}
    assert active(office) == {"kim", "lee", "choi"}
    office.settled()


@on(["rest", "strict", "poor"])
def test_a_list_that_gives_the_first_page_again_is_refused(office):
    for number in range(130 if office.desk.kind == "rest" else 12):
        office.desk.add(f"machine{number}", "A machine")
    office.hire("kim")

    def again(method, path, number):
        is_list = method == "GET" and ("startIndex=" in path or "page=" in path)
        # Asked for one entry, the target gives one: it does listen.
        return Fault("duplicate") if is_list and not path.endswith("&size=1") else None

    office.desk.proxy.rule = again
    report = office.sync(exit=5)
    assert report.error["code"] in ("target.misconfigured", "target.unreachable")
    assert office.desk.proxy.writes == []


# Crashes


@on(KINDS)
@pytest.mark.parametrize("after", [1, 7, 20])
def test_a_run_that_is_killed_is_finished_by_the_next(office, after):
    count = 30
    for number in range(count):
        office.hire(f"person{number}")
    if office.desk.has_requests:
        # Held long enough that the end finds some on their way.
        office.desk.proxy.before = lambda method, path: time.sleep(0.02) if method == "POST" else None
    process = office.start()
    deadline = time.monotonic() + 60
    while office.desk.count() < after and process.poll() is None and time.monotonic() < deadline:
        time.sleep(0.002)
    process.kill()
    process.communicate(timeout=30)
    if office.desk.has_requests:
        office.desk.proxy.reset()
    office.sync()
    assert set(office.desk.accounts()) == {f"person{number}" for number in range(count)}
    assert office.desk.count() == count
    office.settled()


# The file by itself


@on(["file"])
def test_what_is_written_by_hand_stays_as_it_is_written(office):
    text = (
        '{\n\t"version": 1.50e1,\n\t"data": {\n\t\t"members": [\n'
        '\t\t\t{"userId": "root", "name": "R\\u00f6\\u00f6t", "level": 1.0, "tags": [ "a","b" ]},\n'
        '\t\t\t{ "comment":  "no account" }\n\t\t],\n\t\t"note": "kept"\n\t}\n}\n')
    office.desk.path.write_text(text, encoding="utf-8")
    office.desk.path.chmod(0o640)
    real = office.desk.path.with_name("real.json")
    office.desk.path.rename(real)
    office.desk.path.symlink_to("real.json")
    office.options.update(leavers="delete", grace="0s")
    kim = office.hire("kim")
    office.sync()
    changed = office.desk.path.read_text(encoding="utf-8")
    line = next(line for line in changed.splitlines() if '"kim"' in line)
    assert changed.replace(line + "\n", "").replace('account" },\n', 'account" }\n') == text
    assert office.desk.path.is_symlink() and real.stat().st_mode & 0o777 == 0o640
    office.change(kim, deleted=True)
    office.sync()
    assert office.desk.path.read_text(encoding="utf-8") == text
    assert sorted(path.name for path in office.folder.iterdir() if "slack-im" in path.name and path.suffix == ".slack-im") == []


BAD_FILES = {
    "half a file": '{"data": {"members": [{"userId": "kim"', "nothing": "", "no list": '{"data": {"members": {}}}',
    "another place": '{"members": []}', "no keys": '{"data": {"members": [{"user": "kim"}]}}', "a page": "<html></html>",
}


@on(["file"])
@pytest.mark.parametrize("what", BAD_FILES)
def test_a_file_that_cannot_be_read_is_never_written(office, what):
    office.hire("kim")
    office.desk.path.write_text(BAD_FILES[what], encoding="utf-8")
    assert office.sync(exit=5).error["code"] == "target.misconfigured"
    assert office.desk.path.read_text(encoding="utf-8") == BAD_FILES[what]
    line = office.check()
    assert not line["ok"] and "items" in line["advice"]
    office.desk.path.unlink()
    office.sync()
    assert set(office.desk.accounts()) == {"kim"}


@on(["file"])
def test_a_hand_that_keeps_to_the_lock_loses_nothing(office):
    for number in range(60):
        office.hire(f"person{number}")
    office.options["leavers"] = "keep"
    stop, written = threading.Event(), []

    def write_by_hand():
        folder = os.open(office.folder, os.O_RDONLY)
        while not stop.is_set():
            fcntl.flock(folder, fcntl.LOCK_EX)
            office.desk.add(f"hand{len(written)}", "By hand")
            fcntl.flock(folder, fcntl.LOCK_UN)
            written.append(len(written))
            time.sleep(0.003)
        os.close(folder)

    hand = threading.Thread(target=write_by_hand)
    hand.start()
    try:
        office.sync()
    finally:
        stop.set()
        hand.join()
    assert written
    expected = {f"person{number}" for number in range(60)} | {f"hand{number}" for number in written}
    assert {one["userId"] for one in office.desk.members()} == expected
    assert office.desk.count() == len(expected)
    assert json.loads(office.desk.path.read_text(encoding="utf-8"))["data"]["note"] == "kept by hand"
