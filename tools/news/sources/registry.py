"""The list of sources a person reads: the default one with their changes, and their own (news.db in FINALE_HOME).

The default list stays a file: only what a person changed of it is stored, so that a newer list reaches them.
"""

from __future__ import annotations

import hashlib
import re
import sqlite3
import time
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from urllib.parse import urlsplit

from tools.news.model import Permission, SourceKind
from tools.news.sources.defaults import DefaultList, read_defaults
from tools.news.sources.errors import SourceMissing, SourceTaken, TooManySources
from tools.news.sources.listed import (
    LONGEST_NAME,
    Listed,
    checked,
    checked_permission,
    of_default,
    of_own,
    place_of,
    topics_of,
)
from tools.news.sources.opml import Outline, read_opml, write_opml
from tools.news.sources.text import plain
from tools.news.web.address import allowed_origins, check, clean_url, parse
from tools.news.web.errors import Refused
from tools.storage import Database

__all__ = ["MAX_OWN", "Imported", "Sources"]

MAX_OWN = 500
# Not through Database's numbered migrations: other parts of this room keep tables of their own in the same file.
_TABLES = (
    "CREATE TABLE IF NOT EXISTS source_own (id TEXT PRIMARY KEY, place TEXT NOT NULL UNIQUE, url TEXT NOT NULL, "
    "name TEXT NOT NULL, kind TEXT NOT NULL, language TEXT NOT NULL, topics TEXT NOT NULL, added_at REAL NOT NULL)",
    "CREATE TABLE IF NOT EXISTS source_choice (id TEXT PRIMARY KEY, hidden INTEGER NOT NULL DEFAULT 0, enabled INTEGER, "
    "permission TEXT, name TEXT, url TEXT, kind TEXT, language TEXT, topics TEXT)",
    "CREATE TABLE IF NOT EXISTS source_robots (id TEXT PRIMARY KEY, permission TEXT NOT NULL, seen_at REAL NOT NULL)",
)
_OWN = frozenset(("url", "place", "name", "kind", "language", "topics"))
_CHOICE = frozenset(("hidden", "enabled", "permission", "name", "url", "kind", "language", "topics"))


@dataclass(frozen=True)
class Imported:
    """What an OPML file brought: new sources, those that were in the list already, and how many outlines were refused."""

    added: tuple[Listed, ...]
    known: tuple[Listed, ...]
    refused: int


