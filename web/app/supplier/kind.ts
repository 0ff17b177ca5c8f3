/** The kind of import of a file, by the ending of its name. */
export const kindOf = (name: string) => (name.split('.').at(-1)?.toLowerCase() === 'xlsx' ? ('XLSX' as const) : ('CSV' as const));
