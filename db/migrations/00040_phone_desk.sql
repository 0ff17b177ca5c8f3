-- The phone desk (docs/decisions/0056): what people ask by telephone, text message, at the gate, on the web page or during a visit is one
-- queue, so that no call is forgotten and no two members of the desk work on the same one. An order by telephone says who agreed to it.

-- +goose Up
create table enquiries (
	community_id   int         not null,
	id             uuid        not null,
	number         bigint      not null,
	kind           text        not null,
	way            text        not null,
	household_id   uuid,
	building_id    uuid,
	phone          text        not null,
	text           text        not null,
	urgent         boolean     not null,
	state          text        not null,
	due_at         timestamptz not null,
	next_at        timestamptz,
	attempts       int         not null,
	logged_at      timestamptz not null,
	logged_by_role text        not null,
	logged_by_id   uuid,
	taken_by       uuid,
	lease_until    timestamptz,
	handler_id     uuid,
	outcome        text,
	answer         text        not null,
	order_id       uuid,
	closed_at      timestamptz,
	closed_by_role text,
	closed_by_id   uuid,
	welfare_day    date,
	version        bigint      not null,
	constraint enquiries_pkey primary key (community_id, id),
	constraint enquiries_number_taken unique (community_id, number),
	constraint enquiries_community foreign key (community_id) references communities (community_id),
	constraint enquiries_household foreign key (community_id, household_id) references households (community_id, id),
	constraint enquiries_building foreign key (community_id, building_id) references buildings (community_id, id),
	constraint enquiries_taker foreign key (community_id, taken_by) references volunteers (community_id, id),
	constraint enquiries_handler foreign key (community_id, handler_id) references volunteers (community_id, id),
	constraint enquiries_order foreign key (community_id, order_id) references orders (community_id, id),
	constraint enquiries_number_positive check (number > 0),
	constraint enquiries_kind_known check (kind in ('QUESTION', 'ORDER', 'ERRAND', 'COMPLAINT', 'WELFARE', 'CALL_BACK')),
	constraint enquiries_way_known check (way in ('PHONE', 'SMS', 'GATE', 'APP', 'VISIT')),
	constraint enquiries_building_of_household check ((household_id is null) = (building_id is null)),
	constraint enquiries_phone_length check (length(phone) <= 25),
	constraint enquiries_text_length check (length(text) <= 500),
	constraint enquiries_state_known check (state in ('WAITING', 'TAKEN', 'CLOSED')),
	constraint enquiries_next_when check (case state
		when 'TAKEN' then next_at is not distinct from lease_until
		when 'WAITING' then next_at is null or next_at = due_at
		else next_at is null end),
	constraint enquiries_attempts_not_negative check (attempts >= 0),
	constraint enquiries_logged_by_known check (logged_by_role in ('ADMIN', 'COMMANDER', 'LEAD', 'VOLUNTEER', 'RESIDENT', 'SYSTEM')),
	constraint enquiries_taken_together check ((state = 'TAKEN') = (taken_by is not null) and (taken_by is null) = (lease_until is null)),
	constraint enquiries_taker_handles check (taken_by is null or taken_by is not distinct from handler_id),
	constraint enquiries_outcome_known check (outcome in ('ANSWERED', 'ORDERED', 'PASSED_ON', 'UNREACHABLE', 'NOT_NEEDED')),
	constraint enquiries_answer_length check (length(answer) <= 500),
	constraint enquiries_ordered_names_order check ((outcome is not distinct from 'ORDERED') = (order_id is not null)),
	constraint enquiries_closed_when check ((state = 'CLOSED') = (closed_at is not null) and (closed_at is null) = (outcome is null)
		and (closed_at is null) = (closed_by_role is null)),
	constraint enquiries_closed_by_known check (closed_by_role in ('ADMIN', 'COMMANDER', 'LEAD', 'VOLUNTEER')),
	constraint enquiries_closed_after check (closed_at >= logged_at),
	constraint enquiries_welfare_of_household check (welfare_day is null or (kind = 'WELFARE' and household_id is not null)),
	constraint enquiries_version_positive check (version > 0)
);
comment on column enquiries.next_at is 'when the clock acts on it: its lease ends, or it comes due; null if it does not';
comment on column enquiries.handler_id is 'the member who took it last';
comment on column enquiries.welfare_day is 'the day of a welfare call that the clock logged; null for others';
create unique index enquiries_one_each on enquiries (community_id, taken_by) where state = 'TAKEN';
create unique index enquiries_welfare_once on enquiries (community_id, household_id, welfare_day) where welfare_day is not null;
create index enquiries_queue on enquiries (community_id, urgent desc, due_at, number) where state = 'WAITING';
create index enquiries_by_next on enquiries (community_id, next_at) where next_at is not null;
create index enquiries_by_household on enquiries (community_id, household_id, number) where household_id is not null;