class Sources:
    """The list under `home`. `allow_origins` are private addresses a source may have (see FINALE_ALLOW_ORIGINS)."""

    def __init__(self, home: Path, *, defaults: Path | None = None, allow_origins: Sequence[str] = ()) -> None:
        self._defaults_file = defaults
        self._allowed = allowed_origins(allow_origins)
        self._database = Database(home / "news.db", ())
        with self._database.transaction() as db:
            for table in _TABLES:
                db.execute(table)

    def close(self) -> None:
        self._database.close()

    @property
    def defaults(self) -> DefaultList:
        """The default list as it is shipped, with its topics and what is not shipped."""
        return read_defaults(self._defaults_file)

    def list(self, *, enabled: bool | None = None, topic: str = "") -> tuple[Listed, ...]:
        """Default sources in the order of their file, then a person's own by age; deleted ones are not in it."""
        choices = {row["id"]: row for row in self._database.rows("SELECT * FROM source_choice")}
        robots = {row["id"]: row["permission"] for row in self._database.rows("SELECT * FROM source_robots")}
        own = self._database.rows("SELECT * FROM source_own ORDER BY added_at, rowid")
        defaults = self.defaults
        found = [
            of_default(shipped, choices.get(shipped.id), robots.get(shipped.id), defaults)
            for shipped in defaults.sources
            if not (shipped.id in choices and choices[shipped.id]["hidden"])
        ]
        found += [of_own(row, choices.get(row["id"]), robots.get(row["id"]), defaults) for row in own]
        return tuple(
            each
            for each in found
            if (enabled is None or each.source.enabled == enabled) and (not topic or topic in each.topics)
        )

    def get(self, id: str) -> Listed:
        """One source of the list.

        Raises:
            SourceMissing: there is none with this id.
        """
        found = next((each for each in self.list() if each.source.id == id), None)
        if found is None:
            raise SourceMissing(id=plain(id, 60))
        return found

    def add(
        self,
        url: str,
        *,
        name: str = "",
        kind: SourceKind = "auto",
        language: str = "",
        topics: Sequence[str] = (),
        enabled: bool = True,
    ) -> Listed:
        """A person's own source (the scheme may be missing). A deleted default one comes back instead.

        Raises:
            Refused: the address is none that may be asked.
            SourceTaken, BadChange, TooManySources: it is in the list, a value does not fit, or the list is full.
        """
        url = self._address(url)
        host = (urlsplit(url).hostname or url)[:LONGEST_NAME]
        values = checked(name=plain(name) or host, kind=kind, language=language, topics=topics)
        with self._database.transaction() as db:
            taken = next((each for each in self.list() if place_of(each.source.url) == place_of(url)), None)
            if taken:
                raise SourceTaken(name=taken.source.name)
            return self.get(self._insert(db, url, values, enabled))

    def edit(
        self,
        id: str,
        *,
        url: str | None = None,
        name: str | None = None,
        kind: SourceKind | None = None,
        language: str | None = None,
        topics: Sequence[str] | None = None,
    ) -> Listed:
        """Change what is given of a source, default or own; what is None stays.

        Raises:
            SourceMissing, Refused, SourceTaken, BadChange: as for `get` and `add`.
        """
        values = checked(name=name, kind=kind, language=language, topics=topics)
        if url is not None:
            values["url"] = self._address(url)
        with self._database.transaction() as db:
            own = self.get(id).own
            if "url" in values:
                place = place_of(values["url"])
                taken = next((e for e in self.list() if place_of(e.source.url) == place and e.source.id != id), None)
                if taken:
                    raise SourceTaken(name=taken.source.name)
                # What robots.txt said, it said of another address.
                db.execute("DELETE FROM source_robots WHERE id=?", (id,))
                if own:
                    values["place"] = place
            if own:
                _update(db, "source_own", id, values)
            else:
                _choose(db, id, **values)
            return self.get(id)

    def enable(self, id: str, enabled: bool = True) -> Listed:
        """Read this source from now on, or no more; it stays in the list.

        Raises:
            SourceMissing: there is none with this id.
        """
        return self._chosen(id, enabled=int(enabled))

    def permit(self, id: str, permission: Permission | None) -> Listed:
        """What a person allows; None takes their word back, so that robots or the default decide again.

        Raises:
            SourceMissing, BadChange: no such source, no such permission.
        """
        return self._chosen(id, permission=checked_permission(permission))

    def robots_said(self, id: str, permission: Permission | None, at: datetime) -> Listed:
        """Keep what the site's robots.txt says about AI (None: nothing). It beats the default, never a person.

        Raises:
            SourceMissing, BadChange: no such source, no such permission.
        """
        checked_permission(permission)
        with self._database.transaction() as db:
            self.get(id)
            db.execute("DELETE FROM source_robots WHERE id=?", (id,))
            if permission:
                db.execute("INSERT INTO source_robots VALUES (?,?,?)", (id, permission, at.timestamp()))
            return self.get(id)

    def delete(self, id: str) -> None:
        """Take a source out of the list. A default one comes back with `reset`, or when its address is added.

        Raises:
            SourceMissing: there is none with this id.
        """
        with self._database.transaction() as db:
            if not self.get(id).own:
                _choose(db, id, hidden=1)
                return
            for table in ("source_own", "source_choice", "source_robots"):
                db.execute(f"DELETE FROM {table} WHERE id=?", (id,))

    def reset(self, id: str = "") -> None:
        """One default source, or all of them, as they are shipped; deleted ones come back. A person's own ones stay."""
        ids = [(each.id,) for each in self.defaults.sources if id in ("", each.id)]
        with self._database.transaction() as db:
            db.executemany("DELETE FROM source_choice WHERE id=?", ids)

    def import_opml(self, body: bytes, content_type: str = "") -> Imported:
        """Add the sources of an OPML file, all or none; folders become topics. Sources in the list already stay as they are.

        Raises:
            BadOpml, TooManySources: nothing was added.
        """
        file = read_opml(body, content_type)
        added, known, refused = [], [], file.refused
        with self._database.transaction() as db:
            places = {place_of(each.source.url): each.source.id for each in self.list()}
            for outline in file.outlines:
                try:
                    url = self._address(outline.url)
                except Refused:
                    refused += 1
                    continue
                place = place_of(url)
                if place in places:
                    known.append(places[place])
                    continue
                kind = "feed" if outline.feed else "auto"
                values = checked(
                    name=outline.name, kind=kind, language=_language(outline.language), topics=topics_of(outline)
                )
                places[place] = self._insert(db, url, values, True)
                added.append(places[place])
            found = {each.source.id: each for each in self.list()}
        return Imported(tuple(found[id] for id in added), tuple(found[id] for id in known), refused)

    def export_opml(self, title: str, now: datetime, *, enabled: bool | None = None) -> bytes:
        """The list as OPML, one folder for each source's first topic (under its Chinese name for a default topic)."""
        topics = self.defaults.topics
        outlines = []
        for each in self.list(enabled=enabled):
            first = each.topics[:1]
            folders = tuple(topics[topic].zh if topic in topics else topic for topic in first)
            feed = each.source.kind in ("feed", "auto")
            outlines.append(Outline(each.source.url, each.source.name, "", folders, each.source.language, feed))
        return write_opml(outlines, title, now)

    def _address(self, url: str) -> str:
        """The address as it is kept, refused where it could never be asked."""
        url = url.strip()
        url = clean_url(url if re.match(r"[a-z][a-z0-9+.-]*:(?!\d)", url, re.IGNORECASE) else f"https://{url}")
        check(parse(url), self._allowed)
        return url

    def _insert(self, db: sqlite3.Connection, url: str, values: dict[str, str], enabled: bool) -> str:
        shipped = next((each for each in self.defaults.sources if place_of(each.url) == place_of(url)), None)
        if shipped and self._hidden(db, shipped.id):
            _choose(db, shipped.id, hidden=0, enabled=int(enabled), url=None)
            return shipped.id
        if db.execute("SELECT count(*) FROM source_own").fetchone()[0] >= MAX_OWN:
            raise TooManySources(most=MAX_OWN)
        id = _new_id(db, url)
        kept = (values["name"], values["kind"], values["language"], values["topics"])
        row = (id, place_of(url), url, *kept, time.time())
        db.execute("INSERT INTO source_own VALUES (?,?,?,?,?,?,?,?)", row)
        _choose(db, id, enabled=int(enabled))
        return id

    def _hidden(self, db: sqlite3.Connection, id: str) -> bool:
        return db.execute("SELECT 1 FROM source_choice WHERE id=? AND hidden=1", (id,)).fetchone() is not None

    def _chosen(self, id: str, **values: str | int | None) -> Listed:
        with self._database.transaction() as db:
            self.get(id)
            _choose(db, id, **values)
            return self.get(id)


