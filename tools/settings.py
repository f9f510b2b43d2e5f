"""Every setting, once. Order of precedence: the environment, a `.env` file, what the settings page saved, the default."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any, Literal

import platformdirs
from pydantic import Field, SecretStr, ValidationError, field_validator
from pydantic_settings import BaseSettings, PydanticBaseSettingsSource, SettingsConfigDict

__all__ = ["DEFAULT_BASE_URL", "Settings", "data_dir", "home_dir", "save_settings", "set_elsewhere"]

ROOT = Path(__file__).resolve().parent.parent
DEFAULT_BASE_URL = "https://openrouter.ai/api/v1"
_SAVED = "settings.json"


def data_dir() -> Path:
    """The folder of plain files people can edit: knowledge, rubrics, hotlines, styles."""
    return ROOT / "rag_data"


def home_dir() -> Path:
    """All state of this person on this machine: `FINALE_HOME`, or the platform's user-data folder."""
    named = os.environ.get("FINALE_HOME") or _from_dotenv("FINALE_HOME")
    return Path(named).expanduser() if named else Path(platformdirs.user_data_dir("finale", appauthor=False))


def _dotenv_files() -> tuple[Path, ...]:
    named = os.environ.get("FINALE_ENV_FILE")
    return (Path(named),) if named else (ROOT / ".env", Path.cwd() / ".env")


def _from_dotenv(name: str) -> str | None:
    from dotenv import dotenv_values

    found = None
    for path in _dotenv_files():
        if path.is_file():
            found = dotenv_values(path).get(name) or found
    return found


class _Saved(PydanticBaseSettingsSource):
    """What the settings page saved in FINALE_HOME. A file or value that cannot be used counts as absent: defaults start."""

    def get_field_value(self, field: Any, field_name: str) -> tuple[Any, str, bool]:
        return None, field_name, False

    def __call__(self) -> dict[str, Any]:
        try:
            saved = json.loads((home_dir() / _SAVED).read_text(encoding="utf-8"))
        except (OSError, ValueError, RecursionError):
            return {}
        if not isinstance(saved, dict):
            return {}
        # Saved values stand below the environment, so one whose variable is set is left out here.
        return {
            name: value
            for name, value in saved.items()
            if name in Settings.model_fields and value is not None and _fits(name, value)
        }


def _fits(name: str, value: Any) -> bool:
    """Whether the field takes this value; the file may have been edited by hand."""
    try:
        Settings.__pydantic_validator__.validate_assignment(Settings.model_construct(), name, value)
    except ValidationError:
        return False
    return True


