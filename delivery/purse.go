package delivery

import (
	"fmt"
	"reflect"
	"slices"
	"strings"
	"time"
)

// MoneyKind says which way an entry moves money.
type MoneyKind string

// The kinds of entries.
const (
	MoneyIn     MoneyKind = "IN"     // 收款: paid into the purse
	MoneyBack   MoneyKind = "BACK"   // 退还: paid back out of the purse
	MoneySpent  MoneyKind = "SPENT"  // 支出: paid to a shop
	MoneyRefund MoneyKind = "REFUND" // 商家退款: paid back by a shop
	MoneyWaived MoneyKind = "WAIVED" // 减免: the team's fund bears it
)

// MoneyParty is who is on the other side of an entry.
type MoneyParty string

// The parties.
const (
	PartyHousehold MoneyParty = "HOUSEHOLD" // 住户
	PartyFund      MoneyParty = "FUND"      // 队内资金
	PartyVolunteer MoneyParty = "VOLUNTEER" // 队员垫付
	PartyShop      MoneyParty = "SHOP"      // 商家
)

// MoneyParties lists the parties that entries of each kind may have.
var MoneyParties = map[MoneyKind][]MoneyParty{
	MoneyIn:     {PartyHousehold, PartyFund, PartyVolunteer},
	MoneyBack:   {PartyHousehold, PartyFund, PartyVolunteer},
	MoneySpent:  {PartyShop},
	MoneyRefund: {PartyShop},
	MoneyWaived: {PartyFund},
}

// MoneyKinds lists the kinds.
var MoneyKinds = []MoneyKind{MoneyIn, MoneyBack, MoneySpent, MoneyRefund, MoneyWaived}

// MoneyMethod is how money changed hands.
type MoneyMethod string

// The methods.
const (
	MethodCash     MoneyMethod = "CASH"     // 现金
	MethodTransfer MoneyMethod = "TRANSFER" // 转账
	MethodCard     MoneyMethod = "CARD"     // 刷卡
	MethodNone     MoneyMethod = "NONE"     // 无
)

// MoneyMethods lists the methods.
var MoneyMethods = []MoneyMethod{MethodCash, MethodTransfer, MethodCard, MethodNone}

// The bounds of entries.
const (
	MaxEntryFen = 10_000_000 // 100,000 yuan
	MaxEntries  = 50         // in one call
)

// MoneyEntry is one entry in the purse of an order. It is never changed: a further entry reverses it.
type MoneyEntry struct {
	CommunityID int32       `db:"community_id"`
	UUID        UUID        `db:"id"`
	OrderUUID   UUID        `db:"order_id"`
	Kind        MoneyKind   `db:"kind"`
	Party       MoneyParty  `db:"party"`
	AmountFen   int64       `db:"amount_fen"`
	Method      MoneyMethod `db:"method"`
	FileUUID    *UUID       `db:"file_id"`  // a photo of the receipt
	Reverses    *UUID       `db:"reverses"` // the entry that this one takes back, whose kind, party and amount it repeats
	Reversed    bool        `db:"reversed"` // whether another entry takes this one back
	At          time.Time   `db:"at"`
	ByRole      Role        `db:"by_role"`
	ByUUID      *UUID       `db:"by_id"`
}

// ID is the entry's opaque id.
func (m *MoneyEntry) ID() ID { return ID{KindMoneyEntry, m.CommunityID, m.UUID} }

// OrderID is the opaque id of the order.
func (m *MoneyEntry) OrderID() ID { return ID{KindOrder, m.CommunityID, m.OrderUUID} }

// ReversesID is the opaque id of the entry that this one takes back, nil if it takes back none.
func (m *MoneyEntry) ReversesID() *ID {
	if m.Reverses == nil {
		return nil
	}
	return &ID{KindMoneyEntry, m.CommunityID, *m.Reverses}
}

// By is the actor who recorded the entry.
func (m *MoneyEntry) By() *Ref {
	return &Ref{Role: m.ByRole, Community: m.CommunityID, UUID: orEmpty(m.ByUUID)}
}

// Purse is the money account of an order (往来账): what was paid and collected on the household's behalf. Its sums are those of its entries;
// entries that were reversed and the entries that reverse them do not count.
type Purse struct {
	CommunityID  int32      `db:"community_id"`
	OrderUUID    UUID       `db:"order_id"`
	InHandFen    int64      `db:"purse_fen"`     // in + refunds − back − spent; never negative
	OwesFen      int64      `db:"owes_fen"`      // spent − refunds − waived − (household in − household back)
	SpentFen     int64      `db:"spent_fen"`     // spent − refunds
	VolunteerFen int64      `db:"volunteer_fen"` // volunteer in − volunteer back
	FundFen      int64      `db:"fund_fen"`      // fund in − fund back
	WaivedFen    int64      `db:"waived_fen"`
	OpenedAt     time.Time  `db:"opened_at"` // since when it is not settled
	SettledAt    *time.Time `db:"settled_at"`
	Version      int64      `db:"version"`
}

