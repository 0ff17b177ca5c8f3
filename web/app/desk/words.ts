import type { Text } from '../shared/language';
import type { graphql } from '../shared/graphql';

type Kind = ReturnType<typeof graphql.scalar<'EnquiryKind'>>;
type Way = ReturnType<typeof graphql.scalar<'EnquiryWay'>>;
type Outcome = ReturnType<typeof graphql.scalar<'EnquiryOutcome'>>;
type Consent = ReturnType<typeof graphql.scalar<'ConsentBy'>>;
type Need = ReturnType<typeof graphql.scalar<'Need'>>;

/** What an enquiry is about. */
export const kinds: Record<Kind, Text> = {
  QUESTION: ['咨询', 'Question'], ORDER: ['下单', 'Order'], ERRAND: ['代办', 'Errand'], COMPLAINT: ['投诉', 'Complaint'], WELFARE: ['关怀回访', 'Welfare call'],
  CALL_BACK: ['回电', 'Call back'],
};
/** How an enquiry came. */
export const ways: Record<Way, Text> = { PHONE: ['电话', 'Telephone'], SMS: ['短信', 'Text message'], GATE: ['岗亭', 'Gate'], APP: ['网页', 'Web page'], VISIT: ['上门', 'Visit'] };
/** How an enquiry ended. */
export const outcomes: Record<Outcome, Text> = {
  ANSWERED: ['已答复', 'Answered'], ORDERED: ['下了单', 'Ordered'], PASSED_ON: ['已转交', 'Passed on'], UNREACHABLE: ['联系不上', 'Not reached'], NOT_NEEDED: ['不再需要', 'No longer needed'],
};
/** Who agreed to an order. */
export const consents: Record<Consent, Text> = { HOUSEHOLD: ['住户本人', 'The household itself'], RELATIVE: ['亲属', 'A relative'], CARER: ['照护人', 'A carer'] };
/** What a household needs; this desk may see it. */
export const needs: Record<Need, Text> = {
  ELDERLY_ALONE: ['独居老人', 'Old person who lives alone'], DISABLED: ['残疾', 'Disability'], CHRONIC_MEDICINE: ['慢性病用药', 'Regular medicine'], INFANT: ['婴幼儿', 'Small child'],
  PREGNANT: ['孕妇', 'Pregnant'], DIALYSIS: ['透析或定期就诊', 'Dialysis or hospital visits'], QUARANTINED: ['居家隔离', 'In quarantine'], NO_SMARTPHONE: ['无智能手机', 'No smartphone'],
  PET: ['宠物', 'Pet'], WELFARE_CALL: ['关怀回访', 'Asked for welfare calls'],
};
