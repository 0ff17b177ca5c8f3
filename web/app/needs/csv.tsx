import { useSignal } from '@preact/signals';

import { download } from '../shared/download';
import { words } from '../shared/language';

const w = words({ table: [(name: string) => `下载表格（CSV）：${name}`, (name: string) => `Download as a table (CSV): ${name}`] });

/** Downloads a section's numbers as a table. */
export function CSV({ noun, name, args }: { noun: string; name: string; args: Record<string, string> }) {
  const refused = useSignal('');
  return (
    <p class="noprint">
      <button id={`csv-${noun}`} onClick={() => download(`exports/${noun}.csv?${new URLSearchParams(args)}`, `${noun}.csv`).then(() => (refused.value = ''), (e: Error) => (refused.value = e.message))}>{w.table(name)}</button>{' '}
      {refused.value && <span class="refused" role="alert">{refused.value}</span>}
    </p>
  );
}
