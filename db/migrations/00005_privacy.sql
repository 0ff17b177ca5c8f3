-- Personal data: who looked at a household's name and phone, and why; and the end of a community's closure, from
-- which on the purge counts. What is purged stays as a row: purge_began_at refuses new personal data, purged_at says it is done.

-- +goose Up
create table reveals (
	community_id int         not null,
	id           uuid        not null,
	household_id uuid        not null,
	order_id     uuid,
	by_role      text        not null,
	by_id        uuid,
	reason       text        not null,
	at           timestamptz not null,
	constraint reveals_pkey primary key (community_id, id),
	constraint reveals_household foreign key (community_id, household_id) references households (community_id, id),
	constraint reveals_order foreign key (community_id, order_id) references orders (community_id, id),
	constraint reveals_by_known check (by_role in ('ADMIN', 'COMMANDER', 'LEAD', 'VOLUNTEER')),
	constraint reveals_by_somebody check (by_role = 'ADMIN' or by_id is not null),
	constraint reveals_reason_length check (length(reason) between 1 and 200)
);
create index reveals_by_household on reveals (community_id, household_id, at, id);

alter table communities
	add column closure_ended_at timestamptz,
	add column purge_began_at   timestamptz,
	add column purged_at        timestamptz,
	add constraint communities_purge_after_closure check (purge_began_at is null or closure_ended_at is not null),
	add constraint communities_purged_after_began check (purged_at is null or purge_began_at is not null);

-- +goose Down
alter table communities drop column closure_ended_at, drop column purge_began_at, drop column purged_at;
drop table reveals;
