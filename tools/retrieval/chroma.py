"""The few ways in which the index touches Chroma: opening, filters, and turning its errors into ours."""

from __future__ import annotations

import contextlib
import hashlib
import logging
import re
import shutil
import sqlite3
import time
import uuid
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from tools.retrieval.errors import IndexUnreachable, RetrievalError
from tools.storage import writable_home, writing

if TYPE_CHECKING:
    from chromadb.api import ClientAPI

__all__ = [
    "collection_name",
    "delete_collection",
    "ephemeral",
    "failing",
    "home_prefix",
    "persistent",
    "repaired",
    "served",
    "server_label",
    "where_clause",
]

logger = logging.getLogger(__name__)

_HEARTBEAT_S = 4.0
_ANSWER_S = 60.0


def persistent(folder: Path) -> ClientAPI:
    """A client on `folder`, which is made if need be.

    Raises:
        RetrievalError: Chroma cannot open what is there.
    """
    import chromadb
    from chromadb.api.shared_system_client import SharedSystemClient
    from chromadb.errors import ChromaError

    with failing(str(folder)):
        try:
            return chromadb.PersistentClient(path=folder, settings=_settings())
        except ChromaError:
            # A start that failed stays in Chroma's table of open databases, where the next try would trip over it.
            SharedSystemClient._identifier_to_system.pop(str(folder), None)
            raise


def repaired(folder: Path, schema: int) -> ClientAPI:
    """Like `persistent`, but what is of no use is put away first and a new one started.

    A damaged database is renamed to `<folder>.damaged-<time>`. One whose collections are of a schema below `schema` would
    be built again anyway, and goes for good.
    """
    state = _state(folder / "chroma.sqlite3", schema)
    if state == "damaged":
        kept = folder.with_name(f"{folder.name}.damaged-{time.strftime('%Y%m%d-%H%M%S')}")
        with writing(folder):
            folder.rename(kept)
        logger.warning("the index was damaged; it is kept as %s and built again", kept)
    elif state == "outdated":
        with writing(folder):
            shutil.rmtree(folder)
        logger.info("the index was made by an earlier Finale and is built again")
    return persistent(folder)


def _state(database: Path, schema: int) -> str:
    """Asked before Chroma opens the file, because Chroma finds some damage only when a search meets it."""
    if not database.is_file():
        return "absent"
    try:
        with contextlib.closing(sqlite3.connect(database)) as connection:
            if connection.execute("PRAGMA quick_check(1)").fetchone()[0] != "ok":
                return "damaged"
            old = "SELECT 1 FROM collection_metadata WHERE key = 'schema' AND int_value < ?"
            return "outdated" if connection.execute(old, (schema,)).fetchone() else "sound"
    except sqlite3.DatabaseError as error:
        name = getattr(error, "sqlite_errorname", "") or ""
        return "damaged" if name.startswith(("SQLITE_NOTADB", "SQLITE_CORRUPT")) else "unknown"


def ephemeral() -> ClientAPI:
    """A client on the one in-memory store that all in-memory clients of a process share."""
    import chromadb

    with failing("(memory)"):
        return chromadb.EphemeralClient(settings=_settings())


def served(url: str) -> ClientAPI:
    """A client of the Chroma server at `url` (http://host:port).

    Raises:
        IndexUnreachable: `url` is no address, or no Chroma server answers there within seconds.
    """
    import chromadb
    import httpx
    from chromadb.errors import ChromaError

    where = server_label(url)
    try:
        server = urlsplit(url)
        host, port = server.hostname, server.port or (443 if server.scheme == "https" else 8000)
    except ValueError:
        host = None
    if not host or server.scheme not in ("http", "https"):
        raise IndexUnreachable(server=where, why="http://host:port ?")
    base = f"{server.scheme}://{f'[{host}]' if ':' in host else host}:{port}"
    try:
        # Asked first, with a limit: Chroma's client would wait for ever for a server that accepts and never answers.
        beat = httpx.get(f"{base}/api/v2/heartbeat", timeout=_HEARTBEAT_S).raise_for_status().json()
        if "nanosecond heartbeat" not in beat:
            raise ValueError("no Chroma server")
        client = chromadb.HttpClient(host, port, ssl=server.scheme == "https", settings=_settings())
    except (httpx.HTTPError, ChromaError, OSError, TypeError, ValueError) as error:
        raise IndexUnreachable(server=where, why=str(error) or type(error).__name__) from error
    client._server._session.timeout = httpx.Timeout(_ANSWER_S, connect=_HEARTBEAT_S)
    return client


def server_label(url: str) -> str:
    """`url` without what may be a password in it."""
    return re.sub(r"//[^/@]*@", "//", url)[:200]


def home_prefix(home: Path) -> str:
    """What the names of a home's collections begin with on a server that several homes share.

    The name is kept in the home, so that it stays the same wherever the folder is mounted.
    """
    from filelock import FileLock

    kept = home / "index.id"
    writable_home(home)
    with writing(home), FileLock(home / "index.id.lock"):
        if not kept.is_file():
            kept.write_text(uuid.uuid4().hex[:12], encoding="utf-8")
        named = re.sub("[^a-z0-9]", "", kept.read_text(encoding="utf-8").lower())
    return f"kb-{named[:12] or 'home'}"


def collection_name(prefix: str, collection: str) -> str:
    """A name Chroma accepts for any collection name a person gives."""
    # Chroma allows few characters; the digest keeps names apart that look alike once the others are gone.
    plain = re.sub(r"[^a-z0-9]+", "-", collection.lower()).strip("-")[:40]
    digest = hashlib.sha256(collection.encode("utf-8")).hexdigest()[:8]
    return "-".join(part for part in (prefix, plain, digest) if part)


def delete_collection(client: ClientAPI, name: str) -> None:
    """Delete the collection `name` if it exists."""
    from chromadb.errors import NotFoundError

    with contextlib.suppress(NotFoundError):
        client.delete_collection(name)


def where_clause(fields: Mapping[str, Sequence[str]]) -> dict[str, Any] | None:
    """Chroma's form of "every field has one of these values"; None where nothing is asked."""
    clauses: list[dict[str, Any]] = [{field: {"$in": list(values)}} for field, values in fields.items()]
    if len(clauses) > 1:
        return {"$and": clauses}
    return clauses[0] if clauses else None


@contextlib.contextmanager
def failing(label: str) -> Iterator[None]:
    """Turn what Chroma raises into a RetrievalError that names where the index is."""
    import httpx
    from chromadb.errors import ChromaError

    try:
        yield
    except ChromaError as error:
        raise RetrievalError(path=label, why=str(error)) from error
    except httpx.HTTPError as error:
        raise IndexUnreachable(server=label, why=str(error) or type(error).__name__) from error


def _settings() -> Any:
    from chromadb.config import Settings

    # Chroma would read the .env of the working folder, which is Finale's and not meant for it.
    return Settings(_env_file=None, anonymized_telemetry=False)
