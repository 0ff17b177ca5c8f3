-- Holds gain two subjects: a household, and a supplier. A community says which proofs of a hand-over it accepts. A stray can have a photo.

-- +goose Up
alter table holds
	drop constraint holds_one_subject,
	drop constraint holds_ends_of_arrival,
	drop constraint holds_until_of_others;
alter table holds
	add column household_id uuid,
	add column supplier_id  uuid,
	add constraint holds_household foreign key (community_id, household_id) references households (community_id, id),
	add constraint holds_supplier foreign key (community_id, supplier_id) references suppliers (community_id, id),
	add constraint holds_one_subject check (num_nonnulls(building_id, order_id, arrival_id, household_id, supplier_id) = 1),
	add constraint holds_ends_of_arrival check (num_nonnulls(arrival_id, household_id, supplier_id) = 1 or ends_at is null),
	add constraint holds_until_of_others check (num_nonnulls(arrival_id, household_id, supplier_id) = 0 or until is null);
comment on column holds.ends_at is 'until, of a hold on an arrival, a household or a supplier. The previous release ends holds by until, and would take these for holds on a building.';
create index holds_household_open on holds (community_id, household_id) where ended_at is null and household_id is not null;
create index holds_supplier_open on holds (community_id, supplier_id) where ended_at is null and supplier_id is not null;

-- The previous release knows no such holds. It must not place an order, or bring one back, that would not count them.
-- +goose StatementBegin
create function count_holds() returns trigger language plpgsql as $$
begin
	if new.open_holds < (
		select count(*)
		  from holds w
		 where w.community_id = new.community_id and w.ended_at is null and w.household_id = new.household_id) + (
		select count(*)
		  from holds w
		 where w.community_id = new.community_id and w.ended_at is null and w.supplier_id = new.supplier_id) then
		raise exception 'order % does not count the holds on its household and its supplier', new.number
			using errcode = 'check_violation', table = 'orders', constraint = 'orders_count_holds';
	end if;
	return null;
end $$;
-- +goose StatementEnd
create trigger orders_count_holds after insert on orders for each row
	when (new.stage not in ('DELIVERED', 'CANCELLED', 'RETURNED')) execute function count_holds();
create trigger orders_count_holds_again after update of stage on orders for each row
	when (old.stage in ('DELIVERED', 'CANCELLED', 'RETURNED') and new.stage not in ('DELIVERED', 'CANCELLED', 'RETURNED')) execute function count_holds();

alter table communities
	add column accepted_proofs text[] not null default '{ATTESTED,PHOTO,CODE,UNIT_COUNT,RESIDENT}',
	add constraint communities_proofs_known check (accepted_proofs <@ '{ATTESTED,PHOTO,CODE,UNIT_COUNT,RESIDENT}'),
	add constraint communities_proofs_for_medicine check (accepted_proofs && '{PHOTO,CODE,RESIDENT}');
comment on column communities.accepted_proofs is 'the kinds of proof of a hand-over that suffice; medicine needs one that is more than a word';

alter table strays add column file_id uuid;
comment on column strays.file_id is 'a photo of it, while it is kept';

-- +goose Down
alter table strays drop column file_id;
alter table communities drop column accepted_proofs;
drop trigger orders_count_holds on orders;
drop trigger orders_count_holds_again on orders;
drop function count_holds();
update orders o
   set open_holds = o.open_holds - (
	select count(*)
	  from holds w
	 where w.community_id = o.community_id and w.ended_at is null and (w.household_id = o.household_id or w.supplier_id = o.supplier_id))
 where o.open_holds > 0;
delete from holds where num_nonnulls(household_id, supplier_id) = 1;
alter table holds
	drop constraint holds_ends_of_arrival,
	drop constraint holds_until_of_others,
	drop constraint holds_one_subject;
alter table holds
	drop column household_id,
	drop column supplier_id,
	add constraint holds_one_subject check (num_nonnulls(building_id, order_id, arrival_id) = 1),
	add constraint holds_ends_of_arrival check (arrival_id is not null or ends_at is null),
	add constraint holds_until_of_others check (arrival_id is null or until is null);
comment on column holds.ends_at is 'until, of a hold on an arrival. The previous release ends holds by until, and would take this one for a hold on a building.';
