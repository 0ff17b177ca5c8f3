import { address } from './address';
import { locale } from './language';
import { body, reach, Refused } from './post';
import { token } from './session';

/** Downloads a table that needs the sign-in, under a name. It fails with Refused or Unreachable. */
export async function download(path: string, name: string) {
  const answer = await reach(address(path), { headers: { Authorization: `Bearer ${token.value}`, 'Accept-Language': locale(), Accept: '*/*' } });
  if (!answer.ok) throw new Refused((await body<{ errors: { message: string }[] }>(answer)).errors[0]!);
  const link = document.createElement('a');
  link.href = URL.createObjectURL(await answer.blob());
  link.download = name;
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 10_000);
}
