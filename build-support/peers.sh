# shellcheck shell=bash
# Sourced by ./check: the other implementations the tests talk to, and the tools they need.

# package, and the command that shows it is there
peers="chromium:chromium caddy:caddy ngtcp2-client:gtlsclient ngtcp2-server:gtlsserver shellcheck:shellcheck openssl:openssl maven:mvn"

# missing_peer NAME: says so; 77 (skipped) for a person, 1 (failed) under CI=true.
missing_peer() {
  echo "SKIPPED for want of $1 (Debian, Ubuntu: apt-get install $1)" >&2
  if [ "${CI:-}" = true ]; then
    return 1
  fi
  return 77
}

# install_peers: installs what lacks when this is root on a Debian or Ubuntu; otherwise names it. TOKIOJ_INSTALL=no forbids it.
install_peers() {
  local entry lacking=""
  for entry in $peers; do
    command -v "${entry#*:}" >/dev/null 2>&1 || lacking="$lacking ${entry%%:*}"
  done
  [ -n "$lacking" ] || return 0
  if [ "$(id -u)" -eq 0 ] && command -v apt-get >/dev/null 2>&1 && [ "${TOKIOJ_INSTALL:-yes}" != no ]; then
    echo "installing peers for the tests:$lacking"
    # shellcheck disable=SC2086 # several words
    if apt-get update -q >/dev/null && DEBIAN_FRONTEND=noninteractive apt-get install -y -q --no-install-recommends $lacking >/dev/null; then
      return 0
    fi
    echo "apt-get could not install:$lacking" >&2
  fi
  echo "Peers that are not here (their tests say SKIPPED; apt-get install$lacking):$lacking" >&2
  if [ "${CI:-}" = true ]; then
    return 1
  fi
}
