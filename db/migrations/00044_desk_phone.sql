-- Residents without an app, and relatives with a link, reach the phone desk by telephone only if they know its number. It is the number of a
-- desk and not of a person: everyone who sees the community reads it.

-- +goose Up
alter table communities
	add column desk_phone text not null default '',
	add constraint communities_desk_phone_length check (length(desk_phone) <= 25);
comment on column communities.desk_phone is 'the telephone number of the phone desk, which everyone may call; empty if it has none';

-- +goose Down
alter table communities drop column desk_phone;
