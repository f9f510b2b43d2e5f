"""The list of stickers that goes with a pack: WhatsApp's `contents.json`, and ours for Telegram; written and checked."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from hashlib import sha256
from typing import Any

import regex

from tools.images.packs.platforms import Platform
from tools.images.packs.problems import Problem

__all__ = ["MANIFESTS", "Listed", "check_manifest", "short_name", "write_manifest"]

MANIFESTS = {"telegram": "pack.json", "whatsapp": "contents.json"}
Listed = tuple[str, Sequence[str], str]  # file, emojis, description
_SHORT = re.compile(r"(?!.*__)[A-Za-z][A-Za-z0-9_]{0,63}")
_IDENTIFIER = re.compile(r"[\w .-]{1,128}")
# One sign as people count them, and of a kind that is an emoji.
_EMOJI = regex.compile(r"(?=.*(?:\p{Extended_Pictographic}|\p{Regional_Indicator}|[0-9#*]\uFE0F?\u20E3))\X")
_MAX_JSON = 1_000_000


def short_name(title: str) -> str:
    """A name for a set's address: letters, digits and single low lines, beginning with a letter.

    What of the title cannot stand in it is told by a few digits of its hash, or all Chinese titles would be one name.
    """
    plain = re.sub(r"[^A-Za-z0-9]+", "_", title).strip("_")[:40].strip("_")
    plain = plain if plain[:1].isalpha() else f"finale_{plain}".rstrip("_")
    return plain if title.isascii() else f"{plain}_{sha256(title.encode('utf-8', 'replace')).hexdigest()[:6]}"


def is_emoji(text: object) -> bool:
    return isinstance(text, str) and len(text) <= 32 and _EMOJI.fullmatch(text) is not None


def write_manifest(where: Platform, title: str, creator: str, stickers: Sequence[Listed], version: str = "1") -> bytes:
    """The manifest's bytes. The texts must be cut to their lengths already."""
    if where.manifest == "telegram":
        listed = [{"file": file, "emojis": list(emojis), "keywords": []} for file, emojis, _ in stickers]
        data: dict[str, Any] = {"name": short_name(title), "title": title, "stickers": listed}
    else:
        listed = [
            {"image_file": file, "emojis": list(emojis), "accessibility_text": told} for file, emojis, told in stickers
        ]
        pack = {"identifier": short_name(title), "name": title, "publisher": creator, "tray_image_file": "tray.png"}
        pack |= {"image_data_version": version, "avoid_cache": False, "animated_sticker_pack": False}
        pack |= {
            "publisher_email": "",
            "publisher_website": "",
            "privacy_policy_website": "",
            "license_agreement_website": "",
        }
        data = {"android_play_store_link": "", "ios_app_store_link": "", "sticker_packs": [pack | {"stickers": listed}]}
    return json.dumps(data, ensure_ascii=False, indent=1).encode()


def check_manifest(where: Platform, files: Mapping[str, bytes]) -> tuple[list[Problem], list[str]]:
    """(what is wrong with the manifest, the sticker files that it names)."""
    name = MANIFESTS[where.manifest]
    if name not in files:
        return [Problem("missing_file", name)], []
    try:
        data = json.loads(files[name][:_MAX_JSON])
        pack = data if where.manifest == "telegram" else data["sticker_packs"][0]
        stickers = [each for each in pack["stickers"] if isinstance(each, dict)]
        file_key = "file" if where.manifest == "telegram" else "image_file"
        named = [str(each[file_key]) for each in stickers]
    except (ValueError, KeyError, TypeError, IndexError, RecursionError):
        return [Problem("bad_manifest", name)], []
    found = [*_texts(where, pack, name)]
    for file, each in zip(named, stickers, strict=True):
        found += _sticker(where, file, each)
    found += [Problem("missing_file", file) for file in named if file not in files]
    return found, named


def _texts(where: Platform, pack: Mapping[str, Any], name: str) -> list[Problem]:
    """The pack's own words: there, and not too long."""
    if where.manifest == "telegram":
        fields, short, pattern = {"title": "title"}, pack.get("name"), _SHORT
    else:
        fields, short, pattern = {"title": "name", "creator": "publisher"}, pack.get("identifier"), _IDENTIFIER
    found = (
        []
        if isinstance(short, str) and pattern.fullmatch(short)
        else [Problem("bad_name", name, {"value": _shown(short)})]
    )
    for field, key in fields.items():
        text, most = pack.get(key), where.texts[field]
        if not isinstance(text, str) or not text.strip():
            found.append(Problem("text_missing", name, {"field": key}))
        elif where.length(text) > most:
            found.append(Problem("text_too_long", name, {"field": key, "most": most}))
    if where.manifest == "whatsapp":
        found += [Problem("text_missing", name, {"field": key}) for key in ("image_data_version",) if not pack.get(key)]
    return found


def _sticker(where: Platform, file: str, each: Mapping[str, Any]) -> list[Problem]:
    emojis, rule = each.get("emojis"), where.emojis
    found = []
    if rule and not (
        isinstance(emojis, list) and rule.least <= len(emojis) <= rule.most and all(map(is_emoji, emojis))
    ):
        found.append(Problem("bad_emojis", file, {"least": rule.least, "most": rule.most}))
    told, most = each.get("accessibility_text", ""), where.texts.get("accessibility_text", 0)
    if most and isinstance(told, str) and len(told) > most:
        found.append(Problem("text_too_long", file, {"field": "accessibility_text", "most": most}))
    return found


def _shown(value: object) -> str:
    return value[:60] if isinstance(value, str) else ""
