"""Decisions, pure: given values, they return values; one driver elsewhere does the I/O."""
