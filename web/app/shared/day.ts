/** The day after one, such as "2022-04-12", or so many days after or before it. */
export const dayAfter = (day: string, days = 1) => new Date(Date.parse(`${day}T00:00Z`) + days * 86_400_000).toISOString().slice(0, 10);
