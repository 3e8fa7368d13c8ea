"""Kinds of arguments of the benches' commands."""

from __future__ import annotations

import argparse


def positive(text: str) -> int:
    """How many of something: 1 or more. Raises argparse.ArgumentTypeError, which argparse prints with the usage."""
    if not text.isdecimal() or int(text) < 1:
        raise argparse.ArgumentTypeError(f"{text!r} is no whole number from 1 on")
    return int(text)
