-- Transport runs (docs/decisions/0042): a sorted order stands either in a bin or on the cart of one open run. The rows of run_orders
-- and drops are the run's book of what it carried and where it left it. A trigger keeps the book whenever an order gets onto a cart or
-- off it, so that it is right for every move: by the verbs of transport, by advanceOrders, by an undo, and by the previous release.

-- +goose Up
alter table communities
	add column quiet_from  int,
	add column quiet_until int,
	add constraint communities_quiet_both check ((quiet_from is null) = (quiet_until is null)),
	add constraint communities_quiet_range check (quiet_from between 0 and 1439 and quiet_until between 0 and 1439 and quiet_from <> quiet_until);
comment on column communities.quiet_from is 'minutes after midnight in the community''s zone; from then until quiet_until, also past midnight, a run or a round begins only if it is confirmed';

create table runs (
	community_id int         not null,
	id           uuid        not null,
	number       bigint      not null,
	volunteer_id uuid        not null,
	capacity     int         not null,
	state        text        not null,
	started_at   timestamptz not null,
	departed_at  timestamptz,
	ended_at     timestamptz,
	version      bigint      not null,
	constraint runs_pkey primary key (community_id, id),
	constraint runs_number_taken unique (community_id, number),
	constraint runs_volunteer foreign key (community_id, volunteer_id) references volunteers (community_id, id),
	constraint runs_number_positive check (number > 0),
	constraint runs_capacity_range check (capacity between 1 and 10000),
	constraint runs_state_known check (state in ('LOADING', 'UNDERWAY', 'DONE', 'CANCELLED')),
	constraint runs_departed_when check ((departed_at is not null) = (state in ('UNDERWAY', 'DONE'))),
	constraint runs_ended_when check ((ended_at is not null) = (state in ('DONE', 'CANCELLED'))),
	constraint runs_version_positive check (version > 0)
);
create unique index runs_one_open on runs (community_id, volunteer_id) where state in ('LOADING', 'UNDERWAY');
create index runs_open on runs (community_id, number) where state in ('LOADING', 'UNDERWAY');

create table run_orders (
	community_id int  not null,
	run_id       uuid not null,
	order_id     uuid not null,
	building_id  uuid not null,
	from_bin_id  uuid not null,
	bags         int  not null,
	outcome      text,
	constraint run_orders_pkey primary key (community_id, run_id, order_id),
	constraint run_orders_run foreign key (community_id, run_id) references runs (community_id, id),
	constraint run_orders_order foreign key (community_id, order_id) references orders (community_id, id),
	constraint run_orders_bin foreign key (community_id, building_id, from_bin_id) references bins (community_id, building_id, id),
	constraint run_orders_bags_range check (bags between 1 and 200),
	constraint run_orders_outcome_known check (outcome in ('DROPPED', 'BACK_IN_BIN', 'RETURNED'))
);
create index run_orders_by_order on run_orders (community_id, order_id, run_id);
create unique index run_orders_one_open on run_orders (community_id, order_id) where outcome is null;

create table drops (
	community_id  int         not null,
	run_id        uuid        not null,
	building_id   uuid        not null,
	bags_left     int         not null,
	left_at       timestamptz not null,
	bags_accepted int,
	accepted_by   uuid,
	accepted_at   timestamptz,
	constraint drops_pkey primary key (community_id, run_id, building_id),
	constraint drops_run foreign key (community_id, run_id) references runs (community_id, id),
	constraint drops_building foreign key (community_id, building_id) references buildings (community_id, id),
	constraint drops_accepted_by foreign key (community_id, accepted_by) references volunteers (community_id, id),
	constraint drops_bags_not_negative check (bags_left >= 0 and bags_accepted >= 0),
	constraint drops_accepted_when check ((bags_accepted is null) = (accepted_at is null) and (accepted_by is null or accepted_at is not null))
);
comment on column drops.accepted_by is 'the volunteer who counted; null for an official';

