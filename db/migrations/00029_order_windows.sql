-- Order windows (docs/decisions/0051): what a supplier sells under one name and price, the periods in which it takes orders, and how much
-- of what each period offers. Whatever changes what is sold holds the window's row, and then its offers. The checks on an offer refuse what
-- is more than its stock, and what the reserve keeps for orders by telephone. A trigger gives back and takes again when an order
-- is cancelled or comes back, so that the offers are right for every move, also of the previous release.

-- +goose Up
create table packages (
	community_id int         not null,
	id           uuid        not null,
	supplier_id  uuid        not null,
	code         text        not null,
	code_key     text        not null default '',
	name         text        not null,
	unit         text        not null,
	price_fen    bigint      not null,
	marks        text[]      not null,
	version      bigint      not null,
	created_at   timestamptz not null,
	archived_at  timestamptz,
	constraint packages_pkey primary key (community_id, id),
	constraint packages_of_supplier unique (community_id, supplier_id, id),
	constraint packages_code_key_taken unique (community_id, supplier_id, code_key),
	constraint packages_supplier foreign key (community_id, supplier_id) references suppliers (community_id, id),
	constraint packages_code_length check (length(code) between 1 and 32),
	constraint packages_name_length check (length(name) between 1 and 80),
	constraint packages_unit_length check (length(unit) between 1 and 16),
	constraint packages_price_range check (price_fen between 0 and 100000000),
	constraint packages_marks_known check (marks <@ array['COLD', 'HEAVY', 'MEDICINE', 'FRAGILE']),
	constraint packages_version_positive check (version > 0)
);
comment on column packages.code_key is 'text_key of the code';
create trigger packages_code_key before insert on packages for each row execute function set_code_key();
create trigger packages_code_key_changed before update on packages for each row when (new.code is distinct from old.code) execute function set_code_key();

create table order_windows (
	community_id    int         not null,
	id              uuid        not null,
	supplier_id     uuid        not null,
	name            text        not null,
	opens_at        timestamptz not null,
	closes_at       timestamptz not null,
	deliver_at      timestamptz not null,
	minimum         int         not null,
	orders          int         not null,
	decision        text,
	decided_at      timestamptz,
	decided_by_role text,
	decided_by_id   uuid,
	next_at         timestamptz,
	version         bigint      not null,
	created_at      timestamptz not null,
	constraint order_windows_pkey primary key (community_id, id),
	constraint order_windows_of_supplier unique (community_id, supplier_id, id),
	constraint order_windows_supplier foreign key (community_id, supplier_id) references suppliers (community_id, id),
	constraint order_windows_name_length check (length(name) between 1 and 80),
	constraint order_windows_in_order check (opens_at < closes_at and closes_at <= deliver_at),
	constraint order_windows_minimum_range check (minimum between 0 and 100000),
	constraint order_windows_orders_not_negative check (orders >= 0),
	constraint order_windows_decision_known check (decision in ('CONFIRMED', 'CALLED_OFF')),
	constraint order_windows_decided_when check ((decision is null) = (decided_at is null) and (decision is null) = (decided_by_role is null)),
	constraint order_windows_decided_after check (decided_at >= closes_at),
	constraint order_windows_decided_by_known check (decided_by_role in ('ADMIN', 'COMMANDER', 'LEAD', 'SUPPLIER')),
	constraint order_windows_next_when check (next_at in (opens_at, closes_at) and (decision is null or next_at is null)),
	constraint order_windows_version_positive check (version > 0)
) with (fillfactor = 50);
comment on column order_windows.orders is 'its orders that are not cancelled';
comment on column order_windows.next_at is 'when the clock has something to say: opens_at, then closes_at, then nothing';
create index order_windows_next on order_windows (community_id, next_at) where next_at is not null;
create index order_windows_by_delivery on order_windows (community_id, deliver_at, id);
create index order_windows_undecided on order_windows (community_id, supplier_id, opens_at) where decision is null;

