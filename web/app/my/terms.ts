import { said, type Text } from '../shared/language';
import type { Ended, Enquiry, Order } from './orders';

type Event = Order['history'][number];

const posts = {
  NOBODY: ['无需再处理', 'no one has to act'],
  SUPPLIER: ['商家', 'the supplier'],
  TAKER: ['代办队员', 'the volunteer who took it'],
  GATE: ['值守队员', 'a volunteer at the gate'],
  SORTING: ['分拣队员', 'a volunteer who sorts'],
  TRANSPORT: ['运输队员', 'a volunteer with a cart'],
  BUILDING: ['本楼队员', 'a volunteer of your building'],
  HOUSEHOLD: ['您', 'you'],
} satisfies Record<Order['actsNext'], Text>;

const reasons = {
  ABSENT: ['家中无人', 'no one was at home'],
  NO_ACCESS: ['进不了楼', 'the building could not be entered'],
  REFUSED: ['拒收', 'it was refused'],
  UNREACHABLE: ['联系不上', 'no one answered'],
  NOT_REACHED: ['没来得及送到', 'the round ended before your door'],
  HOUSEHOLD_ASKED: ['住户要求', 'the household asked for it'],
  OUT_OF_STOCK: ['缺货', 'out of stock'],
  NO_CAPACITY: ['运力不足', 'no capacity'],
  DUPLICATE: ['重复下单', 'ordered twice'],
  UNPAID: ['未付款', 'not paid'],
  CALLED_OFF: ['未成团', 'too few orders'],
  DAMAGED: ['损坏或变质', 'damaged or spoiled'],
  WRONG_GOODS: ['货不对单', 'the wrong goods'],
  UNSAFE: ['不安全', 'not safe'],
} satisfies Record<NonNullable<Event['reason']>, Text>;

const holds = {
  TESTING: ['核酸检测', 'people are being tested'],
  SEALED: ['封控', 'the building is sealed'],
  DISINFECTION: ['消杀', 'it is being disinfected'],
  INVESTIGATION: ['核查', 'it is being checked'],
  SETTLING: ['消毒后静置', 'it stands for a while after disinfection'],
  OTHER: ['临时暂停', 'it is paused'],
} satisfies Record<Order['holds'][number]['reason'], Text>;

const incidents = {
  MISSING: ['未到', 'did not arrive'],
  SHORT: ['少件', 'something is missing'],
  DAMAGED: ['破损变质', 'damaged or spoiled'],
  STRAY: ['无主件', 'a bag without an order'],
  WRONG_PLACE: ['送错地方', 'left in the wrong place'],
  COUNT_DIFFERS: ['清点不符', 'counts differ'],
  NOT_RECEIVED: ['没有收到', 'not received'],
  BAD_ADDRESS: ['地址不清', 'unclear address'],
  LATE: ['超时', 'late'],
  NO_SHOW: ['未到岗', 'a volunteer is absent'],
  UNCOVERED: ['楼栋暂无队员', 'no volunteer at the building'],
  MONEY: ['账目不符', 'the money is not right'],
  DOCUMENT_LOST: ['证件遗失', 'a document was lost'],
  SAFETY: ['安全问题', 'a safety problem'],
  COMPLAINT: ['投诉', 'a complaint'],
  WEBHOOK_FAILING: ['推送失败', 'a program is not told'],
  OTHER: ['其他问题', 'something else'],
} satisfies Record<Ended['incidents'][number]['kind'], Text>;

const incidentStates = {
  OPEN: ['待处理', 'waiting to be taken up'],
  TAKEN: ['处理中', 'being worked on'],
  RESOLVED: ['已解决', 'resolved'],
} satisfies Record<Ended['incidents'][number]['state'], Text>;

const enquiryStates = {
  WAITING: ['等待话务员联系您', 'the phone desk will call you'],
  TAKEN: ['话务员正在处理', 'the phone desk is working on it'],
  CLOSED: ['已办结', 'closed'],
} satisfies Record<Enquiry['enquiryState'], Text>;

/** A word of a list; a newer server's own name for what the list lacks. */
const word = (list: Record<string, readonly [string, string]>) => (name: string) => said(list[name], name);

export const postWord = word(posts);
export const reasonWord = word(reasons);
export const holdWord = word(holds);
export const incidentWord = word(incidents);
export const incidentStateWord = word(incidentStates);
export const enquiryStateWord = word(enquiryStates);