class Settings(BaseSettings):
    """What a run needs to know. Built anew where it is used, so that a change takes effect without a restart."""

    model_config = SettingsConfigDict(extra="ignore", env_ignore_empty=True)

    # Field names are the variables' names: a field called `home` or `lang` would read HOME or LANG.
    openrouter_api_key: SecretStr | None = None
    openrouter_base_url: str = DEFAULT_BASE_URL
    finale_home: Path = Field(default_factory=home_dir)
    finale_allow_origins: str = ""
    finale_lang: Literal["zh", "en"] = "zh"
    finale_models: dict[str, str] = Field(default_factory=dict)
    finale_ui: dict[str, str] = Field(default_factory=dict)
    # How passages are embedded: "" or "gloss" | "hub" or "hub:<model>[@<revision>]" | "api:<model>".
    finale_embedder: str = ""
    finale_embed_url: str = ""
    finale_embed_key: SecretStr | None = None
    finale_chroma_url: str = ""
    # Pictures: an SDXL checkpoint ("" for none: a folder, a .safetensors file, or a hub id "owner/name[@revision]"), what it
    # runs on ("" for the best there is, else cpu, cuda, cuda:1, mps), and where checkpoints and LoRAs of one's own lie.
    finale_image_model: str = ""
    finale_image_device: str = ""
    finale_image_folder: Path | None = None
    # The seconds after which a process that paints on a device, and has nothing to do, ends itself and frees the memory.
    finale_image_idle: float = Field(default=60.0, ge=0, le=86_400)
    # Pictures are signed (C2PA) when both are set: a certificate with those it rests on, and its key, each a PEM file.
    finale_c2pa_cert: Path | None = None
    finale_c2pa_key: Path | None = None

    @field_validator("openrouter_api_key", "finale_embed_key", mode="before")
    @classmethod
    def _blank_key_is_no_key(cls, value: Any) -> Any:
        if isinstance(value, SecretStr):
            value = value.get_secret_value()
        value = value.strip() if isinstance(value, str) else value
        return value or None

    @field_validator("openrouter_base_url", mode="after")
    @classmethod
    def _no_trailing_slash(cls, value: str) -> str:
        return value.strip().rstrip("/") or DEFAULT_BASE_URL

    @field_validator("finale_image_model", "finale_image_device", mode="after")
    @classmethod
    def _stripped(cls, value: str) -> str:
        return value.strip()

    @field_validator("finale_embedder", "finale_embed_url", "finale_chroma_url", mode="after")
    @classmethod
    def _trimmed(cls, value: str) -> str:
        return value.strip().rstrip("/")

    @field_validator("finale_lang", mode="before")
    @classmethod
    def _one_of_two(cls, value: Any) -> str:
        return "en" if str(value or "").strip().lower().startswith("en") else "zh"

    @field_validator("finale_home", mode="after")
    @classmethod
    def _expanded(cls, value: Path) -> Path:
        return value.expanduser()

    @property
    def api_key(self) -> SecretStr | None:
        return self.openrouter_api_key

    @property
    def base_url(self) -> str:
        return self.openrouter_base_url

    @property
    def home(self) -> Path:
        return self.finale_home

    @property
    def lang(self) -> Literal["zh", "en"]:
        return self.finale_lang

    @property
    def preferred_models(self) -> dict[str, str]:
        """The model wanted for a step, by step name; "*" stands for every other step."""
        return self.finale_models

    @property
    def embed_url(self) -> str:
        """The server of an api embedder: its own, or the one that answers questions."""
        return self.finale_embed_url or self.base_url

    @property
    def embed_key(self) -> SecretStr | None:
        """The key for that server. The main key goes to the main server only, never to another one."""
        return self.finale_embed_key or (self.api_key if self.embed_url == self.base_url else None)

    @property
    def image_folder(self) -> Path:
        """Where this person's checkpoints and LoRAs lie."""
        return (self.finale_image_folder or self.finale_home / "models").expanduser()

    @property
    def allow_origins(self) -> list[str]:
        """The private origins (scheme://host:port) that the crawler may reach; none by default."""
        return [origin.strip() for origin in self.finale_allow_origins.split(",") if origin.strip()]

    @property
    def own_server(self) -> bool:
        """A server named by the person (Ollama, llama.cpp, vLLM, a proxy): it may need no key and have no prices."""
        return self.base_url != DEFAULT_BASE_URL

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,
        dotenv_settings: PydanticBaseSettingsSource,
        file_secret_settings: PydanticBaseSettingsSource,
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        from pydantic_settings import DotEnvSettingsSource

        dotenv = DotEnvSettingsSource(settings_cls, env_file=_dotenv_files(), env_file_encoding="utf-8")
        return init_settings, env_settings, dotenv, _Saved(settings_cls)


def set_elsewhere(name: str) -> bool:
    """Whether the environment or a .env file sets this field, so that saving it here would have no effect."""
    return bool(os.environ.get(name.upper()) or _from_dotenv(name.upper()))


def save_settings(**changes: Any) -> None:
    """Merge `changes` into what is saved in FINALE_HOME (None removes a value). The file may hold the key: mode 0600.

    Raises:
        StorageError: FINALE_HOME cannot be written.
    """
    from tools.storage import writable_home, writing

    path = writable_home(home_dir()) / _SAVED
    try:
        saved = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        saved = {}
    saved = {**saved, **changes} if isinstance(saved, dict) else dict(changes)
    saved = {name: value for name, value in saved.items() if value is not None}
    with writing(path):
        draft = path.with_suffix(".part")
        draft.unlink(missing_ok=True)  # one left by a crash would keep its own mode
        descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(descriptor, "w", encoding="utf-8") as file:
            json.dump(saved, file, ensure_ascii=False, indent=1)
        draft.replace(path)
