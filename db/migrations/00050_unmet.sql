-- unmetDemand counts what households did not get in up to a year. Two indexes hold just the rows that it counts, with all that it reads of them: before, it read each cancelled
-- order and each closed enquiry of the community.

-- +goose Up
create index orders_cancelled on orders (community_id, stage_since, id) where stage = 'CANCELLED';
create index enquiries_unmet on enquiries (community_id, closed_at) include (outcome) where outcome in ('PASSED_ON', 'UNREACHABLE', 'NOT_NEEDED');

-- +goose Down
drop index enquiries_unmet, orders_cancelled;
