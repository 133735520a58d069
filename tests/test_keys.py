"""The keys: made, listed, revoked, and looked up again when their file has changed."""

import hashlib
import hmac
import json
import stat
import threading
from datetime import date
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from index.errors import InputError, NotFoundError, StorageError
from ui import keys as keys_module
from ui.cli import main
from ui.keys import Key, Keys
from ui.sessions import LASTS, Sessions
from ui.visit import ASK, CHANGE

DAY = date(2026, 11, 1)


def test_a_key_is_known_by_its_secret_of_which_only_a_digest_is_kept(tmp_path: Path) -> None:
    keys = Keys(tmp_path / "data")
    secret = keys.add("ada", ASK, today=DAY)
    other = keys.add("bob", CHANGE, today=DAY)
    assert secret.startswith("dl_") and len(secret) > 40 and secret != other
    ada = Key("ada", "ask", "2026-11-01", hashlib.sha256(secret.encode()).hexdigest())
    assert (keys.find(secret), keys.all()[0]) == (ada, ada)
    file = tmp_path / "data" / "keys.json"
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert secret not in file.read_text() and secret[3:] not in file.read_text()
    assert [p.name for p in file.parent.iterdir()] == ["keys.json"]


@pytest.mark.parametrize("wrong", ["", "dl_", "dl_nothing", "ä", "\udcff", "x" * 10_000])
def test_another_secret_is_no_key(tmp_path: Path, wrong: str) -> None:
    keys = Keys(tmp_path)
    secret = keys.add("ada", ASK, today=DAY)
    assert keys.find(wrong) is None
    assert keys.find(secret[:-1]) is None and keys.find(secret + "x") is None


def test_digests_are_compared_in_constant_time_and_with_all_of_them(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    keys = Keys(tmp_path)
    secrets = [keys.add(name, ASK, today=DAY) for name in ("a", "b", "c")]
    compared: list[str] = []

    def compare(mine: str, theirs: str) -> bool:
        compared.append(theirs)
        return hmac.compare_digest(mine, theirs)

    monkeypatch.setattr(keys_module, "hmac", type("Watched", (), {"compare_digest": staticmethod(compare)}))
    for secret in (*secrets, "dl_wrong"):
        keys.find(secret)
        assert compared == [key.sha256 for key in keys.all()]
        compared.clear()


def test_a_change_by_another_process_counts_at_once(tmp_path: Path) -> None:
    here, there = Keys(tmp_path), Keys(tmp_path)
    assert here.all() == ()
    secret = there.add("ada", ASK, today=DAY)
    assert here.find(secret)
    there.revoke("ada")
    assert here.find(secret) is None
    assert here.find(there.add("ada", CHANGE, today=DAY)) == there.all()[0]


def test_changes_at_the_same_time_undo_none(tmp_path: Path) -> None:
    names = [f"key{n}" for n in range(12)]
    threads = [threading.Thread(target=lambda n=name: Keys(tmp_path).add(n, ASK, today=DAY)) for name in names]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(key.name for key in Keys(tmp_path).all()) == sorted(names)


@pytest.mark.parametrize("name", ["", "two words", "a/b", "x" * 61, "local", "a\nb", '"'])
def test_a_name_that_would_not_do_is_refused(tmp_path: Path, name: str) -> None:
    with pytest.raises(InputError, match="cannot be a key's name"):
        Keys(tmp_path).add(name, ASK, today=DAY)


@pytest.mark.parametrize("text", ["{", "[]", '{"keys": [{"name": "ada"}]}', '{"keys": 1}'])
def test_a_broken_file_lets_nobody_in(tmp_path: Path, text: str) -> None:
    (tmp_path / "keys.json").write_text(text)
    with pytest.raises(StorageError, match=r"keys\.json cannot be read"):
        Keys(tmp_path).all()


def test_what_is_not_there_cannot_be_revoked_nor_made_twice(tmp_path: Path) -> None:
    keys = Keys(tmp_path)
    keys.add("ada", ASK, today=DAY)
    with pytest.raises(InputError, match="There is a key of ada already"):
        keys.add("ada", CHANGE, today=DAY)
    with pytest.raises(NotFoundError, match="dateline keys list"):
        keys.revoke("bob")
    assert len(keys.all()) == 1


def run(*arguments: str, code: int = 0) -> Result:
    result = CliRunner().invoke(main, ["keys", *arguments])
    assert result.exit_code == code, result.output
    return result


def test_keys_are_made_listed_and_revoked_on_the_command_line(tmp_path: Path) -> None:
    data = ("--data", str(tmp_path))
    asks, changes = run("add", "ada", *data), run("add", "bob", "--may", "change", *data)
    assert Keys(tmp_path).find(asks.stdout.strip()) == Keys(tmp_path).all()[0]
    assert "ada's key, to ask. It is shown only now" in asks.stderr
    listed = run("list", *data).stdout
    assert [line.split()[1:] for line in listed.splitlines()] == [["ask", "ada"], ["change", "bob"]]
    assert changes.stdout.strip() not in listed
    assert run("revoke", "ada", *data).stdout == "Revoked: ada\n"
    assert run("revoke", "ada", *data, code=1).stderr.startswith("Error: There is no key of 'ada'.")
    assert [key["name"] for key in json.loads((tmp_path / "keys.json").read_text())["keys"]] == ["bob"]


def test_a_login_lasts_twelve_hours_and_no_longer() -> None:
    now = [0.0]
    sessions = Sessions(clock=lambda: now[0])
    token = sessions.open(Key("ada", ASK, "2026-11-01", "digest"))
    assert token not in repr(vars(sessions))
    now[0] = LASTS - 1
    assert (sessions.key_of(token), sessions.key_of(token + "x"), sessions.key_of("")) == ("digest", None, None)
    now[0] = LASTS
    assert sessions.key_of(token) is None
    second = sessions.open(Key("ada", ASK, "2026-11-01", "digest"))
    sessions.close(second)
    assert sessions.key_of(second) is None
