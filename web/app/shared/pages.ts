import type { Text } from './language';

/** Who is signed in, as far as it decides which pages are theirs. */
export type Viewer = { role: string; volunteer: { squad: string; rank: string } | null };

type Page = { path: string; name: Text; may: (v: Viewer) => boolean };

const staff = (v: Viewer) => !['RESIDENT', 'LINK'].includes(v.role);
const commands = (v: Viewer) => ['COMMANDER', 'ADMIN'].includes(v.role);

/** All pages in the order in which they are offered. The first that a person may open is theirs: signing in leads there. */
export const pages: readonly Page[] = [
  { path: 'my', name: ['我的订单', 'My orders'], may: (v) => v.role === 'RESIDENT' },
  { path: 'supplier', name: ['供货', 'Supply'], may: (v) => v.role === 'SUPPLIER' },
  { path: 'desk', name: ['电话台', 'Phone desk'], may: (v) => v.volunteer?.squad === 'PERSUASION' || v.role === 'COMMANDER' },
  { path: 'gate', name: ['门口收货', 'Gate desk'], may: (v) => v.volunteer?.squad === 'DUTY' || commands(v) },
  { path: 'cart', name: ['运输', 'Cart'], may: (v) => v.volunteer?.squad === 'TRANSPORT' },
  { path: 'board', name: ['指挥台', 'Board'], may: (v) => v.role === 'LEAD' || commands(v) },
  { path: 'city', name: ['全市', 'City'], may: (v) => v.role === 'CITY' || v.role === 'ADMIN' },
  { path: 'round', name: ['上楼投递', 'My round'], may: (v) => v.volunteer?.squad === 'SUPPLY' || (v.volunteer !== null && v.role !== 'VOLUNTEER') },
  { path: 'sorting', name: ['分拣', 'Sorting'], may: (v) => ['DUTY', 'SUPPLY'].includes(v.volunteer?.squad ?? '') || commands(v) },
  { path: 'sign-in', name: ['我的登录', 'My sign-in'], may: staff },
  { path: 'setup', name: ['小区设置', 'Set-up'], may: commands },
  { path: 'cards', name: ['住户卡', 'Household cards'], may: commands },
  { path: 'print/manifest', name: ['分拣单', 'Sorting manifest'], may: (v) => staff(v) && !['SUPPLIER', 'CITY'].includes(v.role) },
  { path: 'print/labels', name: ['标签', 'Labels'], may: (v) => staff(v) && v.role !== 'CITY' },
  { path: 'shopping', name: ['购物清单', 'Shopping list'], may: (v) => staff(v) && !['SUPPLIER', 'CITY'].includes(v.role) },
  { path: 'report', name: ['日报', 'Daily report'], may: (v) => v.role === 'LEAD' || commands(v) },
  { path: 'rehearsal', name: ['流程模拟', 'Rehearsal'], may: (v) => v.role === 'LEAD' || commands(v) },
  { path: 'needs', name: ['需求', 'Needs'], may: (v) => v.role === 'LEAD' || v.volunteer?.squad === 'PERSUASION' || commands(v) },
  { path: 'graphiql', name: ['GraphiQL', 'GraphiQL'], may: staff },
];

/** Reports whether a page, by its path, is for a person. The menu, the pages themselves and signing in all ask here. */
export const mayOpen = (path: string, v: Viewer) => pages.find((p) => p.path === path)?.may(v) ?? false;

/** The page that a person works with. */
export const home = (v: Viewer) => (commands(v) ? 'board' : (pages.find((p) => p.may(v))?.path ?? 'sign-in'));
