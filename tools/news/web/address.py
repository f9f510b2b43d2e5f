"""Addresses: read once into parts, checked as parts, sent as those very parts, so that no second parser can disagree."""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Iterable
from dataclasses import dataclass
from urllib.parse import quote, unquote_plus, urljoin, urlsplit

from tools.news.web.errors import Moved, Refused
from tools.news.web.networks import Reach, reach

__all__ = ["Address", "allowed_origins", "check", "check_move", "clean_url", "parse", "safe_link", "shown"]

_LONGEST = 4096
_PORTS = {"http": 80, "https": 443}
_OPEN_PORTS = (80, 443, 8080)
_CONTROLS = re.compile(r"[\x00-\x20\x7f-\x9f\u200b-\u200f\u2028-\u202e\u2060-\u2064\ufeff]")
_LABEL = re.compile(r"[a-z0-9_](?:[a-z0-9_-]{0,61}[a-z0-9_])?")
_NUMBER = re.compile(r"[0-9]+|0x[0-9a-f]*")
_PATH_SAFE = "/%!$&'()*+,;=:@~-._"
_QUERY_SAFE = _PATH_SAFE + "?[]|"

# What senders of mails, advertisements and share buttons hang on an address; it never changes the page.
_TRACKING_PREFIXES = (
    "utm_",
    "hsa_",
    "mtm_",
    "pk_",
    "piwik_",
    "_hs",
    "__hs",
    "oly_",
    "vero_",
    "at_campaign",
    "at_medium",
)
_TRACKING_NAMES = (
    "_branch_match_id _branch_referrer _ga _gl _openstat dclid fb_action_ids fb_action_types fb_ref fb_source fbclid "
    "gad_source gad_campaignid gbraid gclid gclsrc hsctatracking igsh igshid mc_cid mc_eid mkt_tok ml_subscriber "
    "ml_subscriber_hash msclkid rb_clickid s_cid srsltid tracking_source ttclid twclid wbraid wickedid yclid "
    "ysclid"
)
_TRACKING = frozenset(_TRACKING_NAMES.split())


@dataclass(frozen=True)
class Address:
    """An http(s) address in ASCII. `host` is lower-case without brackets or a final dot, `target` is path and query."""

    scheme: str
    host: str
    port: int
    target: str

    @property
    def bracketed(self) -> str:
        return f"[{self.host}]" if ":" in self.host else self.host

    @property
    def origin(self) -> str:
        """scheme://host:port, with the port always written."""
        return f"{self.scheme}://{self.bracketed}:{self.port}"

    @property
    def authority(self) -> str:
        """What the Host header says: the port only where it is not the scheme's own."""
        return self.bracketed if self.port == _PORTS[self.scheme] else f"{self.bracketed}:{self.port}"

    @property
    def url(self) -> str:
        return f"{self.scheme}://{self.authority}{self.target}"

    @property
    def path(self) -> str:
        """The path alone, as far as a message shows it."""
        return self.target.partition("?")[0][:80]

    @property
    def literal(self) -> bool:
        """Whether the host is an IP address already."""
        try:
            ipaddress.ip_address(self.host)
        except ValueError:
            return False
        return True


def shown(url: str) -> str:
    """`url` as a message may show it: one short line without user name, password, query or fragment."""
    plain = _CONTROLS.sub("", url).split("#")[0].split("?")[0]
    scheme, slashes, rest = plain.partition("://")
    host, slash, path = rest.partition("/")
    plain = f"{scheme}://{host.rpartition('@')[2]}{slash}{path}" if slashes else plain.rpartition("@")[2]
    return plain[:119] + "…" if len(plain) > 120 else plain


def parse(url: str, base: str = "") -> Address:
    """`url` (relative to `base` where one is given) as an Address; the fragment is dropped.

    Raises:
        Refused: not http(s), credentials, no host or one that cannot be, a disguised IP address, or too long.
    """
    if len(url) > _LONGEST or len(base) > _LONGEST:
        raise Refused("refused_url", url=shown(url[:_LONGEST]))
    text = re.sub(r"[\t\r\n]", "", url).strip("".join(map(chr, range(33))) + "\u3000\ufeff\u200b")
    try:
        parts = urlsplit(urljoin(base, text) if base else text)
        port = parts.port
        host = parts.hostname or ""
    except ValueError:
        raise Refused("refused_url", url=shown(url)) from None
    if parts.scheme not in _PORTS:
        code = "refused_scheme" if parts.scheme else "refused_url"
        raise Refused(code, url=shown(url), scheme=parts.scheme[:20])
    if "@" in parts.netloc:
        raise Refused("refused_credentials", host=shown(host))
    target = quote(parts.path or "/", safe=_PATH_SAFE, errors="replace")
    if parts.query:
        target += "?" + quote(parts.query, safe=_QUERY_SAFE, errors="replace")
    return Address(parts.scheme, _host(host, url), _PORTS[parts.scheme] if port is None else port, target)


