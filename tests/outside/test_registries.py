"""Where the machine's clients look: environment before configuration before a library's constant."""

from __future__ import annotations

from pathlib import Path

import pytest

from headrace.outside import registries
from headrace.outside.registries import Mirror, NotConfigured, Registry


def test_pips_environment_names_the_index_and_its_secret_is_kept_apart(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PIP_INDEX_URL", "https://me:secret@index.example/simple/")
    index = registries.python_index()
    assert isinstance(index, Registry)
    assert (index.address, index.endpoint) == ("https://index.example/simple", "index.example:443")
    assert index.credentials == "me:secret"
    assert "secret" not in repr(index) + index.shown


def test_pips_configuration_names_the_index(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.delenv("PIP_INDEX_URL", raising=False)
    (tmp_path / "pip.conf").write_text("[global]\nindex-url = http://mirror.example/simple\n")
    monkeypatch.setenv("PIP_CONFIG_FILE", str(tmp_path / "pip.conf"))
    assert registries.python_index() == Registry("http://mirror.example/simple", "pip's configuration")


def test_without_configuration_pips_own_constant_counts(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.delenv("PIP_INDEX_URL", raising=False)
    monkeypatch.setenv("PIP_CONFIG_FILE", "/dev/null")
    monkeypatch.setattr(registries, "run", _silent)
    index = registries.python_index()
    assert isinstance(index, Registry)
    assert index.origin == "pip's own default"
    assert index.address.startswith("https://")
    assert index.address.endswith("/simple")


def test_npm_by_environment_by_file_and_by_library(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.delenv("npm_config_registry", raising=False)
    monkeypatch.setenv("NPM_CONFIG_REGISTRY", "http://npm.example/repository/")
    assert registries.npm_registry() == Registry("http://npm.example/repository", "NPM_CONFIG_REGISTRY")
    monkeypatch.delenv("NPM_CONFIG_REGISTRY")
    monkeypatch.setattr(registries.shutil, "which", lambda name: None)
    (tmp_path / ".npmrc").write_text("# mine\nfund=false\nregistry = https://file.example/\n")
    monkeypatch.setenv("NPM_CONFIG_USERCONFIG", str(tmp_path / ".npmrc"))
    assert registries.npm_registry() == Registry("https://file.example", "~/.npmrc")
    monkeypatch.setenv("NPM_CONFIG_USERCONFIG", str(tmp_path / "none"))
    known = registries.npm_registry()
    assert isinstance(known, Registry)
    assert known.origin == "the package URL library"


def test_a_registry_that_is_no_http_address_is_not_configured(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PIP_INDEX_URL", "file:///srv/simple")
    assert isinstance(registries.python_index(), NotConfigured)


def test_apts_sources_are_read_and_other_transports_left_out(monkeypatch: pytest.MonkeyPatch) -> None:
    said = "http://a.example/debian/ bookworm main\nfile:/srv/deb x main\nhttp://b.example/s/ y-security contrib\n"
    monkeypatch.setattr(registries.shutil, "which", lambda name: name)
    monkeypatch.setattr(registries, "_said", lambda argv: said)
    first, second = (
        Registry("http://a.example/debian", "apt's sources"),
        Registry("http://b.example/s", "apt's sources"),
    )
    assert registries.debian_mirrors() == (Mirror(first, "bookworm", "main"), Mirror(second, "y-security", "contrib"))
    assert registries.debian_archive() == first


def test_a_machine_without_apt_says_so_and_takes_the_librarys_archive(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(registries.shutil, "which", lambda name: None)
    assert registries.debian_mirrors() == NotConfigured("this machine has no apt")
    archive = registries.debian_archive()
    assert isinstance(archive, Registry)
    assert archive.origin == "the package URL library"
    monkeypatch.setattr(registries, "_known", lambda purl: "")
    assert isinstance(registries.debian_archive(), NotConfigured)


def _silent(*args: object, **kwargs: object) -> object:
    raise registries.CommandError("pip is not here")
