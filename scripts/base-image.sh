#!/usr/bin/env bash
# Makes sure that debian:bookworm-slim, which the Dockerfiles in images/ start from, is there.
#
# There already: nothing is done. Else it is pulled. Where no registry answers, it is made on this
# machine from Debian's packages and gets that tag here only (Debian or Ubuntu, as root).
#
# Exit codes: 0 the image is there, 4 it cannot be had (standard error says what to do).
set -euo pipefail

readonly REPOSITORY=debian
readonly TAG=bookworm-slim
readonly IMAGE=$REPOSITORY:$TAG
readonly SUITE=bookworm
readonly KEYRING=/usr/share/keyrings/debian-archive-keyring.gpg
readonly PULL_LIMIT_S=60

here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
work=""
trap '[ -z "$work" ] || rm -rf "$work"' EXIT

say() { printf '%s\n' "$*"; }

fail() {
  printf '%s\n' "$@" >&2
  exit 4
}

have() { command -v "$1" >/dev/null 2>&1; }

# macOS has no timeout(1).
bounded() {
  local limit_s=$1
  shift
  if have timeout; then
    timeout "$limit_s" "$@"
  else
    "$@"
  fi
}

# --- the engine: through its client, or through its API where there is no client that can talk to it ---

client_works=""
find_client() {
  if have docker && bounded 10 docker version >/dev/null 2>&1; then
    client_works=yes
  elif ! "$here/engine.sh" --request GET /_ping >/dev/null; then
    fail "No Docker engine answers. See: scripts/engine.sh --check"
  fi
}

image_is_there() {
  if [ -n "$client_works" ]; then
    docker image inspect "$IMAGE" >/dev/null 2>&1
  else
    "$here/engine.sh" --request GET "/images/$IMAGE/json" >/dev/null 2>&1
  fi
}

pull() {
  if [ -n "$client_works" ]; then
    bounded "$PULL_LIMIT_S" docker pull --quiet "$IMAGE"
  else
    REQUEST_TIMEOUT_S=$PULL_LIMIT_S bounded "$PULL_LIMIT_S" \
      "$here/engine.sh" --request POST "/images/create?fromImage=$REPOSITORY&tag=$TAG"
  fi
}

# CMD as in Docker's own image; the message shows in `docker history`.
import() {
  local message="made on this machine by scenario-run, not pulled"
  if [ -n "$client_works" ]; then
    docker import --change 'CMD ["bash"]' --message "$message" "$1" "$IMAGE"
  else
    REQUEST_TIMEOUT_S=300 "$here/engine.sh" --request POST \
      "/images/create?fromSrc=-&repo=$REPOSITORY&tag=$TAG&changes=CMD%20%5B%22bash%22%5D&message=${message// /%20}" \
      "$1"
  fi
}

# --- the image, from Debian's packages --------------------------------------------------------------

can_build() {
  [ -r /etc/os-release ] && grep -Eqs '^ID(_LIKE)?=.*(debian|ubuntu)' /etc/os-release &&
    [ "$(id -u)" -eq 0 ]
}

