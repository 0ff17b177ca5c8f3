import { said } from '../shared/language';
import { marks } from '../shared/terms';

/** The marks of an order in the language shown. */
export const marksOf = (order: { marks: readonly string[] }) => order.marks.map((m) => said(marks[m], m)).join(' ');
