-- Purses hold what volunteers pay and collect for households, errands their answers and the documents that are carried for them
-- (docs/decisions/0057). They are tables of their own, not columns of orders, so that a move writes no more than before. A trigger keeps an errand from
-- ending while a document is out, also where the previous release moves it.

-- +goose Up
create table purses (
	community_id  int         not null,
	order_id      uuid        not null,
	purse_fen     bigint      not null,
	owes_fen      bigint      not null,
	spent_fen     bigint      not null,
	volunteer_fen bigint      not null,
	fund_fen      bigint      not null,
	waived_fen    bigint      not null,
	opened_at     timestamptz not null,
	settled_at    timestamptz,
	version       bigint      not null,
	constraint purses_pkey primary key (community_id, order_id),
	constraint purses_order foreign key (community_id, order_id) references orders (community_id, id),
	constraint purses_not_negative check (purse_fen >= 0),
	constraint purses_add_up check (purse_fen + owes_fen = volunteer_fen + fund_fen - waived_fen),
	constraint purses_settled_is_even check (settled_at is null or (purse_fen = 0 and owes_fen = 0 and volunteer_fen = 0 and fund_fen = waived_fen)),
	constraint purses_settled_after check (settled_at >= opened_at),
	constraint purses_version_positive check (version > 0)
);
comment on column purses.purse_fen is 'what the volunteer has in hand for the order';
comment on column purses.owes_fen is 'what the household owes; negative if it is to get money back';
comment on column purses.spent_fen is 'spent at shops, less their refunds';
comment on column purses.volunteer_fen is 'what the volunteer advanced, less what was paid back';
comment on column purses.fund_fen is 'what the team''s fund paid in, less what was paid back';
comment on column purses.opened_at is 'since when it is not settled: since the first entry, or the first one after it was settled';
create index purses_open on purses (community_id, opened_at) where settled_at is null;

create table money (
	community_id int         not null,
	id           uuid        not null,
	order_id     uuid        not null,
	kind         text        not null,
	party        text        not null,
	amount_fen   bigint      not null,
	method       text        not null,
	file_id      uuid,
	reverses     uuid,
	at           timestamptz not null,
	by_role      text        not null,
	by_id        uuid,
	constraint money_pkey primary key (community_id, id),
	constraint money_of_purse unique (community_id, order_id, id),
	constraint money_purse foreign key (community_id, order_id) references purses (community_id, order_id),
	constraint money_reverses foreign key (community_id, order_id, reverses) references money (community_id, order_id, id),
	constraint money_reversed_once unique (community_id, reverses),
	constraint money_reverses_another check (reverses <> id),
	constraint money_amount_range check (amount_fen between 1 and 10000000),
	constraint money_kind_party check (
		(kind in ('IN', 'BACK') and party in ('HOUSEHOLD', 'FUND', 'VOLUNTEER')) or (kind in ('SPENT', 'REFUND') and party = 'SHOP') or (kind = 'WAIVED' and party = 'FUND')),
	constraint money_method_known check (method in ('CASH', 'TRANSFER', 'CARD', 'NONE')),
	constraint money_by_known check (by_role in ('ADMIN', 'COMMANDER', 'LEAD', 'VOLUNTEER'))
);
comment on column money.file_id is 'a photo of the receipt, while it is kept';
create index money_at on money (community_id, at);

-- An entry has no text and no name, so a purge has no reason to change one either.
-- +goose StatementBegin
create function keep_money() returns trigger language plpgsql as $$
begin
	raise exception 'entries of money are never changed or deleted; a further entry reverses them' using errcode = 'integrity_constraint_violation', table = 'money';
end $$;
-- +goose StatementEnd
create trigger money_is_kept after update or delete on money for each row execute function keep_money();

