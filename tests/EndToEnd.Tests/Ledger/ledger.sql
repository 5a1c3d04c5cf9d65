-- The checks of ledger.sh, on temporary copies of the services' tables. Each check lists what it looked at, and what is wrong with it.
set time zone 'UTC';
create temp table intake (seq bigint, id uuid, stream uuid, version bigint, type text, data jsonb, at timestamptz, cause text, tx text);
create temp table triage (like intake);
create temp table team (like intake);
create temp table pool (like intake);
create temp table document (kind text, id text, data jsonb);
create temp table inbox (service text, id text, tx text);
create temp table progress (service text, relay text, passed bigint);
create temp table parked (service text, kind text, id text);
create temp table feed (service text, seq bigint, what text);
create temp table acknowledged (id uuid);
create temp table looked (no int, subject text, wrong text);
create temp table checks (no int, what text);
insert into checks values
  (1, 'each acknowledged request is one consultation'),
  (2, 'each consultation has one case and each case its consultation'),
  (3, 'each stream is whole and begins once'),
  (4, 'what may happen once happened once'),
  (5, 'each decided route is followed once, and begins one assembly where it needs one'),
  (6, 'no need has two open, accepted or confirmed invitations at once'),
  (7, 'each invitation goes out once, to somebody whose hours were asked for'),
  (8, 'no expert is booked over the hours of any week'),
  (9, 'TeamAssembly and ExpertPool agree on every reservation'),
  (10, 'each route ended in a working team, an answer, an accepted referral or a gap, or lies with a coordinator'),
  (11, 'nobody could have met what is called a gap'),
  (12, 'Intake shows the requester what TeamAssembly came to'),
  (13, 'each view is at the version of its stream'),
  (14, 'the journal has every published event once, without a gap in its positions'),
  (15, 'the routing queue shows what Intake shows'),
  (16, 'what was acknowledged to those who asked is in every service'),
  (17, 'no message has had its effects twice'),
  (18, 'each relay has passed the last event of its service'),
  (19, 'no queue holds messages'),
  (20, 'no message and no stream is set aside'),
  (21, 'each feed lists every event that it is for'),
  (22, 'each message has been taken by every service that it is for');
\copy intake from 'intake.csv' csv
\copy triage from 'triage.csv' csv
\copy team from 'teamAssembly.csv' csv
\copy pool from 'expertPool.csv' csv
\copy document from 'documents.csv' csv
\copy inbox from 'inbox.csv' csv
\copy progress from 'progress.csv' csv
\copy parked from 'parked.csv' csv
\copy feed from 'feed.csv' csv
\set copy '\\copy acknowledged from ' :'acknowledged'
:copy
\set queues `cat queues.json`
create index on intake (stream, type);
create index on triage (stream, type);
create index on team (stream, type);
create index on pool (stream, type);
create index on pool ((data->>'reservationId'));
create index on document (kind, id);
analyze;

create temp view every_event as
select 'intake' as service, * from intake union all select 'triage', * from triage union all select 'teamAssembly', * from team union all select 'expertPool', * from pool;

-- 1, 2: lost nothing, opened once
insert into looked
select 1, 'consultation ' || (k.data->>'consultationId'),
  case when count(s.seq) <> 1 then 'submitted ' || count(s.seq) || ' times' end
from document k left join intake s on s.stream = (k.data->>'consultationId')::uuid and s.type = 'consultation_submitted'
where k.kind = 'idempotencykey' group by k.id, k.data->>'consultationId'
union all
select 1, 'consultation ' || s.stream,
  case when count(k.id) <> 1 then 'acknowledged ' || count(k.id) || ' times' end
from intake s left join document k on k.kind = 'idempotencykey' and k.data->>'consultationId' = s.stream::text
where s.type = 'consultation_submitted' group by s.seq, s.stream;

insert into looked
select 2, 'consultation ' || coalesce(c.stream, o.stream),
  case when c.times is null then 'has a case, but was never submitted' when coalesce(o.times, 0) <> 1 then 'has ' || coalesce(o.times, 0) || ' openings of a case' end
from (select stream, count(*) as times from intake where type = 'consultation_submitted' group by stream) c
full join (select stream, count(*) as times from triage where type = 'case_opened' group by stream) o on o.stream = c.stream;