create table enquiry_takes (
	community_id int         not null,
	volunteer_id uuid        not null,
	enquiry_id   uuid        not null,
	at           timestamptz not null,
	constraint enquiry_takes_pkey primary key (community_id, volunteer_id, enquiry_id),
	constraint enquiry_takes_volunteer foreign key (community_id, volunteer_id) references volunteers (community_id, id),
	constraint enquiry_takes_enquiry foreign key (community_id, enquiry_id) references enquiries (community_id, id)
);
comment on table enquiry_takes is 'which members have taken an enquiry, so that they can follow how it ended';
create index enquiry_takes_by_enquiry on enquiry_takes (community_id, enquiry_id);

create table welfare_days (
	community_id int  not null,
	day          date not null,
	constraint welfare_days_pkey primary key (community_id),
	constraint welfare_days_community foreign key (community_id) references communities (community_id)
);
comment on table welfare_days is 'the last day whose welfare calls are all in the queue';

alter table communities
	add column welfare_days int not null default 3,
	add constraint communities_welfare_days_range check (welfare_days between 1 and 14);
alter table households
	drop constraint households_needs_known,
	add constraint households_needs_known check (needs <@ array['ELDERLY_ALONE', 'DISABLED', 'CHRONIC_MEDICINE', 'INFANT',
		'PREGNANT', 'DIALYSIS', 'QUARANTINED', 'NO_SMARTPHONE', 'PET', 'WELFARE_CALL']);
alter table quotas
	drop constraint quotas_quota_known,
	add constraint quotas_quota_known check (quota in ('ORDERS', 'LINES', 'TEXT', 'EVENTS', 'HOLDS', 'CODES', 'ROWS', 'SIGN_INS', 'FILES', 'ENQUIRIES'));
alter table tasks add constraint tasks_enquiry foreign key (community_id, enquiry_id) references enquiries (community_id, id);
alter table incidents add constraint incidents_enquiry foreign key (community_id, enquiry_id) references enquiries (community_id, id);

-- Who agreed to an order. No one asked for it before, and the previous release does not know it: such an order counts as that of the
-- household, with a note.
alter table orders
	add column consent_by   text,
	add column consent_note text,
	add constraint orders_consent_known check (consent_by in ('HOUSEHOLD', 'RELATIVE', 'CARER')),
	add constraint orders_consent_note_length check (length(consent_note) between 1 and 80),
	add constraint orders_consent_note_of_consent check (consent_note is null or consent_by is not null);
update orders set consent_by = 'HOUSEHOLD', consent_note = '下单时未询问 (was not asked)' where channel = 'PHONE';
-- +goose StatementBegin
create function fill_consent() returns trigger language plpgsql as $$
begin
	new.consent_by := 'HOUSEHOLD';
	new.consent_note := '下单时未询问 (was not asked)';
	return new;
end $$;
-- +goose StatementEnd
create trigger orders_fill_consent before insert on orders for each row
	when (new.channel = 'PHONE' and new.consent_by is null) execute function fill_consent();
alter table orders add constraint orders_phone_has_consent check (channel <> 'PHONE' or consent_by is not null);

-- +goose Down
alter table orders drop constraint orders_phone_has_consent;
drop trigger orders_fill_consent on orders;
drop function fill_consent();
alter table orders drop column consent_by, drop column consent_note;
delete from incidents where enquiry_id is not null;
alter table incidents drop constraint incidents_enquiry;
alter table tasks drop constraint tasks_enquiry;
delete from quotas where quota = 'ENQUIRIES';
alter table quotas
	drop constraint quotas_quota_known,
	add constraint quotas_quota_known check (quota in ('ORDERS', 'LINES', 'TEXT', 'EVENTS', 'HOLDS', 'CODES', 'ROWS', 'SIGN_INS', 'FILES'));
update households set needs = array_remove(needs, 'WELFARE_CALL') where 'WELFARE_CALL' = any(needs);
alter table households
	drop constraint households_needs_known,
	add constraint households_needs_known check (needs <@ array['ELDERLY_ALONE', 'DISABLED', 'CHRONIC_MEDICINE', 'INFANT',
		'PREGNANT', 'DIALYSIS', 'QUARANTINED', 'NO_SMARTPHONE', 'PET']);
alter table communities drop column welfare_days;
drop table welfare_days;
drop table enquiry_takes;
drop table enquiries;
