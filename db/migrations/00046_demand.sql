-- What households order each day, and what is expected of the next (docs/decisions/0067). To count a year from the orders takes seconds, so the clock worker
-- counts each day once when it is over. A forecast is stored when it is made, so that its error can be measured; it is never computed again.

-- +goose Up
create table demand_days (
	community_id int            not null,
	kind         text           not null,
	day          date           not null,
	series       text           not null,
	part         text           not null,
	building_id  uuid,
	package_id   uuid,
	item         text,
	unit         text,
	channel      text,
	orders       int            not null,
	households   int            not null,
	quantity     numeric(16, 3),
	constraint demand_days_pkey primary key (community_id, kind, day, series, part),
	constraint demand_days_building foreign key (community_id, building_id) references buildings (community_id, id),
	constraint demand_days_package foreign key (community_id, package_id) references packages (community_id, id),
	constraint demand_days_kind_known check (kind in ('ALL', 'BUILDING', 'ITEM', 'BUILDING_ITEM', 'CHANNEL')),
	constraint demand_days_channel_known check (channel in ('APP', 'PHONE', 'BUY_FOR', 'ERRAND', 'GROUP_BUY', 'PACKAGE')),
	constraint demand_days_of_kind check ((building_id is not null) = (kind in ('BUILDING', 'BUILDING_ITEM')) and (item is not null) = (kind in ('ITEM', 'BUILDING_ITEM'))
		and (unit is not null) = (item is not null) and (quantity is not null) = (item is not null) and (channel is not null) = (kind = 'CHANNEL')),
	constraint demand_days_counts check (orders > 0 and households between 1 and orders and quantity > 0)
);
comment on table demand_days is 'the orders of each day that were not cancelled when it was over; an order of a window is of the day on which the window delivers';
comment on column demand_days.series is 'empty, the building, a hash of the item, both, or the channel';
comment on column demand_days.part is '* for all of the day, REST or DELIVERY for orders without a window, or the window by supplier and name';

create table forecasts (
	community_id int              not null,
	kind         text             not null,
	day          date             not null,
	series       text             not null,
	building_id  uuid,
	package_id   uuid,
	item         text,
	unit         text,
	expected     double precision,
	low          double precision not null,
	high         double precision not null,
	like_days    int              not null,
	method       text             not null,
	made_at      timestamptz      not null,
	constraint forecasts_pkey primary key (community_id, kind, day, series),
	constraint forecasts_building foreign key (community_id, building_id) references buildings (community_id, id),
	constraint forecasts_package foreign key (community_id, package_id) references packages (community_id, id),
	constraint forecasts_kind_known check (kind in ('ALL', 'BUILDING', 'ITEM', 'BUILDING_ITEM')),
	constraint forecasts_of_kind check ((building_id is not null) = (kind in ('BUILDING', 'BUILDING_ITEM')) and (item is not null) = (kind in ('ITEM', 'BUILDING_ITEM'))
		and (unit is not null) = (item is not null)),
	constraint forecasts_method_known check (method in ('KNOWN', 'MEAN', 'SHARED', 'FEW', 'UP_TO')),
	constraint forecasts_expected_when check ((expected is null) = (method = 'UP_TO')),
	constraint forecasts_in_order check (low >= 0 and low <= high and expected between low and high),
	constraint forecasts_like_days_range check (like_days between 0 and 7)
);
comment on table forecasts is 'what was expected of each day on the evening before; rows are never changed';

create table demand_marks (
	community_id int not null,
	demand_day   date,
	forecast_day date,
	constraint demand_marks_pkey primary key (community_id),
	constraint demand_marks_community foreign key (community_id) references communities (community_id)
);
comment on table demand_marks is 'the last day that was counted, and the last that was forecast';

-- +goose Down
drop table demand_marks, forecasts, demand_days;