-- 3, 4: no event is missing, none is doubled
insert into looked
select 3, service || ' ' || stream,
  case when min(version) <> 1 or max(version) <> count(*) or count(distinct version) <> count(*) then 'versions ' || min(version) || ' to ' || max(version) || ', but ' || count(*) || ' events' end
from every_event group by service, stream;

create temp table once (service text, type text, key text);
insert into once values
  ('intake', 'consultation_submitted', ''), ('intake', 'immediate_danger_reported', ''), ('intake', 'triage_took_over', ''), ('intake', 'consultation_withdrawn', ''),
  ('intake', 'route_followed', 'decidedAt'), ('intake', 'route_learned', 'decidedAt'), ('intake', 'information_added', 'addedAt'), ('intake', 'expert_admitted', 'invitationId'),
  ('intake', 'consultation_arranged', 'routeDecidedAt'), ('intake', 'team_started', 'routeDecidedAt'), ('intake', 'consultation_answered', 'routeDecidedAt'), ('intake', 'team_ended', 'routeDecidedAt'),
  ('intake', 'referral_accepted', 'acceptedAt'), ('intake', 'referral_proposed', 'proposedAt'), ('intake', 'referral_returned', 'returnedAt'),
  ('triage', 'case_opened', ''), ('triage', 'case_closed', ''), ('triage', 'phenomenon_signalled', ''), ('triage', 'service_gap_recorded', ''),
  ('triage', 'route_decided', 'decidedAt'), ('triage', 'information_received', 'addedAt'), ('triage', 'case_reopened', 'objectedAt'), ('triage', 'referral_proposed', 'proposedAt'),
  ('teamAssembly', 'assembly_started', 'routeDecidedAt'), ('teamAssembly', 'team_composed', 'round'), ('teamAssembly', 'capacity_requested', 'invitationId'), ('teamAssembly', 'capacity_held', 'invitationId'),
  ('teamAssembly', 'capacity_withheld', 'invitationId'), ('teamAssembly', 'expert_invited', 'invitationId'), ('teamAssembly', 'invitation_accepted', 'invitationId'),
  ('teamAssembly', 'confirmation_requested', 'invitationId'), ('teamAssembly', 'invitation_declined', 'invitationId'), ('teamAssembly', 'invitation_expired', 'invitationId'),
  ('teamAssembly', 'hours_confirmed', 'invitationId'), ('teamAssembly', 'team_activated', 'routeDecidedAt'), ('teamAssembly', 'consultation_arranged', 'routeDecidedAt'),
  ('teamAssembly', 'consultation_answered', 'routeDecidedAt'), ('teamAssembly', 'team_disbanded', 'routeDecidedAt'),
  ('expertPool', 'capacity_reserved', 'reservationId'), ('expertPool', 'capacity_confirmed', 'reservationId'), ('expertPool', 'capacity_lapsed', 'reservationId');
insert into looked
select 4, e.service || ' ' || e.type || ' of ' || e.stream || coalesce(' (' || (e.data->>o.key) || ')', ''),
  case when count(*) > 1 then 'happened ' || count(*) || ' times' end
from every_event e join once o on o.service = e.service and o.type = e.type group by e.service, e.type, e.stream, e.data->>o.key, o.key;

-- 5: Triage's word arrived, once
create temp view withdrawn as select stream from intake where type = 'consultation_withdrawn';
create temp view decided as
select stream, version, data->>'route' as route, (data->>'decidedAt')::timestamptz as decided_at, version = max(version) over (partition by stream) as latest,
  data->>'route' in ('BasicSupportGuidance', 'ExpertConsultation', 'HybridTeam', 'StandingTeam') as carried
from triage where type = 'route_decided';
insert into looked
select 5, 'case ' || d.stream || ' (' || d.route || ')',
  case when w.stream is not null then null
    when f.times <> 1 then 'followed ' || f.times || ' times by Intake'
    when a.times <> case when d.carried then 1 else 0 end then 'began ' || a.times || ' assemblies' end
