"""Row-level security of PostgreSQL as a leak detector: `ROSTER_TEST_RLS=1 uv run pytest`.

The application knows no ambient tenant and runs without row-level security. Here each statement
that it sends while it works for somebody is run a second time as a role that sees only the rows of
the tenants in which that somebody's membership was proven. A statement that forgets its tenant
finds other rows then, and fails the test. docs/testing.md says more.
"""
