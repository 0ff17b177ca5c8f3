-- Which releases may run against this schema: those that know at least the migration that is named here. A migration that
-- expands leaves it as it is, since the previous release must run; one that contracts raises it to the migration whose
-- release no longer needs what is taken away. A release that knows less says so and refuses to start.

-- +goose Up
create table schema_contract (
	single boolean not null default true,
	oldest int     not null,
	constraint schema_contract_pkey primary key (single),
	constraint schema_contract_one_row check (single),
	constraint schema_contract_oldest_positive check (oldest > 0)
);
comment on column schema_contract.oldest is 'the number of the migration that a program must know to run against this schema';
insert into schema_contract (oldest) values (6);

-- +goose Down
drop table schema_contract;