from decided d left join withdrawn w on w.stream = d.stream
cross join lateral (select count(*) as times from intake i where i.stream = d.stream and i.type in ('route_followed', 'route_learned') and (i.data->>'decidedAt')::timestamptz = d.decided_at) f
cross join lateral (select count(*) as times from team t where t.stream = d.stream and t.type = 'assembly_started' and (t.data->>'routeDecidedAt')::timestamptz = d.decided_at) a
where d.latest;
insert into looked
select 5, 'assembly ' || t.stream,
  case when not exists (select from decided d where d.stream = t.stream and d.decided_at = (t.data->>'routeDecidedAt')::timestamptz) then 'began for a route that nobody decided' end
from team t where t.type = 'assembly_started';

-- 6, 7: invitations
create temp table asked as
select r.stream, (r.data->>'invitationId')::uuid as id, (r.data->>'expertId')::uuid as expert, (r.data->>'round')::int as round, r.data->'needs' as needs, r.version as since,
  (select min(e.version) from team e where e.stream = r.stream and e.data->>'invitationId' = r.data->>'invitationId' and e.version > r.version
    and (e.type in ('capacity_withheld', 'invitation_declined', 'invitation_expired') or (e.type = 'capacity_given_back' and e.data->>'fromWeek' is null))) as until,
  (select max(s.version) from team s where s.stream = r.stream and s.type = 'assembly_started' and s.version <= r.version) as attempt
from team r where r.type = 'capacity_requested';
create index on asked (id);
create index on asked (stream);
create temp table invited as
select i.seq, i.stream, (i.data->>'invitationId')::uuid as id, (i.data->>'expertId')::uuid as expert, i.version as since, n.need
from team i cross join lateral jsonb_array_elements_text(i.data->'needs') n(need) where i.type = 'expert_invited';
insert into looked
select 6, 'assembly ' || i.stream || ', ' || i.need,
  (select 'invitations ' || i.id || ' and ' || min(o.id::text) || ' at version ' || i.since from invited o left join asked p on p.id = o.id and p.stream = o.stream
   where o.stream = i.stream and o.need = i.need and o.seq <> i.seq and o.since <= i.since and coalesce(p.until, 1000000) > i.since
   having count(*) > 0)
from invited i;
insert into looked
select 7, 'invitation ' || i.id,
  case when count(distinct i.seq) > 1 then 'sent ' || count(distinct i.seq) || ' times'
    when count(a.id) = 0 then 'without hours asked for'
    when bool_or(a.expert <> i.expert) then 'sent to another expert than the one whose hours were asked for' end
from invited i left join asked a on a.id = i.id and a.stream = i.stream group by i.id;
insert into looked
select 7, 'expert ' || expert || ', assembly ' || stream || ', round ' || round,
  case when count(*) > 1 then 'asked ' || count(*) || ' times in one round' end
from asked group by stream, expert, round;
insert into looked
select 7, 'invitation ' || a.id,
  case when exists (select from team n where n.stream = a.stream and n.data->>'expertId' = a.expert::text and n.type in ('invitation_declined', 'invitation_expired') and n.version between a.attempt and a.since
    and not exists (select from team h where h.stream = a.stream and h.type = 'expert_chosen_by_hand' and h.data->>'expertId' = a.expert::text and h.version between n.version and a.since))
  then 'asks somebody who has said no, or nothing, in this matter' end
from asked a;

-- 8: hours, from the pool's own events
create temp table held as
select r.stream as expert, (r.data->>'reservationId')::uuid as id, (r.data->>'assemblyId')::uuid as assembly, (w->>'monday')::date as monday, (w->>'hours')::numeric as hours,
  r.version as since, (r.data->>'reservedAt')::timestamptz as since_at, e.version as until, e.at as until_at
from pool r cross join lateral jsonb_array_elements(r.data->'weeks') w
left join lateral (
  select e.version, e.at from pool e where e.stream = r.stream and e.data->>'reservationId' = r.data->>'reservationId' and e.version > r.version
    and (e.type in ('capacity_refused', 'capacity_lapsed') or (e.type = 'capacity_released' and (e.data->>'fromWeek' is null or (e.data->>'fromWeek')::date <= (w->>'monday')::date)))
  order by e.version limit 1) e on true
where r.type = 'capacity_reserved';
create index on held (expert, monday);
create index on held (id);
create temp view weekly as
select stream as expert, version as since, (case type when 'expert_registered' then data->'facts'->>'weeklyHours' else data->>'weeklyHours' end)::numeric as hours
from pool where type in ('expert_registered', 'availability_set');
insert into looked
select 8, 'expert ' || h.expert || ', week of ' || h.monday,
  case when h.booked > h.weekly then h.booked || ' hours of ' || h.weekly || ' with reservation ' || h.id end
