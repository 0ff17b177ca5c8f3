-- Photos that people send (docs/decisions/0045), cleaned of metadata. A file belongs to its sender until a mutation attaches it;
-- then it carries the keys of what it shows, so that who may see it is decided without a join. Lists never select data.

-- +goose Up
create table files (
	community_id      int         not null,
	id                uuid        not null,
	purpose           text        not null,
	media_type        text        not null,
	bytes             int         not null,
	hash              bytea       not null,
	data              bytea       not null,
	by_role           text        not null,
	by_id             uuid,
	created_at        timestamptz not null,
	expires_at        timestamptz not null,
	attached_at       timestamptz,
	seen_building_id  uuid,
	seen_household_id uuid,
	constraint files_pkey primary key (community_id, id),
	constraint files_community foreign key (community_id) references communities (community_id),
	constraint files_building foreign key (community_id, seen_building_id) references buildings (community_id, id),
	constraint files_household foreign key (community_id, seen_household_id) references households (community_id, id),
	constraint files_purpose_known check (purpose in ('PHOTO')),
	constraint files_media_type_known check (media_type in ('image/jpeg', 'image/png', 'image/webp')),
	constraint files_bytes_range check (bytes between 1 and 5242880),
	constraint files_bytes_of_data check (octet_length(data) = bytes),
	constraint files_hash_length check (octet_length(hash) = 32),
	constraint files_by_known check (by_role in ('ADMIN', 'COMMANDER', 'LEAD', 'VOLUNTEER', 'RESIDENT')),
	constraint files_expires_after check (expires_at > created_at),
	constraint files_keys_when_attached check (attached_at is not null or (seen_building_id is null and seen_household_id is null)),
	constraint files_household_has_building check (seen_household_id is null or seen_building_id is not null)
);
alter table files alter column data set storage external; -- pictures are compressed
comment on table files is 'photos, kept for a day, and for 30 days once they are attached';
comment on column files.hash is 'SHA-256 of data, by which a repeated upload is recognised';
comment on column files.seen_building_id is 'keys of what the file shows, which decide who may see it once it is attached';

-- The same bytes of one sender are one file. Ids of rows differ between roles; an administrator of a development server has none.
create unique index files_once on files (community_id, hash, coalesce(by_id, '00000000-0000-0000-0000-000000000000'));
create index files_expiring on files (expires_at);

alter table quotas
	drop constraint quotas_quota_known,
	add constraint quotas_quota_known check (quota in ('ORDERS', 'LINES', 'TEXT', 'EVENTS', 'HOLDS', 'CODES', 'ROWS', 'SIGN_INS', 'FILES'));

-- +goose Down
delete from quotas where quota = 'FILES';
alter table quotas
	drop constraint quotas_quota_known,
	add constraint quotas_quota_known check (quota in ('ORDERS', 'LINES', 'TEXT', 'EVENTS', 'HOLDS', 'CODES', 'ROWS', 'SIGN_INS'));
drop table files;
