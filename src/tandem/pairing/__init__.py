"""The device and a cloud of one's own: how they come to trust each other and answer together."""
