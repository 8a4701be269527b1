"""Keys and tokens: the environment first, then the system's keyring, never the settings file.

A cloud key is kept in the keyring under the cloud's host name, so that a key given for one host is
never sent to another. Our own servers' bearer tokens are files that only the user can read. Nothing
here prints a secret or puts one into an error.
"""

from __future__ import annotations

import secrets as random_source
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Protocol

from tandem.errors import BadSettings, DeviceFault
from tandem.private_file import create_once, is_open_to_others

SERVICE = "tandem"


class Keyring(Protocol):
    """What we use of the `keyring` library."""

    def get_password(self, service: str, name: str, /) -> str | None: ...

    def set_password(self, service: str, name: str, secret: str, /) -> None: ...

    def delete_password(self, service: str, name: str, /) -> None: ...


def system_keyring() -> Keyring | None:
    """The platform's keyring, or `None` where there is none, as on a headless machine."""
    import keyring  # 100 ms of CPU: only when a key is looked up
    from keyring.backends import fail, null

    backend = keyring.get_keyring()
    return None if isinstance(backend, fail.Keyring | null.Keyring) else backend


class Secrets:
    """Where keys come from. `environ` and `keyring` are passed in so that tests own them."""

    def __init__(
        self,
        environ: Mapping[str, str],
        keyring: Callable[[], Keyring | None] = system_keyring,
    ) -> None:
        self._environ = environ
        self._keyring = keyring

    def api_key(self, *, variable: str, host: str, use_keyring: bool = True) -> str | None:
        """The key for this host, or `None`: a cloud of one's own may need none."""
        if variable and (found := self._environ.get(variable, "").strip()):
            return found
        if not use_keyring:
            return None
        try:
            keyring = self._keyring()
            return keyring.get_password(SERVICE, host) if keyring else None
        # Keyring backends raise whatever their platform raises; a locked or broken keyring must
        # not stop a cloud that needs no key. `doctor` asks `has_keyring` and says so.
        except Exception:  # noqa: BLE001
            return None

    def has_keyring(self) -> bool:
        """Whether there is a keyring that answers."""
        try:
            keyring = self._keyring()
            if keyring is not None:
                keyring.get_password(SERVICE, "-")
        except Exception:  # noqa: BLE001  (see `api_key`)
            return False
        return keyring is not None

    def keep_api_key(self, host: str, key: str | None) -> None:
        """Store the key for this host, or forget it; raises `BadSettings` without a keyring."""
        try:
            keyring = self._keyring()
            if keyring is not None:
                if key is None:
                    keyring.delete_password(SERVICE, host)
                else:
                    keyring.set_password(SERVICE, host, key)
                return
        except Exception as error:  # noqa: BLE001  (see `api_key`)
            raise BadSettings(
                f"The system's keyring did not take the change ({type(error).__name__}).",
                remedy="Unlock it, or put the key into the variable named by cloud.api_key_env.",
            ) from None
        raise BadSettings(
            "There is no keyring on this machine.",
            remedy="Put the key into the environment variable named by cloud.api_key_env "
            "(TANDEM_CLOUD_API_KEY).",
        )

    def vault_key(self, file: Path, *, is_new: bool, use_keyring: bool = True) -> bytes:
        """The vault's 32 bytes: from the file, else from the keyring, under the file's name.

        `is_new`: there is no vault yet, so a key may be made; without it a lost key is an error.
        Raises `DeviceFault`.
        """
        if file.exists():
            return _kept_key(file)
        found, trouble = self._vault_key_in_keyring(file) if use_keyring else (None, "")
        if found is not None:
            return found
        if not is_new:
            raise DeviceFault(
                f"The vault's key is lost: it is neither in {file} nor in the keyring{trouble}. "
                "Nothing leaves.",
                remedy="Unlock the keyring or bring back the file. If it is gone for good, move "
                f"the vault away: mv {file.with_name('vault.sqlite')} "
                f"{file.with_name('vault.sqlite.old')}",
            )
        key = random_source.token_bytes(32)
        if not (use_keyring and self._kept_in_keyring(file, key)):
            try:
                create_once(file, key.hex() + "\n")
            except OSError as error:
                raise DeviceFault(
                    f"The vault's key cannot be written to {file}: {error.strerror}.",
                    remedy="Make room or make the folder writable.",
                ) from None
            return _kept_key(file)
        return key

    def _vault_key_in_keyring(self, file: Path) -> tuple[bytes | None, str]:
        try:
            keyring = self._keyring()
            kept = keyring.get_password(SERVICE, f"vault {file}") if keyring else None
            return (bytes.fromhex(kept) if kept else None), ""
        except Exception as error:  # noqa: BLE001  (see `api_key`)
            return None, f", which did not answer ({type(error).__name__})"

    def _kept_in_keyring(self, file: Path, key: bytes) -> bool:
        try:
            keyring = self._keyring()
            if keyring is None:
                return False
            keyring.set_password(SERVICE, f"vault {file}", key.hex())
            return keyring.get_password(SERVICE, f"vault {file}") == key.hex()
        except Exception:  # noqa: BLE001  (see `api_key`)
            return False


def _kept_key(file: Path) -> bytes:
    if is_open_to_others(file):
        raise DeviceFault(
            f"The vault's key {file} can be read by other users, so nothing leaves.",
            remedy=f"If you trust them: chmod 600 {file}",
        )
    try:
        key = bytes.fromhex(file.read_text(encoding="ascii").strip())
    except (OSError, ValueError):
        key = b""
    if len(key) != 32:
        raise DeviceFault(
            f"The vault's key {file} is damaged, so nothing leaves.",
            remedy="Bring back a copy of it.",
        )
    return key


def token_from(path: Path) -> str:
    """Our own server's bearer token, made on first use; raises `DeviceFault`.

    A file that others can read is refused, not mended: whoever read it has the token already.
    """
    try:
        if not path.exists():
            create_once(path, random_source.token_urlsafe(32) + "\n")
    except OSError as error:
        raise DeviceFault(
            f"The token file {path} cannot be written: {error.strerror}.",
            remedy="Make room or make the folder writable.",
        ) from None
    return _kept_token(path)


def _kept_token(path: Path) -> str:
    if is_open_to_others(path):
        raise DeviceFault(
            f"The token file {path} can be read by other users.",
            remedy=f"Delete it; the next start makes a new token: rm {path}",
        )
    try:
        token = path.read_text(encoding="ascii").strip()
    except (OSError, UnicodeDecodeError):
        token = ""
    if len(token) < 16:
        raise DeviceFault(
            f"The token file {path} holds no usable token.",
            remedy=f"Delete it; the next start makes a new token: rm {path}",
        )
    return token
