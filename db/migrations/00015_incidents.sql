-- One noun for trouble: what people report, what counts find and what the clock raises (docs/decisions/0040). An incident is
-- about exactly one subject. It carries the keys of its subject, so that who may see it is decided without a join. The subjects
-- whose tables come later have their columns now; the migration that adds such a table adds the foreign key.

-- +goose Up
create table incidents (
	community_id      int         not null,
	id                uuid        not null,
	number            bigint      not null,
	kind              text        not null,
	severity          text        not null,
	level             int         not null,
	state             text        not null,
	bags              int         not null,
	order_id          uuid,
	household_id      uuid,
	building_id       uuid,
	volunteer_id      uuid,
	arrival_id        uuid,
	stray_id          uuid,
	run_id            uuid,
	round_id          uuid,
	seen_building_id  uuid,
	seen_household_id uuid,
	seen_supplier_id  uuid,
	opened_at         timestamptz not null,
	opened_by_role    text        not null,
	opened_by_id      uuid,
	note              text        not null,
	rises_at          timestamptz,
	taken_at          timestamptz,
	owner_id          uuid,
	owner_level       int,
	resolved_at       timestamptz,
	resolved_by_role  text,
	resolved_by_id    uuid,
	resolution        text,
	resolution_note   text        not null,
	version           bigint      not null,
	constraint incidents_pkey primary key (community_id, id),
	constraint incidents_number_taken unique (community_id, number),
	constraint incidents_order foreign key (community_id, order_id) references orders (community_id, id),
	constraint incidents_household foreign key (community_id, household_id) references households (community_id, id),
	constraint incidents_building foreign key (community_id, building_id) references buildings (community_id, id),
	constraint incidents_volunteer foreign key (community_id, volunteer_id) references volunteers (community_id, id),
	constraint incidents_owner foreign key (community_id, owner_id) references volunteers (community_id, id),
	constraint incidents_number_positive check (number > 0),
	constraint incidents_kind_known check (kind in ('MISSING', 'SHORT', 'DAMAGED', 'STRAY', 'WRONG_PLACE', 'COUNT_DIFFERS', 'NOT_RECEIVED',
		'BAD_ADDRESS', 'LATE', 'NO_SHOW', 'UNCOVERED', 'MONEY', 'DOCUMENT_LOST', 'SAFETY', 'COMPLAINT', 'OTHER')),
	constraint incidents_severity_known check (severity in ('LOW', 'NORMAL', 'HIGH')),
	constraint incidents_level_range check (level between 1 and 3),
	constraint incidents_state_known check (state in ('OPEN', 'TAKEN', 'RESOLVED')),
	constraint incidents_bags_range check (bags between 0 and 10000),
	constraint incidents_one_subject check (
		num_nonnulls(order_id, household_id, building_id, volunteer_id, arrival_id, stray_id, run_id, round_id) = 1),
	constraint incidents_keys_of_subject check (
		(order_id is null or (seen_building_id is not null and seen_household_id is not null))
		and (household_id is null or (seen_building_id is not null and seen_household_id is not distinct from household_id))
		and (building_id is null or seen_building_id is not distinct from building_id)),
	constraint incidents_opened_by_known check (opened_by_role in ('ADMIN', 'COMMANDER', 'LEAD', 'VOLUNTEER', 'SUPPLIER', 'RESIDENT', 'SYSTEM')),
	constraint incidents_note_length check (length(note) <= 500),
	constraint incidents_rises_while_open check ((rises_at is not null) = (state <> 'RESOLVED' and level < 3)),
	constraint incidents_taken_has_owner check (
		(owner_id is null) = (taken_at is null) and (owner_id is null) = (owner_level is null)
		and (state <> 'OPEN' or owner_id is null) and (state <> 'TAKEN' or owner_id is not null)),
	constraint incidents_owner_level_range check (owner_level between 1 and 3),
	constraint incidents_resolved_together check (
		(state = 'RESOLVED') = (resolved_at is not null) and (resolved_at is null) = (resolution is null)
		and (resolved_at is null) = (resolved_by_role is null)),
	constraint incidents_resolved_by_known check (resolved_by_role in ('ADMIN', 'COMMANDER', 'LEAD', 'VOLUNTEER', 'SUPPLIER', 'RESIDENT', 'SYSTEM')),
	constraint incidents_resolution_known check (resolution in ('FOUND', 'REPLACED', 'REFUNDED', 'RETURNED', 'DISPOSED', 'ANSWERED', 'MOVED_ON',
		'WRITTEN_OFF', 'NO_FAULT')),
	constraint incidents_resolution_note_length check (length(resolution_note) <= 500),
	constraint incidents_version_positive check (version > 0)
);
comment on column incidents.level is 'who must look at it now: 1 VOLUNTEER, 2 LEAD, 3 COMMAND';
comment on column incidents.owner_level is 'the level of the member who took it, at that time';
comment on column incidents.seen_building_id is 'keys of the subject, which decide who may see the incident';

-- One open incident of a kind on a subject. The incidents of a subject are found by it as well, so it begins with the subject.
create unique index incidents_one_open on incidents (community_id,
	coalesce(order_id, household_id, building_id, volunteer_id, arrival_id, stray_id, run_id, round_id), kind) where state <> 'RESOLVED';
create index incidents_open on incidents (community_id, level, number) where state <> 'RESOLVED';
create index incidents_rising on incidents (community_id, rises_at) where rises_at is not null;
create index incidents_by_order on incidents (community_id, order_id, number) where order_id is not null;
create index incidents_of_household on incidents (community_id, seen_household_id, number) where seen_household_id is not null;
create index incidents_of_supplier on incidents (community_id, seen_supplier_id, number) where seen_supplier_id is not null;

-- +goose Down
drop table incidents;
