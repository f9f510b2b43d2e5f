"""What several tests use by name."""

from __future__ import annotations

__all__ = ["KEY"]

KEY = "sk-or-v1-test-0123456789abcdef"
