-- When the goods are due at each stage, and which are late (docs/decisions/0044). Each move writes when the order is due to leave the stage
-- that it comes to. The previous release knows no targets: what it writes ends the target of the order, and its incident LATE.

-- +goose Up
create table targets (
	community_id int    not null,
	stage        text   not null,
	mark         text   not null,
	minutes      int    not null,
	time_of_day  int,
	version      bigint not null,
	constraint targets_pkey primary key (community_id, stage, mark),
	constraint targets_community foreign key (community_id) references communities (community_id),
	constraint targets_stage_known check (stage in ('', 'AT_GATE', 'SORTED', 'AT_BUILDING', 'OUT_FOR_DELIVERY')),
	constraint targets_mark_known check (mark in ('', 'COLD', 'HEAVY', 'MEDICINE', 'FRAGILE')),
	constraint targets_of_something check (stage <> '' or mark <> ''),
	constraint targets_minutes_range check (minutes between 0 and 1440),
	constraint targets_time_of_day_range check (time_of_day between 0 and 1439),
	constraint targets_one_figure check (minutes = 0 or time_of_day is null),
	constraint targets_version_positive check (version > 0)
);
comment on table targets is 'what communities have set; the others have the defaults of the program';
comment on column targets.stage is 'empty: every stage that has targets';
comment on column targets.mark is 'empty: orders of any marks';
comment on column targets.minutes is '0 for a time of day, or for no target';
comment on column targets.time_of_day is 'minutes after midnight in the community''s zone';

alter table orders
	add column target_at      timestamptz,
	add column late_level     smallint not null default 0,
	add column held_since     timestamptz,
	add column target_version bigint   not null default 0,
	add constraint orders_late_range check (late_level between 0 and 3 and (late_level = 0 or target_at is not null)),
	add constraint orders_final_not_late check (late_level = 0 or stage not in ('DELIVERED', 'CANCELLED', 'RETURNED')),
	add constraint orders_target_where_due check (target_at is null or stage in ('AT_GATE', 'SORTED', 'AT_BUILDING', 'OUT_FOR_DELIVERY')),
	add constraint orders_held_since_while_held check (held_since is null or (open_holds > 0 and target_at is not null));
comment on column orders.late_level is 'of its open incident LATE; 0 while it is not late';
comment on column orders.held_since is 'since when its target stands still';
comment on column orders.target_version is 'the version of the order that target_at, late_level and held_since are of';

-- Every event of this release writes target_version beside the order's version. One of the previous release leaves it as it was.
-- +goose StatementBegin
create function drop_target() returns trigger language plpgsql as $$
begin
	new.target_at := null;
	new.held_since := null;
	if old.late_level > 0 then
		new.late_level := 0;
		-- The version stays: it counts the incident's events, and no event says this.
		update incidents i
		   set state = 'RESOLVED', resolution = 'MOVED_ON', rises_at = null, resolved_by_role = 'SYSTEM', resolved_at = greatest(i.opened_at, new.moved_at)
		 where i.community_id = new.community_id and i.order_id = new.id and i.kind = 'LATE' and i.state <> 'RESOLVED';
	end if;
	return new;
end $$;
-- +goose StatementEnd
create trigger orders_drop_target before update on orders for each row
	when (new.target_version = old.target_version and (new.version <> old.version or new.stage <> old.stage) and old.target_at is not null)
	execute function drop_target();

-- The clock looks for drops that no one has counted.
create index drops_waiting on drops (community_id, left_at) where bags_accepted is null;

-- +goose Down
drop index drops_waiting;
drop trigger orders_drop_target on orders;
drop function drop_target();
alter table orders drop column target_at, drop column late_level, drop column held_since, drop column target_version;
drop table targets;
