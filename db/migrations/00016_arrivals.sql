-- The gate (docs/decisions/0041): what trucks bring, bag by bag, and the bags that no order can be found for. A truck takes a dock of
-- a slot of 20 minutes. An order is in one open arrival at most. Holds gain subjects: goods of an arrival stand for a while.

-- +goose Up
alter table communities
	add column docks int not null default 2,
	add constraint communities_docks_range check (docks between 1 and 20);
comment on column communities.docks is 'how many trucks the gate receives in one slot';

create table arrivals (
	community_id      int         not null,
	id                uuid        not null,
	number            bigint      not null,
	supplier_id       uuid        not null,
	state             text        not null,
	vehicle           text        not null,
	driver_phone      text        not null,
	expected_at       timestamptz,
	slot_at           timestamptz,
	dock              int,
	announced_at      timestamptz not null,
	announced_by_role text        not null,
	announced_by_id   uuid,
	due_at            timestamptz not null,
	late_since        timestamptz,
	arrived_at        timestamptz,
	received_at       timestamptz,
	cancelled_at      timestamptz,
	settle_until      timestamptz,
	bags_announced    int         not null,
	bags_counted      int,
	version           bigint      not null,
	constraint arrivals_pkey primary key (community_id, id),
	constraint arrivals_number_taken unique (community_id, number),
	constraint arrivals_supplier foreign key (community_id, supplier_id) references suppliers (community_id, id),
	constraint arrivals_number_positive check (number > 0),
	constraint arrivals_state_known check (state in ('ANNOUNCED', 'ARRIVED', 'RECEIVED', 'CANCELLED')),
	constraint arrivals_vehicle_length check (length(vehicle) <= 32),
	constraint arrivals_driver_phone_length check (length(driver_phone) <= 25),
	constraint arrivals_expected_has_slot check ((expected_at is null) = (slot_at is null) and (slot_at is null) = (dock is null)),
	constraint arrivals_due_when check (due_at = coalesce(slot_at, announced_at)),
	constraint arrivals_dock_positive check (dock > 0),
	constraint arrivals_announced_by_known check (announced_by_role in ('ADMIN', 'COMMANDER', 'LEAD', 'VOLUNTEER', 'SUPPLIER')),
	constraint arrivals_arrived_when check (state = 'CANCELLED' or (arrived_at is not null) = (state in ('ARRIVED', 'RECEIVED'))),
	constraint arrivals_received_when check ((received_at is not null) = (state = 'RECEIVED') and (bags_counted is not null) = (state = 'RECEIVED')),
	constraint arrivals_cancelled_when check ((cancelled_at is not null) = (state = 'CANCELLED')),
	constraint arrivals_late_if_expected check (late_since is null or slot_at is not null),
	constraint arrivals_settles_after_count check (settle_until is null or (received_at is not null and settle_until > received_at)),
	constraint arrivals_bags_fit check (bags_announced >= 0 and bags_counted >= 0),
	constraint arrivals_version_positive check (version > 0)
);
comment on column arrivals.slot_at is 'the beginning of its slot; null for a truck that came unannounced';
comment on column arrivals.late_since is 'when the clock found that it had not come';
comment on column arrivals.due_at is 'decides the day whose arrival it is';
create unique index arrivals_dock_taken on arrivals (community_id, slot_at, dock) where state in ('ANNOUNCED', 'ARRIVED');
create index arrivals_by_due on arrivals (community_id, due_at);
create index arrivals_open on arrivals (community_id, due_at) where state in ('ANNOUNCED', 'ARRIVED');

create table arrival_orders (
	community_id int     not null,
	arrival_id   uuid    not null,
	order_id     uuid    not null,
	announced    int     not null,
	counted      int,
	received     int,
	damaged      int     not null,
	open         boolean not null,
	held         boolean not null,
	constraint arrival_orders_pkey primary key (community_id, arrival_id, order_id),
	constraint arrival_orders_arrival foreign key (community_id, arrival_id) references arrivals (community_id, id),
	constraint arrival_orders_order foreign key (community_id, order_id) references orders (community_id, id),
	constraint arrival_orders_fit check (announced between 0 and 200 and counted between 0 and 200 and received between 0 and 200
		and damaged between 0 and coalesce(received, counted, 0)),
	constraint arrival_orders_open_until_received check (not open or received is null),
	constraint arrival_orders_held_if_received check (not held or coalesce(received, 0) > 0)
);
comment on column arrival_orders.counted is 'as counted so far; received is set when the count of the arrival is complete';
comment on column arrival_orders.open is 'the arrival is announced or at the gate';
comment on column arrival_orders.held is 'the open hold on the arrival stands on the order';
create unique index arrival_orders_one_open on arrival_orders (community_id, order_id) where open;
create index arrival_orders_by_order on arrival_orders (community_id, order_id);

