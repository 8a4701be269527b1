"""New entries for calendar and list: what a sentence tells beside its times."""
