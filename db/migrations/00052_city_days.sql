-- The city reads the numbers of a day that is over. They are copied from the releases when the day ends, because the next reading replaces those. A copy holds no households: what the city
-- sees of a past day is what it was shown at the end of that day.

-- +goose Up
create table city_days (
	community_id int         not null,
	day          date        not null,
	family       text        not null,
	at           timestamptz not null,
	figures      jsonb       not null,
	constraint city_days_pkey primary key (community_id, day, family),
	constraint city_days_community foreign key (community_id) references communities (community_id),
	constraint city_days_family_known check (family in ('OPEN', 'HELD', 'HOLDER', 'LATE', 'DELIVERED', 'INCIDENTS', 'REGISTER')),
	constraint city_days_figures_object check (jsonb_typeof(figures) = 'object')
);
comment on column city_days.at is 'when the numbers were read, which is before the end of the day';

-- +goose Down
drop table city_days;
