-- Lists whose filter or sort no index served read a whole community: 300,000 orders by when they entered their stage took
-- 0.7 s, by a channel that has none 0.1 s. Each index on orders costs every move one more entry, because a move writes
-- columns that are indexed already (stage, moved_at) and so never fits into the page of its row (HOT):
--   orders_by_stage    one entry per move. It serves the stages filter, and STAGE_SINCE as a merge of at most nine stages, so
--                      that no second index by stage_since alone is needed.
--   orders_by_channel  one entry per move, of columns that never change. It serves the channels filter, the only one left
--                      without an index: a channel that is rare or unused would read everything.
-- Codes are written rarely. They are listed newest first, the usable ones or all.

-- +goose Up
create index orders_by_stage on orders (community_id, stage, stage_since, number);
create index orders_by_channel on orders (community_id, channel, placed_at, number);
create index codes_newest on codes (community_id, created_at, id);
create index codes_newest_usable on codes (community_id, created_at, id) where ended_at is null and uses_left > 0;

-- +goose Down
drop index codes_newest_usable, codes_newest, orders_by_channel, orders_by_stage;
