#!/usr/bin/env bash
# Finds a Docker engine that answers; on Debian or Ubuntu, as root, makes one when there is none.
#
#   scripts/engine.sh                               find one, or install and start one, saying so first
#   scripts/engine.sh --check                       only look: nothing is installed, nothing is started
#   scripts/engine.sh --request METHOD PATH [FILE]  one Engine API call, FILE is the body; prints the answer.
#                                                   For machines without a `docker` client.
#
# Exit codes: 0 an engine answers, 4 none does (standard error says what to do), 5 wrong usage.
set -euo pipefail

readonly DEFAULT_SOCKET=/var/run/docker.sock
readonly PID_FILE=/var/run/docker.pid
readonly DAEMON_LOG=/var/log/scenario-run-dockerd.log
readonly START_WAIT_S=60

say() { printf '%s\n' "$*"; }

fail() {
  printf '%s\n' "$@" >&2
  exit 4
}

# --- asking ---------------------------------------------------------------------------------------

have() { command -v "$1" >/dev/null 2>&1; }

# macOS has no timeout(1).
bounded() {
  if have timeout; then
    timeout 10 "$@"
  else
    "$@"
  fi
}

# The address in force, as a client would choose it: DOCKER_HOST, the current context, the default socket.
address() {
  local found=""
  if [ -n "${DOCKER_HOST:-}" ]; then
    found=$DOCKER_HOST
  elif have docker; then
    found=$(bounded docker context inspect --format '{{.Endpoints.docker.Host}}' 2>/dev/null) || found=""
  fi
  printf '%s\n' "${found:-unix://$DEFAULT_SOCKET}"
}

# Prints "name|version|API version". The client goes first: it knows contexts, TLS and ssh.
ask_client() {
  have docker || return 1
  local answer name
  answer=$(bounded docker version \
    --format '{{.Server.Platform.Name}}|{{.Server.Version}}|{{.Server.APIVersion}}') || return 1
  name=${answer%%|*}
  printf '%s|%s\n' "${name:-Docker Engine}" "${answer#*|}"
}

# One HTTP request with nothing but Python's standard library, which the project needs anyhow.
request() {
  have python3 || { say "python3 is not on PATH" >&2 && return 1; }
  python3 - "$(address)" "$@" <<'PYTHON'
import http.client
import os
import shutil
import socket
import sys
from urllib.parse import urlsplit


class UnixConnection(http.client.HTTPConnection):
    def __init__(self, path, timeout):
        super().__init__("localhost", timeout=timeout)
        self.path = path

    def connect(self):
        self.sock = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        self.sock.settimeout(self.timeout)
        self.sock.connect(self.path)


def connection(address, timeout_s):
    url = urlsplit(address)
    if url.scheme == "unix":
        return UnixConnection(url.path, timeout_s)
    if url.scheme in ("tcp", "http") and not os.environ.get("DOCKER_TLS_VERIFY"):
        return http.client.HTTPConnection(url.hostname, url.port or 2375, timeout=timeout_s)
    sys.exit(f"{address}: only a docker client can talk to this kind of address")


address, method, path, *body = sys.argv[1:]
try:
    call = connection(address, float(os.environ.get("REQUEST_TIMEOUT_S", "10")))
    if body:
        with open(body[0], "rb") as file:
            length = str(os.fstat(file.fileno()).st_size)
            headers = {"Content-Length": length, "Content-Type": "application/x-tar"}
            call.request(method, path, body=file, headers=headers)
            answer = call.getresponse()
    else:
        call.request(method, path)
        answer = call.getresponse()
    shutil.copyfileobj(answer, sys.stdout.buffer)
except (OSError, ValueError, http.client.HTTPException) as problem:
    sys.exit(f"{address}: {problem}")
sys.exit(0 if answer.status < 300 else 1)
PYTHON
}

ask_api() {
  local answer
  answer=$(request GET /version) || return 1
  printf '%s' "$answer" | python3 -c '
import json, sys
try:
    seen = json.load(sys.stdin)
    parts = seen.get("Components") or [{}]
    podman = "Podman" in parts[0].get("Name", "")
    name = (seen.get("Platform") or {}).get("Name") or ("Podman" if podman else "Docker Engine")
    print(name, seen["Version"], seen["ApiVersion"], sep="|")
except (ValueError, KeyError, AttributeError):
    sys.exit("what answers there is not a Docker engine")'
}

# Prints the one line about the engine that answers; else fails, with the reasons in $why.
why=""
report_engine() {
  local reasons answer name version api
  reasons=$(mktemp)
  if answer=$(ask_client 2>>"$reasons") || answer=$(ask_api 2>>"$reasons"); then
    rm -f "$reasons"
    IFS='|' read -r name version api <<<"$answer"
    say "engine: $name $version (API $api) at $(address)"
    return 0
  fi
  why=$(cat "$reasons")
  rm -f "$reasons"
  return 1
}

# --- advising -------------------------------------------------------------------------------------

debian_like() {
  [ -r /etc/os-release ] && grep -Eqs '^ID(_LIKE)?=.*(debian|ubuntu)' /etc/os-release
}

is_root() { [ "$(id -u)" -eq 0 ]; }

# An address somebody chose is never replaced by another engine behind their back.
chosen_address() {
  case "$(address)" in
    "unix://$DEFAULT_SOCKET" | unix:///run/docker.sock) return 1 ;;
    *) return 0 ;;
  esac
}

advise_chosen() {
  local origin="the current docker context"
  local other="\`docker context use default\`"
  if [ -n "${DOCKER_HOST:-}" ]; then
    origin="DOCKER_HOST"
    other="\`unset DOCKER_HOST\`"
  fi
  fail "No Docker engine answers at $(address), which comes from $origin." \
    "$why" \
    "Start that engine, or choose the default one: $other"
}

