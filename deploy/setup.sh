# Sourced by the commands beside it: finds the repository, sees to what is needed, builds.
# shellcheck shell=bash
root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd -P)
cd "$root"
ot=$root/deploy/Local/bin/Release/net10.0/ot.dll
export DOTNET_CLI_TELEMETRY_OPTOUT=1 DOTNET_NOLOGO=1 DOTNET_CLI_USE_MSBUILD_SERVER=0
# Build servers would stay behind as processes after the command has ended.
export MSBUILDDISABLENODEREUSE=1
build_options=(-c Release -v quiet -nologo -clp:NoSummary -nodeReuse:false -p:UseSharedCompilation=false)

fail() {
  printf '%s\n' "$@" >&2
  exit 1
}

need_dotnet() {
  local place
  if ! command -v dotnet >/dev/null; then
    for place in "${DOTNET_ROOT:-}" "$HOME/.dotnet" /usr/share/dotnet /usr/lib/dotnet; do
      if [ -n "$place" ] && [ -x "$place/dotnet" ]; then
        PATH=$place:$PATH
        break
      fi
    done
  fi
  command -v dotnet >/dev/null ||
    fail "The .NET 10 SDK is missing: no dotnet in PATH." "Install it from https://dotnet.microsoft.com/download/dotnet/10.0"
  dotnet --version >/dev/null 2>&1 ||
    fail "The .NET SDK that global.json asks for is missing (10.0.100 or a later 10.0)." "Installed are:" "$(dotnet --list-sdks)" \
      "Install it from https://dotnet.microsoft.com/download/dotnet/10.0"
}

need_servers() {
  local missing=() program
  for program in setsid setpriv; do
    command -v "$program" >/dev/null || fail "$program is missing (package util-linux)."
  done
  if [ -z "${OT_POSTGRES:-}" ] && ! compgen -G '/usr/lib/postgresql/*/bin/postgres' >/dev/null; then
    missing+=(postgresql)
  fi
  if [ -z "${OT_RABBITMQ:-}" ] && [ ! -x /usr/lib/rabbitmq/bin/rabbitmq-server ]; then
    missing+=(rabbitmq-server)
  fi
  # The console's build fetches what its pages load in the browser.
  command -v node >/dev/null || missing+=(nodejs)
  command -v npm >/dev/null || missing+=(npm)
  if [ ${#missing[@]} -eq 0 ]; then
    return
  fi
  if ! command -v apt-get >/dev/null; then
    fail "Missing: ${missing[*]}. This is not Debian, so please install them yourself: Node.js 18 or later with npm," \
      "the PostgreSQL server programs (15 or later, below /usr/lib/postgresql/<version>/bin) and RabbitMQ (3.10 or later, /usr/lib/rabbitmq/bin/rabbitmq-server)," \
      "or set OT_POSTGRES and OT_RABBITMQ to servers of your own (deploy/.env.example)."
  fi
  if [ "$(id -u)" -ne 0 ]; then
    fail "Missing: ${missing[*]}. Please run:" \
      "  sudo apt-get update && sudo apt-get install -y --no-install-recommends ${missing[*]}" \
      "or set OT_POSTGRES and OT_RABBITMQ to servers of your own (deploy/.env.example)."
  fi
  install_packages "${missing[@]}"
}

# The tests use npm packages, a browser and the commands of the README, and read the services' tables past them.
need_test_tools() {
  local missing=() program
  for program in node npm curl psql; do
    command -v "$program" >/dev/null || missing+=("$program")
  done
  [ -x /usr/bin/chromium ] || missing+=(chromium)
  if [ ${#missing[@]} -eq 0 ]; then
    return
  fi
  if ! command -v apt-get >/dev/null || [ "$(id -u)" -ne 0 ]; then
    fail "Missing: ${missing[*]}. Please install curl, psql, Chromium as /usr/bin/chromium, and Node.js 18 or later with npm (on Debian: sudo apt-get install -y --no-install-recommends chromium curl nodejs npm postgresql-client)."
  fi
  missing=("${missing[@]/#node/nodejs}")
  install_packages "${missing[@]/#psql/postgresql-client}"
}

# The composition is compared with an exact solver that knows nothing of it.
need_solver() {
  if command -v cbc >/dev/null; then
    return
  fi
  if ! command -v apt-get >/dev/null || [ "$(id -u)" -ne 0 ]; then
    fail "Missing: cbc, the exact solver beside which compositions are measured. Please install COIN-OR CBC (on Debian: sudo apt-get install -y --no-install-recommends coinor-cbc), or name the other benchmarks."
  fi
  install_packages coinor-cbc
}

# The packages start servers of their own and make a database cluster. Neither is wanted here, only the programs.
install_packages() {
  local policy=/usr/sbin/policy-rc.d no_cluster=/etc/postgresql-common/createcluster.d/ot-platform.conf log
  echo "Installing $* …"
  log=$(mktemp)
  passing=("$log" "$no_cluster")
  trap 'rm -f "${passing[@]}"' EXIT
  trap 'exit 130' INT
  trap 'exit 143' TERM HUP
  if [ ! -e "$policy" ]; then
    passing+=("$policy")
    printf '#!/bin/sh\nexit 101\n' >"$policy"
    chmod 755 "$policy"
  fi
  mkdir -p "${no_cluster%/*}"
  echo 'create_main_cluster = false' >"$no_cluster"
  if ! { apt-get update && DEBIAN_FRONTEND=noninteractive apt-get -o DPkg::Lock::Timeout=300 install -y --no-install-recommends "$@"; } >"$log" 2>&1; then
    tail -n 30 "$log" >&2
    fail "apt-get could not install: $*"
  fi
  rm -f "${passing[@]}"
  trap - EXIT INT TERM HUP
}

build() {
  local log
  log=$(mktemp)
  if ! dotnet build "$1" "${build_options[@]}" >"$log" 2>&1; then
    cat "$log" >&2
    rm -f "$log"
    echo "$1 does not build." >&2
    return 1
  fi
  rm -f "$log"
}

need_ot() {
  need_dotnet
  [ -f "$ot" ] || build deploy/Local/Local.csproj
}

# For the commands that start the system: a build would replace the programs of one that runs.
need_system() {
  need_dotnet
  if [ -f .run/state.json ] && [ -f "$ot" ]; then
    dotnet "$ot" idle
  fi
  need_servers
  # Even a build that finds nothing to do takes seconds.
  local built=deploy/Local/obj/system.built
  if [ ! -f "$built" ] || [ -n "$(find services contracts deploy Directory.*.props global.json -newer "$built" -print -quit)" ]; then
    build deploy/system.proj
    touch "$built"
    touch "$built"
  fi
}
