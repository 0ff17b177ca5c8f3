-- Door rounds and proofs (docs/decisions/0043): an order that is out for delivery is in exactly one open round, and a delivered order has
-- a proof that the move which delivered it made. Triggers keep the book of rounds and write the proof that a move by itself gives, so
-- that both are right for every move, also of the previous release.

-- +goose Up
alter table communities add column door_secret uuid not null default gen_random_uuid();
comment on column communities.door_secret is 'from which the four-digit codes of orders are derived; never shown';

create table rounds (
	community_id int         not null,
	id           uuid        not null,
	number       bigint      not null,
	volunteer_id uuid,
	implicit     boolean     not null,
	started_at   timestamptz not null,
	ended_at     timestamptz,
	version      bigint      not null,
	constraint rounds_pkey primary key (community_id, id),
	constraint rounds_number_taken unique (community_id, number),
	constraint rounds_community foreign key (community_id) references communities (community_id),
	constraint rounds_volunteer foreign key (community_id, volunteer_id) references volunteers (community_id, id),
	constraint rounds_number_positive check (number > 0),
	constraint rounds_ended_after_start check (ended_at >= started_at),
	constraint rounds_explicit_has_volunteer check (implicit or volunteer_id is not null),
	constraint rounds_version_positive check (version > 0)
);
comment on column rounds.volunteer_id is 'null for moves by an official where no volunteer holds the order';
comment on column rounds.implicit is 'opened by a move that named no round; it ends with its last order';
create unique index rounds_one_open on rounds (community_id, coalesce(volunteer_id, '00000000-0000-0000-0000-000000000000')) where ended_at is null;

create table round_orders (
	community_id  int    not null,
	round_id      uuid   not null,
	order_id      uuid   not null,
	building_id   uuid   not null,
	taken_version bigint not null,
	outcome       text,
	constraint round_orders_pkey primary key (community_id, round_id, order_id, taken_version),
	constraint round_orders_round foreign key (community_id, round_id) references rounds (community_id, id),
	constraint round_orders_order foreign key (community_id, order_id) references orders (community_id, id),
	constraint round_orders_taken_positive check (taken_version > 0),
	constraint round_orders_outcome_known check (outcome in ('DELIVERED', 'FAILED', 'RETURNED', 'UNDONE'))
);
create unique index round_orders_one_open on round_orders (community_id, order_id) where outcome is null;

create table proofs (
	community_id int         not null,
	order_id     uuid        not null,
	version      bigint      not null,
	kind         text        not null,
	file_id      uuid,
	at           timestamptz not null,
	by_role      text        not null,
	by_id        uuid,
	voided_at    timestamptz,
	constraint proofs_pkey primary key (community_id, order_id, version, kind),
	constraint proofs_order foreign key (community_id, order_id) references orders (community_id, id),
	constraint proofs_version_positive check (version > 0),
	constraint proofs_kind_known check (kind in ('ATTESTED', 'PHOTO', 'CODE', 'UNIT_COUNT', 'RESIDENT')),
	constraint proofs_photo_has_file check ((file_id is not null) = (kind = 'PHOTO')),
	constraint proofs_voided_after check (voided_at >= at),
	constraint proofs_by_known check (by_role in ('ADMIN', 'COMMANDER', 'LEAD', 'VOLUNTEER', 'SUPPLIER', 'RESIDENT', 'SYSTEM'))
);
comment on column proofs.version is 'of the order right after the move or the confirmation that the proof is of';

create table code_attempts (
	community_id int  not null,
	order_id     uuid not null,
	wrong        int  not null,
	constraint code_attempts_pkey primary key (community_id, order_id),
	constraint code_attempts_order foreign key (community_id, order_id) references orders (community_id, id),
	constraint code_attempts_wrong_range check (wrong between 1 and 5)
);

alter table orders
	add column round_id     uuid,
	add column confirmed_at timestamptz,
	add constraint orders_round foreign key (community_id, round_id) references rounds (community_id, id),
	add constraint orders_confirmed_after check (confirmed_at is null or stage = 'DELIVERED');
create index orders_by_round on orders (community_id, round_id) where round_id is not null;
alter table incidents add constraint incidents_round foreign key (community_id, round_id) references rounds (community_id, id);

-- The round of a move that names none: the open one of the volunteer who moves the order, or who holds it then, or of none.
-- +goose StatementBegin
create function implicit_round(o orders) returns uuid language plpgsql as $$
declare
	carrier uuid;
	round   uuid;
