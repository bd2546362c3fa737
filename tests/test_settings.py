"""Settings come from four places, the nearest wins, and whatever is wrong is named with where it came from."""

from pathlib import Path

import pytest
from msgspec import Meta
from msgspec.structs import fields

from callboard.errors import Invalid
from callboard.settings import SECRETS, Settings, help_of, load


@pytest.fixture
def file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty ./callboard.toml."""
    monkeypatch.chdir(tmp_path)
    (path := tmp_path / "callboard.toml").touch()
    return path


def told(config: Path | None, env: dict[str, str], flags: dict[str, object]) -> dict[str, str]:
    with pytest.raises(Invalid) as caught:
        load(config, env, flags)
    return {m.where: m.what for m in caught.value.mistakes}


def test_without_anything_the_defaults_hold(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    settings = load(None, {"PATH": "/bin"}, {})
    assert settings == Settings()
    assert (settings.host, settings.port, settings.url) == ("127.0.0.1", 8080, "http://127.0.0.1:8080")


def test_flags_win_over_the_environment_and_that_over_the_file(file: Path) -> None:
    file.write_text('port = 1001\nhost = "file"\ndata_dir = "file"\nlog_level = "debug"\n')
    settings = load(None, {"CALLBOARD_PORT": "1002", "CALLBOARD_HOST": "env"}, {"port": "1003"})
    assert (settings.port, settings.host, settings.data_dir, settings.log_level) == (1003, "env", "file", "debug")


def test_a_named_file_is_read_instead_and_must_exist(file: Path, tmp_path: Path) -> None:
    file.write_text("port = 1\n")
    other = tmp_path / "other.toml"
    assert told(other, {}, {}) == {str(other): "cannot be read: No such file or directory"}
    other.write_text("port = 2\n")
    assert load(other, {}, {}).port == 2


def test_unknown_keys_are_named_wherever_they_stand(file: Path) -> None:
    file.write_text("prot = 1\nzzz = 2\n")
    assert told(None, {"CALLBOARD_PROT": "1", "CALLBOARD_DATADIR_FILE": "x"}, {"prot": 1}) == {
        "prot": "unknown key; did you mean 'port'? (in callboard.toml)",
        "zzz": "unknown key (in callboard.toml)",
        "CALLBOARD_PROT": "unknown variable; did you mean 'CALLBOARD_PORT'?",
        "CALLBOARD_DATADIR_FILE": "unknown variable; did you mean 'CALLBOARD_DATA_DIR'?",
        "--prot": "unknown flag; did you mean 'port'?",
    }


def test_wrong_values_are_told_with_their_source(file: Path) -> None:
    file.write_text('port = "80"\n')
    assert told(None, {"CALLBOARD_SMTP_PORT": "mail"}, {"smtp_tls": "tsl"}) == {
        "port": "must be a whole number, not text (in callboard.toml)",
        "smtp_port": "must be a whole number, not text (from CALLBOARD_SMTP_PORT)",
        "smtp_tls": "must be one of none, starttls, tls; did you mean 'tls'? (from --smtp-tls)",
    }


def test_a_wrong_value_that_a_nearer_source_overrides_is_still_told(file: Path) -> None:
    file.write_text("port = 70000\n")
    assert told(None, {}, {"port": 80}) == {"port": "must be at least 0 and at most 65535 (in callboard.toml)"}


def test_a_file_that_is_not_toml_is_told_with_its_line(file: Path) -> None:
    file.write_text("port = 1\nhost = localhost\n")
    assert "line 2" in told(None, {}, {})["callboard.toml"]


def test_lists_come_from_toml_from_commas_and_from_repeated_flags(file: Path) -> None:
    file.write_text('site = ["a.toml", "b.toml"]\n')
    assert load(None, {}, {}).site == ("a.toml", "b.toml")
    assert load(None, {"CALLBOARD_SITE": "c.toml, d.toml"}, {}).site == ("c.toml", "d.toml")
    assert load(None, {}, {"site": ("e.toml",)}).site == ("e.toml",)


def test_a_secret_may_stand_in_a_file_of_its_own(file: Path, tmp_path: Path) -> None:
    (tmp_path / "password").write_text("pa ss\n")
    env = {"CALLBOARD_SMTP_PASSWORD_FILE": str(tmp_path / "password")}
    assert load(None, env, {}).smtp_password == "pa ss"
    assert told(None, env | {"CALLBOARD_SMTP_PASSWORD": "other"}, {}) == {
        "smtp_password": "CALLBOARD_SMTP_PASSWORD_FILE and CALLBOARD_SMTP_PASSWORD are both set"
    }
    (tmp_path / "password").unlink()
    assert list(told(None, env, {})) == ["smtp_password"]


def test_secrets_do_not_print() -> None:
    secrets = Settings(redis="redis://:hush@host", twilio_auth_token="hush", smtp_password="hush")
    assert "hush" not in f"{secrets} {secrets!r} {secrets.__rich_repr__()}"
    assert "twilio_auth_token=***" in repr(secrets)
    assert {"twilio_auth_token", "smtp_password"} < SECRETS <= set(Settings.__struct_fields__)


def test_what_belongs_together_is_asked_for_together(file: Path) -> None:
    assert set(told(None, {}, {"twilio_account_sid": "AC1", "smtp_host": "mail", "smtp_user": "me"})) == {
        "twilio_auth_token",
        "twilio_from",
        "mail_from",
        "smtp_password",
    }


def test_a_certificate_has_its_key_and_people_come_by_https(file: Path) -> None:
    assert told(None, {}, {"tls_cert": "c.pem"}) == {"tls_key": "is needed beside tls_cert"}
    assert told(None, {}, {"tls_key": "k.pem"}) == {"tls_cert": "is needed beside tls_key"}
    both: dict[str, object] = {"tls_cert": "c.pem", "tls_key": "k.pem"}
    assert list(told(None, {}, both | {"public_url": "http://q.example.org"})) == ["public_url"]


def test_two_servers_on_one_port_have_one_store(file: Path) -> None:
    assert list(told(None, {"CALLBOARD_REUSE_PORT": "true"}, {})) == ["redis"]
    assert load(None, {"CALLBOARD_REUSE_PORT": "true"}, {"redis": "redis://store"}).reuse_port


@pytest.mark.parametrize(
    ("flags", "url"),
    [
        ({"tls_cert": "c.pem", "tls_key": "k.pem", "port": 8443}, "https://127.0.0.1:8443"),
        ({"public_url": "https://q.example.org/wait"}, "https://q.example.org/wait"),
        ({"host": "0.0.0.0", "port": 80}, "http://127.0.0.1:80"),
        ({"host": "::", "port": 80}, "http://[::1]:80"),
        ({"host": "fd00::2", "port": 80}, "http://[fd00::2]:80"),
    ],
)
def test_the_address_to_open(flags: dict[str, object], url: str) -> None:
    assert load(None, {}, flags).url == url


@pytest.mark.parametrize("url", ["q.example.org", "https://q.example.org/", "ftp://q", "https://q/?a", "https://q /"])
def test_a_public_url_must_be_one_that_paths_can_follow(url: str) -> None:
    assert list(told(None, {}, {"public_url": url})) == ["public_url"]


def test_every_setting_has_help() -> None:
    for field in fields(Settings):
        assert help_of(field.name), field.name
        assert any(isinstance(m, Meta) for m in Settings.__annotations__[field.name].__metadata__)