from (
  select n.expert, n.monday, n.id, coalesce((select w.hours from weekly w where w.expert = n.expert and w.since < n.since order by w.since desc limit 1), 0) as weekly,
    (select sum(o.hours) from held o where o.expert = n.expert and o.monday = n.monday and o.since <= n.since and (o.until is null or o.until > n.since)) as booked
  from held n) h;
insert into looked
select 8, 'reservation ' || min(data->>'reservationId'),
  case when exists (select from pool r where r.stream = p.stream and r.type = 'capacity_reserved' and r.data->>'reservationId' = p.data->>'reservationId' and r.version < p.version) then null else 'confirmed, but never held' end
from pool p where type = 'capacity_confirmed' group by seq, stream, version, data;

-- 9: two books of the same hours
create temp table answer as
select (data->>'reservationId')::uuid as id, bool_or(type = 'capacity_reserved') as reserved, count(*) filter (where type = 'capacity_confirmed') as confirmed, bool_or(type = 'capacity_lapsed') as lapsed,
  bool_or(type = 'capacity_refused') as refused, bool_or(type = 'capacity_released') as released
from pool where type like 'capacity_%' group by 1;
create index on answer (id);
create temp table word as
select a.*, exists (select from team e where e.stream = a.stream and e.data->>'invitationId' = a.id::text and e.type = 'hours_confirmed') as confirmed,
  exists (select from team e where e.stream = a.stream and e.data->>'invitationId' = a.id::text and e.type = 'invitation_accepted') as accepted,
  exists (select from held h where h.id = a.id and h.until is null) as holds,
  (select s.type from team s where s.stream = a.stream and s.type in ('assembly_started', 'team_activated', 'consultation_arranged', 'consultation_answered', 'team_disbanded', 'assembly_cancelled', 'service_gap_found', 'assembly_handed_to_coordinator')
   order by s.version desc limit 1) as came_to
from asked a;
insert into looked
select 9, 'reservation ' || w.id || ' of assembly ' || w.stream,
  case when p.id is null then 'was asked for, but has no answer'
    when w.confirmed and p.confirmed <> 1 then 'is confirmed for the team, but confirmed ' || p.confirmed || ' times in the pool'
    when w.confirmed and w.until is null and w.came_to = 'team_activated' and not w.holds then 'belongs to a working team, but its hours are not held'
    when w.confirmed and w.until is null and w.came_to in ('team_activated', 'consultation_arranged') and (p.lapsed or p.refused) then 'is confirmed, but lapsed or refused in the pool'
    when not w.confirmed and w.until is null and w.came_to in ('team_activated', 'consultation_arranged') then 'belongs to a team that works, but is not confirmed'
    when w.accepted and w.until is null and p.confirmed = 0 then 'was accepted and not given back, but never confirmed'
    when w.until is not null and w.holds then 'was given back, but is held' end
from word w left join answer p on p.id = w.id;
insert into looked
select 9, 'reservation ' || p.id, case when not exists (select from asked a where a.id = p.id) then 'is in the pool, but nobody asked for it' end
from answer p;

-- 10: every route has an end
create temp view ended as
select d.stream, d.route, (select string_agg(distinct t.type, ' ') from team t where t.stream = d.stream and (t.data->>'routeDecidedAt')::timestamptz = d.decided_at
    and t.type in ('team_activated', 'service_gap_found', 'consultation_answered')) as came_to,
  exists (select from triage r where r.stream = d.stream and r.type = 'referral_accepted' and r.version > d.version) as referred,
  exists (select from document v where v.kind = 'assemblyview' and v.id = d.stream::text and v.data->>'status' = 'WithCoordinator')
    and exists (select from intake i where i.stream = d.stream and i.type = 'handed_to_coordinator') as handed
from decided d where d.latest and not exists (select from withdrawn w where w.stream = d.stream);
insert into looked
select 10, 'case ' || stream || ' (' || route || ')',
  case when handed then null
    when route in ('HybridTeam', 'StandingTeam') and coalesce(came_to, '') !~ 'team_activated|service_gap_found' then 'came to no team and to no gap'
    when route in ('ExpertConsultation', 'BasicSupportGuidance') and coalesce(came_to, '') !~ 'consultation_answered|service_gap_found' then 'came to no answer and to no gap'
    when route = 'SpecialLevel' and not referred then 'came to no accepted referral' end
