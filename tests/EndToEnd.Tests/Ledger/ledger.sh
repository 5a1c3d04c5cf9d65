#!/usr/bin/env bash
# Do the books of a system at rest agree? Reads the services' raw tables with psql and the broker's queues with curl, and shares no code with
# the services: ledger.sh <endpoints.json> [<file of acknowledged ids, one a line> [<seconds for which a part was away>]]
# One line per check with how much it looked at. Each offender is named, and the exit code is 1 when there is one.
set -euo pipefail
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd -P)
[ -f "${1:-}" ] || { echo "usage: ledger.sh <endpoints.json> [<acknowledged ids> [<seconds away>]]" >&2; exit 2; }
endpoints=$(tr -d '\n' <"$1")
acknowledged=$(realpath "${2:-/dev/null}")
away=${3:-0}
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
  ask "$(text "$1" "$databases")" -c "\copy (select seq_id, id, stream_id, version, type, data, timestamp, causation_id, xmin from ot.mt_events where not is_archived order by seq_id) to '$books/$1.csv' csv"
}
read_documents() {
  ask "$(text "$1" "$databases")" -c "\copy (select '$2', id::text, ${3:-data} from ot.mt_doc_$2) to stdout csv" >>"$books/documents.csv"
}
# What a message has caused stands in one transaction with the note that it is done.
read_inbox() {
  ask "$(text "$1" "$databases")" -c "\copy (select '$1', id::text, xmin from ot.mt_doc_inboxentry) to stdout csv" >>"$books/inbox.csv"
}
read_progress() {
  ask "$(text "$1" "$databases")" -c "\copy (select '$1', name, last_seq_id from ot.mt_event_progression where name <> 'HighWaterMark') to stdout csv" >>"$books/progress.csv"
}
read_feed() {
  ask "$(text "$1" "$databases")" -c "\copy (select '$1', id, data->>'what' from ot.mt_doc_feedentry) to stdout csv" >>"$books/feed.csv"
}
# Tables that a service makes when it first needs them.
read_parked() {
  local kind
  for kind in parkedmessage faultedmessage parkedstream; do
    if [ "$(ask "$(text "$1" "$databases")" -At -c "select to_regclass('ot.mt_doc_$kind') is not null")" = t ]; then
      ask "$(text "$1" "$databases")" -c "\copy (select '$1', '$kind', id::text from ot.mt_doc_$kind) to stdout csv" >>"$books/parked.csv"
    fi
  done
}
read_queues() {
  local address credentials
  address=$(text rabbitmqManagement "$endpoints")
  credentials=$(text rabbitmq "$endpoints" | sed -nE 's#^amqps?://([^@]+)@.*$#\1#p')
  curl -fsS --max-time 15 -u "${credentials:-guest:guest}" "$address/api/queues?columns=name,messages" >"$books/queues.json"
}

for service in intake triage teamAssembly expertPool coordination; do
  database=$(text "$service" "$databases")
  [ -n "$database" ] || { echo "$1 names no database of $service." >&2; exit 2; }
done
for service in intake triage teamAssembly expertPool; do
  read_events "$service"
  read_progress "$service"
  read_inbox "$service"
done
touch "$books/parked.csv"
for service in intake triage teamAssembly expertPool coordination; do
  read_parked "$service"
done
read_feed intake
read_feed teamAssembly
read_queues
read_documents intake idempotencykey
read_documents intake requestersview
read_documents triage routingqueueentry
read_documents teamAssembly assemblyview
read_documents expertPool expertdirectoryentry
read_documents coordination journalentry "jsonb_build_object('position', data->'position', 'source', data->'source', 'streamId', data->'streamId', 'streamVersion', data->'streamVersion')"
read_documents coordination queueentry

cd "$books"
ask "$(text intake "$databases")" -At -v acknowledged="$acknowledged" -v away="$away seconds" -f "$here/ledger.sql" | tee found
! grep -q '^FAIL' found
