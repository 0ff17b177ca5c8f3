-- The equations of the chain, as queries that return the rows which break them. Each must hold after every transaction. A part of the chain
-- adds its own.

-- name: arrival_announced
-- The announced bags of an arrival are those of its orders.
select a.number
  from arrivals a
  left join arrival_orders x on x.community_id = a.community_id and x.arrival_id = a.id
 group by a.community_id, a.id, a.number, a.bags_announced
having coalesce(sum(x.announced), 0) <> a.bags_announced;

-- name: arrival_counted
-- The counted bags of a received arrival are those of its orders and the strays found in it, and each of its orders has a count.
select a.number
  from arrivals a
 where a.state = 'RECEIVED'
   and (a.bags_counted <> coalesce((select sum(received) from arrival_orders x where x.community_id = a.community_id and x.arrival_id = a.id), 0)
	+ (select count(*) from strays s where s.community_id = a.community_id and s.arrival_id = a.id)
	or exists (select from arrival_orders x where x.community_id = a.community_id and x.arrival_id = a.id and x.received is null));

-- name: order_bags_in
-- The bags of an order that are in are those received with its arrivals and the strays matched to it.
select o.number
  from orders o
 where (exists (select from arrival_orders x where x.community_id = o.community_id and x.order_id = o.id)
	or exists (select from strays s where s.community_id = o.community_id and s.order_id = o.id))
   and o.bags_in <> coalesce((select sum(received) from arrival_orders x where x.community_id = o.community_id and x.order_id = o.id), 0)
	+ (select count(*) from strays s where s.community_id = o.community_id and s.order_id = o.id);

-- name: missing_has_incident
-- Bags missing from a received arrival have an incident MISSING or SHORT, open or resolved, of the same number.
select o.number
  from orders o
 where exists (
	select from arrival_orders x
	  join arrivals a on a.community_id = x.community_id and a.id = x.arrival_id and a.state = 'RECEIVED'
	 where x.community_id = o.community_id and x.order_id = o.id)
   and o.bags_in < o.bags
   and not exists (
	select from incidents i
	 where i.community_id = o.community_id and i.order_id = o.id and i.kind in ('MISSING', 'SHORT')
	   and (i.state = 'RESOLVED' or i.bags = o.bags - o.bags_in));

-- name: nothing_past_the_gate_without_a_bag
-- An order that came by an arrival stands at the gate or beyond only with a bag in.
select o.number
  from orders o
 where o.arrival_id is not null and o.bags_in = 0
   and o.stage in ('AT_GATE', 'SORTED', 'AT_BUILDING', 'OUT_FOR_DELIVERY', 'DELIVERED');

-- name: stray_has_incident
-- Every stray has an incident, which is resolved exactly when the stray is closed.
select s.number
  from strays s
 where not exists (
	select from incidents i
	 where i.community_id = s.community_id and i.stray_id = s.id and (i.state = 'RESOLVED') = (s.state <> 'OPEN'));

-- name: open_holds
-- The holds of an order are those that stand on it, its building, its household, its supplier, and the arrival that holds it; an order at
-- a final stage has none.
select o.number
  from orders o
 where o.open_holds <> case when o.stage in ('DELIVERED', 'CANCELLED', 'RETURNED') then 0 else (
	select count(*)
	  from holds w
	 where w.community_id = o.community_id and w.ended_at is null
	   and (w.order_id = o.id or w.building_id = o.building_id or w.household_id = o.household_id or w.supplier_id = o.supplier_id
		or exists (select from arrival_orders x where x.community_id = o.community_id and x.order_id = o.id and x.held and x.arrival_id = w.arrival_id))) end;

-- name: late_arrival_has_incident
-- An awaited truck that is noted as late has an open incident, and no other truck has one.
select a.number
  from arrivals a
 where (a.state = 'ANNOUNCED' and a.late_since is not null) <> exists (
	select from incidents i where i.community_id = a.community_id and i.arrival_id = a.id and i.kind = 'LATE' and i.state <> 'RESOLVED');

