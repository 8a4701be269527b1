"""Settings: what a user may write, and what they are told when it is wrong."""

from __future__ import annotations

from pathlib import Path

import pytest

from tandem.config import Settings, paths_from, settings_file
from tandem.config_file import load, written
from tandem.config_keys import keys
from tandem.errors import BadSettings
from tandem.types import Mode


def settings_in(folder: Path, text: str) -> Path:
    path = folder / "tandem.toml"
    path.write_text(text, encoding="utf-8")
    return path


def refusal(path: Path, environ: dict[str, str] | None = None, **flags: str) -> str:
    with pytest.raises(BadSettings) as caught:
        load(path, environ or {}, flags)
    return str(caught.value)


def test_no_file_gives_the_defaults(tmp_path: Path) -> None:
    """A machine without any settings works."""
    loaded = load(tmp_path / "none.toml", {})
    assert loaded.settings == Settings()
    assert not loaded.settings.cloud.is_configured
    assert set(loaded.origins.values()) == {"default"}


def test_flag_beats_environment_beats_file_beats_default(tmp_path: Path) -> None:
    """The documented order, and each value knows where it came from."""
    path = settings_in(tmp_path, 'mode = "local-only"\n[serve]\nport = 1\nmax_concurrent = 3\n')
    environ = {"TANDEM_MODE": "prefer-cloud", "TANDEM_SERVE_PORT": "2"}
    loaded = load(path, environ, {"serve.port": "4"})
    assert loaded.settings.mode is Mode.PREFER_CLOUD
    assert loaded.settings.serve.port == 4
    assert loaded.settings.serve.max_concurrent == 3
    assert loaded.origins["mode"] == "environment TANDEM_MODE"
    assert loaded.origins["serve.port"] == "command line"
    assert loaded.origins["serve.max_concurrent"] == f"file {path}:4"
    assert loaded.origins["language"] == "default"


@pytest.mark.parametrize(
    ("text", "line", "suggestion"),
    [
        ("[cloud]\n\nulr = 'x'\n", 3, "cloud.url"),
        ("[clod]\nurl = 'x'\n", 2, "cloud.url"),
        ("mod = 'local-only'\n", 1, "mode"),
        ("[device]\nmodel = 'pocket'\n[server]\nport = 1\n", 4, "serve.port"),
        ("cloud.modle = 'x'\n", 1, "cloud.model"),
        (
            "[prices.'gpt-5.1']\ninput_per_milion = 1\n",
            2,
            "prices.gpt-5.1.input_per_million",
        ),
        ("device = 3\n", 1, "device"),
    ],
)
def test_an_unknown_key_names_its_line_and_the_nearest_right_one(
    tmp_path: Path, text: str, line: int, suggestion: str
) -> None:
    """A slip of the finger is never ignored, and costs one look to mend."""
    path = settings_in(tmp_path, text)
    said = refusal(path)
    assert f"{path}:{line}: " in said
    assert f'Did you mean "{suggestion}' in said


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (
            "[serve]\nport = 'high'\n",
            "serve.port must be a whole number of at least 0 and at most",
        ),
        ("[serve]\nport = 70000\n", "at most 65535"),
        ("[device]\nthreads = 0\n", "at least 1"),
        (
            "[device]\nthreshold = 1.5\n",
            "device.threshold must be a number of at least 0",
        ),
        ("[cloud]\njudge = 1\n", "true or false"),
        ("mode = 'prefer-loca'\n", 'Did you mean "prefer-local"?'),
        ("[serve]\nallowed_hosts = 'one'\n", "a list of texts"),
        ("[prices.m]\ncurrency = 'dollar'\n", "three capital letters"),
        ("mode = \n", "is not valid TOML"),
    ],
)
def test_a_wrong_value_says_what_is_right(tmp_path: Path, text: str, expected: str) -> None:
    """Type, range and choice are checked before anything starts, and said in words."""
    assert expected in refusal(settings_in(tmp_path, text))


def test_a_secret_in_the_file_is_refused_and_not_repeated(tmp_path: Path) -> None:
    """Keys belong to the environment or the keyring; the message says so and keeps them quiet."""
    for key in ("api_key", "token", "password", "apikey"):
        said = refusal(settings_in(tmp_path, f'[cloud]\n{key} = "sk-do-not-print"\n'))
        assert "looks like a secret" in said
        assert "keyring" in said
        assert "sk-do-not-print" not in said
    said = refusal(settings_in(tmp_path, '[cloud]\napi_key_env = "sk-do-not-print"\n'))
    assert "name of an environment variable" in said
    assert "sk-do-not-print" not in said
    said = refusal(settings_in(tmp_path, '[cloud]\nurl = "https://me:sk-do-not-print@a.example"\n'))
    assert "sk-do-not-print" not in said


def test_a_misspelled_variable_is_an_error_too(tmp_path: Path) -> None:
    """`TANDEM_MODEE=local-only` must not silently leave the cloud on."""
    said = refusal(tmp_path / "none.toml", {"TANDEM_MODEE": "local-only"})
    assert "TANDEM_MODEE names no setting" in said
    assert 'Did you mean "TANDEM_MODE"?' in said


