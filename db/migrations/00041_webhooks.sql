-- The feed is sent to programs of others: an endpoint is an address that gets each event as a signed POST, in order, from its place in the feed
-- (docs/decisions/0058).

-- +goose Up
create table webhooks (
	community_id    int         not null,
	id              uuid        not null,
	supplier_id     uuid,
	name            text        not null,
	url             text        not null,
	kinds           text[]      not null,
	off             text,
	off_at          timestamptz,
	position        bigint      not null,
	counted_from    bigint      not null,
	counted_before  bigint      not null default 0,
	acked           bigint      not null default 0,
	parked          bigint      not null default 0,
	resending       bigint      not null default 0,
	attempts        int         not null default 0,
	failing_since   timestamptz,
	next_at         timestamptz,
	last_at         timestamptz,
	last_status     int,
	last_problem    text,
	lease           uuid,
	lease_until     timestamptz,
	created_by_role text        not null,
	created_by_id   uuid,
	version         bigint      not null,
	created_at      timestamptz not null,
	archived_at     timestamptz,
	constraint webhooks_pkey primary key (community_id, id),
	constraint webhooks_community foreign key (community_id) references communities (community_id),
	constraint webhooks_supplier foreign key (community_id, supplier_id) references suppliers (community_id, id),
	constraint webhooks_name_length check (length(name) between 1 and 80),
	constraint webhooks_url_length check (length(url) between 1 and 500),
	constraint webhooks_kinds_length check (coalesce(array_length(kinds, 1), 0) <= 200),
	constraint webhooks_off_known check (off in ('BY_HAND', 'GONE', 'FAILING')),
	constraint webhooks_off_together check ((off is null) = (off_at is null)),
	constraint webhooks_place_range check (counted_from between 0 and position),
	constraint webhooks_not_negative check (least(counted_before, acked, parked, resending, attempts) >= 0),
	constraint webhooks_counted check (acked + parked between counted_before and counted_before + position - counted_from),
	constraint webhooks_resending_parked check (resending <= parked),
	constraint webhooks_failing_together check ((failing_since is null) = (attempts = 0) and (next_at is null) = (attempts = 0)),
	constraint webhooks_last_status_range check (last_status between 100 and 999),
	constraint webhooks_last_problem_known check (last_problem in ('REFUSED', 'REDIRECTED', 'TIMED_OUT', 'NOT_REACHED', 'NOT_TRUSTED', 'PRIVATE_ADDRESS')),
	constraint webhooks_last_after_attempt check (last_at is not null or (last_status is null and last_problem is null)),
	constraint webhooks_lease_together check ((lease is null) = (lease_until is null)),
	constraint webhooks_created_by_known check (created_by_role in ('ADMIN', 'COMMANDER', 'SUPPLIER')),
	constraint webhooks_version_positive check (version > 0)
);
comment on table webhooks is 'endpoints of other programs that get the events of a community, or those that a supplier sees';
comment on column webhooks.supplier_id is 'whose events it gets; null: all events of the community';
comment on column webhooks.kinds is 'empty: all that it may see';
comment on column webhooks.position is 'every event up to it was acknowledged, is parked, or is not for this endpoint';
comment on column webhooks.counted_from is 'the position at which it was created or its kinds were changed';
comment on column webhooks.counted_before is 'acked and parked at counted_from: the rest are the events after it that match';
comment on column webhooks.resending is 'how many of the parked ones are to be sent again';
comment on column webhooks.failing_since is 'of the failures since the last success, by machine time, as next_at, last_at and lease_until';
comment on column webhooks.lease is 'drawn by the process that sends to it; what it saves names the lease';

create table webhook_secrets (
	community_id int         not null,
	webhook_id   uuid        not null,
	id           uuid        not null,
	secret       bytea       not null,
	created_at   timestamptz not null,
	ends_at      timestamptz,
	constraint webhook_secrets_pkey primary key (community_id, webhook_id, id),
	constraint webhook_secrets_webhook foreign key (community_id, webhook_id) references webhooks (community_id, id),
	constraint webhook_secrets_length check (octet_length(secret) between 24 and 64),
	constraint webhook_secrets_ends_after check (ends_at >= created_at)
);
comment on table webhook_secrets is 'what deliveries are signed with; readable, because a signature needs the secret itself';
comment on column webhook_secrets.ends_at is 'until when a secret that was replaced signs as well, by machine time';
create unique index webhook_secrets_one_current on webhook_secrets (community_id, webhook_id) where ends_at is null;

create table webhook_parked (
	community_id int         not null,
	webhook_id   uuid        not null,
	seq          bigint      not null,
	parked_at    timestamptz not null,
	again_at     timestamptz,
	constraint webhook_parked_pkey primary key (community_id, webhook_id, seq),
	constraint webhook_parked_webhook foreign key (community_id, webhook_id) references webhooks (community_id, id),
	constraint webhook_parked_event foreign key (community_id, seq) references events (community_id, seq),
	constraint webhook_parked_again_after check (again_at >= parked_at)
);
comment on table webhook_parked is 'events that an endpoint did not take within a day';
comment on column webhook_parked.again_at is 'when it was asked to be sent again, by machine time; null if it was not';

alter table incidents
	add constraint incidents_webhook foreign key (community_id, webhook_id) references webhooks (community_id, id),
	drop constraint incidents_kind_known,
	add constraint incidents_kind_known check (kind in ('MISSING', 'SHORT', 'DAMAGED', 'STRAY', 'WRONG_PLACE', 'COUNT_DIFFERS', 'NOT_RECEIVED',
		'BAD_ADDRESS', 'LATE', 'NO_SHOW', 'UNCOVERED', 'MONEY', 'DOCUMENT_LOST', 'SAFETY', 'COMPLAINT', 'WEBHOOK_FAILING', 'OTHER'));

-- +goose Down
alter table incidents drop constraint incidents_webhook;
delete from incidents where kind = 'WEBHOOK_FAILING' or webhook_id is not null;
alter table incidents
	drop constraint incidents_kind_known,
	add constraint incidents_kind_known check (kind in ('MISSING', 'SHORT', 'DAMAGED', 'STRAY', 'WRONG_PLACE', 'COUNT_DIFFERS', 'NOT_RECEIVED',
		'BAD_ADDRESS', 'LATE', 'NO_SHOW', 'UNCOVERED', 'MONEY', 'DOCUMENT_LOST', 'SAFETY', 'COMPLAINT', 'OTHER'));
drop table webhook_parked, webhook_secrets, webhooks;
