-- The city could poll its numbers and see one change by a single household. What it sees is therefore a release: numbers are read by the clock worker
-- and replaced only when the change concerns at least five households, or none. To know that, a release keeps each household's share in its numbers.

-- +goose Up
create table city_releases (
	community_id int         not null,
	family       text        not null,
	at           timestamptz not null,
	figures      jsonb       not null,
	homes        bytea       not null,
	constraint city_releases_pkey primary key (community_id, family),
	constraint city_releases_community foreign key (community_id) references communities (community_id),
	constraint city_releases_family_known check (family in ('OPEN', 'HELD', 'HOLDER', 'LATE', 'DELIVERED', 'INCIDENTS', 'REGISTER')),
	constraint city_releases_figures_object check (jsonb_typeof(figures) = 'object')
);
comment on column city_releases.homes is 'each household with a share in the numbers: 16 bytes of its id, then a varint for each group of the family';

-- +goose Down
drop table city_releases;