-- name: incident_keys
-- An incident has the keys of its subject, which decide who may see it. One about money or a lost document may lack the supplier's, and one about an
-- enquiry of a caller who was not known then has none.
select i.number
  from incidents i
  left join orders o on o.community_id = i.community_id and o.id = i.order_id
  left join households h on h.community_id = i.community_id and h.id = i.household_id
  left join arrivals a on a.community_id = i.community_id and a.id = i.arrival_id
  left join tasks k on k.community_id = i.community_id and k.id = i.task_id
  left join webhooks w on w.community_id = i.community_id and w.id = i.webhook_id
  left join enquiries q on q.community_id = i.community_id and q.id = i.enquiry_id and i.seen_household_id is not null
 where (i.seen_building_id, i.seen_household_id, i.seen_supplier_id) is distinct from
	(case when i.round_id is null then coalesce(o.building_id, h.building_id, i.building_id, k.building_id, q.building_id) else i.seen_building_id end,
	 coalesce(o.household_id, h.id, q.household_id),
	 case when i.kind not in ('MONEY', 'DOCUMENT_LOST') or i.seen_supplier_id is not null then coalesce(o.supplier_id, a.supplier_id, w.supplier_id) end);

-- name: incident_as_its_events_say
-- An incident is as its last event left it. Only a move of a late order by the previous release, which knows no targets, resolves one without an
-- event: its version, which counts its events, stays.
select i.number
  from incidents i
  left join (
	select distinct on (community_id, body->>'incident') community_id, body->>'incident' as id, body->>'state' as state, body->>'level' as level,
	       coalesce(cast(body->>'bags' as int), 0) as bags, count(*) over (partition by community_id, body->>'incident') as events
	  from events
	 where kind in ('INCIDENT_OPENED', 'INCIDENT_RECOUNTED', 'INCIDENT_TAKEN', 'INCIDENT_RISEN', 'INCIDENT_RESOLVED')
	 order by community_id, body->>'incident', seq desc) e on e.community_id = i.community_id and e.id = cast(i.id as text)
 where (e.state, e.level, e.bags) is distinct from (i.state, (array['VOLUNTEER', 'LEAD', 'COMMAND'])[i.level], i.bags)
   and not (i.kind = 'LATE' and i.resolved_by_role = 'SYSTEM' and i.resolution = 'MOVED_ON' and i.version = e.events);

-- name: incident_numbers
-- The numbers of a community's incidents are 1, 2, 3 … up to the last one drawn.
select c.community_id
  from communities c
 where (select count(*) from incidents i where i.community_id = c.community_id)
	<> coalesce((select n.last from numbers n where n.community_id = c.community_id and n.noun = 'INCIDENT'), 0);

-- name: run_load
-- An order names a run exactly while the run carries it, and that run is open.
select coalesce(o.number, u.number)
  from (select community_id, id, number, run_id from orders where run_id is not null) o
  full join (select community_id, run_id, order_id from run_orders where outcome is null) r
    on r.community_id = o.community_id and r.order_id = o.id and r.run_id = o.run_id
  left join runs u on u.community_id = coalesce(o.community_id, r.community_id) and u.id = coalesce(o.run_id, r.run_id)
 where o.id is null or r.run_id is null or u.state not in ('LOADING', 'UNDERWAY');

-- name: run_capacity
-- A cart carries no more bags than it has room for.
select u.number
  from runs u
  join run_orders r on r.community_id = u.community_id and r.run_id = u.id and r.outcome is null
 group by u.community_id, u.id, u.number, u.capacity
having sum(r.bags) > u.capacity;

-- name: run_balances
-- What a run that has ended carried was left at buildings, went back into bins or was returned.
select u.number
  from runs u
 where u.state in ('DONE', 'CANCELLED')
   and exists (select from run_orders r where r.community_id = u.community_id and r.run_id = u.id and r.outcome is null);

-- name: drop_counts
-- The bags that a run left at a building are those of its orders that were dropped there.
select u.number
  from drops d
  join runs u on u.community_id = d.community_id and u.id = d.run_id
  left join run_orders r on r.community_id = d.community_id and r.run_id = d.run_id and r.building_id = d.building_id and r.outcome = 'DROPPED'
 group by d.community_id, d.run_id, u.number, d.building_id, d.bags_left
having coalesce(sum(r.bags), 0) <> d.bags_left;