from ended;

-- 11: a gap is one; who certainly could have been asked is looked for in the pool's events before it
create temp table gap as
select g.stream, g.seq, (g.data->>'foundAt')::timestamptz as found_at, s.version as attempt, g.version, s.data as matter, c.data as composed, (c.data->>'firstWeek')::date as first_week, n.need
from team g
join lateral (select s.version, s.data from team s where s.stream = g.stream and s.type = 'assembly_started' and s.version < g.version order by s.version desc limit 1) s on true
join lateral (select c.data from team c where c.stream = g.stream and c.type = 'team_composed' and c.version < g.version order by c.version desc limit 1) c on true
cross join lateral jsonb_array_elements(s.data->'needs') n(need)
where g.type = 'service_gap_found' and g.data->'unmetNeeds' ? ((n.need->>'kind') || ':' || (n.need->>'code'));
create temp table given as
select c.stream, c.seq, (m->>'expertId')::uuid as expert, (n->>'weeklyHours')::numeric as hours,
  case when (n->>'once')::boolean then (k->>'week')::date else (c.data->>'firstWeek')::date + 7 * week end as monday
from team c cross join lateral jsonb_array_elements(c.data->'team'->'members') m cross join lateral jsonb_array_elements(m->'needs') k
join lateral (select s.data from team s where s.stream = c.stream and s.type = 'assembly_started' and s.version < c.version order by s.version desc limit 1) s on true
join lateral jsonb_array_elements(s.data->'needs') n on (n->>'kind') || ':' || (n->>'code') = k->>'need'
cross join lateral generate_series(0, case when (n->>'once')::boolean then 0 else (n->>'weeks')::int - 1 end) week
where c.type = 'team_composed';
create index on given (stream, expert, monday);
create index on gap (seq);
analyze;
create temp view could as
select g.stream, g.seq, g.need, f.stream as expert
from gap g
join lateral (
  select distinct on (p.stream) p.stream, p.data->'facts' as facts,
    coalesce((select a.data from pool a where a.stream = p.stream and a.type = 'availability_set' and a.version > p.version and a.at <= g.found_at order by a.version desc limit 1), p.data->'facts') as available,
    coalesce((select a.data->'agreement' from pool a where a.stream = p.stream and a.type = 'agreement_recorded' and a.version > p.version and a.at <= g.found_at order by a.version desc limit 1), p.data->'facts'->'agreement') as agreement,
    coalesce((select (a.data->>'consents')::boolean from pool a where a.stream = p.stream and a.type = 'employer_consent_recorded' and a.version > p.version and a.at <= g.found_at order by a.version desc limit 1), (p.data->'facts'->>'employerConsents')::boolean) as consents,
    exists (select from pool a where a.stream = p.stream and a.type = 'expert_suspended' and a.version > p.version and a.at <= g.found_at) as suspended
  from pool p where p.type = 'expert_registered' and p.at < g.found_at - interval '10 seconds' - interval :'away' order by p.stream, p.version desc) f on true