create table strays (
	community_id   int         not null,
	id             uuid        not null,
	number         bigint      not null,
	arrival_id     uuid,
	label          text        not null,
	place          text        not null,
	state          text        not null,
	order_id       uuid,
	found_at       timestamptz not null,
	found_by_role  text        not null,
	found_by_id    uuid,
	closed_at      timestamptz,
	closed_by_role text,
	closed_by_id   uuid,
	version        bigint      not null,
	constraint strays_pkey primary key (community_id, id),
	constraint strays_number_taken unique (community_id, number),
	constraint strays_arrival foreign key (community_id, arrival_id) references arrivals (community_id, id),
	constraint strays_order foreign key (community_id, order_id) references orders (community_id, id),
	constraint strays_number_positive check (number > 0),
	constraint strays_label_length check (length(label) <= 300),
	constraint strays_place_length check (length(place) between 1 and 80),
	constraint strays_state_known check (state in ('OPEN', 'MATCHED', 'RETURNED', 'DISPOSED')),
	constraint strays_matched_to check ((order_id is not null) = (state = 'MATCHED')),
	constraint strays_found_by_known check (found_by_role in ('ADMIN', 'COMMANDER', 'LEAD', 'VOLUNTEER')),
	constraint strays_closed_together check ((closed_at is null) = (state = 'OPEN') and (closed_at is null) = (closed_by_role is null)),
	constraint strays_closed_by_known check (closed_by_role in ('ADMIN', 'COMMANDER', 'LEAD', 'VOLUNTEER')),
	constraint strays_version_positive check (version > 0)
);
create index strays_open on strays (community_id, number) where state = 'OPEN';
create index strays_by_arrival on strays (community_id, arrival_id) where arrival_id is not null;

alter table orders
	add constraint orders_arrival foreign key (community_id, arrival_id) references arrivals (community_id, id);
alter table incidents
	add constraint incidents_arrival foreign key (community_id, arrival_id) references arrivals (community_id, id),
	add constraint incidents_stray foreign key (community_id, stray_id) references strays (community_id, id);

alter table holds
	drop constraint holds_one_subject,
	drop constraint holds_reason_known;
alter table holds
	add column arrival_id uuid,
	add column ends_at    timestamptz,
	add constraint holds_arrival foreign key (community_id, arrival_id) references arrivals (community_id, id),
	add constraint holds_one_subject check (num_nonnulls(building_id, order_id, arrival_id) = 1),
	add constraint holds_reason_known check (reason in ('TESTING', 'SEALED', 'DISINFECTION', 'INVESTIGATION', 'SETTLING', 'OTHER')),
	add constraint holds_ends_of_arrival check (arrival_id is not null or ends_at is null),
	add constraint holds_until_of_others check (arrival_id is null or until is null),
	add constraint holds_ends_after_placed check (ends_at > placed_at);
comment on column holds.ends_at is 'until, of a hold on an arrival. The previous release ends holds by until, and would take this one for a hold on a building.';
create unique index holds_arrival_one_open on holds (community_id, arrival_id) where ended_at is null and arrival_id is not null;
create index holds_ending on holds (community_id, ends_at) where ended_at is null and ends_at is not null;

-- +goose Down
update orders o
   set open_holds = o.open_holds - 1
  from arrival_orders x
 where x.community_id = o.community_id and x.order_id = o.id and x.held;
delete from holds where arrival_id is not null;
alter table holds
	drop constraint holds_ends_of_arrival,
	drop constraint holds_until_of_others,
	drop constraint holds_ends_after_placed,
	drop constraint holds_one_subject,
	drop constraint holds_reason_known,
	drop column arrival_id,
	drop column ends_at;
alter table holds
	add constraint holds_one_subject check ((building_id is null) <> (order_id is null)),
	add constraint holds_reason_known check (reason in ('TESTING', 'SEALED', 'DISINFECTION', 'INVESTIGATION', 'OTHER')) not valid;
alter table incidents drop constraint incidents_arrival, drop constraint incidents_stray;
alter table orders drop constraint orders_arrival;
drop table strays, arrival_orders, arrivals;
alter table communities drop column docks;
