-- The order and what stands around it. The checks mirror delivery/stage.go; a test holds the two together.
-- Numbers people read come from a counter of their own per community.

-- +goose Up
create table order_numbers (
	community_id int    not null,
	last         bigint not null,
	constraint order_numbers_pkey primary key (community_id),
	constraint order_numbers_community foreign key (community_id) references communities (community_id),
	constraint order_numbers_not_negative check (last >= 0)
) with (fillfactor = 20, autovacuum_vacuum_threshold = 200, autovacuum_vacuum_scale_factor = 0);

create table orders (
	community_id        int         not null,
	id                  uuid        not null,
	number              bigint      not null,
	building_id         uuid        not null,
	unit_id             uuid        not null,
	household_id        uuid        not null,
	supplier_id         uuid,
	taker_id            uuid,
	channel             text        not null,
	stage               text        not null,
	stage_since         timestamptz not null,
	version             bigint      not null,
	open_holds          int         not null,
	holder_volunteer_id uuid,
	holder_supplier_id  uuid,
	placed_at           timestamptz not null,
	placed_by_role      text        not null,
	placed_by_id        uuid,
	moved_at            timestamptz not null,
	moved_by_role       text        not null,
	moved_by_id         uuid,
	delivered_at        timestamptz,
	total_fen           bigint      not null,
	note                text        not null,
	external_number     text        not null,
	constraint orders_pkey primary key (community_id, id),
	constraint orders_number_taken unique (community_id, number),
	constraint orders_household foreign key (community_id, building_id, unit_id, household_id)
		references households (community_id, building_id, unit_id, id),
	constraint orders_supplier foreign key (community_id, supplier_id) references suppliers (community_id, id),
	constraint orders_taker foreign key (community_id, taker_id) references volunteers (community_id, id),
	constraint orders_holder_volunteer foreign key (community_id, holder_volunteer_id) references volunteers (community_id, id),
	constraint orders_holder_supplier foreign key (community_id, holder_supplier_id) references suppliers (community_id, id),
	constraint orders_number_positive check (number > 0),
	constraint orders_channel_known check (channel in ('APP', 'PHONE', 'BUY_FOR', 'ERRAND', 'GROUP_BUY', 'PACKAGE')),
	constraint orders_stage_known check (stage in ('PLACED', 'DISPATCHED', 'AT_GATE', 'SORTED', 'AT_BUILDING',
		'OUT_FOR_DELIVERY', 'DELIVERED', 'CANCELLED', 'RETURNED')),
	constraint orders_delivered_has_time check ((stage = 'DELIVERED') = (delivered_at is not null)),
	constraint orders_supplier_needed check (supplier_id is not null or channel in ('BUY_FOR', 'ERRAND')),
	constraint orders_taker_fits check ((taker_id is not null) = (channel in ('BUY_FOR', 'ERRAND'))),
	constraint orders_one_holder check (holder_volunteer_id is null or holder_supplier_id is null),
	constraint orders_final_has_no_holder check (stage not in ('DELIVERED', 'CANCELLED', 'RETURNED')
		or (holder_volunteer_id is null and holder_supplier_id is null)),
	constraint orders_version_positive check (version > 0),
	constraint orders_open_holds_not_negative check (open_holds >= 0),
	constraint orders_total_not_negative check (total_fen >= 0),
	constraint orders_placed_by_known check (placed_by_role in ('ADMIN', 'COMMANDER', 'LEAD', 'VOLUNTEER', 'SUPPLIER', 'RESIDENT', 'SYSTEM')),
	constraint orders_moved_by_known check (moved_by_role in ('ADMIN', 'COMMANDER', 'LEAD', 'VOLUNTEER', 'SUPPLIER', 'RESIDENT', 'SYSTEM')),
	constraint orders_note_length check (length(note) <= 500),
	constraint orders_external_number_length check (length(external_number) <= 80)
) with (fillfactor = 80);
create unique index orders_external_number_taken on orders (community_id, supplier_id, external_number) where external_number <> '';
create index orders_open on orders (community_id, building_id, stage) where stage not in ('DELIVERED', 'CANCELLED', 'RETURNED');
create index orders_by_holder_volunteer on orders (community_id, holder_volunteer_id) where holder_volunteer_id is not null;
create index orders_delivered on orders (community_id, delivered_at) where delivered_at is not null;
create index orders_by_household on orders (community_id, household_id, placed_at);
create index orders_by_supplier on orders (community_id, supplier_id, placed_at);
create index orders_by_placed on orders (community_id, placed_at, number);
create index orders_by_building on orders (community_id, building_id, placed_at);

create table order_lines (
	community_id   int            not null,
	id             uuid           not null,
	order_id       uuid           not null,
	position       int            not null,
	item           text           not null,
	quantity       numeric(10, 3) not null,
	unit           text           not null,
	unit_price_fen bigint         not null,
	constraint order_lines_pkey primary key (community_id, id),
	constraint order_lines_order foreign key (community_id, order_id) references orders (community_id, id),
	constraint order_lines_position_taken unique (community_id, order_id, position),
	constraint order_lines_position_range check (position between 1 and 100),
	constraint order_lines_item_length check (length(item) between 1 and 80),
	constraint order_lines_quantity_positive check (quantity > 0),
	constraint order_lines_unit_length check (length(unit) between 1 and 16),
	constraint order_lines_price_range check (unit_price_fen between 0 and 100000000)
);

create table holds (
	community_id   int         not null,
	id             uuid        not null,
	building_id    uuid,
	order_id       uuid,
	reason         text        not null,
	note           text        not null,
	placed_at      timestamptz not null,
	placed_by_role text        not null,
	placed_by_id   uuid,
	until          timestamptz,
	ended_at       timestamptz,
	constraint holds_pkey primary key (community_id, id),
	constraint holds_building foreign key (community_id, building_id) references buildings (community_id, id),
	constraint holds_order foreign key (community_id, order_id) references orders (community_id, id),
	constraint holds_one_subject check ((building_id is null) <> (order_id is null)),
	constraint holds_reason_known check (reason in ('TESTING', 'SEALED', 'DISINFECTION', 'INVESTIGATION', 'OTHER')),
	constraint holds_note_length check (length(note) <= 500),
	constraint holds_until_after_placed check (until > placed_at),
	constraint holds_ended_after_placed check (ended_at >= placed_at),
	constraint holds_placed_by_known check (placed_by_role in ('ADMIN', 'COMMANDER', 'LEAD', 'VOLUNTEER', 'SUPPLIER', 'RESIDENT', 'SYSTEM'))
);
create index holds_open_by_building on holds (community_id, building_id) where ended_at is null and building_id is not null;
create index holds_open_by_order on holds (community_id, order_id) where ended_at is null and order_id is not null;
create index holds_due on holds (community_id, until) where ended_at is null and until is not null;

-- +goose Down
drop table holds, order_lines, orders, order_numbers;
