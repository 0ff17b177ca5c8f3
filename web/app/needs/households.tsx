import { needs } from '../desk/words';
import { useRead } from '../shared/api';
import { graphql } from '../shared/graphql';
import { said, words } from '../shared/language';
import { Table } from '../shared/table';
import { when } from '../shared/time';
import { CSV } from './csv';
import { Section } from './section';

const households = graphql(`
  query NeedsOfHouseholds($c: ID!) {
    householdNeeds(communityId: $c) {
      households needs { need households } buildings { building { id code } households needs { need households } } medicinesDue medicines { order { id number } dueAt overdue }
    }
  }
`);

const w = words({
  title: ['住户需求与药品', 'Needs of households, and medicines'],
  says: [(n: number, due: number) => `${n} 户有特殊需求；${due} 单药品待送。`, (n: number, due: number) => `${n === 1 ? '1 household has' : `${n} households have`} needs; ${due === 1 ? '1 order with medicine is' : `${due} orders with medicine are`} due.`],
  need: ['需求', 'Need'], of: ['户数', 'Households'], building: ['楼栋', 'Building'], order: ['订单', 'Order'], due: ['应送到', 'Due'], overdue: ['已超时', 'overdue'], medicines: ['待送药品', 'Medicines due'], number: [(n: number) => `${n} 号`, (n: number) => `No. ${n}`],
});

/** Which needs households have, and the orders with medicine that are open. For the phone desk and the commander only. */
export function Households({ community }: { community: string }) {
  const read = useRead(households, { c: community }).value;
  return (
    <Section id="households" title={w.title} read={read}>
      {({ householdNeeds: h }) => (
        <>
          <p>{w.says(h.households, h.medicinesDue)}</p>
          {h.needs.length > 0 && <Table id="byneed" label={w.title} head={[w.need, w.of]} rows={h.needs.map((n) => [said(needs[n.need], n.need), n.households])} />}
          {h.buildings.length > 0 && <Table id="bybuilding" label={w.building} head={[w.building, w.of, w.need]} rows={h.buildings.map((b) => [b.building?.code ?? '', b.households, b.needs.map((n) => `${said(needs[n.need], n.need)} ${n.households}`).join(' · ')])} />}
          {h.medicines.length > 0 && <Table id="medicines" label={w.medicines} head={[w.order, w.due]} rows={h.medicines.map((m) => [m.order ? w.number(m.order.number) : '—', `${m.dueAt ? when(m.dueAt) : '—'}${m.overdue ? ` · ${w.overdue}` : ''}`])} />}
          <CSV noun="needs" name={w.title} args={{ communityId: community }} />
          {h.medicines.length > 0 && <CSV noun="medicines" name={w.medicines} args={{ communityId: community }} />}
        </>
      )}
    </Section>
  );
}
