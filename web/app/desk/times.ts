/** The instant of a date and time that was entered on this device, as RFC 3339. */
export const clockTime = (entered: string) => new Date(entered).toISOString();
