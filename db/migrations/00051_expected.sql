-- How many orders a day is expected to deliver, from its last look: those that are delivered and the rest that was rehearsed. The board's sentence counts them, and the
-- minutes behind the plan are computed from how many of them are left.

-- +goose Up
alter table plans add column expected int;
alter table plans add constraint plans_expected_positive check (expected >= 0);
comment on column plans.expected is 'how many orders are delivered by the end of the day, as rehearsed at now_at: those delivered and the rest';

-- +goose Down
alter table plans drop column expected;
