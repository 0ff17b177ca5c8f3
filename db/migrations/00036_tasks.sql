-- Tasks of the squads (docs/decisions/0060): one item on a squad's list, such as a visit or a patrol point. A task that met a problem names the
-- incident that it opened. A task that an enquiry caused names it, so that the enquiry causes one only.

-- +goose Up
create table tasks (
	community_id    int         not null,
	id              uuid        not null,
	number          bigint      not null,
	squad           text        not null,
	kind            text        not null,
	title           text        not null,
	place           text        not null,
	building_id     uuid,
	household_id    uuid,
	enquiry_id      uuid,
	due_at          timestamptz not null,
	volunteer_id    uuid,
	state           text        not null,
	note            text        not null,
	incident_id     uuid,
	created_at      timestamptz not null,
	created_by_role text        not null,
	created_by_id   uuid,
	ended_at        timestamptz,
	ended_by_role   text,
	ended_by_id     uuid,
	version         bigint      not null,
	constraint tasks_pkey primary key (community_id, id),
	constraint tasks_number_taken unique (community_id, number),
	constraint tasks_community foreign key (community_id) references communities (community_id),
	constraint tasks_building foreign key (community_id, building_id) references buildings (community_id, id),
	constraint tasks_household foreign key (community_id, household_id) references households (community_id, id),
	constraint tasks_volunteer foreign key (community_id, volunteer_id) references volunteers (community_id, id),
	constraint tasks_incident foreign key (community_id, incident_id) references incidents (community_id, id),
	constraint tasks_number_positive check (number > 0),
	constraint tasks_squad_known check (squad in ('PERSUASION', 'SUPPLY', 'TRANSPORT', 'DUTY', 'PATROL')),
	constraint tasks_kind_known check (kind in ('VISIT', 'PATROL', 'WATCH', 'TELL')),
	constraint tasks_title_length check (length(title) between 1 and 80),
	constraint tasks_place_length check (length(place) <= 80),
	constraint tasks_note_length check (length(note) <= 500),
	constraint tasks_household_has_building check (household_id is null or building_id is not null),
	constraint tasks_state_known check (state in ('TODO', 'DONE', 'PROBLEM', 'CANCELLED')),
	constraint tasks_over_has_end check ((state = 'TODO') = (ended_at is null) and (ended_at is null) = (ended_by_role is null)),
	constraint tasks_problem_has_incident check ((state = 'PROBLEM') = (incident_id is not null)),
	constraint tasks_ended_after_creation check (ended_at >= created_at),
	constraint tasks_created_by_known check (created_by_role in ('ADMIN', 'COMMANDER', 'LEAD', 'VOLUNTEER', 'SYSTEM')),
	constraint tasks_ended_by_known check (ended_by_role in ('ADMIN', 'COMMANDER', 'LEAD', 'VOLUNTEER')),
	constraint tasks_version_positive check (version > 0)
);
create index tasks_by_due on tasks (community_id, due_at, number);
create index tasks_to_do on tasks (community_id, squad, due_at, number) where state = 'TODO';
create unique index tasks_one_per_enquiry on tasks (community_id, enquiry_id) where enquiry_id is not null;
alter table incidents add constraint incidents_task foreign key (community_id, task_id) references tasks (community_id, id);

-- +goose Down
alter table incidents drop constraint incidents_task;
alter table tasks drop constraint tasks_incident;
delete from incidents where task_id is not null;
drop table tasks;