-- name: round_takes
-- An order names a round exactly while the round has it out, and that round is open.
select coalesce(o.number, u.number)
  from (select community_id, id, number, round_id from orders where round_id is not null) o
  full join (select community_id, round_id, order_id from round_orders where outcome is null) r
    on r.community_id = o.community_id and r.order_id = o.id and r.round_id = o.round_id
  left join rounds u on u.community_id = coalesce(o.community_id, r.community_id) and u.id = coalesce(o.round_id, r.round_id)
 where o.id is null or r.round_id is null or u.ended_at is not null;

-- name: books_are_of_orders
-- The lines of a round's book and the proofs are of orders and rounds that exist.
select coalesce(x.round_id, x.order_id)
  from (select community_id, order_id, round_id from round_orders union all select community_id, order_id, null from proofs) x
  left join orders o on o.community_id = x.community_id and o.id = x.order_id
  left join rounds u on u.community_id = x.community_id and u.id = x.round_id
 where o.id is null or (x.round_id is not null and u.id is null);

-- name: delivered_has_proof
-- A delivered order has a valid proof, made by the move that delivered it or later. Deliveries from before there were proofs have none.
select o.number
  from orders o
 where o.stage = 'DELIVERED'
   and o.delivered_at > (select min(p.at) from proofs p where p.community_id = o.community_id)
   and not exists (
	select from proofs p
	 where p.community_id = o.community_id and p.order_id = o.id and p.voided_at is null and p.at >= o.delivered_at);

-- name: medicine_needs_more_than_a_word
-- Medicine is proved by a code, by the resident or by a photo.
select o.number
  from orders o
 where o.stage = 'DELIVERED' and 'MEDICINE' = any(o.marks)
   and o.delivered_at > (select min(p.at) from proofs p where p.community_id = o.community_id)
   and not exists (
	select from proofs p
	 where p.community_id = o.community_id and p.order_id = o.id and p.voided_at is null and p.kind in ('CODE', 'RESIDENT', 'PHOTO'));

-- name: drop_differs_has_incident
-- Where the two counts of a drop differ, the run has an incident COUNT_DIFFERS, open or resolved.
select u.number
  from drops d
  join runs u on u.community_id = d.community_id and u.id = d.run_id
 where d.bags_accepted <> d.bags_left
   and not exists (select from incidents i where i.community_id = d.community_id and i.run_id = d.run_id and i.kind = 'COUNT_DIFFERS');

-- name: late_has_incident
-- An order is late at a level exactly while it has an open incident LATE of that level.
select o.number
  from orders o
 where (o.late_level > 0) <> exists (
	select from incidents i
	 where i.community_id = o.community_id and i.order_id = o.id and i.kind = 'LATE' and i.state <> 'RESOLVED')
    or (o.late_level > 0 and not exists (
	select from incidents i
	 where i.community_id = o.community_id and i.order_id = o.id and i.kind = 'LATE' and i.state <> 'RESOLVED' and i.level = o.late_level));

-- name: late_run_waits
-- A run that is late has left bags at a building that has not counted them, until the clock looks again after the drop was taken back.
select u.number
  from incidents i
  join runs u on u.community_id = i.community_id and u.id = i.run_id
 where i.kind = 'LATE' and i.state <> 'RESOLVED'
   and not exists (select from drops d where d.community_id = i.community_id and d.run_id = i.run_id and d.bags_accepted is null);

-- name: offers_sold
-- What an offer has sold is what the lines of the window's orders that are not cancelled name, in all and by telephone.
select f.package_id
  from offers f
  left join lateral (
	select coalesce(sum(l.quantity), 0) as sold, coalesce(sum(l.quantity) filter (where o.channel = 'PHONE'), 0) as by_phone
	  from orders o
	  join order_lines l on l.community_id = o.community_id and l.order_id = o.id
	 where o.community_id = f.community_id and o.window_id = f.window_id and o.stage <> 'CANCELLED' and l.package_id = f.package_id) s on true
 where (f.sold, f.sold_by_phone) is distinct from (s.sold, s.by_phone);

-- name: household_cap
-- A household has ordered no more of an offer than its cap, by telephone and by itself together.
select o.household_id
  from offers f
  join orders o on o.community_id = f.community_id and o.window_id = f.window_id and o.stage <> 'CANCELLED'
  join order_lines l on l.community_id = o.community_id and l.order_id = o.id and l.package_id = f.package_id
 where f.household_cap is not null
 group by f.community_id, f.window_id, f.package_id, f.household_cap, o.household_id
