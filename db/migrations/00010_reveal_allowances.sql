-- Bounds what can be learned by one's own acts. A reveal notes against whose daily allowance it counts, and the commander can
-- raise that of one volunteer until an instant; earlier releases leave the new columns null. A platform's number is unique
-- among the orders that the team placed, and among those that one household placed: a resident can neither occupy the number
-- of another's order nor learn that there is one.

-- +goose Up
alter table volunteers
	add column reveal_allowance       int,
	add column reveal_allowance_until timestamptz,
	add constraint volunteers_reveal_allowance_range check (reveal_allowance between 0 and 1000),
	add constraint volunteers_reveal_allowance_ends check ((reveal_allowance is null) = (reveal_allowance_until is null));

alter table reveals
	add column charged_to uuid,
	add constraint reveals_charged_to foreign key (community_id, charged_to) references volunteers (community_id, id);
create index reveals_by_charged on reveals (community_id, charged_to, at) where charged_to is not null;
create index reveals_by_actor on reveals (community_id, by_id, at) where by_id is not null;
comment on column reveals.charged_to is 'the volunteer against whose allowance of the day the household counts; null if it counts against none';

create unique index orders_team_number_taken on orders (community_id, supplier_id, external_number)
 where external_number <> '' and placed_by_role <> 'RESIDENT';
create unique index orders_household_number_taken on orders (community_id, supplier_id, household_id, external_number)
 where external_number <> '' and placed_by_role = 'RESIDENT';
drop index orders_external_number_taken;

-- +goose Down
create unique index orders_external_number_taken on orders (community_id, supplier_id, external_number) where external_number <> '';
drop index orders_household_number_taken, orders_team_number_taken;
drop index reveals_by_actor, reveals_by_charged;
alter table reveals drop column charged_to;
alter table volunteers drop column reveal_allowance, drop column reveal_allowance_until;