// OrderID is the opaque id of the order.
func (p *Purse) OrderID() ID { return ID{KindOrder, p.CommunityID, p.OrderUUID} }

// NewPurse returns an empty purse of the order, to which entries are added at the instant. It is written with its first entry.
func NewPurse(order ID, at time.Time) *Purse {
	return &Purse{CommunityID: order.Community, OrderUUID: order.UUID, OpenedAt: at}
}

// Settled reports whether the purse is settled.
func (p *Purse) Settled() bool { return p.SettledAt != nil }

// The refusals of entries and of settling.
var (
	ReasonNotYourMoney = NewReason("NOT_YOUR_MONEY", CodeForbidden,
		"Only the volunteer who runs the order, the supply volunteers of its building, leads and the commander keep its purse.",
		"只有承接队员、楼栋保供队员、队长或指挥可以登记该订单的往来账。")
	ReasonWaivedByLeads = NewReason("WAIVED_BY_LEADS", CodeForbidden,
		"Only leads and the commander can waive what a household owes.",
		"只有队长或指挥可以减免住户的欠款。")
	ReasonWrongParty = NewWordedReason("WRONG_PARTY", CodeBadUserInput,
		"An entry of the kind %s can have one of these parties: %s.",
		"“%s”只能用于以下对象：%s。")
	ReasonNothingInHand = NewReason("NOTHING_IN_HAND", CodeConflict,
		"The purse holds ¥%s; this takes out more than that.",
		"往来账结余 %s 元，不够支出。")
	ReasonReversed = NewReason("REVERSED", CodeConflict,
		"This entry has already been reversed.",
		"该笔已被冲销。")
	ReasonIsReversal = NewReason("IS_REVERSAL", CodeBadUserInput,
		"This entry is a reversal; record the amount again instead of reversing it.",
		"该笔本身是冲销，请重新登记金额。")
	ReasonNotEven = NewReason("NOT_EVEN", CodeConflict,
		"The purse is not even yet: in hand ¥%s, owed by the household ¥%s, advanced by the volunteer ¥%s, borne by the fund beyond what was waived ¥%s.",
		"往来账尚未结平：手头结余 %s 元，住户欠 %s 元，队员垫付 %s 元，队内资金超出减免 %s 元。")
)

// KeepsPurse reports whether the actor may record and settle the money of an order in sight: the volunteer who runs it, the supply
// volunteers of its building, leads, the commander and administrators.
func (a Actor) KeepsPurse(s *OrderSnapshot) bool {
	if !a.Scope().Sees(s.Keys()) {
		return false
	}
	return a.outranks() || a.Role == RoleVolunteer && (a.fills(PostTaker, s) || a.fills(PostBuilding, s))
}

// CheckPurse refuses an actor who may not record and settle the money of the order.
func (a Actor) CheckPurse(s *OrderSnapshot) *Error {
	if !a.KeepsPurse(s) {
		return Refuse(ReasonNotYourMoney)
	}
	return nil
}

// SeesPurse reports whether the actor may see the money of an order in sight: its household, and the people who keep it.
func (a Actor) SeesPurse(s *OrderSnapshot) bool {
	return a.Role == RoleResident && a.UUID == s.HouseholdUUID && a.Community == s.CommunityID || a.KeepsPurse(s)
}

// Add adds an entry to the purse, or reverses one: was is the entry that m reverses, nil if it reverses none. A settled purse is open again. It fails with
// BAD_USER_INPUT if the party does not fit or the amount is out of range, FORBIDDEN for WAIVED unless the actor is a lead, the commander or an
// administrator, and CONFLICT if the purse would become negative or was is reversed already.
func (p *Purse) Add(a Actor, m, was *MoneyEntry, at time.Time) *Error {
	sign := int64(1)
	if was != nil {
		switch {
		case was.Reverses != nil:
			return Refuse(ReasonIsReversal).At("reverses")
		case was.Reversed:
			return Refuse(ReasonReversed).At("reverses")
		}
		m.Kind, m.Party, m.AmountFen, m.Method, m.Reverses = was.Kind, was.Party, was.AmountFen, was.Method, &was.UUID
		sign = -1
	}
	parties := MoneyParties[m.Kind]
	switch {
	case !slices.Contains(parties, m.Party):
		return Refuse(ReasonWrongParty, m.Kind, partyList(parties)).At("party")
	case m.Kind == MoneyWaived && !a.outranks():
		return Refuse(ReasonWaivedByLeads).At("kind")
	}
	next := *p
	next.add(m, sign)
	if next.InHandFen < 0 {
		return Refuse(ReasonNothingInHand, Yuan(p.InHandFen)).At("amountFen").With(Details{InHandFen: &p.InHandFen})
	}
	if next.Settled() {
		next.SettledAt, next.OpenedAt = nil, at
	}
	*p = next
	m.At, m.ByRole, m.ByUUID = at, a.Role, uuidOrNil(a.UUID)
	if was != nil {
		was.Reversed = true
	}
	return nil
}