having sum(l.quantity) > f.household_cap;

-- name: window_orders
-- A window counts its orders that are not cancelled.
select w.id
  from order_windows w
 where w.orders <> (select count(*) from orders o where o.community_id = w.community_id and o.window_id = w.id and o.stage <> 'CANCELLED');

-- name: lines_are_on_offer
-- The lines of an order in a window are of packages on offer there, at its price; those of other orders are of none.
select o.number
  from orders o
  join order_lines l on l.community_id = o.community_id and l.order_id = o.id
  left join offers f on f.community_id = o.community_id and f.window_id = o.window_id and f.package_id = l.package_id
 where case when o.window_id is null then l.package_id is not null else f.price_fen is distinct from l.unit_price_fen end;

-- name: import_rows_all
-- The rows of an import are those that were placed, changed, unchanged, in review, refused and dropped, each as often as the import says.
select i.id
  from imports i
  left join import_rows r on r.community_id = i.community_id and r.import_id = i.id
 group by i.community_id, i.id, i.rows, i.placed, i.changed, i.unchanged, i.in_review, i.refused, i.dropped
having count(r.id) <> i.rows
    or count(r.id) filter (where r.outcome = 'PLACED') <> i.placed or count(r.id) filter (where r.outcome = 'CHANGED') <> i.changed
    or count(r.id) filter (where r.outcome = 'UNCHANGED') <> i.unchanged or count(r.id) filter (where r.outcome = 'REVIEW') <> i.in_review
    or count(r.id) filter (where r.outcome = 'REFUSED') <> i.refused or count(r.id) filter (where r.outcome = 'DROPPED') <> i.dropped;

-- name: notice_numbers
-- The numbers of a community's notices are 1, 2, 3 … up to the last one drawn.
select c.community_id
  from communities c
 where (select count(*) from notices n where n.community_id = c.community_id)
	<> coalesce((select x.last from numbers x where x.community_id = c.community_id and x.noun = 'NOTICE'), 0);

-- name: notice_audience
-- The households that a notice addresses are those that have seen it, those that were only told, and those that it has not reached.
select n.number
  from notices n
  left join notice_reach r on r.community_id = n.community_id and r.notice_id = n.id
 group by n.community_id, n.id, n.number, n.audience, n.seen, n.told
having count(r.household_id) <> n.audience
    or count(*) filter (where r.seen_at is not null) <> n.seen
    or count(*) filter (where r.seen_at is null and r.told_at is not null) <> n.told;

-- name: closure_has_reopening_after
-- One notice of closure or reopening is in force at a time: the next one has ended the one before.
select a.number
  from notices a
  join notices b on b.community_id = a.community_id and b.number > a.number
 where a.kind in ('CLOSURE', 'REOPENING') and b.kind in ('CLOSURE', 'REOPENING')
   and (a.ended_at is null or a.ended_at > greatest(b.effective_at, b.published_at));

-- name: task_numbers
-- The numbers of a community's tasks are 1, 2, 3 … up to the last one drawn.
select c.community_id
  from communities c
 where (select count(*) from tasks k where k.community_id = c.community_id)
	<> coalesce((select n.last from numbers n where n.community_id = c.community_id and n.noun = 'TASK'), 0);

-- name: problem_has_incident
-- A task ended as PROBLEM exactly if it names an incident, which is about the task.
select k.number
  from tasks k
  left join incidents i on i.community_id = k.community_id and i.id = k.incident_id
 where (k.state = 'PROBLEM') <> (i.id is not null)
    or i.id is not null and i.task_id is distinct from k.id;

-- name: task_at_its_door
-- A task that is about a household is at its building.
select k.number
  from tasks k
  join households h on h.community_id = k.community_id and h.id = k.household_id
 where h.building_id is distinct from k.building_id;

