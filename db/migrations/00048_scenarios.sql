-- Days to rehearse that the team keeps under a name (docs/rehearsal.md), so that the commander can rehearse and compare them again on another evening.

-- +goose Up
create table scenarios (
	community_id int         not null,
	id           uuid        not null,
	name         text        not null,
	scenario     jsonb       not null,
	version      bigint      not null,
	created_at   timestamptz not null,
	archived_at  timestamptz,
	constraint scenarios_pkey primary key (community_id, id),
	constraint scenarios_community foreign key (community_id) references communities (community_id),
	constraint scenarios_name_length check (length(name) between 1 and 60),
	constraint scenarios_scenario_versioned check (coalesce(jsonb_typeof(scenario -> 'v') = 'number', false)),
	constraint scenarios_scenario_size check (octet_length(cast(scenario as text)) <= 100000),
	constraint scenarios_version_positive check (version > 0)
);
comment on table scenarios is 'what a rehearsal is asked; its answer is not stored';
comment on column scenarios.scenario is 'delivery.ScenarioBody; its times are times of the day';

-- +goose Down
drop table scenarios;
