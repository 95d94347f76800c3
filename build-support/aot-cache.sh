# shellcheck shell=bash
# shellcheck disable=SC2034,SC2154 # java_home is from find-jdk.sh; aot_cache is for the script that sources this
# Sourced by ./tokioj: the JDK's ahead-of-time cache (JEP 483, 514, 515), which holds our classes loaded and linked and
# what the JIT should know of them. Nothing needs it; with it a start takes a third of the time.
# Works with the bash 3.2 of macOS.

# find_aot_cache APP FLAGS: sets aot_cache to the cache of this JDK, these flags and the jars in APP, made now if there
# is none or it is older than they are; to nothing when that fails.
find_aot_cache() {
  local app=$1 flags=$2 name release="" directory
  # The JDK is named by its place and its version: an update in place gives another name.
  if [ -r "$java_home/release" ]; then
    IFS= read -r -d '' release <"$java_home/release" || true
    case $release in
      *JAVA_RUNTIME_VERSION=*) release=${release#*JAVA_RUNTIME_VERSION=\"} release=${release%%\"*} ;;
      *) release=${release#*JAVA_VERSION=\"} release=${release%%\"*} ;;
    esac
  fi
  name="$java_home $release $flags"
  name=${name//[!A-Za-z0-9.+]/_}
  aot_cache=""
  directory=$app/aot
  if [ ! -w "$app" ]; then
    # Built by somebody else: the cache is then our own.
    directory=${XDG_CACHE_HOME:-$HOME/.cache}/tokioj/aot/${app//[!A-Za-z0-9.]/_}
  fi
  local cache=$directory/$name.aot
  # An empty one stands for a try that failed: not again before the next build.
  aot_cache_is_of "$app" "$cache" || make_aot_cache "$app" "$flags" "$cache" || exit $?
  [ ! -s "$cache" ] || aot_cache=$cache
}

# aot_cache_is_of APP CACHE: whether it is newer than all that it was made of. A JVM before 25.0.4 does not look
# (JDK-8377932): it would run the classes of the cache whatever is in the jars.
aot_cache_is_of() {
  local each
  for each in "$1"/built "$1"/*.jar "$1"/lib/*.jar; do
    [ ! -e "$each" ] || [ "$2" -nt "$each" ] || return 1
  done
}

# make_aot_cache APP FLAGS CACHE: trains with the very flags of later runs. Processes that come at the same time each make
# theirs; the last one stays, whole. Fails only when it is interrupted: in a subshell, which takes its draft away also then.
make_aot_cache() (
  app=$1 flags=$2 cache=$3
  mkdir -p "${cache%/*}" 2>/dev/null || return 0
  work=$(mktemp -d "${cache%/*}/making.XXXXXX" 2>/dev/null) || return 0
  trap 'rm -rf "$work"' EXIT
  # A JVM ends by itself on Ctrl-C, which bash would take for a failure to go on after.
  trap 'exit 130' INT TERM
  [ -n "${TOKIOJ_QUIET:-}" ] || echo "tokioj: making the cache for fast starts (once for each build, a few seconds) ..." >&2
  # Without the JIT's profiles: what they make it compile at once costs a short run 40 ms, and a long one gains nothing.
  # shellcheck disable=SC2086 # several words
  if (unset SSLKEYLOGFILE QLOGDIR JAVA_TOOL_OPTIONS JDK_JAVA_OPTIONS
    "$java_home/bin/java" -XX:AOTCacheOutput="$work/cache" -XX:+UnlockDiagnosticVMOptions -XX:-AOTRecordTraining \
      $flags -jar "$app/tokioj.jar" train "$work/files") >"$work/log" 2>&1 </dev/null &&
    [ -s "$work/cache" ]; then
    mv -f "$work/cache" "$cache" 2>/dev/null || true
    return 0
  fi
  cp "$work/log" "${cache%/*}/failed.log" 2>/dev/null || true
  # Another process may have made a good one meanwhile.
  if [ ! -s "$cache" ] || ! aot_cache_is_of "$app" "$cache"; then
    { : >"$cache"; } 2>/dev/null || true
  fi
)