-- name: purse
-- The sums of a purse are those of its entries, without reversed ones and those that reverse them.
select p.order_id
  from purses p
  left join lateral (
	select coalesce(sum(case when m.kind in ('IN', 'REFUND') then m.amount_fen when m.kind in ('BACK', 'SPENT') then -m.amount_fen end), 0) as purse,
	       coalesce(sum(case when m.kind = 'SPENT' then m.amount_fen when m.kind in ('REFUND', 'WAIVED') then -m.amount_fen
	                         when m.party = 'HOUSEHOLD' and m.kind = 'IN' then -m.amount_fen when m.party = 'HOUSEHOLD' and m.kind = 'BACK' then m.amount_fen end), 0) as owes,
	       coalesce(sum(case when m.kind = 'SPENT' then m.amount_fen when m.kind = 'REFUND' then -m.amount_fen end), 0) as spent,
	       coalesce(sum(case when m.party = 'VOLUNTEER' and m.kind = 'IN' then m.amount_fen when m.party = 'VOLUNTEER' then -m.amount_fen end), 0) as volunteer,
	       coalesce(sum(case when m.party = 'FUND' and m.kind = 'IN' then m.amount_fen when m.party = 'FUND' and m.kind = 'BACK' then -m.amount_fen end), 0) as fund,
	       coalesce(sum(m.amount_fen) filter (where m.kind = 'WAIVED'), 0) as waived
	  from money m
	 where m.community_id = p.community_id and m.order_id = p.order_id and m.reverses is null
	   and not exists (select from money r where r.community_id = m.community_id and r.reverses = m.id)) s on true
 where (p.purse_fen, p.owes_fen, p.spent_fen, p.volunteer_fen, p.fund_fen, p.waived_fen) is distinct from (s.purse, s.owes, s.spent, s.volunteer, s.fund, s.waived)
    or not exists (select from money m where m.community_id = p.community_id and m.order_id = p.order_id);

-- name: reversal_repeats
-- An entry that reverses another has its kind, party and amount, and is reversed by none.
select m.id
  from money m
  join money r on r.community_id = m.community_id and r.reverses = m.id
 where (m.kind, m.party, m.amount_fen) is distinct from (r.kind, r.party, r.amount_fen) or m.reverses is not null;

-- name: settled_means_even
-- If a purse is settled, the volunteer has been repaid and the fund has borne exactly what was waived.
select p.order_id
  from purses p
  join money m on m.community_id = p.community_id and m.order_id = p.order_id and m.reverses is null
 where p.settled_at is not null
   and not exists (select from money r where r.community_id = m.community_id and r.reverses = m.id)
 group by p.community_id, p.order_id
having coalesce(sum(case when m.kind = 'IN' then m.amount_fen else -m.amount_fen end) filter (where m.party = 'VOLUNTEER'), 0) <> 0
    or coalesce(sum(case when m.kind = 'IN' then m.amount_fen else -m.amount_fen end) filter (where m.party = 'FUND'), 0) <> 0;

-- name: unsettled_has_incident_open
-- An incident MONEY that the clock opened is open only while the purse of its order is not settled.
select i.number
  from incidents i
 where i.kind = 'MONEY' and i.state <> 'RESOLVED' and i.opened_by_role = 'SYSTEM'
   and not exists (select from purses p where p.community_id = i.community_id and p.order_id = i.order_id and p.settled_at is null);

-- name: final_errand_holds_no_card
-- An errand that has ended holds no document: each is returned, or lost with an incident DOCUMENT_LOST of its order.
select d.id
  from documents d
  join orders o on o.community_id = d.community_id and o.id = d.order_id
 where (o.stage in ('DELIVERED', 'CANCELLED', 'RETURNED') and d.returned_at is null and d.lost_at is null)
    or (d.lost_at is not null and not exists (
	select from incidents i
	 where i.community_id = d.community_id and i.id = d.incident_id and i.kind = 'DOCUMENT_LOST' and i.order_id = d.order_id));

-- name: delivered_errand_has_answer
-- An errand that was handed over has an answer. Those that the previous release handed over, and those from before there were answers, are marked as unanswered.
select o.number
  from orders o
  left join errands e on e.community_id = o.community_id and e.id = o.id
 where o.channel = 'ERRAND' and o.stage = 'DELIVERED' and (e.id is null or (e.answered_at is null and not e.unanswered));

-- name: no_show_is_missed
-- A volunteer has an open incident NO_SHOW exactly while the clock has missed them on a shift on which they are still planned.
select coalesce(m.volunteer_id, i.volunteer_id)
  from (select distinct community_id, volunteer_id from shift_members where state = 'PLANNED' and missed_at is not null) m
  full join (select community_id, volunteer_id from incidents where kind = 'NO_SHOW' and state <> 'RESOLVED') i
    on i.community_id = m.community_id and i.volunteer_id = m.volunteer_id
 where m.volunteer_id is null or i.volunteer_id is null;

