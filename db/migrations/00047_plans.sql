-- The plan of each day, and where the day stands against it (docs/decisions/0068). A plan is a rehearsal that is stored before the day begins, so that what
-- happens can be compared with what was expected. It is not changed after that; only the columns of the present are.

-- +goose Up
create table plans (
	community_id   int              not null,
	day            date             not null,
	starts_at      timestamptz      not null,
	ends_at        timestamptz      not null,
	by_hand        boolean          not null,
	scenario       jsonb            not null,
	orders         int              not null,
	all_by         timestamptz      not null,
	clear_median   timestamptz,
	clear_p95      timestamptz,
	chance         double precision not null,
	trucks         jsonb            not null,
	band           jsonb            not null,
	steps          jsonb            not null,
	made_at        timestamptz      not null,
	now_at         timestamptz,
	clear_now      timestamptz,
	clear_now_p95  timestamptz,
	behind         int,
	measured       jsonb            not null,
	measured_until timestamptz,
	constraint plans_pkey primary key (community_id, day),
	constraint plans_community foreign key (community_id) references communities (community_id),
	constraint plans_day_ends_later check (ends_at > starts_at),
	constraint plans_orders_positive check (orders > 0),
	constraint plans_chance_range check (chance between 0 and 1),
	constraint plans_scenario_versioned check (coalesce(jsonb_typeof(scenario -> 'v') = 'number', false)),
	constraint plans_lists check (jsonb_typeof(trucks) = 'array' and jsonb_typeof(band) = 'array' and jsonb_typeof(steps) = 'array' and jsonb_typeof(measured) = 'array'),
	constraint plans_present_when check (now_at is not null or (clear_now is null and clear_now_p95 is null and behind is null))
);
comment on table plans is 'the rehearsal of each day that was stored before it began, and where the day stands against it';
comment on column plans.scenario is 'what a person gave, with the ids of buildings; no text of people';
comment on column plans.trucks is 'when each truck is due, in seconds of the day, and what it brings';
comment on column plans.band is 'every ten minutes: the minute of the day, and how many orders are delivered by it in the tenth, the median and the ninetieth percentile';
comment on column plans.steps is 'the times that the plan uses';
comment on column plans.measured is 'the times that were measured on the day, until measured_until';
comment on column plans.now_at is 'when the rest of the day was rehearsed last';

-- +goose Down
drop table plans;
