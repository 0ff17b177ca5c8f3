-- More rows that cannot be, found by writing them: a quantity that is no number, a final order that is still held, an
-- order that a supplier holds which is not its own or is past the gate. And indexes for the lists and streams that had
-- to look through a community's whole history.

-- +goose Up
alter table order_lines
	add constraint order_lines_quantity_number check (quantity <> 'NaN');
alter table orders
	add constraint orders_final_has_no_holds check (open_holds = 0 or stage not in ('DELIVERED', 'CANCELLED', 'RETURNED')),
	add constraint orders_supplier_holds_own check (holder_supplier_id is null or holder_supplier_id is not distinct from supplier_id),
	add constraint orders_supplier_holds_before_gate check (holder_supplier_id is null or stage in ('PLACED', 'DISPATCHED'));
create index orders_by_moved on orders (community_id, moved_at, number);
create index orders_by_holder_supplier on orders (community_id, holder_supplier_id) where holder_supplier_id is not null;
create index orders_held on orders (community_id, building_id) where open_holds > 0;
create index events_by_building on events (community_id, building_id, seq) where order_id is not null;
create index events_by_supplier on events (community_id, supplier_id, seq) where supplier_id is not null and order_id is not null;

-- +goose Down
drop index events_by_supplier, events_by_building, orders_held, orders_by_holder_supplier, orders_by_moved;
alter table orders
	drop constraint orders_supplier_holds_before_gate,
	drop constraint orders_supplier_holds_own,
	drop constraint orders_final_has_no_holds;
alter table order_lines
	drop constraint order_lines_quantity_number;
