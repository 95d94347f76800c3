#!/usr/bin/env bash
# Tests find-jdk.sh with made-up JDKs: ./check scripts runs it.
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
passed=0 failed=0

# fake DIR VERSION [jre]: what a JDK (or a JRE, without javac) looks like
fake() {
  mkdir -p "$1/bin"
  printf 'IMPLEMENTOR="Test"\nJAVA_VERSION="%s"\n' "$2" >"$1/release"
  printf '#!/bin/sh\n' >"$1/bin/java"
  chmod +x "$1/bin/java"
  if [ "${3:-}" != jre ]; then
    cp "$1/bin/java" "$1/bin/javac"
  fi
}

# shellcheck disable=SC2016 # the inner shell expands it
# found NEED ASSIGNMENT...: what find_jdk finds for these variables alone
found() {
  local need=$1
  shift
  env -i PATH="$work/empty:/usr/bin:/bin" HOME="$work/home" "$@" bash -c '
    . "'"$here"'/find-jdk.sh"
    # Not the machine of whoever runs this.
    jdk_candidates_here() { jdk_candidates "$1" | grep "^'"$work"'" || true; }
    eval "$(declare -f find_jdk | sed "s/jdk_candidates \"\\\$1\"/jdk_candidates_here \"\\\$1\"/")"
    find_jdk '"$need"' && echo "$java_home"' 2>"$work/err" || echo "none"
}

expect() { # NAME EXPECTED ACTUAL
  if [ "$2" = "$3" ]; then
    passed=$((passed + 1))
  else
    failed=$((failed + 1))
    printf 'find-jdk: %s: expected %s, got %s\n' "$1" "$2" "$3" >&2
    cat "$work/err" >&2
  fi
}

mkdir -p "$work/empty" "$work/home"
fake "$work/jdk17" 17.0.15
fake "$work/jdk25" 25
fake "$work/jdk25.0.1" 25.0.1
fake "$work/jdk26ea" 26-ea
fake "$work/jre25" 25.0.1 jre

expect "JAVA_HOME of the right version" "$work/jdk25" "$(found 25 JAVA_HOME="$work/jdk25")"
expect "a patch release" "$work/jdk25.0.1" "$(found 25 JAVA_HOME="$work/jdk25.0.1")"
expect "an early access build" "$work/jdk26ea" "$(found 25 JAVA_HOME="$work/jdk26ea")"
expect "TOKIOJ_JAVA_HOME goes first" "$work/jdk26ea" "$(found 25 JAVA_HOME="$work/jdk25" TOKIOJ_JAVA_HOME="$work/jdk26ea")"
expect "too old" "none" "$(found 25 JAVA_HOME="$work/jdk17")"
grep -q "jdk17 is version 17" "$work/err" || expect "the message names what was seen" "jdk17 is version 17" "$(cat "$work/err")"
grep -q "needs a JDK 25 or later" "$work/err" || expect "the message says what is needed" "needs a JDK 25" "$(cat "$work/err")"
expect "a JRE is not enough" "none" "$(found 25 JAVA_HOME="$work/jre25")"
grep -q "no javac" "$work/err" || expect "the message says what lacks" "no javac" "$(cat "$work/err")"
expect "a JAVA_HOME that is not there" "none" "$(found 25 JAVA_HOME="$work/gone")"
mkdir -p "$work/home/.sdkman/candidates/java"
fake "$work/home/.sdkman/candidates/java/25-tem" 25
expect "SDKMAN" "$work/home/.sdkman/candidates/java/25-tem" "$(found 25 JAVA_HOME="$work/jdk17")"
mkdir -p "$work/path"
ln -s "$work/jdk25/bin/java" "$work/path/java"
expect "the java of PATH, through its link" "$work/jdk25" "$(found 25 PATH="$work/path:/usr/bin:/bin")"

# find_jdk_again: the second time from its file, and not when the question or the JDK is another.
again() { # ASSIGNMENT...
  # shellcheck disable=SC2016 # the inner shell expands it
  env -i PATH="/usr/bin:/bin" HOME="$work/home" "$@" bash -c '
    . "'"$here"'/find-jdk.sh"
    find_jdk() { java_home="searched"; [ -z "${NONE:-}" ]; }
    find_jdk_again 25 "'"$work"'/memory/jdk" && echo "$java_home"' 2>"$work/err" || echo "none"
}
remember() {
  mkdir -p "$work/memory"
  printf '%s\n%s\n' "25  $1 /usr/bin:/bin" "$2" >"$work/memory/jdk"
}
expect "nothing is remembered" "searched" "$(again JAVA_HOME=a)"
expect "what was found is no JDK any more" "searched" "$(again JAVA_HOME=a)"
remember a "$work/jdk25"
expect "a remembered JDK" "$work/jdk25" "$(again JAVA_HOME=a)"
expect "another question" "searched" "$(again JAVA_HOME=b)"
remember a "$work/jdk25"
touch -d '+1 minute' "$work/jdk25/release" 2>/dev/null || touch -t 203701010000 "$work/jdk25/release"
expect "a JDK that was replaced" "searched" "$(again JAVA_HOME=a)"
rm -rf "$work/memory"
expect "none is found" "none" "$(again JAVA_HOME=a NONE=1)"
[ ! -e "$work/memory/jdk" ] || expect "nothing is remembered of that" "no file" "a file"

echo "find-jdk: $passed passed, $failed failed"
[ "$failed" -eq 0 ]
