import { useRead } from '../shared/api';
import { said, words } from '../shared/language';
import { stages } from '../shared/terms';
import { OneTruck } from './beside';
import { truckQuery } from './operations';
import { Panel } from './panel';
import { closed, linkTo } from './place';
import type { State } from './state';

const w = words({
  title: ['这车货', 'The count of a truck'],
  gone: ['今天没有这辆车。', 'This truck is not among today’s.'],
  loading: ['正在载入…', 'Loading…'],
  order: ['订单', 'Order'], announced: ['预告', 'Announced'], counted: ['清点', 'Counted'], stage: ['环节', 'Stage'],
  notYet: ['未清点', 'not yet'],
});

export function TruckPanel({ id, state }: { id: string; state: State }) {
  const truck = state.trucks.value?.find((t) => t.id === id);
  const { data, error } = useRead(truckQuery, { id }).value;
  return (
    <Panel id={id} title={w.title} shuts={closed}>
      {truck ? <OneTruck truck={truck} /> : state.trucks.value && <p>{w.gone}</p>}
      {error && !data && <p class="refused" role="alert">{error}</p>}
      {!data && !error && <p role="status">{w.loading}</p>}
      {data && (
        <table class="counts">
          <thead><tr><th scope="col">{w.order}</th><th scope="col">{w.announced}</th><th scope="col">{w.counted}</th><th scope="col">{w.stage}</th></tr></thead>
          <tbody>
            {data.arrivalList.map((a) => (
              <tr key={a.order.id}>
                <th scope="row"><a {...linkTo({ order: a.order.id })}>#{a.order.number} {a.order.address}</a></th>
                <td>{a.announced}</td><td>{a.counted ?? w.notYet}</td><td>{said(stages[a.order.stage], a.order.stage)}</td>
              </tr>
            ))}
          </tbody>
        </table>
      )}
    </Panel>
  );
}
