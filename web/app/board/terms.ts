// The words of the schema's enums that the board shows. The compiler finds a value that is missing; a value of a newer server is shown as its name.
import { graphql } from '../shared/graphql';
import { said, type Text } from '../shared/language';
import { stages } from '../shared/terms';

type Enum<N extends string> = N extends Parameters<typeof graphql.scalar>[0] ? ReturnType<typeof graphql.scalar<N>> : never;

const eventKinds = {
  ORDER_PLACED: stages['PLACED']!,
  ORDER_MOVED: ['已移动', 'moved'],
  MOVE_UNDONE: ['已撤销上一步', 'last move taken back'],
  HOLD_STARTED: ['开始暂停', 'hold started'],
  HOLD_ENDED: ['结束暂停', 'hold ended'],
  HOLDER_CHANGED: ['责任人变更', 'holder changed'],
  ORDER_BAGS_CHANGED: ['件数变更', 'bags changed'],
  ORDER_LOADED: ['已装车', 'loaded on a cart'],
  ORDER_UNLOADED: ['已卸回', 'unloaded'],
  ORDER_CONFIRMED: ['住户已确认', 'confirmed by the household'],
  ORDER_LATE: ['超时', 'late'],
  ORDER_BINNED: ['换分拣格', 'moved to another bin'],
  ORDER_PROVED: ['有签收凭证', 'hand-over proved'],
  ORDER_AMENDED: ['已修改', 'amended'],
} satisfies Record<Enum<'OrderEventKind'>, Text>;

const incidentKinds = {
  MISSING: ['未到', 'Missing'],
  SHORT: ['少件', 'Bags missing'],
  DAMAGED: ['破损变质', 'Damaged'],
  STRAY: ['无主件', 'Stray bag'],
  WRONG_PLACE: ['送错', 'Wrong place'],
  COUNT_DIFFERS: ['两次清点不符', 'Counts differ'],
  NOT_RECEIVED: ['住户未收到', 'Not received'],
  BAD_ADDRESS: ['地址不清', 'Address unclear'],
  LATE: ['超时', 'Late'],
  NO_SHOW: ['未到岗', 'Did not check in'],
  UNCOVERED: ['楼栋无队员', 'Building without a volunteer'],
  MONEY: ['账目不平', 'Money does not balance'],
  DOCUMENT_LOST: ['证件遗失', 'Document lost'],
  SAFETY: ['安全', 'Safety'],
  COMPLAINT: ['投诉', 'Complaint'],
  WEBHOOK_FAILING: ['推送失败', 'Webhook failing'],
  OTHER: ['其他', 'Other'],
} satisfies Record<Enum<'IncidentKind'>, Text>;

const levels = {
  COMMAND: ['指挥层', 'Command'],
  LEAD: ['队长层', 'Leads'],
  VOLUNTEER: ['队员层', 'Volunteers'],
} satisfies Record<Enum<'EscalationLevel'>, Text>;

const incidentStates = {
  OPEN: ['待处理', 'open'],
  TAKEN: ['处理中', 'taken'],
  RESOLVED: ['已解决', 'resolved'],
} satisfies Record<Enum<'IncidentState'>, Text>;

const squads = {
  PERSUASION: ['劝导队', 'Persuasion'],
  SUPPLY: ['保供队', 'Supply'],
  TRANSPORT: ['运输队', 'Transport'],
  DUTY: ['值守队', 'Duty'],
  PATROL: ['巡查队', 'Patrol'],
} satisfies Record<Enum<'Squad'>, Text>;

const duties = {
  PRIMARY: ['主责', 'first'],
  BACKUP: ['后备', 'backup'],
} satisfies Record<Enum<'Duty'>, Text>;

const holdReasons = {
  TESTING: ['核酸检测', 'Testing'],
  SEALED: ['封控', 'Sealed'],
  DISINFECTION: ['消杀', 'Disinfection'],
  INVESTIGATION: ['核查', 'Goods are checked'],
  SETTLING: ['静置', 'Settling'],
  OTHER: ['其他', 'Other'],
} satisfies Record<Enum<'HoldReason'>, Text>;

const moveReasons = {
  ABSENT: ['家中无人', 'not at home'],
  NO_ACCESS: ['无法进入', 'no access'],
  REFUSED: ['拒收', 'refused'],
  UNREACHABLE: ['联系不上', 'unreachable'],
  NOT_REACHED: ['没来得及', 'not reached in time'],
  HOUSEHOLD_ASKED: ['住户要求', 'the household asked'],
  OUT_OF_STOCK: ['缺货', 'out of stock'],
  NO_CAPACITY: ['运力不足', 'no capacity'],
  DUPLICATE: ['重复下单', 'ordered twice'],
  UNPAID: ['未付款', 'not paid'],
  CALLED_OFF: ['未成团', 'window called off'],
  DAMAGED: ['损坏或变质', 'damaged'],
  WRONG_GOODS: ['货不对单', 'wrong goods'],
  UNSAFE: ['不安全', 'unsafe'],
} satisfies Record<Enum<'MoveReason'>, Text>;

const arrivalStates = {
  ANNOUNCED: ['已预告', 'announced'],
  ARRIVED: ['已到门口', 'at the gate'],
  RECEIVED: ['已清点', 'counted'],
  CANCELLED: ['取消', 'called off'],
} satisfies Record<Enum<'ArrivalState'>, Text>;

const posts = {
  NOBODY: ['无', 'no one'],
  SUPPLIER: ['商超/平台', 'the supplier'],
  TAKER: ['代购队员', 'the volunteer who took it'],
  GATE: ['值守', 'the duty squad'],
  SORTING: ['分拣', 'the sorting hands'],
  TRANSPORT: ['运输', 'the transport squad'],
  BUILDING: ['楼栋保供', "the building's supply volunteers"],
  HOUSEHOLD: ['住户', 'the household'],
} satisfies Record<Enum<'Post'>, Text>;

export const terms = { eventKinds, incidentKinds, levels, incidentStates, squads, duties, holdReasons, moveReasons, arrivalStates, posts };

/** The word of a value, or the value itself if this page is older than the server. */
export const term = (of: Readonly<Record<string, Text>>, value: string) => said(of[value], value);

/** The values of a table in its order. */
export const values = <T extends object>(of: T) => Object.keys(of) as (keyof T)[];
