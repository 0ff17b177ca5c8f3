-- The needs analysis (docs/needs.md) shows what households did not get. When an offer sold out is kept beside it: to find it from the orders of a year
-- takes seconds. The other numbers are found by indexes of the few rows that they count, which cost other rows nothing. Its tables can be downloaded.

-- +goose Up
alter table offers
	add column sold_out_at timestamptz,
	add constraint offers_sold_out_has_stock check (sold_out_at is null or stock is not null);
comment on column offers.sold_out_at is 'when nothing was left for the first time; null if that never happened, or only under an earlier release';
update offers f
   set sold_out_at = (
	select max(o.placed_at)
	  from order_windows w
	  join orders o on o.community_id = w.community_id and o.supplier_id = w.supplier_id and o.placed_at >= w.opens_at and o.window_id = w.id and o.stage <> 'CANCELLED'
	  join order_lines l on l.community_id = o.community_id and l.order_id = o.id and l.package_id = f.package_id
	 where w.community_id = f.community_id and w.id = f.window_id)
 where f.sold = f.stock;

-- An order that comes back after it was cancelled can take the last of an offer, too. The trigger runs after orders_keep_offers, by its name.
-- +goose StatementBegin
create function note_sold_out() returns trigger language plpgsql as $$
begin
	update offers f
	   set sold_out_at = new.moved_at
	 where f.community_id = new.community_id and f.window_id = new.window_id and f.sold = f.stock and f.sold_out_at is null;
	return null;
end $$;
-- +goose StatementEnd
create trigger orders_note_sold_out after update of stage on orders for each row
	when (new.window_id is not null and old.stage = 'CANCELLED' and new.stage <> 'CANCELLED') execute function note_sold_out();

create index events_unmet on events (community_id, at) where kind = 'ORDER_MOVED' and body ->> 'reason' in ('OUT_OF_STOCK', 'NO_CAPACITY');
create index import_rows_dropped on import_rows (community_id, settled_at) where outcome = 'DROPPED';
create index enquiries_by_closed on enquiries (community_id, closed_at) include (outcome, household_id) where closed_at is not null;

alter table exports
	drop constraint exports_noun_known,
	add constraint exports_noun_known check (noun in ('ORDERS', 'HOUSEHOLDS', 'VOLUNTEERS', 'INCIDENTS', 'IMPORT_ROWS', 'NOTICE', 'DAYS',
		'DEMAND', 'FORECAST', 'GAP', 'REACH', 'NEEDS', 'UNMET'));

-- +goose Down
delete from exports where noun in ('DEMAND', 'FORECAST', 'GAP', 'REACH', 'NEEDS', 'UNMET');
alter table exports
	drop constraint exports_noun_known,
	add constraint exports_noun_known check (noun in ('ORDERS', 'HOUSEHOLDS', 'VOLUNTEERS', 'INCIDENTS', 'IMPORT_ROWS', 'NOTICE', 'DAYS'));
drop index enquiries_by_closed, import_rows_dropped, events_unmet;
drop trigger orders_note_sold_out on orders;
drop function note_sold_out();
alter table offers drop column sold_out_at;
