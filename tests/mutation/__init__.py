"""Guards are worth what they catch: each is taken away once, and a test must notice.

`uv run python -m tests.mutation` works on a copy of the tree; docs/testing.md says more.
"""
