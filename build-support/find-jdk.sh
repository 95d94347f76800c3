# shellcheck shell=bash
# shellcheck disable=SC2034 # java_home is for the script that sources this
# Sourced by ./tokioj, ./check and the scripts of bench: find_jdk N sets java_home to a JDK of version N or later, or says what is missing.
# Works with the bash 3.2 of macOS.

# jdk_version HOME: the feature version (25) of the JDK there, nothing when there is none. The release file saves a JVM start.
jdk_version() {
  local line
  [ -x "$1/bin/java" ] || return 0
  if [ -r "$1/release" ]; then
    line=$(grep -m 1 '^JAVA_VERSION=' "$1/release" || true)
    line=${line#*\"}
    line=${line%%\"*}
  else
    line=$("$1/bin/java" -XshowSettings:properties -version 2>&1 | grep -m 1 'java.specification.version' || true)
    line=${line##* }
  fi
  line=${line%%[.+-]*}
  case $line in '' | *[!0-9]*) return 0 ;; esac
  echo "$line"
}

# jdk_candidates: places where a JDK may be, one a line, the user's own choice first.
jdk_candidates() {
  local on_path dir
  [ -n "${TOKIOJ_JAVA_HOME:-}" ] && echo "$TOKIOJ_JAVA_HOME"
  [ -n "${JAVA_HOME:-}" ] && echo "$JAVA_HOME"
  on_path=$(command -v java 2>/dev/null || true)
  if [ -n "$on_path" ]; then
    while [ -L "$on_path" ]; do
      dir=$(readlink "$on_path")
      case $dir in /*) on_path=$dir ;; *) on_path=$(dirname "$on_path")/$dir ;; esac
    done
    dirname "$(dirname "$on_path")"
  fi
  if [ -x /usr/libexec/java_home ]; then
    /usr/libexec/java_home -v "$1" 2>/dev/null || true
  fi
  for dir in "${SDKMAN_DIR:-$HOME/.sdkman}"/candidates/java/* "$HOME"/.jdks/* "$HOME"/.asdf/installs/java/* \
    "$HOME"/.local/share/mise/installs/java/* /usr/lib/jvm/* /usr/java/* /opt/java/* /opt/jdk* /usr/local/openjdk* \
    /opt/homebrew/opt/openjdk*/libexec/openjdk.jdk/Contents/Home /usr/local/opt/openjdk*/libexec/openjdk.jdk/Contents/Home \
    /Library/Java/JavaVirtualMachines/*/Contents/Home "$HOME"/Library/Java/JavaVirtualMachines/*/Contents/Home; do
    [ -d "$dir" ] && echo "$dir"
  done
  return 0
}

find_jdk() {
  local dir version seen=""
  java_home=""
  while IFS= read -r dir; do
    version=$(jdk_version "$dir")
    [ -n "$version" ] || continue
    if [ "$version" -ge "$1" ]; then
      if [ -x "$dir/bin/javac" ]; then
        java_home=$dir
        return 0
      fi
      seen="$seen
  $dir is version $version, but a JRE: it has no javac"
    else
      seen="$seen
  $dir is version $version"
    fi
  done <<EOF
$(jdk_candidates "$1")
EOF
  {
    echo "TokioJ needs a JDK $1 or later, and none was found in TOKIOJ_JAVA_HOME, JAVA_HOME, PATH, SDKMAN or the usual places."
    if [ -n "$seen" ]; then
      printf 'Seen:%s\n' "$seen" | awk '!again[$0]++'
    fi
    echo "Install one, for example:"
    echo "  Debian, Ubuntu   apt-get install openjdk-$1-jdk   (or Temurin: https://adoptium.net)"
    echo "  macOS            brew install openjdk@$1"
    echo "  SDKMAN           sdk install java $1-tem"
    echo "and, if it is in a place of its own, name it: TOKIOJ_JAVA_HOME=/path/to/jdk $0"
  } >&2
  return 1
}

# find_jdk_again N FILE: as find_jdk, but remembers in FILE what it found for these variables; asking again then starts no
# process.
find_jdk_again() {
  local question="$1 ${TOKIOJ_JAVA_HOME:-} ${JAVA_HOME:-} $PATH" asked="" answer=""
  if [ -r "$2" ]; then
    { IFS= read -r asked && IFS= read -r answer; } <"$2" || true
    # A release file that is newer than the answer: another JDK is in its place.
    if [ "$asked" = "$question" ] && [ -x "$answer/bin/java" ] && [ -x "$answer/bin/javac" ] && [ ! "$answer/release" -nt "$2" ]; then
      java_home=$answer
      return 0
    fi
  fi
  find_jdk "$1" || return 1
  # Whole or not at all, also when two start at once.
  if mkdir -p "${2%/*}" 2>/dev/null && printf '%s\n%s\n' "$question" "$java_home" 2>/dev/null >"$2.$$"; then
    mv -f "$2.$$" "$2"
  fi
}