install_builder() {
  local missing=()
  have mmdebstrap || missing+=(mmdebstrap)
  [ -e "$KEYRING" ] || missing+=(debian-archive-keyring)
  [ ${#missing[@]} -gt 0 ] || return 0
  say "Installing ${missing[*]} with apt-get."
  export DEBIAN_FRONTEND=noninteractive
  if ! apt-get -q -o DPkg::Lock::Timeout=120 update >"$work/log" 2>&1; then
    say "apt-get update failed; going on with the package lists there are."
  fi
  if ! apt-get -q -y -o DPkg::Lock::Timeout=120 install --no-install-recommends "${missing[@]}" \
    >>"$work/log" 2>&1 </dev/null; then
    tail -n 20 "$work/log" >&2
    fail "apt-get install ${missing[*]} failed; its last lines are above."
  fi
}

# This machine's own sources for the suite, so that a company's mirror goes on to be used.
# None (an Ubuntu, another Debian release): mmdebstrap then takes Debian's own.
apt_sources() {
  # shellcheck disable=SC2016 # the dollars are apt's
  apt-get indextargets --format '$(ORIGIN) $(REPO_URI) $(RELEASE) $(COMPONENT)' 'Created-By: Packages' 2>/dev/null |
    while read -r origin uri release component; do
      case "$origin/$release/$component" in
        "Debian/$SUITE/main" | "Debian/$SUITE-updates/main" | "Debian/$SUITE-security/main")
          say "deb $uri $release $component"
          ;;
      esac
    done | sort -u
}

# A proxy or a snapshot mirror needs the same settings inside as outside.
apt_settings() {
  apt-config dump 2>/dev/null |
    grep -E '^Acquire::(https?::Proxy|Check-Valid-Until|Check-Date)[: ][^;]+;$' || true
}

# What Docker's own image has over a plain Debian: no documentation, no package files kept, no services
# started by packages (policy-rc.d: added to the archive, since mmdebstrap removes what it finds there).
# The files go in a hook: mmdebstrap's --dpkgopt=path-exclude takes half as long again.
write_hook() {
  cat >"$1" <<'HOOK'
#!/bin/sh
set -eu
printf 'APT::Keep-Downloaded-Packages "false";\nAcquire::Languages "none";\n' \
  >"$1/etc/apt/apt.conf.d/docker-clean"
for folder in doc info locale man; do
  printf 'path-exclude /usr/share/%s/*\n' "$folder"
done >"$1/etc/dpkg/dpkg.cfg.d/docker"
printf 'path-include /usr/share/doc/*/copyright\n' >>"$1/etc/dpkg/dpkg.cfg.d/docker"
find "$1/usr/share/doc" ! -type d ! -name copyright -delete
find "$1/usr/share/info" "$1/usr/share/locale" "$1/usr/share/man" -mindepth 1 -delete
HOOK
  chmod 755 "$1"
}

build() {
  local options=(--quiet --variant=minbase --include=ca-certificates "--keyring=$KEYRING")
  local sources=() line
  write_hook "$work/customize"
  options+=("--customize-hook=$work/customize")
  while read -r line; do
    options+=("--aptopt=${line%;}")
  done < <(apt_settings)
  while read -r line; do
    sources+=("$line")
  done < <(apt_sources)
  mmdebstrap "${options[@]}" "$SUITE" "$work/base.tar" "${sources[@]}" >"$work/log" 2>&1 </dev/null || return 1
  mkdir -p "$work/add/usr/sbin"
  printf '#!/bin/sh\nexit 101\n' >"$work/add/usr/sbin/policy-rc.d"
  chmod 755 "$work/add/usr/sbin/policy-rc.d"
  tar --append --file "$work/base.tar" --directory "$work/add" --owner=0 --group=0 ./usr/sbin/policy-rc.d
}

# --- main -------------------------------------------------------------------------------------------

find_client
if image_is_there; then
  say "base image: $IMAGE is there"
  exit 0
fi

work=$(mktemp -d "${TMPDIR:-/tmp}/scenario-run-base.XXXXXX")
chmod 755 "$work"
say "base image: pulling $IMAGE"
if pull >"$work/pull" 2>&1 && image_is_there; then
  say "base image: $IMAGE pulled"
  exit 0
fi
reason=$(tail -n 1 "$work/pull" | sed 's/^{"message":"//; s/"}$//')
say "base image: it cannot be pulled: ${reason:-no answer within $PULL_LIMIT_S s}"

if ! can_build; then
  fail "Either let the engine reach a registry and run: docker pull $IMAGE" \
    "or make the image on a Debian or Ubuntu machine, as root, by scripts/base-image.sh, and carry it here:" \
    "  docker save $IMAGE >base.tar    (there)" \
    "  docker load <base.tar           (here)"
fi
install_builder
say "base image: making $IMAGE on this machine from Debian's packages (about 20 s)"
if ! build; then
  tail -n 20 "$work/log" >&2
  fail "mmdebstrap failed; its last lines are above."
fi
if ! import "$work/base.tar" >"$work/log" 2>&1 || ! image_is_there; then
  tail -n 20 "$work/log" >&2
  fail "The engine did not import the image; its last lines are above."
fi
say "base image: $IMAGE made; the tag exists on this machine only"
