-- Who does what only one program per database does, and until when: the clock worker. An advisory lock stays with a
-- session for as long as PostgreSQL believes in it, which is hours for a program whose host has vanished; a lease ends by
-- PostgreSQL's own clock. A release before this one still takes the advisory lock; that both work at once does no harm.

-- +goose Up
create table leases (
	work   bigint      not null,
	holder text        not null,
	until  timestamptz not null,
	constraint leases_pkey primary key (work),
	constraint leases_holder_length check (length(holder) between 1 and 64)
);
comment on column leases.until is 'machine time, PostgreSQL''s own; the holder renews it before';

-- +goose Down
drop table leases;