create table errands (
	community_id     int         not null,
	id               uuid        not null,
	kind             text        not null,
	answer           text        not null default '',
	answered_at      timestamptz,
	answered_by_role text,
	answered_by_id   uuid,
	unanswered       boolean     not null default false,
	constraint errands_pkey primary key (community_id, id),
	constraint errands_order foreign key (community_id, id) references orders (community_id, id),
	constraint errands_kind_known check (kind in ('MEDICINE', 'CASH', 'BILL', 'PAPERWORK', 'REPAIR', 'HOSPITAL', 'OTHER')),
	constraint errands_answer_length check (length(answer) <= 500),
	constraint errands_answered_together check ((answered_at is null) = (answered_by_role is null) and (answered_at is not null or (answer = '' and answered_by_id is null))),
	constraint errands_answered_by_known check (answered_by_role in ('ADMIN', 'COMMANDER', 'LEAD', 'VOLUNTEER'))
);
comment on column errands.id is 'that of the order; an errand without a row is of kind OTHER and has neither answer nor documents';
comment on column errands.unanswered is 'it was handed over without an answer, by the previous release or before there were answers';

create table documents (
	community_id     int         not null,
	id               uuid        not null,
	order_id         uuid        not null,
	kind             text        not null,
	taken_at         timestamptz not null,
	taken_by_role    text        not null,
	taken_by_id      uuid,
	returned_at      timestamptz,
	returned_by_role text,
	returned_by_id   uuid,
	lost_at          timestamptz,
	incident_id      uuid,
	constraint documents_pkey primary key (community_id, id),
	constraint documents_errand foreign key (community_id, order_id) references errands (community_id, id),
	constraint documents_incident foreign key (community_id, incident_id) references incidents (community_id, id),
	constraint documents_kind_known check (kind in ('MEDICAL_CARD', 'MEDICAL_RECORD', 'PRESCRIPTION', 'ID_CARD', 'BANK_BOOK', 'KEY', 'OTHER')),
	constraint documents_taken_by_known check (taken_by_role in ('ADMIN', 'COMMANDER', 'LEAD', 'VOLUNTEER')),
	constraint documents_returned_by_known check (returned_by_role in ('ADMIN', 'COMMANDER', 'LEAD', 'VOLUNTEER')),
	constraint documents_one_end check (returned_at is null or lost_at is null),
	constraint documents_returned_together check ((returned_at is null) = (returned_by_role is null) and (returned_at is not null or returned_by_id is null)),
	constraint documents_lost_has_incident check ((lost_at is null) = (incident_id is null)),
	constraint documents_ends_after check (returned_at >= taken_at and lost_at >= taken_at)
);
create index documents_of_errand on documents (community_id, order_id);

insert into errands (community_id, id, kind, unanswered)
select community_id, id, 'OTHER', true
  from orders
 where channel = 'ERRAND' and stage = 'DELIVERED';

-- +goose StatementBegin
create function end_errand() returns trigger language plpgsql as $$
begin
	if exists (select from documents d where d.community_id = new.community_id and d.order_id = new.id and d.returned_at is null and d.lost_at is null) then
		raise exception 'errand % cannot end while a document is out', new.number
			using errcode = 'check_violation', table = 'orders', constraint = 'orders_documents_back_first';
	end if;
	if new.stage = 'DELIVERED' then
		insert into errands as e (community_id, id, kind, unanswered)
		values (new.community_id, new.id, 'OTHER', true)
		    on conflict (community_id, id) do update set unanswered = true where e.answered_at is null;
	end if;
	return null;
end $$;
-- +goose StatementEnd
create trigger orders_end_errand after update of stage on orders for each row
	when (new.channel = 'ERRAND' and new.stage in ('DELIVERED', 'CANCELLED', 'RETURNED') and old.stage <> new.stage) execute function end_errand();
create trigger orders_begin_ended after insert on orders for each row
	when (new.channel = 'ERRAND' and new.stage = 'DELIVERED') execute function end_errand();

-- +goose Down
drop trigger orders_end_errand on orders;
drop trigger orders_begin_ended on orders;
drop function end_errand();
drop table documents;
drop table errands;
drop table money;
drop function keep_money();
drop table purses;