advise_permission() {
  fail "A Docker engine listens at $DEFAULT_SOCKET, but this user may not talk to it. Do this, then log in again:" \
    "  sudo usermod -aG docker \"\$USER\""
}

advise_default() {
  say "No Docker engine answers at $DEFAULT_SOCKET." >&2
  if [ "$(uname -s)" = Darwin ]; then
    fail "Start Docker Desktop, or: brew install colima docker && colima start"
  elif have dockerd && is_root; then
    fail "Start it: $(start_command)"
  elif have dockerd; then
    fail "Start it: sudo $(start_command)"
  elif debian_like && is_root; then
    fail "Run scripts/engine.sh without --check, which installs docker.io and starts it, or do it yourself:" \
      "  apt-get update && apt-get install docker.io" \
      "  $(start_command)"
  elif debian_like; then
    fail "Do this, then log in again:" \
      "  sudo apt-get update && sudo apt-get install docker.io" \
      "  sudo usermod -aG docker \"\$USER\""
  else
    fail "Install one (https://docs.docker.com/engine/install/) and start it, for example: sudo systemctl start docker" \
      "An engine elsewhere will do too: export DOCKER_HOST=tcp://HOST:PORT, or docker context use NAME"
  fi
}

# --- making one -----------------------------------------------------------------------------------

under_systemd() { [ -d /run/systemd/system ] && have systemctl; }

start_command() {
  if under_systemd; then
    say "systemctl start docker"
  else
    say "dockerd"
  fi
}

install_engine() {
  local log packages=(docker.io)
  log=$(mktemp)
  say "No Docker engine answers and dockerd is not installed: installing Debian's docker.io with apt-get."
  export DEBIAN_FRONTEND=noninteractive
  if ! apt-get -q -o DPkg::Lock::Timeout=120 update >"$log" 2>&1; then
    say "apt-get update failed; going on with the package lists there are."
  fi
  # Newer releases ship the client in a package of its own.
  if apt-cache show docker-cli >/dev/null 2>&1 && ! have docker; then
    packages+=(docker-cli)
  fi
  if ! apt-get -q -y -o DPkg::Lock::Timeout=120 install --no-install-recommends "${packages[@]}" \
    >>"$log" 2>&1 </dev/null; then
    tail -n 20 "$log" >&2
    rm -f "$log"
    fail "apt-get install ${packages[*]} failed; its last lines are above."
  fi
  rm -f "$log"
  hash -r
}

any_dockerd_runs() { grep -qsx dockerd /proc/[0-9]*/comm; }

# The pid file is the default daemon's own; another dockerd may run with another one.
default_dockerd_runs() {
  local pid
  pid=$(cat "$PID_FILE" 2>/dev/null) || return 1
  [ -n "$pid" ] && grep -qsx dockerd "/proc/$pid/comm"
}

# To be called with `&`. Own session, no inherited descriptors: whoever waits for our pipes to close must
# not wait for the daemon. Not a ( ) body: that would leave a shell behind which holds those pipes.
start_detached() {
  local fd
  for fd in /proc/"$BASHPID"/fd/*; do
    fd=${fd##*/}
    [ "$fd" -le 2 ] || eval "exec $fd>&-"
  done
  exec setsid dockerd >"$DAEMON_LOG" 2>&1 </dev/null
}

start_engine() {
  if under_systemd; then
    say "Starting the engine: systemctl start docker (its log: journalctl -u docker)"
    systemctl start docker || true
    return
  fi
  if [ -e "$PID_FILE" ] && ! any_dockerd_runs; then
    say "Removing $PID_FILE, left behind by a daemon that is gone."
    rm -f "$PID_FILE"
  fi
  say "Starting dockerd; its log: $DAEMON_LOG"
  start_detached &
  daemon_pid=$!
}

log_tail() {
  if under_systemd; then
    journalctl --no-pager -u docker -n 20 || true
  elif [ -s "$DAEMON_LOG" ]; then
    say "The last lines of $DAEMON_LOG:"
    tail -n 20 "$DAEMON_LOG"
  fi
}

daemon_pid=""
wait_for_engine() {
  local until=$((SECONDS + START_WAIT_S))
  while [ "$SECONDS" -lt "$until" ]; do
    if report_engine; then
      return 0
    fi
    if [ -n "$daemon_pid" ] && ! kill -0 "$daemon_pid" 2>/dev/null && ! default_dockerd_runs; then
      log_tail >&2
      fail "dockerd ended before it answered; its last words are above."
    fi
    sleep 0.5
  done
  log_tail >&2
  fail "The engine did not answer within $START_WAIT_S s."
}

make_engine() {
  have dockerd || install_engine
  # The package may have started the service itself.
  if default_dockerd_runs; then
    say "A dockerd runs but does not answer yet: waiting for it."
  else
    start_engine
  fi
  wait_for_engine
}

# --- main -----------------------------------------------------------------------------------------

usage() {
  sed -n '2,/^set -euo/p' "$0" | sed -n 's/^# \{0,1\}//p'
}

# /usr/sbin, where dockerd lies, is not on everybody's PATH.
PATH=$PATH:/usr/local/sbin:/usr/sbin:/sbin

case "${1:-}" in
  --request)
    [ $# -ge 3 ] || { usage >&2 && exit 5; }
    shift
    request "$@"
    exit
    ;;
  "" | --check) ;;
  -h | --help) usage && exit 0 ;;
  *) usage >&2 && exit 5 ;;
esac

if report_engine; then
  exit 0
elif chosen_address; then
  advise_chosen
elif [[ $why == *"ermission denied"* ]]; then
  advise_permission
elif [ "${1:-}" != --check ] && debian_like && is_root; then
  make_engine
else
  advise_default
fi