def _new_id(db: sqlite3.Connection, url: str) -> str:
    """The same address has the same id on every machine, and never that of a source shipped later."""
    host = re.sub(r"[^a-z0-9]+", "-", (urlsplit(url).hostname or "").removeprefix("www."))[:30].strip("-")
    first = f"own-{host}-{hashlib.sha256(place_of(url).encode()).hexdigest()[:8]}"
    # Taken only where that source has been given another address since.
    taken = {row[0] for row in db.execute("SELECT id FROM source_own WHERE id GLOB ?", (f"{first}*",))}
    return next(id for id in (first, *(f"{first}-{n}" for n in range(2, MAX_OWN + 2))) if id not in taken)


def _choose(db: sqlite3.Connection, id: str, **values: str | int | None) -> None:
    db.execute("INSERT OR IGNORE INTO source_choice (id) VALUES (?)", (id,))
    _update(db, "source_choice", id, values)


def _update(db: sqlite3.Connection, table: str, id: str, values: dict[str, str | int | None] | dict[str, str]) -> None:
    """Column names are checked against the table's own: they never come from outside."""
    for column, value in values.items():
        if column not in (_OWN if table == "source_own" else _CHOICE):
            raise ValueError(column)
        db.execute(f"UPDATE {table} SET {column}=? WHERE id=?", (value, id))


def _language(tag: str) -> str:
    return tag if re.fullmatch(r"[A-Za-z]{2,3}(?:-[A-Za-z0-9]{2,8}){0,3}", tag) else ""
