# shellcheck shell=bash
# shellcheck disable=SC2034,SC2154 # bench_class_path is for the script that sources this; root and java_home come from there
# Sourced by bench/compare, bench/io and bench/jmh, after find-jdk.sh: build_bench NAME finds a JDK, builds when sources are newer than
# what was built, and sets bench_class_path. TOKIOJ_NO_BUILD=1 runs what was built, however old.

build_bench() {
  find_jdk 25 || exit 69
  local stamp="$root/bench/target/classpath" log="$root/bench/target/build.log" newer=""
  if [ -z "${TOKIOJ_NO_BUILD:-}" ] || [ ! -f "$stamp" ]; then
    if [ -f "$stamp" ]; then
      newer=$(find "$root/pom.xml" "$root"/runtime "$root"/tls "$root"/quic "$root"/http3 "$root"/net "$root"/bench \
        \( -name target -o -path '*/src/test' \) -prune -o \( -name '*.java' -o -name 'pom.xml' \) -type f \
        -newer "$stamp" -print 2>/dev/null | head -n 1)
    fi
    if [ ! -f "$stamp" ] || [ -n "$newer" ]; then
      if ! command -v mvn >/dev/null 2>&1; then
        echo "$1: building needs Maven 3.8.7 or later, and there is no 'mvn' on PATH." >&2
        exit 69
      fi
      echo "$1: building ..." >&2
      mkdir -p "$root/bench/target"
      if ! (cd "$root" && JAVA_HOME="$java_home" mvn -B -q -pl bench -am -DskipTests package) >"$log" 2>&1; then
        grep -E 'ERROR|error:' "$log" | head -n 20 >&2 || true
        echo "$1: the build failed; all of it is in $log" >&2
        exit 70
      fi
    fi
  fi
  bench_class_path="$root/bench/target/classes:$(cat "$stamp")"
}
