"""Finds what is personal in a text, English and Chinese, on this device, nothing downloaded."""
