"""Keep keys out of every text that leaves the gateway."""

from __future__ import annotations

import re

__all__ = ["redact"]

# OpenRouter and OpenAI keys start with sk-; a bearer header may be echoed by a proxy's error page.
_KEYS = re.compile(r"\bsk-[A-Za-z0-9_\-]{6,}|(?i:\bbearer\s+)[A-Za-z0-9._\-]{8,}")


def redact(text: str, *secrets: str | None) -> str:
    """`text` with each of `secrets`, and whatever looks like a key, replaced by `[key]`."""
    for secret in secrets:
        if secret and len(secret) >= 6:
            text = text.replace(secret, "[key]")
            body = secret.removeprefix("sk-or-v1-").removeprefix("sk-or-").removeprefix("sk-")
            if len(body) >= 12:  # some servers echo a key without its beginning
                text = text.replace(body, "[key]")
    return _KEYS.sub("[key]", text)
