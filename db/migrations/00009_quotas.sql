-- Bounds what one account can write: counters of the day, bumped in the transaction that writes, so that calls at the same
-- time cannot pass them together. Expired links of a token's chain are found by their time and forgotten; without the index
-- the clean-up would read every token. Earlier releases neither read nor write the new table.

-- +goose Up
create table quotas (
	community_id int    not null,
	day          date   not null,
	actor        text   not null,
	quota        text   not null,
	used         bigint not null,
	constraint quotas_pkey primary key (community_id, day, actor, quota),
	constraint quotas_actor_length check (length(actor) between 1 and 60),
	constraint quotas_quota_known check (quota in ('ORDERS', 'LINES', 'TEXT', 'EVENTS', 'HOLDS', 'CODES', 'ROWS', 'SIGN_INS')),
	constraint quotas_used_positive check (used > 0)
) with (fillfactor = 50);
comment on table quotas is 'what an account has written on a day of its community; kept for two days';
create index tokens_by_expiry on tokens (expires_at);

-- +goose Down
drop index tokens_by_expiry;
drop table quotas;
