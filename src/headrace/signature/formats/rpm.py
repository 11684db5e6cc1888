"""Signatures inside RPM packages, made with rpmsign and verified against one public key in a private database."""

from __future__ import annotations

import re
import shutil
import tempfile
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime
from pathlib import Path

from headrace.outside import command
from headrace.outside.command import CommandError
from headrace.signature.keys.gnupg import KeyRing, read_keys
from headrace.signature.model import PublicKey, SignatureError, SigningKey, Verified

_LEAD = b"\xed\xab\xee\xdb"
_SECONDS = 300.0
_SIGNED = re.compile(r"\bSignature, key ID ([0-9a-f]{8,40}): OK$", re.MULTILINE)
_FORMAT = "[%{RSAHEADER:pgpsig}\n][%{DSAHEADER:pgpsig}\n]"
_CLAIM = re.compile(r"/\w+, (.{10,40}), Key ID ([0-9a-f]{16})")


def sign_rpm(ring: KeyRing, key: SigningKey, rpm: Path) -> None:
    """Sign the package where it lies, replacing any signature it has: give a copy. Raises SignatureError."""
    sign_rpms(ring, key, [rpm])


def sign_rpms(ring: KeyRing, key: SigningKey, rpms: Sequence[Path]) -> None:
    """Sign several packages as `sign_rpm` does, at less cost. On an error some may be signed and others not."""
    gpg = shutil.which("gpg", path=command.plain_environment()["PATH"])
    if gpg is None:
        raise SignatureError("packages cannot be signed", "gpg is not installed", "install gnupg")
    for rpm in rpms:
        _require_package(rpm)
        if rpm.stat().st_nlink != 1:
            raise SignatureError(f"{rpm.name} is not signed", "it shares its content with another name", "give a copy")
    with tempfile.TemporaryDirectory(prefix="hr-") as place:
        defines = [f"__gpg {gpg}", f"_gpg_name {key.fingerprint}", "_gpg_digest_algo sha256", f"_dbpath {place}"]
        options = [part for text in defines for part in ("--define", text)]
        if rpms:
            paths = [str(rpm.absolute()) for rpm in rpms]
            ring.run(["rpmsign", *options, "--addsign", *paths], seconds=_SECONDS)


def verify_rpm(rpm: Path, public_key: bytes) -> Verified:
    """Prove that the package is signed by the (armoured) key and that header and payload are what was signed.

    Raises SignatureError with the reason: unsigned (intact digests alone prove nothing), another key, changed, no package.
    """
    outcome = verify_rpms([rpm], public_key)[rpm]
    if isinstance(outcome, SignatureError):
        raise outcome
    return outcome


def verify_rpms(rpms: Iterable[Path], public_key: bytes) -> dict[Path, Verified | SignatureError]:
    """Judge several packages by one key: a proof or the reason why not for each. Raises SignatureError for a bad key."""
    keys = read_keys(public_key)
    with tempfile.TemporaryDirectory(prefix="hr-") as place:
        database = Path(place, "db")
        (armoured := Path(place, "key.asc")).write_bytes(public_key)
        try:
            command.run(["rpmkeys", "--dbpath", str(database), "--import", str(armoured)], seconds=60)
        except CommandError as error:
            raise SignatureError("rpm cannot use the public key", str(error), "give an armoured key") from error
        return {rpm: _outcome(rpm, keys, database, Path(place, "package.rpm")) for rpm in rpms}


def _outcome(rpm: Path, keys: tuple[PublicKey, ...], database: Path, plain: Path) -> Verified | SignatureError:
    try:
        _require_package(rpm)
        # rpm reads a name as a glob pattern or an option; this one has nothing to read into.
        plain.unlink(missing_ok=True)
        plain.symlink_to(rpm.absolute())
        return _verify(plain, rpm.name, keys, database)
    except SignatureError as error:
        return error


def _verify(rpm: Path, name: str, keys: tuple[PublicKey, ...], database: Path) -> Verified:
    options = ["--dbpath", str(database), "--define", "_pkgverify_level all"]
    try:
        checked = command.run(["rpmkeys", *options, "--checksig", "-v", str(rpm)], seconds=_SECONDS, check=False)
        claimed = command.run(
            ["rpm", "--dbpath", str(database), "-qp", "--qf", _FORMAT, str(rpm)], seconds=60, check=False
        )
    except CommandError as error:
        raise SignatureError(f"the signature of {name} cannot be verified", str(error)) from error
    short = _SIGNED.search(checked.text)
    if checked.returncode != 0 or short is None:
        raise SignatureError(f"{name} is not proved", _why(checked.text), "get it again from its source")
    claim = next((found for found in _CLAIM.finditer(claimed.text) if found[2].endswith(short[1])), None)
    key = next((one for one in keys if claim and one.made(claim[2])), None)
    if claim is None or key is None:
        raise SignatureError(f"{name} is not proved", "its signature names another key", "get it again from its source")
    if key.unusable:
        raise SignatureError(f"{name} is not proved", f"of the key {key.fingerprint} {key.unusable}", "get a newer key")
    made = datetime.strptime(claim[1], "%a %b %d %H:%M:%S %Y").replace(tzinfo=UTC)
    signer = next(one for one in (key.fingerprint, *key.subkeys) if one.endswith(claim[2].upper()))
    return Verified(key.fingerprint, key.user_id, signer, made)


def _why(said: str) -> str:
    lines = [line.strip() for line in said.splitlines()[1:]]
    if bad := [line for line in lines if ": BAD" in line or ": NOTTRUSTED" in line]:
        return f"it was changed after it was made ({bad[0].split(' (')[0]})"
    if unknown := [line for line in lines if line.endswith(": NOKEY")]:
        return f"it is signed by another key ({unknown[0].removesuffix(': NOKEY')})"
    if any(line.endswith(": OK") for line in lines):
        return "it is not signed"
    return "rpm cannot read it"


def _require_package(rpm: Path) -> None:
    try:
        with rpm.open("rb") as file:
            lead = file.read(len(_LEAD))
    except OSError as error:
        raise SignatureError(f"{rpm.name} cannot be read", error.strerror or "") from error
    if lead != _LEAD:
        raise SignatureError(f"{rpm.name} is not an RPM package", "it does not begin like one")
