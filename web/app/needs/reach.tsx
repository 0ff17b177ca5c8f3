import { useRead } from '../shared/api';
import { graphql } from '../shared/graphql';
import { words } from '../shared/language';
import { Table } from '../shared/table';
import { CSV } from './csv';
import { Section } from './section';

const reach = graphql(`query Reach($c: ID!) { reach(communityId: $c) { households ordered answered told unreached buildings { building { id code } households unreached elderlyAlone noSmartphone } } }`);

const w = words({
  title: ['触达', 'Reach'],
  says: [(of: number, none: number) => `最近七天，${of} 户中有 ${none} 户未触达。`, (of: number, none: number) => `In the last seven days ${none} of ${of} households were not reached.`],
  how: [(ordered: number, answered: number, told: number) => `下单 ${ordered} 户，来电有答复 ${answered} 户，看到或被告知通知 ${told} 户。`, (ordered: number, answered: number, told: number) => `${ordered} ordered, ${answered} had a call that was answered, ${told} have seen or were told a notice.`],
  building: ['楼栋', 'Building'], unreached: ['未触达', 'Not reached'], of: ['户数', 'Households'], elderly: ['独居老人', 'Elderly, alone'], phone: ['无智能手机', 'No smartphone'],
});

/** The households that no order, call or notice has reached, by building. The columns of needs are left out for viewers who may not see them. */
export function Reach({ community }: { community: string }) {
  const read = useRead(reach, { c: community }).value;
  return (
    <Section id="reach" title={w.title} read={read}>
      {({ reach: r }) => {
        const needs = r.buildings.some((b) => b.elderlyAlone !== null);
        return (
          <>
            <p><b>{w.says(r.households, r.unreached)}</b> {w.how(r.ordered, r.answered, r.told)}</p>
            <Table id="unreached" label={w.title} head={[w.building, w.unreached, w.of, ...(needs ? [w.elderly, w.phone] : [])]}
              rows={r.buildings.filter((b) => b.unreached > 0).map((b) => [b.building?.code ?? '', b.unreached, b.households, ...(needs ? [b.elderlyAlone ?? '—', b.noSmartphone ?? '—'] : [])])} />
            <CSV noun="reach" name={w.title} args={{ communityId: community }} />
          </>
        );
      }}
    </Section>
  );
}