where not f.suspended and f.consents
  and case g.need->>'kind' when 'topic' then f.facts->'topics' ? (g.need->>'code') else f.facts->>'sector' = g.need->>'code' end
  and (f.available->'languages' ? (g.need->>'language') or (g.need->>'language' = 'se' and f.available->'languages' ? 'fi'))
  and (g.need->>'channel' is null or f.available->'channels' ? (g.need->>'channel'))
  and f.facts->>'unitId' is distinct from g.matter->'matter'->>'requestingUnitId'
  and (f.agreement->>'from')::date <= g.first_week
  and (f.agreement->>'until' is null or (f.agreement->>'until')::date >= g.first_week + 7 * (select max((n->>'weeks')::int) from jsonb_array_elements(g.matter->'needs') n) - 1)
  and not exists (select from team o where o.stream = g.stream and o.data->>'expertId' = f.stream::text and o.type in ('invitation_declined', 'invitation_expired') and o.version between g.attempt and g.version)
  and not exists (select from team o join asked a on a.stream = o.stream and a.id::text = o.data->>'invitationId' where o.stream = g.stream and o.type = 'capacity_withheld' and a.expert = f.stream and o.version between g.attempt and g.version)
  and jsonb_array_length(g.composed->'team'->'members') < 6
  and (select case when (g.need->>'once')::boolean then max(free) else min(free) end from (
      select (f.available->>'weeklyHours')::numeric
        - coalesce((select sum(h.hours) from held h where h.expert = f.stream and h.monday = g.first_week + 7 * week and h.assembly <> g.stream and h.since_at <= g.found_at
            and (h.until_at is null or h.until_at > g.found_at - interval '10 seconds' - interval :'away')), 0)
        - coalesce((select sum(v.hours) from given v where v.stream = g.stream and v.expert = f.stream and v.monday = g.first_week + 7 * week
            and v.seq = (select max(c.seq) from team c where c.stream = g.stream and c.type = 'team_composed' and c.version < g.version)), 0) as free
      from generate_series(0, (g.need->>'weeks')::int - 1) week) weeks) >= (g.need->>'weeklyHours')::numeric;
insert into looked
select 11, 'assembly ' || g.stream || ', ' || (g.need->>'kind') || ':' || (g.need->>'code'),
  (select 'expert ' || min(c.expert::text) || ' could' from could c where c.seq = g.seq and c.need = g.need having count(*) > 0)
from gap g;

-- 12, 13: what is shown is what happened
insert into looked
select 12, 'consultation ' || a.id,
  case when v.id is null then 'is unknown to Intake'
    when v.data->>'status' in ('Withdrawn', 'Closed') then null
    when exists (select from intake o where o.stream::text = a.id and o.type in ('answer_objected', 'triage_awaited', 'triage_resumed') and o.version >
      coalesce((select max(f.version) from intake f where f.stream::text = a.id and f.type = 'route_followed'), 0)) then null
    when v.data->>'status' is distinct from case
      when a.data->>'status' = 'Working' then 'TeamWorking' when a.data->>'status' = 'Arranged' then 'ConsultationArranged'
      when a.data->>'status' in ('Answered', 'Disbanded') then 'Answered' when a.data->>'status' = 'Gap' then 'GapBeingSolved'
      when a.data->>'route' in ('HybridTeam', 'StandingTeam') then 'TeamBeingAssembled' else 'InTriage' end
    then 'is ' || (a.data->>'status') || ' in TeamAssembly and ' || (v.data->>'status') || ' in Intake'
    when a.data->>'status' = 'Working' and (select string_agg(m->>'expertId', ' ' order by m->>'expertId') from jsonb_array_elements(a.data->'members') m)
      is distinct from (select string_agg(m->>'expertId', ' ' order by m->>'expertId') from jsonb_array_elements(v.data->'team'->'members') m) then 'has other members in TeamAssembly than in Intake' end
from document a left join document v on v.kind = 'requestersview' and v.id = a.id where a.kind = 'assemblyview' and a.data->>'status' <> 'Cancelled';

insert into looked
select 13, d.kind || ' ' || d.id,
  case when e.version is null then 'has no stream' when (d.data->>'version')::bigint <> e.version then 'is at ' || (d.data->>'version') || ', its stream at ' || e.version end
from document d left join (select service, stream, max(version) as version from every_event group by service, stream) e
  on e.stream::text = d.id and e.service = case d.kind when 'requestersview' then 'intake' when 'routingqueueentry' then 'triage' when 'assemblyview' then 'teamAssembly' else 'expertPool' end
where d.kind in ('requestersview', 'routingqueueentry', 'assemblyview', 'expertdirectoryentry');

