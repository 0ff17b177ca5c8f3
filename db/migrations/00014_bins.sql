-- Where an order stands within its stage, and in how many bags (docs/decisions/0039). A sorted order stands in a bin of its own
-- building: the foreign key carries the building, so the bin of another one cannot be stored. Each building has a default bin
-- with the building's id, so that a move that names no bin, as in the previous release, needs nothing looked up: a trigger fills it.

-- +goose Up
create table bins (
	community_id int         not null,
	id           uuid        not null,
	building_id  uuid        not null,
	unit_id      uuid,
	code         text        not null,
	code_key     text        not null default '',
	cold         boolean     not null,
	version      bigint      not null,
	created_at   timestamptz not null,
	archived_at  timestamptz,
	constraint bins_pkey primary key (community_id, id),
	constraint bins_of_building unique (community_id, building_id, id),
	constraint bins_code_key_taken unique (community_id, building_id, code_key),
	constraint bins_building foreign key (community_id, building_id) references buildings (community_id, id),
	constraint bins_unit foreign key (community_id, building_id, unit_id) references units (community_id, building_id, id),
	constraint bins_code_length check (length(code) between 1 and 32),
	constraint bins_version_positive check (version > 0),
	constraint bins_default_takes_all check (id <> building_id or (unit_id is null and not cold and archived_at is null))
);
comment on column bins.code_key is 'text_key of the code';

create trigger bins_code_key before insert on bins for each row execute function set_code_key();
create trigger bins_code_key_changed before update on bins for each row when (new.code is distinct from old.code) execute function set_code_key();

insert into bins (community_id, id, building_id, code, cold, version, created_at)
select community_id, id, id, code, false, 1, created_at
  from buildings;

-- The default bin has the code of its building, unless another bin of the building has that code.
-- +goose StatementBegin
create function set_default_bin() returns trigger language plpgsql as $$
begin
	if tg_op = 'INSERT' then
		insert into bins (community_id, id, building_id, code, cold, version, created_at)
		values (new.community_id, new.id, new.id, new.code, false, 1, new.created_at);
	else
		update bins b
		   set code = new.code, version = b.version + 1
		 where b.community_id = new.community_id and b.id = new.id
		   and not exists (select from bins x where x.community_id = b.community_id and x.building_id = b.id and x.id <> b.id and x.code_key = text_key(new.code));
	end if;
	return null;
end $$;
-- +goose StatementEnd
create trigger buildings_default_bin after insert on buildings for each row execute function set_default_bin();
create trigger buildings_default_bin_renamed after update on buildings for each row when (new.code is distinct from old.code) execute function set_default_bin();

-- What follows needs no scan beyond the orders that are sorted now: a column with a constant default is not written to the rows.
alter table orders
	add column bags       int    not null default 1,
	add column bags_in    int    not null default 0,
	add column marks      text[] not null default '{}',
	add column arrival_id uuid,
	add column bin_id     uuid;
comment on column orders.bags is 'how many bags the order is packed in';
comment on column orders.bags_in is 'how many of them were counted at the gate; 0 as well for an order that came without an arrival';

update orders set bin_id = building_id where stage = 'SORTED';

alter table orders
	add constraint orders_bags_range check (bags between 1 and 200 and bags_in between 0 and bags),
	add constraint orders_marks_known check (marks <@ array['COLD', 'HEAVY', 'MEDICINE', 'FRAGILE']),
	add constraint orders_bin foreign key (community_id, building_id, bin_id) references bins (community_id, building_id, id);

-- +goose StatementBegin
create function fill_bin() returns trigger language plpgsql as $$
begin
	new.bin_id := case when new.stage = 'SORTED' then new.building_id end;
	return new;
end $$;
-- +goose StatementEnd
create trigger orders_fill_bin before insert or update of stage on orders for each row
	when ((new.stage = 'SORTED') <> (new.bin_id is not null)) execute function fill_bin();

-- Numbers that people read, beside those of orders: the last one of each noun.
create table numbers (
	community_id int    not null,
	noun         text   not null,
	last         bigint not null,
	constraint numbers_pkey primary key (community_id, noun),
	constraint numbers_community foreign key (community_id) references communities (community_id),
	constraint numbers_noun_form check (noun ~ '^[A-Z_]{1,40}$'),
	constraint numbers_last_positive check (last > 0)
) with (fillfactor = 20, autovacuum_vacuum_threshold = 200, autovacuum_vacuum_scale_factor = 0);

-- +goose Down
drop table numbers;
drop trigger orders_fill_bin on orders;
drop function fill_bin();
alter table orders drop column bags, drop column bags_in, drop column marks, drop column arrival_id, drop column bin_id;
drop trigger buildings_default_bin_renamed on buildings;
drop trigger buildings_default_bin on buildings;
drop function set_default_bin();
drop table bins;
