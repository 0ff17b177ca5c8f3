import { address } from './address';
import { locale } from './language';
import { body, reach, Refused } from './post';
import { token } from './session';

/** The media types of tables by the ending of a file's name; browsers often know none. */
const types: Record<string, string> = {
  csv: 'text/csv', tsv: 'text/tab-separated-values', txt: 'text/plain', xlsx: 'application/vnd.openxmlformats-officedocument.spreadsheetml.sheet',
};

/** Sends a table to the server, which keeps it for an import, and returns its id. Administrators name the community. It fails with Refused or Unreachable. */
export async function upload(file: File, community?: string): Promise<string> {
  const type = types[file.name.split('.').at(-1)?.toLowerCase() ?? ''] ?? (file.type || 'text/csv');
  const answer = await reach(address(`files${community ? `?communityId=${encodeURIComponent(community)}` : ''}`), {
    method: 'PUT', headers: { Authorization: `Bearer ${token.value}`, 'Accept-Language': locale(), Accept: 'application/json', 'Content-Type': type }, body: file,
  });
  const got = await body<{ id?: string; errors?: { message: string }[] }>(answer);
  if (!got.id) throw new Refused(got.errors?.[0] ?? { message: answer.statusText });
  return got.id;
}