alter table orders add column run_id uuid;
alter table orders add constraint orders_run foreign key (community_id, run_id) references runs (community_id, id);
create index orders_by_run on orders (community_id, run_id) where run_id is not null;
alter table orders add constraint orders_in_one_place check (
	case stage when 'SORTED' then num_nonnulls(bin_id, run_id) = 1 else num_nonnulls(bin_id, run_id) = 0 end) not valid;

alter table incidents add constraint incidents_run foreign key (community_id, run_id) references runs (community_id, id);

drop trigger orders_fill_bin on orders;
drop function fill_bin();
-- +goose StatementBegin
create function fill_place() returns trigger language plpgsql as $$
begin
	new.bin_id := case when new.stage = 'SORTED' then new.building_id end;
	new.run_id := null;
	return new;
end $$;
-- +goose StatementEnd
create trigger orders_fill_place before insert or update of stage on orders for each row
	when ((new.stage = 'SORTED') <> (num_nonnulls(new.bin_id, new.run_id) > 0)) execute function fill_place();

-- +goose StatementBegin
create function keep_run_book() returns trigger language plpgsql as $$
declare
	carried int;
begin
	if old.run_id is not null then
		update run_orders r
		   set outcome = case new.stage when 'AT_BUILDING' then 'DROPPED' when 'SORTED' then 'BACK_IN_BIN' else 'RETURNED' end
		 where r.community_id = old.community_id and r.run_id = old.run_id and r.order_id = old.id and r.outcome is null
		returning r.bags into carried;
		if new.stage = 'AT_BUILDING' then
			insert into drops as d (community_id, run_id, building_id, bags_left, left_at)
			values (new.community_id, old.run_id, new.building_id, carried, new.moved_at)
			    on conflict (community_id, run_id, building_id) do update set bags_left = d.bags_left + excluded.bags_left;
		end if;
	end if;
	if new.run_id is not null then
		if old.stage = 'AT_BUILDING' then -- a drop is taken back
			update drops d
			   set bags_left = d.bags_left - r.bags
			  from run_orders r
			 where r.community_id = new.community_id and r.run_id = new.run_id and r.order_id = new.id and r.outcome = 'DROPPED'
			   and d.community_id = r.community_id and d.run_id = r.run_id and d.building_id = r.building_id;
		end if;
		insert into run_orders as r (community_id, run_id, order_id, building_id, from_bin_id, bags)
		values (new.community_id, new.run_id, new.id, new.building_id, coalesce(old.bin_id, new.building_id),
			case when new.bags_in > 0 then new.bags_in else new.bags end)
		    on conflict (community_id, run_id, order_id) do update
		   set outcome = null, bags = excluded.bags, from_bin_id = case when old.bin_id is null then r.from_bin_id else old.bin_id end;
	end if;
	return null;
end $$;
-- +goose StatementEnd
create trigger orders_keep_run_book after update on orders for each row
	when (old.run_id is distinct from new.run_id) execute function keep_run_book();

-- +goose Down
drop trigger orders_keep_run_book on orders;
drop function keep_run_book();
drop trigger orders_fill_place on orders;
drop function fill_place();
alter table incidents drop constraint incidents_run;
alter table orders drop constraint orders_in_one_place, drop column run_id;
-- +goose StatementBegin
create function fill_bin() returns trigger language plpgsql as $$
begin
	new.bin_id := case when new.stage = 'SORTED' then new.building_id end;
	return new;
end $$;
-- +goose StatementEnd
update orders set bin_id = building_id where stage = 'SORTED' and bin_id is null;
create trigger orders_fill_bin before insert or update of stage on orders for each row
	when ((new.stage = 'SORTED') <> (new.bin_id is not null)) execute function fill_bin();
drop table drops, run_orders, runs;
alter table communities drop column quiet_from, drop column quiet_until;
