"""What keeps the user's data at home: the audit trail, the local-only lock; detection comes
later.
"""