def _host(raw: str, url: str) -> str:
    """The host in ASCII. Names go through IDNA mapping first: full-width digits and dots must not hide an address."""
    if ":" in raw:
        try:
            return str(ipaddress.IPv6Address(raw)) if "%" not in raw else _no_host(url)
        except ValueError:
            return _no_host(url)
    if not raw or len(raw) > 255:
        return _no_host(url)
    host = raw.lower()
    if not host.isascii():
        import idna

        try:
            host = idna.encode(host, uts46=True).decode("ascii").lower()
        except (idna.IDNAError, UnicodeError):
            return _no_host(url)
    host = host[:-1] if host.endswith(".") else host
    labels = host.split(".")
    if len(host) > 253 or not all(map(_LABEL.fullmatch, labels)):
        return _no_host(url)
    # The URL standard reads a host whose last label is a number as an IPv4 address, in octal, hex or one big number too.
    if _NUMBER.fullmatch(labels[-1]):
        try:
            return str(ipaddress.IPv4Address(host))
        except ValueError:
            raise Refused("refused_spelling", host=host[:80]) from None
    return host


def _no_host(url: str) -> str:
    raise Refused("refused_url", url=shown(url))


def allowed_origins(origins: Iterable[str]) -> frozenset[str]:
    """The origins a person named (`FINALE_ALLOW_ORIGINS`, split at commas), in the form of `Address.origin`.

    Raises:
        Refused: one of them is not a plain scheme://host:port.
    """
    found = set()
    for text in origins:
        for part in filter(None, (piece.strip() for piece in text.split(","))):
            try:
                address = parse(part)
            except Refused:
                raise Refused("refused_origin", url=shown(part)) from None
            if address.target != "/":
                raise Refused("refused_origin", url=shown(part))
            found.add(address.origin)
    return frozenset(found)


def check(address: Address, allowed: frozenset[str] = frozenset()) -> Address:
    """`address`, if its port and (where it is an IP already) its network may be asked. A name is checked when it is dialled.

    Raises:
        Refused: port or address are closed and the origin is not in `allowed`.
    """
    if address.origin not in allowed and address.port not in _OPEN_PORTS:
        raise Refused("refused_port", host=address.host, port=address.port, origin=address.origin)
    if address.literal:
        check_reach(address.origin, address.host, address.host, allowed)
    return address


def check_reach(origin: str, host: str, ip: str, allowed: frozenset[str]) -> None:
    """Raises Refused unless `ip`, which `host` stands for, is public, or private behind an origin in `allowed`."""
    match reach(ip):
        case Reach.NEVER:
            raise Refused("refused_never", host=host, address=ip[:60])
        case Reach.PRIVATE if origin not in allowed:
            raise Refused("refused_private", host=host, address=ip, origin=origin)


def check_move(here: Address, location: str, allowed: frozenset[str]) -> Address:
    """Where a redirect from `here` leads, checked like any first address.

    Raises:
        Refused: the target is closed to us.
        Moved: it leads from https down to http, and the http origin is not in `allowed`.
    """
    there = check(parse(location, here.url), allowed)
    if here.scheme == "https" and there.scheme == "http" and there.origin not in allowed:
        raise Moved("moved_downgrade", host=here.host, to=shown(there.url))
    return there


def clean_url(url: str, base: str = "") -> str:
    """`url` made absolute, in ASCII, without fragment and tracking parameters: equal pages get equal addresses.

    Raises:
        Refused: see `parse` (javascript:, data:, file:, ftp: and the like among them).
    """
    address = parse(url, base)
    path, mark, query = address.target.partition("?")
    kept = [pair for pair in query.split("&") if pair and not _tracks(pair)]
    target = f"{path}?{'&'.join(kept)}" if mark and kept else path
    return Address(address.scheme, address.host, address.port, target).url


def _tracks(pair: str) -> bool:
    name = unquote_plus(pair.partition("=")[0]).strip().lower()
    return name in _TRACKING or name.startswith(_TRACKING_PREFIXES)


def safe_link(href: str, base: str = "") -> str | None:
    """`clean_url`, or None where that would refuse: for the many links of a page or feed, of which some are always bad."""
    try:
        return clean_url(href, base)
    except Refused:
        return None
