-- The feed: what happened in a community, numbered 1, 2, 3 … without a gap. The counter is a narrow row that is
-- bumped in the statement that inserts the events, so readers always see a prefix in commit order. Free text
-- and a device's own time stand beside the event, so that events carry no personal data.

-- +goose Up
create table feeds (
	community_id int    not null,
	head         bigint not null,
	epoch        bigint not null,
	day          date   not null,
	constraint feeds_pkey primary key (community_id),
	constraint feeds_community foreign key (community_id) references communities (community_id),
	constraint feeds_head_not_negative check (head >= 0),
	constraint feeds_epoch_positive check (epoch > 0)
) with (fillfactor = 20, autovacuum_vacuum_threshold = 200, autovacuum_vacuum_scale_factor = 0, autovacuum_vacuum_cost_delay = 0);
comment on column feeds.epoch is 'random; drawn anew after a restore from backup, when numbers would be given out again';
comment on column feeds.day is 'the last calendar day of the community whose start is in the feed';

create table events (
	community_id int         not null,
	seq          bigint      not null,
	kind         text        not null,
	at           timestamptz not null,
	by_role      text        not null,
	by_id        uuid,
	building_id  uuid,
	household_id uuid,
	supplier_id  uuid,
	order_id     uuid,
	body         jsonb       not null,
	constraint events_pkey primary key (community_id, seq),
	constraint events_community foreign key (community_id) references communities (community_id),
	constraint events_order foreign key (community_id, order_id) references orders (community_id, id),
	constraint events_seq_positive check (seq > 0),
	constraint events_kind_form check (kind ~ '^[A-Z_]{1,40}$'),
	constraint events_by_known check (by_role in ('ADMIN', 'COMMANDER', 'LEAD', 'VOLUNTEER', 'SUPPLIER', 'RESIDENT', 'SYSTEM')),
	constraint events_order_has_snapshot check ((order_id is not null) = coalesce(jsonb_typeof(body -> 'order') = 'object', false)),
	constraint events_order_has_keys check (order_id is null or (building_id is not null and household_id is not null)),
	constraint events_body_versioned check (coalesce(jsonb_typeof(body -> 'v') = 'number', false))
);
create index events_by_order on events (community_id, order_id, seq) where order_id is not null;
create index events_by_household on events (community_id, household_id, seq) where household_id is not null;

create table event_notes (
	community_id int  not null,
	seq          bigint not null,
	note         text not null,
	device_time  timestamptz,
	constraint event_notes_pkey primary key (community_id, seq),
	constraint event_notes_event foreign key (community_id, seq) references events (community_id, seq),
	constraint event_notes_note_length check (length(note) <= 500),
	constraint event_notes_something check (note <> '' or device_time is not null)
);

create table calls (
	community_id       int         not null,
	actor              text        not null,
	mutation           text        not null,
	client_mutation_id text        not null,
	input_hash         bytea       not null,
	outcome            jsonb,
	created_at         timestamptz not null,
	constraint calls_pkey primary key (community_id, actor, mutation, client_mutation_id),
	constraint calls_client_mutation_id_length check (octet_length(client_mutation_id) between 1 and 64),
	constraint calls_input_hash_length check (octet_length(input_hash) = 32)
);
create index calls_by_age on calls (created_at);
comment on table calls is 'what a clientMutationId did, kept 14 days; community 0 for calls that belong to none';

create table cursor_keys (
	id         int         not null,
	secret     bytea       not null,
	created_at timestamptz not null,
	constraint cursor_keys_pkey primary key (id),
	constraint cursor_keys_id_range check (id between 1 and 255),
	constraint cursor_keys_secret_length check (octet_length(secret) = 32)
);
comment on table cursor_keys is 'a platform table: the secrets that seal cursors, the same for every replica';

-- +goose Down
drop table cursor_keys, calls, event_notes, events, feeds;