-- 14, 15: Coordination's journal; an entry has the id of the event that it tells of
create temp table published (service text, type text);
insert into published values
  ('intake', 'consultation_submitted'), ('intake', 'information_added'), ('intake', 'consultation_withdrawn'), ('intake', 'immediate_danger_reported'), ('intake', 'answer_objected'),
  ('triage', 'case_opened'), ('triage', 'case_assessed'), ('triage', 'information_requested'), ('triage', 'route_decided'), ('triage', 'referral_proposed'), ('triage', 'referral_accepted'),
  ('triage', 'referral_returned'), ('triage', 'confirmation_awaited'),
  ('teamAssembly', 'assembly_started'), ('teamAssembly', 'team_composed'), ('teamAssembly', 'expert_invited'), ('teamAssembly', 'invitation_accepted'), ('teamAssembly', 'invitation_declined'),
  ('teamAssembly', 'invitation_expired'), ('teamAssembly', 'consultation_arranged'), ('teamAssembly', 'team_activated'), ('teamAssembly', 'consultation_answered'), ('teamAssembly', 'service_gap_found'),
  ('teamAssembly', 'assembly_handed_to_coordinator'), ('teamAssembly', 'team_disbanded'), ('teamAssembly', 'assembly_cancelled'),
  ('expertPool', 'expert_registered'), ('expertPool', 'availability_set'), ('expertPool', 'agreement_recorded'), ('expertPool', 'employer_consent_recorded'), ('expertPool', 'expert_suspended'),
  ('expertPool', 'capacity_reserved'), ('expertPool', 'capacity_refused'), ('expertPool', 'capacity_confirmed'), ('expertPool', 'capacity_released'), ('expertPool', 'capacity_lapsed');
insert into looked
select 14, e.service || ' ' || e.type || ' of ' || e.stream, case when count(j.id) <> 1 then 'is in the journal ' || count(j.id) || ' times' end
from every_event e join published p on p.service = e.service and p.type = e.type left join document j on j.kind = 'journalentry' and j.id = e.id::text
group by e.service, e.type, e.stream, e.id;
insert into looked
select 14, 'entry ' || j.id, case when (j.data->>'position')::bigint <> row_number() over (order by (j.data->>'position')::bigint) then 'is at position ' || (j.data->>'position')
  when e.id is null then 'tells of an event that no service has' end
from document j left join every_event e on e.id::text = j.id where j.kind = 'journalentry';
insert into looked
select 14, 'entry ' || min(id), case when count(*) > 1 then 'and ' || count(*) - 1 || ' more tell of version ' || (data->>'streamVersion') || ' of ' || (data->>'streamId') end
from document where kind = 'journalentry' group by data->>'source', data->>'streamId', data->>'streamVersion';
insert into looked
select 15, 'consultation ' || v.id,
  case when q.id is null then 'is in no queue' when q.data->>'status' <> v.data->>'status' then 'is ' || (q.data->>'status') || ' in the queue and ' || (v.data->>'status') || ' in Intake' end
from document v left join document q on q.kind = 'queueentry' and q.id = v.id where v.kind = 'requestersview';

-- 16: the list of those who asked, not Intake's own word
insert into looked
select 16, 'consultation ' || a.id,
  case when count(*) filter (where e.service = 'intake' and e.type = 'consultation_submitted') <> 1 then 'is not in Intake'
    when count(*) filter (where e.service = 'triage' and e.type = 'case_opened') <> 1 then 'is not in Triage'
    when count(*) filter (where e.service = 'intake' and e.type in ('triage_took_over', 'route_followed', 'route_learned')) = 0 then 'is in Triage, and Intake does not know'
    when not exists (select from document q where q.kind = 'queueentry' and q.id = a.id::text) then 'is not in Coordination' end
from acknowledged a left join every_event e on e.stream = a.id group by a.id;

-- 17: what a message from another service has caused stands in the transaction of the note that it is done
create temp table message as select service, id::text as id from every_event;
create index on message (id);
analyze message;
create temp table caused as
select e.service, e.type, e.stream, e.cause, e.tx from every_event e join message m on m.id = e.cause and m.service <> e.service;
create index on inbox (service, tx);
insert into looked
select 17, c.service || ' ' || c.type || ' of ' || c.stream || ', message ' || c.cause,
  case when not exists (select from inbox i where i.service = c.service and i.tx = c.tx and i.id like '%:' || replace(c.cause, '-', '')) then 'is not in the transaction of the note that the message is done' end
from caused c;

-- 18 to 20: nothing is on its way
insert into looked
select 18, p.service || ' ' || p.relay, case when p.passed < e.last then 'is at ' || p.passed || ' of ' || e.last end
from progress p join (select service, max(seq) as last from every_event group by service) e on e.service = p.service;
insert into looked
select 19, 'queue ' || (q->>'name'), case when (q->>'messages')::bigint <> 0 then 'holds ' || (q->>'messages') end
from jsonb_array_elements(:'queues'::jsonb) q;
insert into looked
select 20, s.service || ' ' || coalesce(p.kind || ' ' || p.id, ''), case when p.id is not null then 'waits' end
from unnest(array['intake', 'triage', 'teamAssembly', 'expertPool', 'coordination']) s(service) left join parked p on p.service = s.service;