create table offers (
	community_id  int            not null,
	window_id     uuid           not null,
	package_id    uuid           not null,
	supplier_id   uuid           not null,
	price_fen     bigint         not null,
	stock         numeric(10, 3),
	household_cap numeric(10, 3),
	phone_reserve numeric(10, 3) not null,
	reserve_open  boolean        not null,
	sold          numeric(10, 3) not null,
	sold_by_phone numeric(10, 3) not null,
	constraint offers_pkey primary key (community_id, window_id, package_id),
	constraint offers_window foreign key (community_id, supplier_id, window_id) references order_windows (community_id, supplier_id, id),
	constraint offers_package foreign key (community_id, supplier_id, package_id) references packages (community_id, supplier_id, id),
	constraint offers_price_range check (price_fen between 0 and 100000000),
	constraint offers_stock_positive check (stock > 0),
	constraint offers_cap_positive check (household_cap > 0),
	constraint offers_reserve_fits check (phone_reserve between 0 and coalesce(stock, 0)),
	constraint offers_sold_fits check (sold >= 0 and sold_by_phone between 0 and sold),
	constraint offers_never_oversold check (sold <= stock),
	constraint offers_reserve_kept check (not reserve_open or sold - sold_by_phone <= stock - phone_reserve)
) with (fillfactor = 50);
comment on column offers.price_fen is 'of the package when the window was opened';
comment on column offers.stock is 'null without a limit, as household_cap';
comment on column offers.reserve_open is 'whether phone_reserve is kept for orders by telephone; false once a person has released it, and after the window closed';

alter table orders
	add column window_id uuid,
	add constraint orders_window foreign key (community_id, supplier_id, window_id) references order_windows (community_id, supplier_id, id),
	add constraint orders_window_of_supplier check (window_id is null or (supplier_id is not null and channel not in ('BUY_FOR', 'ERRAND')));
alter table order_lines
	add column package_id uuid,
	add column substitute text not null default 'ASK',
	add constraint order_lines_package foreign key (community_id, package_id) references packages (community_id, id),
	add constraint order_lines_substitute_known check (substitute in ('NEVER', 'ASK', 'ANY'));

-- An order that is cancelled gives back what it took, and one that comes back takes it again. The household's cap is no check of one row,
-- so it is looked up here; the verbs refuse all of this before, with a reason.
-- +goose StatementBegin
create function keep_offers() returns trigger language plpgsql as $$
declare
	way    int := case new.stage when 'CANCELLED' then -1 else 1 end;
	opens  timestamptz;
	closes timestamptz;
begin
	update order_windows w
	   set orders = w.orders + way
	 where w.community_id = new.community_id and w.id = new.window_id
	returning w.opens_at, w.closes_at into opens, closes;
	update offers f
	   set sold = f.sold + way * l.quantity,
	       sold_by_phone = f.sold_by_phone + case new.channel when 'PHONE' then way * l.quantity else 0 end,
	       reserve_open = f.reserve_open and (way < 0 or new.moved_at < closes)
	  from (
		select x.package_id, sum(x.quantity) as quantity
		  from order_lines x
		 where x.community_id = new.community_id and x.order_id = new.id and x.package_id is not null
		 group by x.package_id) l
	 where f.community_id = new.community_id and f.window_id = new.window_id and f.package_id = l.package_id;
	if way > 0 and exists (
		select
		  from orders o
		  join order_lines l on l.community_id = o.community_id and l.order_id = o.id
		  join offers f on f.community_id = o.community_id and f.window_id = o.window_id and f.package_id = l.package_id
		 where o.community_id = new.community_id and o.household_id = new.household_id and o.placed_at >= opens
		   and o.window_id = new.window_id and o.stage <> 'CANCELLED' and f.household_cap is not null
		 group by f.package_id, f.household_cap
		having sum(l.quantity) > f.household_cap) then
		raise exception 'order % exceeds the cap of its household', new.number
			using errcode = 'check_violation', table = 'offers', constraint = 'offers_household_cap';
	end if;
	return null;
end $$;
-- +goose StatementEnd
create trigger orders_keep_offers after update of stage on orders for each row
	when (new.window_id is not null and (old.stage = 'CANCELLED') <> (new.stage = 'CANCELLED')) execute function keep_offers();

-- +goose Down
drop trigger orders_keep_offers on orders;
drop function keep_offers();
alter table order_lines drop column package_id, drop column substitute;
alter table orders drop column window_id;
drop table offers, order_windows, packages;
