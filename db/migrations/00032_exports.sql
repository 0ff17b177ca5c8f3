-- Who took a table out of the program. A download holds the data of many people at once, so each is recorded before its first byte.

-- +goose Up
create table exports (
	community_id int         not null,
	id           uuid        not null,
	noun         text        not null,
	format       text        not null,
	contacts     boolean     not null,
	row_count    int         not null default 0,
	by_role      text        not null,
	by_id        uuid,
	at           timestamptz not null,
	ended_at     timestamptz,
	constraint exports_pkey primary key (community_id, id),
	constraint exports_community foreign key (community_id) references communities (community_id),
	constraint exports_noun_known check (noun in ('ORDERS', 'HOUSEHOLDS', 'VOLUNTEERS', 'INCIDENTS')),
	constraint exports_format_known check (format in ('CSV', 'XLSX')),
	constraint exports_by_known check (by_role in ('ADMIN', 'COMMANDER', 'LEAD', 'VOLUNTEER', 'SUPPLIER', 'RESIDENT')),
	constraint exports_by_somebody check (by_role = 'ADMIN' or by_id is not null),
	constraint exports_contacts_of_households check (not contacts or noun = 'HOUSEHOLDS' and by_role in ('ADMIN', 'COMMANDER')),
	constraint exports_row_count_range check (row_count >= 0),
	constraint exports_ended_after check (ended_at >= at)
);
comment on table exports is 'downloads of tables; with contacts each household is a row of reveals too';
comment on column exports.ended_at is 'when the last row was sent; null if the download broke off';

-- The commander reads the newest.
create index exports_newest on exports (community_id, at, id);

-- +goose Down
drop table exports;
