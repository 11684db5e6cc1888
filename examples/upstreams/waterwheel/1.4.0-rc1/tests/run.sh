#!/bin/sh
# Usage: run.sh PROGRAM
set -eu
wheel=$1
settings=$(mktemp)
trap 'rm -f "$settings"' EXIT

expect() {
    if [ "$2" != "$3" ]; then
        printf 'not ok: %s\n  wanted: %s\n  got:    %s\n' "$1" "$2" "$3"
        exit 1
    fi
    printf 'ok: %s\n' "$1"
}

expect "lines come out as they went in" "$(printf 'a\nb')" "$(printf 'a\nb\n' | "$wheel" -c "$settings")"
expect "a rate loses nothing" "$(printf 'a\nb\nc')" "$(printf 'a\nb\nc\n' | "$wheel" -c "$settings" -r 1000)"
expect "a rate is a number" "2" "$(printf 'a\n' | "$wheel" -c "$settings" -r fast 2>/dev/null || echo $?)"

echo "rate = quick" > "$settings"
expect "a setting that is no number is reported" "waterwheel: $settings: rate is not a number: quick" \
    "$(printf 'a\n' | "$wheel" -c "$settings" 2>&1 >/dev/null)"

: > "$settings"
expect "a last line without its end is passed on" "$(printf 'a\nb')" "$(printf 'a\nb' | "$wheel" -c "$settings")"
expect "a burst loses nothing" "$(printf 'a\nb\nc')" "$(printf 'a\nb\nc\n' | "$wheel" -c "$settings" -r 1000 -b 2)"
expect "a burst is one line or more" "2" "$(printf 'a\n' | "$wheel" -c "$settings" -b 0 2>/dev/null || echo $?)"
expect "lines are numbered" "$(printf '1 a\n2 b')" "$(printf 'a\nb\n' | "$wheel" -c "$settings" -n)"
