"""Who is asked first: decided before the answer, from the request and the mode alone. Pure.

The rules are in one table, first match wins. A learned router will give `score` a value; until then
the mode decides, and what the device plainly cannot do.
"""

from __future__ import annotations

from dataclasses import dataclass

from tandem.types import ImagePart, Mode, Place, Request, Route


@dataclass(frozen=True, slots=True)
class ModeRouter:
    """Routes by the user's mode and by what the device can do."""

    has_cloud: bool
    has_device: bool = True
    device_can_see: bool = False

    def route(self, request: Request) -> Route:
        """The place to ask first; the reason is written for the receipt."""
        mode = request.mode or Mode.PREFER_LOCAL
        cloud_is_open = self.has_cloud and request.may_leave_device
        if mode is Mode.LOCAL_ONLY:
            return _route(Place.DEVICE, "local-only: nothing may leave the device")
        if mode is Mode.CLOUD_ONLY:
            return _route(Place.CLOUD, "cloud-only: the user wants the cloud's answer")
        if not cloud_is_open:
            why = "no consent to leave" if self.has_cloud else "no cloud is set up"
            return _route(Place.DEVICE, f"{mode}: {why}")
        if mode is Mode.PREFER_CLOUD or not self.has_device:
            return _route(Place.CLOUD, f"{mode}: the cloud is open")
        if not self.device_can_see and _has_picture(request):
            return _route(Place.CLOUD, "the device cannot see pictures")
        return _route(Place.DEVICE, f"{mode}: the device is asked first")


def _route(place: Place, reason: str) -> Route:
    return Route(place, None, None, reason)


def _has_picture(request: Request) -> bool:
    return any(isinstance(part, ImagePart) for m in request.messages for part in m.content)