// add changes the sums by an entry, or by the reversal of one.
func (p *Purse) add(m *MoneyEntry, sign int64) {
	fen := sign * m.AmountFen
	switch m.Kind {
	case MoneyBack:
		p.InHandFen -= fen
		p.side(m.Party, -fen)
	case MoneyIn:
		p.InHandFen += fen
		p.side(m.Party, fen)
	case MoneySpent:
		p.InHandFen, p.OwesFen, p.SpentFen = p.InHandFen-fen, p.OwesFen+fen, p.SpentFen+fen
	case MoneyRefund:
		p.InHandFen, p.OwesFen, p.SpentFen = p.InHandFen+fen, p.OwesFen-fen, p.SpentFen-fen
	case MoneyWaived:
		p.OwesFen, p.WaivedFen = p.OwesFen-fen, p.WaivedFen+fen
	}
}

// side adds what a party paid in, or subtracts what it got back.
func (p *Purse) side(party MoneyParty, fen int64) {
	switch party {
	case PartyHousehold:
		p.OwesFen -= fen
	case PartyVolunteer:
		p.VolunteerFen += fen
	case PartyFund:
		p.FundFen += fen
	}
}

// Settle settles the purse. It returns false if the purse is settled already. It fails with CONFLICT, which gives each sum, unless nothing is in
// hand, the household owes nothing, the volunteer has been repaid, and the fund has borne exactly what was waived.
func (p *Purse) Settle(at time.Time) (bool, *Error) {
	if p.Settled() {
		return false, nil
	}
	if fund := p.FundFen - p.WaivedFen; p.InHandFen != 0 || p.OwesFen != 0 || p.VolunteerFen != 0 || fund != 0 {
		return false, Refuse(ReasonNotEven, Yuan(p.InHandFen), Yuan(p.OwesFen), Yuan(p.VolunteerFen), Yuan(fund)).
			With(Details{InHandFen: &p.InHandFen, OwesFen: &p.OwesFen, VolunteerFen: &p.VolunteerFen, FundFen: &fund})
	}
	p.SettledAt = &at
	return true, nil
}

// partyList lists the parties for a sentence.
func partyList(parties []MoneyParty) string {
	words := make([]string, len(parties))
	for i, p := range parties {
		words[i] = string(p)
	}
	return strings.Join(words, listed)
}

// The kinds of event of a purse. They carry the keys of the order, without its supplier's, and no amounts.
const (
	MoneyRecorded EventKind = "MONEY_RECORDED"
	MoneySettled  EventKind = "MONEY_SETTLED"
)

var (
	_ = addKind(eventSpec{kind: MoneyRecorded, body: reflect.TypeFor[PurseBody](), board: boardsThatSee, about: KindOrder, row: rowOf(purseRow)})
	_ = addKind(eventSpec{kind: MoneySettled, body: reflect.TypeFor[PurseBody](), board: boardsThatSee, about: KindOrder, row: rowOf(purseRow)})
)

// PurseBody is the body of the events of a purse.
type PurseBody struct {
	Order   UUID `json:"purseOf,omitempty"`
	Entries int  `json:"entries,omitempty"` // how many were recorded
}

func purseRow(b *PurseBody) (UUID, []ActivityNumber) {
	return b.Order, []ActivityNumber{{"entries", b.Entries}}
}

// ofHousehold returns the keys of what the order's household and the team see, but not its supplier.
func (s *OrderSnapshot) ofHousehold() Keys {
	return Keys{Community: s.CommunityID, Building: s.BuildingUUID, Household: s.HouseholdUUID}
}

// Recorded returns the event that entries were recorded in the order's purse.
func (s *OrderSnapshot) Recorded(a Actor, entries int, at time.Time) *Event {
	return NewEvent(MoneyRecorded, a, at, s.ofHousehold(), &PurseBody{Order: s.UUID, Entries: entries})
}

// SettledMoney returns the event that the order's purse was settled.
func (s *OrderSnapshot) SettledMoney(a Actor, at time.Time) *Event {
	return NewEvent(MoneySettled, a, at, s.ofHousehold(), &PurseBody{Order: s.UUID})
}

// SettleWithin is how long after the end of an order its money may stay unsettled. After that the clock opens an incident MONEY, which settling
// closes.
const SettleWithin = 48 * time.Hour

// NewUnsettled returns the incident MONEY that the clock opens.
func (s *OrderSnapshot) NewUnsettled() *Incident {
	return NewIncident(IncidentMoney, s.OrderID(), s.ofHousehold())
}

// Yuan returns an amount in yuan with two decimals: 12.50, -3.00.
func Yuan(fen int64) string {
	sign := ""
	if fen < 0 {
		sign, fen = "-", -fen
	}
	return fmt.Sprintf("%s%d.%02d", sign, fen/100, fen%100)
}
