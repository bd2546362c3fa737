"""The real store for every test, a clock that the test sets, and a small site."""

from __future__ import annotations
