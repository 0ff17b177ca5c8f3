import { address } from './address';
import { locale } from './language';
import { Refused } from './post';
import { token } from './session';

/** The media types of tables by the ending of a file's name; browsers often know none. */
const types: Record<string, string> = {
  csv: 'text/csv', tsv: 'text/tab-separated-values', txt: 'text/plain', xlsx: 'application/vnd.openxmlformats-officedocument.spreadsheetml.sheet',
};

/** Sends a table to the server, which keeps it for an import, and returns its id. Administrators name the community. It fails with Refused. */
export async function upload(file: File, community?: string): Promise<string> {
  const type = types[file.name.split('.').at(-1)?.toLowerCase() ?? ''] ?? (file.type || 'text/csv');
  const answer = await fetch(address(`files${community ? `?communityId=${encodeURIComponent(community)}` : ''}`), {
    method: 'PUT', headers: { Authorization: `Bearer ${token.value}`, 'Accept-Language': locale(), Accept: 'application/json', 'Content-Type': type }, body: file,
  });
  const body = (await answer.json()) as { id?: string; errors?: { message: string }[] };
  if (!body.id) throw new Refused(body.errors?.[0] ?? { message: answer.statusText });
  return body.id;
}
