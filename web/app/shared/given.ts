/** What the program writes into the page's head for it: see web.Given in Go. */
export type Given = {
  /** The people that a visitor of the demonstration can act as; empty elsewhere. */
  actors: { name: string; role: string; chinese: string; english: string }[];
  /** The time of day of the demonstration's estate in both languages; null elsewhere. */
  timeOfDay: [zh: string, en: string] | null;
  /** The clock of the demonstration's estate when the page was drawn, and how many times faster than the world's it runs; null elsewhere. */
  clock: { at: string; speed: number } | null;
  /** The time zone of the community, for pages without a sign-in; empty elsewhere. */
  timeZone: string;
  /** The number of the community's phone desk, for pages without a sign-in; empty elsewhere. */
  deskPhone: string;
};

export const given: Given = JSON.parse(document.getElementById('given')?.textContent ?? '{"actors":[],"timeOfDay":null,"clock":null,"timeZone":"","deskPhone":""}') as Given;
