import { address } from '../shared/address';
import { locale } from '../shared/language';
import { Refused } from '../shared/post';
import { token } from '../shared/session';

/** The media types of tables by the ending of a file's name; browsers often know none. */
const types: Record<string, string> = {
  csv: 'text/csv', tsv: 'text/tab-separated-values', txt: 'text/plain', xlsx: 'application/vnd.openxmlformats-officedocument.spreadsheetml.sheet',
};

const ending = (name: string) => name.split('.').at(-1)?.toLowerCase() ?? '';

/** The kind of import of a file. */
export const kindOf = (name: string) => (ending(name) === 'xlsx' ? ('XLSX' as const) : ('CSV' as const));

const headers = () => ({ Authorization: `Bearer ${token.value}`, 'Accept-Language': locale(), Accept: 'application/json' });

/** Sends a table to the server, which keeps it for an import, and returns its id. It fails with Refused. */
export async function upload(file: File): Promise<string> {
  const answer = await fetch(address('files'), { method: 'PUT', headers: { ...headers(), 'Content-Type': types[ending(file.name)] ?? (file.type || 'text/csv') }, body: file });
  const body = (await answer.json()) as { id?: string; errors?: { message: string }[]; message?: string };
  if (!body.id) throw new Refused(body.errors?.[0] ?? { message: body.message ?? answer.statusText });
  return body.id;
}

/** Downloads a table that needs the sign-in. */
export async function download(path: string, name: string) {
  const answer = await fetch(address(path), { headers: headers() });
  if (!answer.ok) throw new Refused(((await answer.json()) as { errors: { message: string }[] }).errors[0]!);
  const link = document.createElement('a');
  link.href = URL.createObjectURL(await answer.blob());
  link.download = name;
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 10_000);
}
