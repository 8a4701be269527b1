"""One class of tests per port; every implementation inherits it."""
