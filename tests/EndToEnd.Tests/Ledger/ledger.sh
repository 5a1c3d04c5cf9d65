#!/usr/bin/env bash
# Do the books of a system at rest agree? Reads the services' raw tables with psql and shares no code with them: ledger.sh <endpoints.json>
# One line per check with how much it looked at. Each offender is named, and the exit code is 1 when there is one.
set -euo pipefail
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd -P)
[ -f "${1:-}" ] || { echo "usage: ledger.sh <endpoints.json>" >&2; exit 2; }
endpoints=$(tr -d '\n' <"$1")
psql=$(command -v psql || compgen -G '/usr/lib/postgresql/*/bin/psql' | tail -n 1)
[ -n "$psql" ] || { echo "psql is missing (Debian: postgresql-client)." >&2; exit 2; }

text() { grep -oE "\"$1\": *\"[^\"]*\"" <<<"$2" | head -n 1 | sed -E 's/^[^:]*: *"(.*)"$/\1/'; }
server=$(text postgres "$endpoints")
databases=$(grep -oE '"databases": *\{[^}]*\}' <<<"$endpoints")
part() { tr ';' '\n' <<<"$server" | sed -nE "s/^ *$1 *= *(.*)$/\1/Ip" | head -n 1; }
PGHOST=$(part host) PGPORT=$(part port) PGUSER=$(part username) PGPASSWORD=$(part password)
export PGHOST PGPORT PGUSER PGPASSWORD PGOPTIONS='-c client_min_messages=warning'
ask() { "$psql" -X -q -v ON_ERROR_STOP=1 -d "$@"; }

books=$(mktemp -d)
trap 'rm -rf "$books"' EXIT
read_events() {
  ask "$(text "$1" "$databases")" -c "\copy (select seq_id, id, stream_id, version, type, data, timestamp from ot.mt_events where not is_archived order by seq_id) to '$books/$1.csv' csv"
}
read_documents() {
  ask "$(text "$1" "$databases")" -c "\copy (select '$2', id::text, data from ot.mt_doc_$2) to stdout csv" >>"$books/documents.csv"
}

for service in intake triage teamAssembly expertPool coordination; do
  database=$(text "$service" "$databases")
  [ -n "$database" ] || { echo "$1 names no database of $service." >&2; exit 2; }
done
for service in intake triage teamAssembly expertPool; do
  read_events "$service"
done
read_documents intake idempotencykey
read_documents intake requestersview
read_documents triage routingqueueentry
read_documents teamAssembly assemblyview
read_documents expertPool expertdirectoryentry
read_documents coordination journalentry
read_documents coordination queueentry

cd "$books"
ask "$(text intake "$databases")" -At -f "$here/ledger.sql" | tee found
! grep -q '^FAIL' found
