"""Causes that compilers, interpreters and their package tools tell."""

from __future__ import annotations

from headrace.evidence.causes.model import kind
from headrace.words import Message

KINDS = (
    kind(
        "missing header",
        r"fatal error: (?P<subject>\S+\.(?:h|hh|hpp|hxx|H)|\w+): No such file or directory",
        Message("the header {subject} is not there: a -devel package is missing"),
    ),
    kind(
        "missing header",
        r"fatal error: '(?P<subject>[^']+)' file not found",
        Message("the header {subject} is not there"),
    ),
    kind(
        "missing library",
        r"(?:/ld|ld(?:\.\w+)?): cannot find -l(?P<subject>[^\s:]+)",
        Message("the library {subject} is not there"),
    ),
    kind(
        "undefined reference",
        r"undefined reference to [`'\"](?P<subject>[^'`\"]+)",
        Message("{subject} is in no library that is linked"),
    ),
    kind(
        "undefined reference",
        r"undefined symbol: (?P<subject>\S+)",
        Message("{subject} is in no library that is linked"),
    ),
    kind(
        "multiple definition",
        r"multiple definition of [`'\"](?P<subject>[^'`\"]+)",
        Message("{subject} is defined more than once"),
    ),
    kind(
        "implicit declaration",
        r"error: implicit declaration of function [‘'`](?P<subject>[^’']+)",
        Message("{subject} is used without being declared"),
    ),
    kind(
        "unknown type", r"error: unknown type name [‘'`](?P<subject>[^’']+)", Message("the type {subject} is not known")
    ),
    kind(
        "undeclared name",
        r"error: [‘'`](?P<subject>[^’']+)[’'] (?:was not declared|undeclared)",
        Message("{subject} is not declared"),
    ),
    kind(
        "warning as error",
        r"error: .*\[-Werror=(?P<subject>[\w-]+)\]",
        Message("the warning {subject} counts as an error"),
    ),
    kind(
        "compiler option",
        r"(?:error: unrecognized command[- ]line option|unknown argument:?) [‘'`](?P<subject>[^’']+)",
        Message("the compiler does not know the option {subject}"),
    ),
    kind("compiler crash", r"internal compiler error", Message("the compiler itself failed")),
    kind(
        "compiler error",
        r"^(?P<subject>[^\s:]+\.\w+):\d+(?::\d+)?: (?:fatal )?error: ",
        Message("{subject} does not compile"),
        1,
    ),
    kind(
        "missing Python module",
        r"ModuleNotFoundError: No module named ['\"](?P<subject>[\w.]+)",
        Message("the Python module {subject} is not installed"),
    ),
    kind(
        "Python import",
        r"ImportError: cannot import name ['\"](?P<subject>\w+)",
        Message("{subject} cannot be imported: its module is of another version"),
    ),
    kind(
        "Python import",
        r"ImportError: (?P<subject>[^:]+): cannot open shared object file",
        Message("the library {subject} is not there"),
    ),
    kind(
        "missing Python distribution",
        r"(?:DistributionNotFound: The '|PackageNotFoundError: (?:No package metadata was found for )?)(?P<subject>[\w.-]+)",
        Message("the Python distribution {subject} is not installed"),
    ),
    kind(
        "missing Python distribution",
        r"No matching distribution found for (?P<subject>\S+)",
        Message("the Python distribution {subject} is not at hand"),
    ),
    kind(
        "Python build backend",
        r"BackendUnavailable(?:.*['\"](?P<subject>[\w.]+))?",
        Message("the build backend {subject} is not installed"),
    ),
    kind(
        "Python requirement",
        r"ERROR Missing dependencies:\s*(?P<subject>\S+)?",
        Message("a build requirement of the Python project is missing: {subject}"),
    ),
    kind(
        "Python version",
        r"(?:requires a different Python|Requires-Python|requires Python)[: ]+['\"]?(?P<subject>[<>=!~\d., ]+)",
        Message("the project wants Python {subject}"),
    ),
    kind(
        "Python syntax",
        r"^\s*(?:SyntaxError|IndentationError|TabError): (?P<subject>.*)",
        Message("Python cannot read a file: {subject}"),
    ),
    kind(
        "Python error",
        r"^(?:\w+\.)*(?P<subject>AttributeError|TypeError|NameError"
        r"|KeyError|ValueError|FileNotFoundError|LookupError): ",
        Message("a Python program ended with {subject}"),
        1,
    ),
    kind(
        "version from git",
        r"setuptools[-_]scm was unable to detect version",
        Message("the version is taken from git, which an archive does not have"),
    ),
    kind(
        "missing node module",
        r"(?:Error: )?Cannot find module ['\"](?P<subject>[^'\"]+)",
        Message("the node module {subject} is not installed"),
    ),
    kind("node package", r"npm (?:ERR!|error) 404.*['\"](?P<subject>[^'\"]+)['\"]", Message("npm has no {subject}")),
    kind(
        "node engine",
        r"npm (?:ERR!|error|WARN) (?:notsup|EBADENGINE).*(?:node|engine)(?P<subject>.*)",
        Message("the project wants another node"),
        1,
    ),
    kind(
        "node script",
        r"npm (?:ERR!|error) Missing script: ['\"]?(?P<subject>[\w:-]+)",
        Message("package.json has no script {subject}"),
    ),
    kind("node error", r"^npm (?:ERR!|error) code (?P<subject>\w+)", Message("npm ended with {subject}"), 1),
    kind(
        "missing Go module",
        r"(?:no required module provides package|cannot find module providing package) (?P<subject>[^\s;:]+)",
        Message("the Go module {subject} is not there"),
    ),
    kind(
        "missing Go module",
        r"cannot find package ['\"](?P<subject>[^'\"]+)",
        Message("the Go package {subject} is not there"),
    ),
    kind("Go version", r"go\.mod requires go >= (?P<subject>[\d.]+)", Message("the project wants Go {subject}")),
    kind(
        "missing crate",
        r"error: no matching package (?:named|found)[^`]*`?(?P<subject>[\w-]+)?",
        Message("the crate {subject} is not at hand"),
    ),
    kind(
        "Rust version",
        r"(?:requires rustc|rustc) (?P<subject>[\d.]+) or newer|package"
        r" `(?P<crate>[^`]+)` cannot be built because it requires rustc",
        Message("the project wants a newer Rust"),
    ),
    kind(
        "Rust error",
        r"^error\[(?P<subject>E\d{4})\]: ",
        Message("Rust code does not compile: {subject}"),
        1,
    ),
    kind(
        "error",
        r"^(?:error|ERROR|fatal): (?!Bad exit|aborting)(?P<subject>.{1,200})",
        Message("an error is told: {subject}"),
        2,
    ),
    kind(
        "missing Perl module",
        r"Can't locate (?P<subject>\S+?)(?:\.pm)? in @INC",
        Message("the Perl module {subject} is not installed"),
    ),
    kind(
        "Java symbol",
        r"error: (?:cannot find symbol|package (?P<subject>[\w.]+) does not exist)",
        Message("a Java class is not there: {subject}"),
    ),
    kind(
        "missing Ruby gem",
        r"(?:Could not find (?:gem )?'(?P<subject>[\w-]+)|cannot load such file -- (?P<file>\S+))",
        Message("a Ruby gem is not installed: {subject}"),
    ),
)
