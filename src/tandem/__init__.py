"""Tandem: a small model on the device and a large one in the cloud work as one."""

__version__ = "0.1.0"
