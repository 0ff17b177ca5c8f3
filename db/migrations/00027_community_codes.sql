-- A new code of a community must not lock out what refers to the community. PostgreSQL locks a row for update, keys included, if a column
-- changes that a foreign key could refer to: one of a unique index without a condition. A new code then waited for each transaction that
-- had inserted a round, a number or an event, while those waited for the feed: a deadlock. With a condition, the index still keeps codes
-- apart, but no foreign key can refer to them.

-- +goose Up
alter table communities drop constraint communities_code_taken, drop constraint communities_code_key_taken;
create unique index communities_code_taken on communities (code) where code is not null;
create unique index communities_code_key_taken on communities (code_key) where code_key is not null;

-- +goose Down
drop index communities_code_taken, communities_code_key_taken;
alter table communities
	add constraint communities_code_taken unique (code),
	add constraint communities_code_key_taken unique (code_key);
