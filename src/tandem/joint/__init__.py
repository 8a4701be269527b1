"""Joint decoding: the device drafts, the cloud verifies, the text is the cloud's own."""