def test_the_variable_that_holds_the_key_is_no_setting(tmp_path: Path) -> None:
    """A key may be in any variable that the settings name, also one that begins like ours."""
    path = settings_in(tmp_path, '[cloud]\napi_key_env = "TANDEM_WORK_KEY"\n')
    load(path, {"TANDEM_WORK_KEY": "x", "TANDEM_CLOUD_API_KEY": "y"})


@pytest.mark.parametrize(
    "url",
    [
        "ftp://a.example",
        "a.example/v1",
        "https://",
        "http://a.example/v1",
        "https://a:b/",
    ],
)
def test_an_unusable_cloud_address_is_refused(tmp_path: Path, url: str) -> None:
    """Also plain http to another machine, which anyone between could read."""
    said = refusal(tmp_path / "none.toml", {"TANDEM_CLOUD_URL": url})
    assert "cloud.url" in said
    assert "TANDEM_CLOUD_URL" in said


def test_plain_http_is_fine_at_home_or_by_explicit_choice(tmp_path: Path) -> None:
    """Loopback needs no TLS; one's own network needs one explicit line."""
    for url in (
        "http://127.0.0.1:8311/v1",
        "http://localhost/v1",
        "http://[::1]:80/v1",
    ):
        assert load(tmp_path / "x", {"TANDEM_CLOUD_URL": url}).settings.cloud.is_configured
    environ = {
        "TANDEM_CLOUD_URL": "http://nas.home/v1",
        "TANDEM_CLOUD_ALLOW_PLAIN_HTTP": "true",
    }
    assert load(tmp_path / "x", environ).settings.cloud.host == "nas.home"


def test_every_key_can_be_set_by_its_variable(tmp_path: Path) -> None:
    """No setting is forgotten by the environment; variables are unambiguous."""
    assert len({key.variable for key in keys().values()}) == len(keys())
    shown = {bool: "true", int: "1", float: "1.0"}
    environ = {
        key.variable: str(shown.get(type(key.default), key.default) or "")
        for key in keys().values()
        if key.default is not None and key.default != ()
    }
    origins = load(tmp_path / "x", environ).origins
    assert all(origins[name] != "default" for name in origins if keys()[name].variable in environ)


def test_writing_keeps_comments_and_order(tmp_path: Path) -> None:
    """A user's own remarks survive `tandem config set`."""
    text = "# mine\nmode = 'local-only' # for now\n\n[cloud]\n# the big one\nmodel = 'a'\n"
    text = written(text, "cloud.model", "b")
    text = written(text, "serve.port", "9000")
    text = written(text, "prices.gpt-5.1.input_per_million", "1.25")
    text = written(text, "serve.allowed_hosts", "a.example, b.example")
    assert "# mine" in text and "# for now" in text and "# the big one" in text
    settings = load(settings_in(tmp_path, text), {}).settings
    assert settings.cloud.model == "b"
    assert settings.serve.port == 9000
    assert settings.serve.allowed_hosts == ("a.example", "b.example")
    assert settings.prices["gpt-5.1"].input_per_million == 1.25
    text = written(written(text, "cloud.model", None), "device.model", None)
    assert load(settings_in(tmp_path, text), {}).settings.cloud.model == ""


def test_writing_refuses_what_loading_would_refuse() -> None:
    """The file can never be made invalid through the command."""
    for name, raw in (
        ("serve.port", "high"),
        ("serve.prt", "1"),
        ("cloud.api_key", "x"),
    ):
        with pytest.raises(BadSettings):
            written("", name, raw)


def test_the_file_is_found_by_flag_variable_home_and_platform(tmp_path: Path) -> None:
    """In that order."""
    environ = {
        "TANDEM_CONFIG": str(tmp_path / "b.toml"),
        "TANDEM_HOME": str(tmp_path / "home"),
    }
    assert settings_file(environ, tmp_path / "a.toml") == tmp_path / "a.toml"
    assert settings_file(environ) == tmp_path / "b.toml"
    del environ["TANDEM_CONFIG"]
    assert settings_file(environ) == tmp_path / "home" / "tandem.toml"
    assert settings_file({}).name == "tandem.toml"


def test_home_moves_all_data_and_settings_move_single_files(tmp_path: Path) -> None:
    """One variable isolates everything, as tests and the demo need it."""
    environ = {
        "TANDEM_HOME": str(tmp_path),
        "TANDEM_LEDGER_PATH": str(tmp_path / "far" / "l.db"),
    }
    loaded = load(settings_file(environ), environ)
    paths = paths_from(loaded.settings, loaded.path, environ)
    assert paths.ledger == tmp_path / "far" / "l.db"
    for place in (paths.models, paths.audit, paths.conversations, paths.token):
        assert place.parent == tmp_path


def test_a_file_that_cannot_be_read_is_named(tmp_path: Path) -> None:
    """Not UTF-8, a folder in its place, or a named file that is not there."""
    path = tmp_path / "tandem.toml"
    path.write_bytes(b"mode = '\xff\xfe'")
    assert "UTF-8" in refusal(path)
    assert "cannot be read" in refusal(tmp_path)
    with pytest.raises(BadSettings, match="no settings file"):
        load(tmp_path / "none.toml", {}, must_exist=True)
