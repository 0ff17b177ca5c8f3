import { said, words } from '../shared/language';
import { when } from '../shared/time';
import type { Queue } from './operations';
import { kinds } from './words';

const w = words({
  title: ['队列', 'Queue'],
  counts: [(due: number, waiting: number, taken: number) => `${due} 个已到时间，共 ${waiting} 个等待，${taken} 个正在通话`, (due: number, waiting: number, taken: number) => `${due} due of ${waiting} waiting, ${taken} taken`],
  urgent: [(n: number) => `${n} 个紧急`, (n: number) => `${n} urgent`],
  oldest: [(t: string) => `等得最久的：${t}`, (t: string) => `The oldest is due since ${t}`],
  desks: [(n: number) => `${n} 名话务员在岗`, (n: number) => `${n} members of the desk reachable`],
  unknown: ['住户未知', 'Caller not known'],
  attempts: [(n: number) => `已打 ${n} 次无人接`, (n: number) => `${n} calls without an answer`],
  takenBy: [(code: string) => `${code} 正在办`, (code: string) => `${code} has it`],
  mark: ['紧急', 'Urgent'],
  take: ['接手', 'Take'],
  loading: ['正在载入…', 'Loading…'],
  due: [(t: string) => `${t} 到时间`, (t: string) => `due ${t}`],
});

/** The queue with its counts. takes is null while the member has a call. */
export function QueueList({ queue, error, mine, takes }: { queue: Queue | null; error: string | null; mine: string | undefined; takes: ((id: string) => void) | null }) {
  if (!queue) return <section><p role={error ? 'alert' : 'status'}>{error ?? w.loading}</p></section>;
  return (
    <section id="queue" aria-label={w.title}>
      <h2>{w.title}</h2>
      <p>{w.counts(queue.due, queue.waiting, queue.taken)}{queue.urgent > 0 && <>{' · '}<b>{w.urgent(queue.urgent)}</b></>}</p>
      <p class="faint">{queue.oldestDueAt && <>{w.oldest(when(queue.oldestDueAt))}<br /></>}{w.desks(queue.desks)}</p>
      <ul class="list">
        {queue.enquiries.slice(0, 30).map((e) => (
          <li key={e.id} class="row">
            <span style={{ flex: '1 1 12rem' }}>
              {e.urgent && <b class="refused">{w.mark} · </b>}#{e.number} {said(kinds[e.kind], e.kind)} · {e.household?.address ?? w.unknown}
              <br /><span class="faint">{e.takenBy ? w.takenBy(e.takenBy.code) : w.due(when(e.dueAt))}{e.attempts > 0 && ` · ${w.attempts(e.attempts)}`}</span>
            </span>
            {takes && (!e.takenBy || e.takenBy.id === mine) && <button onClick={() => takes(e.id)} aria-label={`${w.take} #${e.number}`}>{w.take}</button>}
          </li>
        ))}
      </ul>
    </section>
  );
}
