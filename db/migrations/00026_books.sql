-- What a move costs (docs/decisions/0049). A bulk call kept the books of rounds and proofs row by row, in triggers, and compared each order
-- with all others of its round. Now the statement that saves the orders keeps these books itself, and says so in booked_version; the triggers are
-- for moves of the previous release, and undo. A round that the database opened stays open until its volunteer starts one or the day
-- ends, so that a move opens none in most cases and ends none.

-- Every move writes each index of orders, so those that no query needs go. The platform's numbers are unique in order_texts, in their
-- normal form. What a run carries and a round has out is in their books. The board finds what was delivered by its stage, since then. The common
-- channels are no condition that narrows a list. An event's number comes from its feed, which belongs to the community.

-- +goose Up
alter table orders add column booked_version bigint;
comment on column orders.booked_version is 'the version whose books of rounds and proofs the statement that saved it has kept; triggers keep those of other versions';

-- +goose StatementBegin
create or replace function keep_round_book() returns trigger language plpgsql as $$
begin
	if tg_op = 'UPDATE' and old.round_id is not null then
		update round_orders r
		   set outcome = case
		           when new.stage = 'DELIVERED' then 'DELIVERED'
		           when new.stage = 'RETURNED' then 'RETURNED'
		           when new.stage_since = new.moved_at then 'FAILED'
		           else 'UNDONE'
		       end
		 where r.community_id = old.community_id and r.round_id = old.round_id and r.order_id = old.id and r.outcome is null;
	end if;
	if new.round_id is not null then
		insert into round_orders (community_id, round_id, order_id, building_id, taken_version)
		values (new.community_id, new.round_id, new.id, new.building_id, new.version);
	end if;
	return null;
end $$;
-- +goose StatementEnd
drop trigger orders_keep_round_book on orders;
create trigger orders_keep_round_book after update on orders for each row
	when (old.round_id is distinct from new.round_id and new.booked_version is distinct from new.version) execute function keep_round_book();
drop trigger orders_keep_proofs on orders;
create trigger orders_keep_proofs after update on orders for each row
	when ((old.stage = 'DELIVERED') <> (new.stage = 'DELIVERED') and new.booked_version is distinct from new.version) execute function keep_proofs();

drop index orders_team_number_taken, orders_household_number_taken, orders_by_run, orders_by_round, orders_delivered, orders_by_channel;
create index orders_by_channel on orders (community_id, channel, placed_at, number) where channel in ('BUY_FOR', 'ERRAND', 'PACKAGE');
alter table events drop constraint events_community;
alter table round_orders drop constraint round_orders_order, drop constraint round_orders_round;
alter table proofs drop constraint proofs_order;
comment on table round_orders is 'what a round took; only the statement or the trigger that saves an order writes it, and it checks the round, so it has no foreign keys';
comment on table proofs is 'written only for an order that the same transaction has locked, so it has no foreign key';

-- +goose Down
comment on table proofs is null;
comment on table round_orders is null;
alter table proofs add constraint proofs_order foreign key (community_id, order_id) references orders (community_id, id);
alter table round_orders
	add constraint round_orders_round foreign key (community_id, round_id) references rounds (community_id, id),
	add constraint round_orders_order foreign key (community_id, order_id) references orders (community_id, id);
alter table events add constraint events_community foreign key (community_id) references communities (community_id);
drop index orders_by_channel;
create index orders_by_channel on orders (community_id, channel, placed_at, number);
create index orders_delivered on orders (community_id, delivered_at) where delivered_at is not null;
create index orders_by_round on orders (community_id, round_id) where round_id is not null;
create index orders_by_run on orders (community_id, run_id) where run_id is not null;
create unique index orders_team_number_taken on orders (community_id, supplier_id, external_number)
 where external_number <> '' and placed_by_role <> 'RESIDENT';
create unique index orders_household_number_taken on orders (community_id, supplier_id, household_id, external_number)
 where external_number <> '' and placed_by_role = 'RESIDENT';
drop trigger orders_keep_proofs on orders;
create trigger orders_keep_proofs after update on orders for each row
	when ((old.stage = 'DELIVERED') <> (new.stage = 'DELIVERED')) execute function keep_proofs();
drop trigger orders_keep_round_book on orders;
create trigger orders_keep_round_book after update on orders for each row
	when (old.round_id is distinct from new.round_id) execute function keep_round_book();
-- +goose StatementBegin
create or replace function keep_round_book() returns trigger language plpgsql as $$
begin
	if tg_op = 'UPDATE' and old.round_id is not null then
		update round_orders r
		   set outcome = case
		           when new.stage = 'DELIVERED' then 'DELIVERED'
		           when new.stage = 'RETURNED' then 'RETURNED'
		           when new.stage_since = new.moved_at then 'FAILED'
		           else 'UNDONE'
		       end
		 where r.community_id = old.community_id and r.round_id = old.round_id and r.order_id = old.id and r.outcome is null;
		update rounds r
		   set ended_at = greatest(r.started_at, new.moved_at), version = r.version + 1
		 where r.community_id = old.community_id and r.id = old.round_id and r.implicit and r.ended_at is null
		   and not exists (select from round_orders x where x.community_id = r.community_id and x.round_id = r.id and x.outcome is null);
	end if;
	if new.round_id is not null then
		insert into round_orders (community_id, round_id, order_id, building_id, taken_version)
		values (new.community_id, new.round_id, new.id, new.building_id, new.version);
	end if;
	return null;
end $$;
-- +goose StatementEnd
alter table orders drop column booked_version;