begin
	select v.id into carrier from volunteers v where v.community_id = o.community_id and v.id in (o.moved_by_id, o.holder_volunteer_id)
	 order by (v.id = o.moved_by_id) desc limit 1;
	loop
		select r.id into round from rounds r
		 where r.community_id = o.community_id and r.ended_at is null and r.volunteer_id is not distinct from carrier
		   for no key update;
		if found then
			return round;
		end if;
		insert into numbers as n (community_id, noun, last) values (o.community_id, 'ROUND', 1)
		    on conflict (community_id, noun) do update set last = n.last + 1;
		insert into rounds (community_id, id, number, volunteer_id, implicit, started_at, version)
		select o.community_id, gen_random_uuid(), n.last, carrier, true, o.moved_at, 1
		  from numbers n
		 where n.community_id = o.community_id and n.noun = 'ROUND'
		    on conflict do nothing
		returning id into round;
		if found then
			return round;
		end if;
	end loop;
end $$;
-- +goose StatementEnd

drop trigger orders_fill_place on orders;
-- +goose StatementBegin
create or replace function fill_place() returns trigger language plpgsql as $$
begin
	if (new.stage = 'SORTED') <> (num_nonnulls(new.bin_id, new.run_id) > 0) then
		new.bin_id := case when new.stage = 'SORTED' then new.building_id end;
		new.run_id := null;
	end if;
	if new.stage <> 'OUT_FOR_DELIVERY' then
		new.round_id := null;
	elsif new.round_id is null then
		new.round_id := implicit_round(new);
	end if;
	if new.stage <> 'DELIVERED' then
		new.confirmed_at := null;
	end if;
	return new;
end $$;
-- +goose StatementEnd
create trigger orders_fill_place before insert or update of stage on orders for each row
	when ((new.stage = 'SORTED') <> (num_nonnulls(new.bin_id, new.run_id) > 0)
		or (new.stage = 'OUT_FOR_DELIVERY') <> (new.round_id is not null)
		or (new.stage <> 'DELIVERED' and new.confirmed_at is not null)) execute function fill_place();

-- +goose StatementBegin
create function keep_round_book() returns trigger language plpgsql as $$
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
create trigger orders_keep_round_book after update on orders for each row
	when (old.round_id is distinct from new.round_id) execute function keep_round_book();
create trigger orders_begin_round_book after insert on orders for each row
	when (new.round_id is not null) execute function keep_round_book();

-- A move to DELIVERED that brought no proof is attested by its author. A proof ends with the delivery that it is of.
-- +goose StatementBegin
create function keep_proofs() returns trigger language plpgsql as $$
begin
	if new.stage = 'DELIVERED' then
		insert into proofs (community_id, order_id, version, kind, at, by_role, by_id)
		select new.community_id, new.id, new.version, 'ATTESTED', new.moved_at, new.moved_by_role, new.moved_by_id
		 where not exists (select from proofs p where p.community_id = new.community_id and p.order_id = new.id and p.version = new.version);
	else
		update proofs p
		   set voided_at = greatest(p.at, new.moved_at)
		 where p.community_id = new.community_id and p.order_id = new.id and p.voided_at is null;
	end if;
	return null;
end $$;
-- +goose StatementEnd
create trigger orders_keep_proofs after update on orders for each row
	when ((old.stage = 'DELIVERED') <> (new.stage = 'DELIVERED')) execute function keep_proofs();

-- Orders that are out now.
update orders set stage = stage where stage = 'OUT_FOR_DELIVERY';

alter table orders drop constraint orders_in_one_place;
alter table orders add constraint orders_in_one_place check (
	case stage
		when 'SORTED' then num_nonnulls(bin_id, run_id) = 1 and round_id is null
		when 'OUT_FOR_DELIVERY' then num_nonnulls(bin_id, run_id) = 0 and round_id is not null
		else num_nonnulls(bin_id, run_id, round_id) = 0
	end) not valid;

-- +goose Down
alter table orders drop constraint orders_in_one_place;
drop trigger orders_keep_proofs on orders;
drop function keep_proofs();
drop trigger orders_begin_round_book on orders;
drop trigger orders_keep_round_book on orders;
drop function keep_round_book();
drop trigger orders_fill_place on orders;
-- +goose StatementBegin
create or replace function fill_place() returns trigger language plpgsql as $$
begin
	new.bin_id := case when new.stage = 'SORTED' then new.building_id end;
	new.run_id := null;
	return new;
end $$;
-- +goose StatementEnd
create trigger orders_fill_place before insert or update of stage on orders for each row
	when ((new.stage = 'SORTED') <> (num_nonnulls(new.bin_id, new.run_id) > 0)) execute function fill_place();
drop function implicit_round(orders);
alter table incidents drop constraint incidents_round;
alter table orders drop column round_id, drop column confirmed_at;
alter table orders add constraint orders_in_one_place check (
	case stage when 'SORTED' then num_nonnulls(bin_id, run_id) = 1 else num_nonnulls(bin_id, run_id) = 0 end) not valid;
drop table code_attempts, proofs, round_orders, rounds;
alter table communities drop column door_secret;
