"""Where a setting comes from, and that nothing a person can write keeps Finale from starting."""

from __future__ import annotations

import json
import os
import stat
from pathlib import Path

import pytest

from tools.settings import DEFAULT_BASE_URL, Settings, data_dir, home_dir, save_settings
from tools.storage import HomeNotWritable

KEY = "sk-or-v1-5f3c9a7e1b2d4c6f8a0b"


def key_of(settings: Settings) -> str | None:
    return settings.api_key.get_secret_value() if settings.api_key else None


def saved(home: Path) -> Path:
    return home / "settings.json"


def test_nothing_needs_to_be_set(own_home: Path) -> None:
    """Stops: a fresh machine that does not start."""
    settings = Settings()
    assert (settings.base_url, settings.home, settings.lang) == (DEFAULT_BASE_URL, own_home, "zh")
    assert settings.api_key is None and not settings.own_server and settings.preferred_models == {}
    assert data_dir().is_dir()


def test_environment_then_dotenv_then_saved(own_home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Stops: a key typed on the settings page silently overruling the one in the environment."""
    save_settings(openrouter_api_key="sk-or-saved-0001", openrouter_base_url="http://saved/v1", finale_lang="en")
    assert (key_of(Settings()), Settings().base_url) == ("sk-or-saved-0001", "http://saved/v1")
    monkeypatch.setenv("FINALE_ENV_FILE", str(own_home / ".env"))
    (own_home / ".env").write_text(
        "OPENROUTER_API_KEY=sk-or-dotenv-0002\nOPENROUTER_BASE_URL=http://dotenv/v1\n", encoding="utf-8"
    )
    assert (key_of(Settings()), Settings().base_url) == ("sk-or-dotenv-0002", "http://dotenv/v1")
    monkeypatch.setenv("OPENROUTER_API_KEY", "sk-or-environment-0003")
    settings = Settings()
    assert (key_of(settings), settings.base_url) == ("sk-or-environment-0003", "http://dotenv/v1")
    assert settings.lang == "en"


def test_the_home_may_stand_in_dotenv(own_home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Stops: settings read from one home and state written to another."""
    monkeypatch.delenv("FINALE_HOME")
    monkeypatch.setenv("FINALE_ENV_FILE", str(own_home / ".env"))
    (own_home / ".env").write_text("FINALE_HOME=~/elsewhere\n", encoding="utf-8")
    assert home_dir() == Settings().home == Path("~/elsewhere").expanduser()
    monkeypatch.setenv("FINALE_HOME", str(own_home / "named"))
    assert home_dir() == Settings().home == own_home / "named"


@pytest.mark.parametrize("blank", ["", "   ", "\n"])
def test_a_blank_key_is_no_key(monkeypatch: pytest.MonkeyPatch, blank: str) -> None:
    """Stops: `OPENROUTER_API_KEY=` in a template sending requests with an empty key."""
    monkeypatch.setenv("OPENROUTER_API_KEY", blank)
    assert Settings().api_key is None


def test_a_pasted_key_is_trimmed(monkeypatch: pytest.MonkeyPatch) -> None:
    """Stops: a good key refused for the line break that was copied with it."""
    monkeypatch.setenv("OPENROUTER_API_KEY", f"  {KEY}\n")
    assert key_of(Settings()) == KEY


def test_the_key_is_in_no_repr(monkeypatch: pytest.MonkeyPatch) -> None:
    """Stops: a key in a log because someone logged the settings."""
    monkeypatch.setenv("OPENROUTER_API_KEY", KEY)
    settings = Settings()
    assert KEY not in f"{settings!r}{settings}{settings.model_dump()}{settings.model_dump_json()}"


@pytest.mark.parametrize(
    ("given", "url", "own"),
    [
        ("http://localhost:11434/v1/", "http://localhost:11434/v1", True),
        (" https://openrouter.ai/api/v1/ ", DEFAULT_BASE_URL, False),
        ("/", DEFAULT_BASE_URL, False),
    ],
)
def test_a_slash_too_many_is_still_the_same_server(
    monkeypatch: pytest.MonkeyPatch, given: str, url: str, own: bool
) -> None:
    """Stops: `//models`, and OpenRouter taken for a server of one's own that needs no key."""
    monkeypatch.setenv("OPENROUTER_BASE_URL", given)
    settings = Settings()
    assert (settings.base_url, settings.own_server) == (url, own)


def test_embedding_needs_no_setting(own_home: Path) -> None:
    """Stops: a fresh machine that asks for a model server before it searches."""
    settings = Settings()
    assert (settings.finale_embedder, settings.finale_chroma_url, settings.embed_key) == ("", "", None)
    assert settings.embed_url == DEFAULT_BASE_URL


def test_the_main_key_is_lent_to_no_other_server(monkeypatch: pytest.MonkeyPatch) -> None:
    """Stops: the OpenRouter key sent to whatever server embeds."""
    monkeypatch.setenv("OPENROUTER_API_KEY", KEY)
    assert Settings().embed_key is not None, "the same server, the same account"
    monkeypatch.setenv("FINALE_EMBED_URL", "http://localhost:11434/v1/")
    settings = Settings()
    assert (settings.embed_url, settings.embed_key) == ("http://localhost:11434/v1", None)
    monkeypatch.setenv("FINALE_EMBED_KEY", " its-own-key-0001\n")
    settings = Settings()
    assert settings.embed_key is not None and settings.embed_key.get_secret_value() == "its-own-key-0001"
    assert "its-own-key-0001" not in f"{settings!r}{settings}{settings.model_dump()}{settings.model_dump_json()}"
    monkeypatch.setenv("FINALE_EMBED_KEY", "  ")
    assert Settings().embed_key is None
    monkeypatch.setenv("OPENROUTER_BASE_URL", "http://localhost:11434/v1")
    assert Settings().embed_key is not None


def test_spaces_around_a_server_do_not_matter(monkeypatch: pytest.MonkeyPatch) -> None:
    """Stops: an address pasted with a blank that no server answers to."""
    monkeypatch.setenv("FINALE_CHROMA_URL", " http://127.0.0.1:8000/ ")
    monkeypatch.setenv("FINALE_EMBEDDER", " api:bge-m3 ")
    settings = Settings()
    assert (settings.finale_chroma_url, settings.finale_embedder) == ("http://127.0.0.1:8000", "api:bge-m3")


@pytest.mark.parametrize(("given", "lang"), [("en", "en"), ("EN-us", "en"), ("zh-TW", "zh"), ("fr", "zh"), ("", "zh")])
def test_any_language_is_one_of_two(monkeypatch: pytest.MonkeyPatch, given: str, lang: str) -> None:
    """Stops: an app that does not start because of a language it does not speak."""
    monkeypatch.setenv("FINALE_LANG", given)
    assert Settings().lang == lang


@pytest.mark.parametrize(
    "damage",
    [
        "",
        "{",
        "[1, 2]",
        '"text"',
        "null",
        '{"unknown": 1, "home": "/x"}',
        '{"openrouter_base_url": 5, "finale_models": "no map", "openrouter_api_key": ["k"], "finale_home": {}}',
        '{"finale_models": {"write": 7}}',
        "[" * 100_000,
    ],
)
def test_a_saved_file_of_any_kind_lets_it_start(own_home: Path, damage: str) -> None:
    """Stops: settings edited by hand, or half written, keeping every app from starting."""
    saved(own_home).write_text(damage, encoding="utf-8")
    settings = Settings()
    assert (settings.base_url, settings.api_key, settings.home) == (DEFAULT_BASE_URL, None, own_home)
    saved(own_home).write_bytes(b"\xff\xfe\x00\x00")
    assert Settings().base_url == DEFAULT_BASE_URL


def test_one_bad_value_does_not_take_the_others_along(own_home: Path) -> None:
    """Stops: a key forgotten because another line of the file was wrong."""
    saved(own_home).write_text(json.dumps({"finale_models": 3, "openrouter_api_key": KEY}), encoding="utf-8")
    assert key_of(Settings()) == KEY


def test_saving_merges_and_none_removes(own_home: Path) -> None:
    """Stops: saving the language forgetting the key, or a key that cannot be taken away."""
    save_settings(openrouter_api_key=KEY, finale_models={"write": "a/b:free"})
    save_settings(finale_lang="en")
    settings = Settings()
    assert (key_of(settings), settings.lang, settings.preferred_models) == (KEY, "en", {"write": "a/b:free"})
    save_settings(openrouter_api_key=None)
    assert Settings().api_key is None and KEY not in saved(own_home).read_text(encoding="utf-8")
    saved(own_home).write_text("{broken", encoding="utf-8")
    save_settings(finale_lang="en")
    assert Settings().lang == "en"


@pytest.mark.skipif(os.name == "nt", reason="no permission bits there")
def test_only_the_owner_reads_the_saved_key(own_home: Path) -> None:
    """Stops: another user of a lab computer reading the key."""
    before = os.umask(0)
    try:
        (own_home / "settings.part").write_text("left by a crash", encoding="utf-8")
        (own_home / "settings.part").chmod(0o666)
        save_settings(openrouter_api_key=KEY)
    finally:
        os.umask(before)
    assert stat.S_IMODE(saved(own_home).stat().st_mode) == 0o600
    assert not list(own_home.glob("*.part"))


def test_saving_where_nothing_can_be_written(own_home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Stops: a traceback on the settings page of a read-only machine."""
    (own_home / "file").touch()
    monkeypatch.setenv("FINALE_HOME", str(own_home / "file" / "home"))
    with pytest.raises(HomeNotWritable):
        save_settings(finale_lang="en")


def test_a_dotenv_of_the_working_folder_is_read(own_home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Stops: a student's .env beside their own script being ignored."""
    monkeypatch.delenv("FINALE_ENV_FILE")
    (own_home / ".env").write_text("OPENROUTER_BASE_URL=http://beside/v1\n", encoding="utf-8")
    assert Settings().base_url == "http://beside/v1"