-- name: members_follow_their_shift
-- Members are on a shift at its times, until they check out; a cancelled shift has only absent ones.
select m.shift_id
  from shift_members m
  join shifts f on f.community_id = m.community_id and f.id = m.shift_id
 where m.starts_at <> f.starts_at or m.ends_at > f.ends_at or (m.ends_at <> f.ends_at and m.state <> 'DONE')
    or (f.cancelled_at is not null and m.state <> 'ABSENT');

-- name: on_one_shift
-- No volunteer is on two shifts at once, whichever way the database keeps it.
select a.volunteer_id
  from shift_members a
  join shift_members b on b.community_id = a.community_id and b.volunteer_id = a.volunteer_id and b.shift_id > a.shift_id
 where a.state <> 'ABSENT' and b.state <> 'ABSENT' and tstzrange(a.starts_at, a.ends_at) && tstzrange(b.starts_at, b.ends_at);

-- name: ordered_enquiry_names_order
-- An enquiry that ended in an order names it, and the order is of the same household.
select e.number
  from enquiries e
  left join orders o on o.community_id = e.community_id and o.id = e.order_id
 where e.outcome = 'ORDERED'
   and (o.id is null or o.household_id is distinct from e.household_id);

-- name: enquiry_as_its_events_say
-- An enquiry is as its last event left it, and its version counts its events.
select e.number
  from enquiries e
  left join (
	select distinct on (community_id, body->>'enquiry') community_id, body->>'enquiry' as id, body->>'enquiryState' as state,
	       coalesce(cast(body->>'enquiryAttempts' as int), 0) as attempts, body->>'enquiryOutcome' as outcome,
	       count(*) over (partition by community_id, body->>'enquiry') as events
	  from events
	 where kind in ('ENQUIRY_LOGGED', 'ENQUIRY_TAKEN', 'ENQUIRY_RELEASED', 'ENQUIRY_DUE', 'ENQUIRY_POSTPONED', 'ENQUIRY_CLOSED')
	 order by community_id, body->>'enquiry', seq desc) x on x.community_id = e.community_id and x.id = cast(e.id as text)
 where (x.state, x.attempts, x.outcome, x.events) is distinct from (e.state, e.attempts, e.outcome, e.version);

-- name: enquiry_closed_or_due
-- No enquiry is forgotten: each is closed, is due, or the clock acts on it next, when it comes due or its lease ends. What is due has an event from then on.
select e.number
  from enquiries e
 where e.state <> 'CLOSED' and e.next_at is null
   and not exists (
	select from events x
	 where x.community_id = e.community_id and x.body->>'enquiry' = cast(e.id as text) and x.kind like 'ENQUIRY%' and x.at >= e.due_at);

-- name: enquiry_takes
-- The member who took an enquiry last has a row that says so.
select e.number
  from enquiries e
 where e.handler_id is not null
   and not exists (select from enquiry_takes x where x.community_id = e.community_id and x.enquiry_id = e.id and x.volunteer_id = e.handler_id);

-- name: enquiry_numbers
-- The numbers of a community's enquiries are 1, 2, 3 … up to the last one drawn.
select c.community_id
  from communities c
 where (select count(*) from enquiries e where e.community_id = c.community_id)
	<> coalesce((select n.last from numbers n where n.community_id = c.community_id and n.noun = 'ENQUIRY'), 0);

-- name: webhook_counted
-- What an endpoint has acknowledged or parked since its kinds were set is exactly what is for it in the feed up to its place, and its place is not past
-- the head. The rest of the events that are for it wait.
select w.id
  from webhooks w
  join feeds f on f.community_id = w.community_id
 where w.position > f.head
    or w.acked + w.parked - w.counted_before <> (
	select count(*) from events e where FOR_WEBHOOK and e.seq > w.counted_from and e.seq <= w.position);

-- name: webhook_parked
-- The parked events of an endpoint, and those to be sent again, are its rows, none past its place.
select w.id
  from webhooks w
  left join webhook_parked p on p.community_id = w.community_id and p.webhook_id = w.id
 group by w.community_id, w.id
having w.parked <> count(p.seq) or w.resending <> count(p.again_at) or max(p.seq) > w.position;
