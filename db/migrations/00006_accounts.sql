-- Who somebody is: accounts, what they are to a community, their sign-ins and the tokens of these, and the codes that
-- begin a sign-in. Platform tables: a credential must be found before anybody knows which community it belongs to.
-- Of codes and tokens only hashes are kept. All times are machine time.

-- +goose Up
create table accounts (
	id         uuid        not null,
	issuer     text        not null,
	subject    text        not null,
	created_at timestamptz not null,
	ended_at   timestamptz,
	constraint accounts_pkey primary key (id),
	constraint accounts_issuer_length check (length(issuer) <= 255),
	constraint accounts_subject_length check (length(subject) <= 255),
	constraint accounts_subject_has_issuer check ((issuer = '') = (subject = ''))
);
create unique index accounts_subject_taken on accounts (issuer, subject) where subject <> '';
comment on column accounts.subject is 'as the OpenID Connect issuer names them; empty for whoever signs in by our own codes only';

create table roles (
	account_id   uuid not null,
	community_id int  not null,
	role         text not null,
	row_id       uuid,
	constraint roles_pkey primary key (account_id, community_id),
	constraint roles_account foreign key (account_id) references accounts (id),
	constraint roles_role_known check (role in ('ADMIN', 'CITY', 'VOLUNTEER', 'SUPPLIER', 'RESIDENT', 'LINK')),
	constraint roles_row_fits check ((row_id is null) = (role in ('ADMIN', 'CITY'))),
	constraint roles_community_fits check (role = 'CITY' or (role = 'ADMIN') = (community_id = 0))
);
create unique index roles_row_taken on roles (community_id, role, row_id) where row_id is not null;
comment on column roles.role is 'VOLUNTEER for the whole team: rank and squad stand in its row';
comment on column roles.community_id is '0 for administrators, and for a city that counts every community';

create table codes (
	id              uuid        not null,
	community_id    int         not null,
	purpose         text        not null,
	role            text        not null,
	row_id          uuid,
	selector        text        not null,
	secret_hash     bytea       not null,
	uses_left       int         not null,
	created_at      timestamptz not null,
	expires_at      timestamptz not null,
	created_by_role text        not null,
	created_by_id   uuid,
	ended_at        timestamptz,
	constraint codes_pkey primary key (id),
	constraint codes_selector_taken unique (selector),
	constraint codes_purpose_known check (purpose in ('INVITATION', 'CARD', 'LINK')),
	constraint codes_role_fits check (case purpose when 'CARD' then role = 'RESIDENT' when 'LINK' then role = 'LINK'
		else role in ('ADMIN', 'CITY', 'VOLUNTEER', 'SUPPLIER') end),
	constraint codes_row_fits check ((row_id is null) = (role in ('ADMIN', 'CITY'))),
	constraint codes_secret_hash_length check (octet_length(secret_hash) = 32),
	constraint codes_selector_length check (length(selector) = 6),
	constraint codes_uses_left_range check (uses_left between 0 and 10000),
	constraint codes_life check (expires_at > created_at)
);
create index codes_by_row on codes (community_id, row_id) where ended_at is null;
create index codes_links on codes (community_id, row_id) where purpose = 'LINK' and ended_at is null;

create table sessions (
	id         uuid        not null,
	account_id uuid        not null,
	code_id    uuid,
	created_at timestamptz not null,
	ended_at   timestamptz,
	constraint sessions_pkey primary key (id),
	constraint sessions_account foreign key (account_id) references accounts (id),
	constraint sessions_code foreign key (code_id) references codes (id)
);
create index sessions_by_account on sessions (account_id) where ended_at is null;
create index sessions_by_code on sessions (code_id) where ended_at is null;

create table tokens (
	hash       bytea       not null,
	session_id uuid        not null,
	replaces   bytea,
	created_at timestamptz not null,
	expires_at timestamptz not null,
	used_at    timestamptz,
	constraint tokens_pkey primary key (hash),
	constraint tokens_session foreign key (session_id) references sessions (id),
	constraint tokens_replaces foreign key (replaces) references tokens (hash),
	constraint tokens_replaced_once unique (replaces),
	constraint tokens_hash_length check (octet_length(hash) = 32),
	constraint tokens_life check (expires_at > created_at)
);
create index tokens_by_session on tokens (session_id);
comment on column tokens.used_at is 'when it first opened a request; from then on, asking again with the token it replaces is theft';

alter table cursor_keys add column retires_at timestamptz;
comment on column cursor_keys.retires_at is 'from when on it opens no cursor any more; null while it is the newest';

-- +goose Down
alter table cursor_keys drop column retires_at;
drop table tokens, sessions, codes, roles, accounts;
