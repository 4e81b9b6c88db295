"""Mutants of checks that change nothing anybody could notice: (file, name) → the reason."""

EQUIVALENT = {}
