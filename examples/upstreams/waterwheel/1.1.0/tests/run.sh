#!/bin/sh
# Usage: run.sh PROGRAM
set -eu
wheel=$1

expect() {
    if [ "$2" != "$3" ]; then
        printf 'not ok: %s\n  wanted: %s\n  got:    %s\n' "$1" "$2" "$3"
        exit 1
    fi
    printf 'ok: %s\n' "$1"
}

expect "lines come out as they went in" "$(printf 'a\nb')" "$(printf 'a\nb\n' | "$wheel")"
expect "a rate loses nothing" "$(printf 'a\nb\nc')" "$(printf 'a\nb\nc\n' | "$wheel" -r 1000)"
expect "a rate is a number" "2" "$(printf 'a\n' | "$wheel" -r fast 2>/dev/null || echo $?)"