-- 21: whoever watches a service learns of everything; a feed shows each event at its place in the store
create temp table listed (service text, type text);
insert into listed values
  ('intake', 'consultation_submitted'), ('intake', 'triage_took_over'), ('intake', 'information_asked'), ('intake', 'team_started'), ('intake', 'consultation_answered'), ('intake', 'service_gap_found'),
  ('teamAssembly', 'assembly_started'), ('teamAssembly', 'team_composed'), ('teamAssembly', 'expert_invited'), ('teamAssembly', 'invitation_accepted'), ('teamAssembly', 'invitation_declined'),
  ('teamAssembly', 'invitation_expired'), ('teamAssembly', 'consultation_arranged'), ('teamAssembly', 'team_activated'), ('teamAssembly', 'consultation_answered'), ('teamAssembly', 'service_gap_found'),
  ('teamAssembly', 'assembly_handed_to_coordinator'), ('teamAssembly', 'team_disbanded'), ('teamAssembly', 'assembly_cancelled');
create index on feed (service, seq);
insert into looked
select 21, e.service || ' ' || e.type || ' of ' || e.stream || ' at ' || e.seq,
  case when f.seq is null then 'is not in the feed' when replace(e.type, '_', '') <> lower(f.what) then 'is ' || f.what || ' in the feed' end
from every_event e join listed l on l.service = e.service and l.type = e.type left join feed f on f.service = e.service and f.seq = e.seq;

-- 22: nothing was lost on its way, also where nothing has come of it
create temp table meant (service text, type text, taker text);
insert into meant values
  ('intake', 'consultation_submitted', 'triage'), ('intake', 'immediate_danger_reported', 'triage'), ('intake', 'information_added', 'triage'), ('intake', 'consultation_withdrawn', 'triage'),
  ('intake', 'consultation_withdrawn', 'teamAssembly'), ('triage', 'case_opened', 'intake'), ('triage', 'information_requested', 'intake'), ('triage', 'route_decided', 'intake'),
  ('triage', 'route_decided', 'teamAssembly'), ('triage', 'referral_accepted', 'intake'), ('teamAssembly', 'capacity_requested', 'expertPool'), ('teamAssembly', 'confirmation_requested', 'expertPool'),
  ('teamAssembly', 'capacity_given_back', 'expertPool'), ('teamAssembly', 'team_activated', 'intake'), ('teamAssembly', 'consultation_arranged', 'intake'), ('teamAssembly', 'consultation_answered', 'intake'),
  ('teamAssembly', 'service_gap_found', 'intake'), ('teamAssembly', 'service_gap_found', 'triage'), ('teamAssembly', 'assembly_handed_to_coordinator', 'intake'),
  ('expertPool', 'capacity_reserved', 'teamAssembly'), ('expertPool', 'capacity_refused', 'teamAssembly'), ('expertPool', 'capacity_confirmed', 'teamAssembly'), ('expertPool', 'capacity_lapsed', 'teamAssembly');
create temp table taken as select distinct service, split_part(id, ':', 2) as message from inbox;
create index on taken (service, message);
analyze taken;
insert into looked
select 22, m.service || ' ' || m.type || ' of ' || e.stream || ' for ' || m.taker,
  case when t.message is null then 'was not taken' end
from every_event e join meant m on m.service = e.service and m.type = e.type left join taken t on t.service = m.taker and t.message = replace(e.id::text, '-', '');

select case when count(l.wrong) = 0 then 'ok    ' else 'FAIL  ' end || c.what || ': ' || count(l.no) || ' looked at' || case when count(l.wrong) = 0 then '' else ', ' || count(l.wrong) || ' wrong' end
  || coalesce(E'\n' || string_agg('        ' || l.subject || ': ' || l.wrong, E'\n' order by l.subject) filter (where l.wrong is not null), '')
from checks c left join looked l on l.no = c.no group by c.no, c.what order by c.no;
