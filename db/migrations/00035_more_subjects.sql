-- Shifts, tasks, enquiries and webhooks can be in trouble as well, so incidents get them as subjects. The tables and the keys to them come with the
-- migrations of these nouns.

-- +goose Up
alter table incidents
	add column shift_id   uuid,
	add column task_id    uuid,
	add column enquiry_id uuid,
	add column webhook_id uuid,
	drop constraint incidents_one_subject,
	add constraint incidents_one_subject check (
		num_nonnulls(order_id, household_id, building_id, volunteer_id, arrival_id, stray_id, run_id, round_id, shift_id, task_id, enquiry_id, webhook_id) = 1);
drop index incidents_one_open;
create unique index incidents_one_open on incidents (community_id,
	coalesce(order_id, household_id, building_id, volunteer_id, arrival_id, stray_id, run_id, round_id, shift_id, task_id, enquiry_id, webhook_id), kind)
	where state <> 'RESOLVED';

-- +goose Down
delete from incidents where num_nonnulls(shift_id, task_id, enquiry_id, webhook_id) > 0;
drop index incidents_one_open;
alter table incidents
	drop constraint incidents_one_subject,
	add constraint incidents_one_subject check (
		num_nonnulls(order_id, household_id, building_id, volunteer_id, arrival_id, stray_id, run_id, round_id) = 1),
	drop column shift_id,
	drop column task_id,
	drop column enquiry_id,
	drop column webhook_id;
create unique index incidents_one_open on incidents (community_id,
	coalesce(order_id, household_id, building_id, volunteer_id, arrival_id, stray_id, run_id, round_id), kind) where state <> 'RESOLVED';
