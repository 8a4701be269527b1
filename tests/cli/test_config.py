"""`tandem config`: shown with origins, changed without harm, keys kept elsewhere."""

from __future__ import annotations

from tests.cli.running import Home


def test_show_tells_each_value_and_its_origin(home: Home) -> None:
    """For people and for programs, the same."""
    (home.folder / "tandem.toml").write_text('[cloud]\nmodel = "big"\n')
    told = home.json("config", "show", "--json")
    assert told["cloud.model"] == {"value": "big", "origin": f"file {home.folder}/tandem.toml:2"}
    assert told["device.kind"]["origin"] == "environment TANDEM_DEVICE_KIND"
    assert told["mode"] == {"value": "prefer-local", "origin": "default"}
    shown = home.run("config", "show", "--origin").stdout
    assert 'cloud.model = "big"' in shown
    assert f"# file {home.folder}/tandem.toml:2" in shown


def test_set_get_unset_go_round_and_keep_comments(home: Home) -> None:
    """The file stays the user's own."""
    file = home.folder / "tandem.toml"
    file.write_text("# mine\n[cloud]\nmodel = 'a' # for now\n")
    assert home.run("config", "set", "cloud.model", "b").exit_code == 0
    assert home.run("config", "get", "cloud.model").stdout == "b\n"
    assert "# mine" in file.read_text()
    assert "# for now" in file.read_text()
    assert home.run("config", "unset", "cloud.model").exit_code == 0
    assert home.run("config", "get", "cloud.model").stdout == "\n"


def test_set_never_makes_a_good_file_bad(home: Home) -> None:
    """Unknown keys, wrong values, secrets, and what only the whole shows."""
    file = home.folder / "tandem.toml"
    file.write_text('mode = "local-only"\n')
    for key, value in (
        ("cloud.ulr", "https://a.example"),
        ("serve.port", "high"),
        ("cloud.api_key", "sk-1"),
        ("cloud.url", "http://a.example/v1"),
    ):
        result = home.run("config", "set", key, value)
        assert result.exit_code == 2, key
        assert "sk-1" not in result.output
    assert file.read_text() == 'mode = "local-only"\n'


def test_a_bad_file_can_be_mended_one_setting_at_a_time(home: Home) -> None:
    """The command that mends must not refuse to because something else is wrong."""
    (home.folder / "tandem.toml").write_text('mode = "nowhere"\n[serve]\nport = "high"\n')
    assert home.run("config", "show").exit_code == 2
    assert home.run("config", "set", "mode", "local-only").exit_code == 0
    assert home.run("config", "set", "serve.port", "9000").exit_code == 0
    assert home.run("config", "get", "serve.port").stdout == "9000\n"


def test_an_environment_that_counts_more_is_pointed_out(home: Home) -> None:
    """Else the user wonders why nothing changes."""
    home.environ["TANDEM_MODE"] = "local-only"
    assert "TANDEM_MODE is set" in home.run("config", "set", "mode", "prefer-cloud").stdout


def test_the_places_are_told(home: Home) -> None:
    """Where everything is, for backups and for deletion."""
    places = home.json("config", "path", "--json")
    assert places["ledger"] == str(home.folder / "ledger.sqlite")
    assert places["config"] == str(home.folder / "tandem.toml")


def test_without_a_keyring_the_key_s_other_place_is_named(home: Home) -> None:
    """On a headless machine `config key` says that there is none, and prints no key."""
    assert "no cloud is set up" in home.run("config", "key", stdin="sk-1\n").stderr
    home.environ["TANDEM_CLOUD_URL"] = "https://a.example/v1"
    result = home.run("config", "key", stdin="sk-1\n")
    assert result.exit_code == 2
    assert "TANDEM_CLOUD_API_KEY" in result.stderr
    assert "sk-1" not in result.output
