package delivery

import (
	"reflect"
	"time"
)

// ErrandKind is what an errand is about.
type ErrandKind string

// The kinds of errands.
const (
	ErrandMedicine  ErrandKind = "MEDICINE"  // 买药取药
	ErrandCash      ErrandKind = "CASH"      // 取款
	ErrandBill      ErrandKind = "BILL"      // 缴费
	ErrandPaperwork ErrandKind = "PAPERWORK" // 办事
	ErrandRepair    ErrandKind = "REPAIR"    // 维修
	ErrandHospital  ErrandKind = "HOSPITAL"  // 就医
	ErrandOther     ErrandKind = "OTHER"     // 其他
)

// ErrandKinds lists the kinds.
var ErrandKinds = []ErrandKind{ErrandMedicine, ErrandCash, ErrandBill, ErrandPaperwork, ErrandRepair, ErrandHospital, ErrandOther}

// Marks returns the marks that orders of the kind get. The mark MEDICINE requires a proof other than the volunteer's word.
func (k ErrandKind) Marks() Marks {
	if k == ErrandMedicine {
		return Marks{MarkMedicine}
	}
	return nil
}

// Errand is the additional data of an order of the channel ERRAND: its kind, its answer, and how many of its documents are out (代办). An order
// without a row has the errand that NewErrand returns.
type Errand struct {
	CommunityID    int32      `db:"community_id"`
	UUID           UUID       `db:"id"` // of the order
	Kind           ErrandKind `db:"kind"`
	Answer         string     `db:"answer"` // the result, in words; personal data
	AnsweredAt     *time.Time `db:"answered_at"`
	AnsweredByRole *Role      `db:"answered_by_role"`
	AnsweredByUUID *UUID      `db:"answered_by_id"`
	Out            int        `db:"out"` // documents that are neither returned nor lost
}

// NewErrand returns the errand of an order, of kind OTHER.
func NewErrand(order ID) *Errand {
	return &Errand{CommunityID: order.Community, UUID: order.UUID, Kind: ErrandOther}
}

// OrderID is the opaque id of the order.
func (e *Errand) OrderID() ID { return ID{KindOrder, e.CommunityID, e.UUID} }

// ErrandID is the opaque id of the order if it is an errand, else nil.
func (o *Order) ErrandID() *ID {
	if o.Channel != ChannelErrand {
		return nil
	}
	return new(o.ID())
}

// AnsweredBy is the actor who recorded the answer, nil while there is none.
func (e *Errand) AnsweredBy() *Ref {
	if e.AnsweredByRole == nil {
		return nil
	}
	return &Ref{Role: *e.AnsweredByRole, Community: e.CommunityID, UUID: orEmpty(e.AnsweredByUUID)}
}

// The refusals of errands and documents.
var (
	ReasonNotAnErrand = NewReason("NOT_AN_ERRAND", CodeBadUserInput,
		"Only an order of the channel ERRAND has this.",
		"只有代办订单可以这样操作。")
	ReasonNotYourErrand = NewReason("NOT_YOUR_ERRAND", CodeForbidden,
		"Only the volunteer who runs the errand, a lead or the commander may do this.",
		"只有承接队员、队长或指挥可以操作。")
	ReasonDocumentsOut = NewReason("DOCUMENTS_OUT", CodeConflict,
		"The household's documents are still out: %d. Return them first, or report them lost.",
		"尚有 %d 份证件未归还，请先归还或登记遗失。")
	ReasonAnswerNeeded = NewReason("ANSWER_NEEDED", CodeConflict,
		"Record how the errand went before you hand it over.",
		"代办必须填写办理结果才能完成。")
	ReasonDocumentBack = NewReason("DOCUMENT_BACK", CodeConflict,
		"This document has already been returned.",
		"该证件已归还。")
	ReasonDocumentLost = NewReason("DOCUMENT_LOST", CodeConflict,
		"This document has already been reported lost.",
		"该证件已登记遗失。")
)

// RunsErrand reports whether the actor may record the answer and the documents of an errand in sight: the volunteer who runs it, leads, the
// commander and administrators.
func (a Actor) RunsErrand(s *OrderSnapshot) bool {
	if !a.Scope().Sees(s.Keys()) {
		return false
	}
	return a.outranks() || a.Role == RoleVolunteer && a.fills(PostTaker, s)
}

// CheckErrand refuses an actor who may not record answers and documents of the order, and an order that is no errand.
func (a Actor) CheckErrand(s *OrderSnapshot) *Error {
	switch {
	case !a.RunsErrand(s):
		return Refuse(ReasonNotYourErrand)
	case s.Channel != ChannelErrand:
		return Refuse(ReasonNotAnErrand)
	}
	return nil
}

// mayEnd refuses to end an errand while a document is out, and to hand it over without an answer. It allows orders of other channels. A nil errand
// has neither documents nor an answer.
func (s *OrderSnapshot) mayEnd(to Stage, e *Errand) *Error {
	switch {
	case s.Channel != ChannelErrand || !to.Final():
		return nil
	case e != nil && e.Out > 0:
		return Refuse(ReasonDocumentsOut, e.Out).With(s.Where())
	case to == Delivered && (e == nil || e.AnsweredAt == nil):
		return Refuse(ReasonAnswerNeeded).With(s.Where())
	}
	return nil
}

// Record records the answer and replaces an earlier one. It returns nil if the answer is the same.
func (e *Errand) Record(a Actor, s *OrderSnapshot, answer string, at time.Time) *Event {
	if e.AnsweredAt != nil && e.Answer == answer {
		return nil
	}
	e.Answer, e.AnsweredAt, e.AnsweredByRole, e.AnsweredByUUID = answer, &at, &a.Role, uuidOrNil(a.UUID)
	return s.ofErrand(ErrandAnswered, a, 0, at)
}

// DocumentKind is what a document is.
type DocumentKind string

// The kinds of documents.
const (
	DocumentMedicalCard   DocumentKind = "MEDICAL_CARD"   // 医保卡
	DocumentMedicalRecord DocumentKind = "MEDICAL_RECORD" // 病历本
	DocumentPrescription  DocumentKind = "PRESCRIPTION"   // 处方
	DocumentIDCard        DocumentKind = "ID_CARD"        // 身份证
	DocumentBankBook      DocumentKind = "BANK_BOOK"      // 存折
	DocumentKey           DocumentKind = "KEY"            // 钥匙
	DocumentOther         DocumentKind = "OTHER"          // 其他
)

// DocumentKinds lists the kinds.
var DocumentKinds = []DocumentKind{DocumentMedicalCard, DocumentMedicalRecord, DocumentPrescription, DocumentIDCard, DocumentBankBook, DocumentKey, DocumentOther}

// The bounds of documents.
const (
	MaxDocuments    = 20 // taken in one call
	MaxDocumentsOut = 40 // of one errand at once
)

// Document is a card or paper that a volunteer carries for a household (证件): it is out, then returned or lost.
type Document struct {
	CommunityID    int32        `db:"community_id"`
	UUID           UUID         `db:"id"`
	OrderUUID      UUID         `db:"order_id"`
	Kind           DocumentKind `db:"kind"`
	TakenAt        time.Time    `db:"taken_at"`
	TakenByRole    Role         `db:"taken_by_role"`
	TakenByUUID    *UUID        `db:"taken_by_id"`
	ReturnedAt     *time.Time   `db:"returned_at"`
	ReturnedByRole *Role        `db:"returned_by_role"`
	ReturnedByUUID *UUID        `db:"returned_by_id"`
	LostAt         *time.Time   `db:"lost_at"`
	IncidentUUID   *UUID        `db:"incident_id"` // DOCUMENT_LOST
}

// ID is the document's opaque id.
func (d *Document) ID() ID { return ID{KindDocument, d.CommunityID, d.UUID} }

// OrderID is the opaque id of the order.
func (d *Document) OrderID() ID { return ID{KindOrder, d.CommunityID, d.OrderUUID} }

// IncidentID is the opaque id of the incident about its loss, nil if it is not lost.
func (d *Document) IncidentID() *ID {
	if d.IncidentUUID == nil {
		return nil
	}
	return &ID{KindIncident, d.CommunityID, *d.IncidentUUID}
}

// TakenBy is the actor who took the document.
func (d *Document) TakenBy() *Ref {
	return &Ref{Role: d.TakenByRole, Community: d.CommunityID, UUID: orEmpty(d.TakenByUUID)}
}

// ReturnedBy is the actor who returned the document, nil while it is not returned.
func (d *Document) ReturnedBy() *Ref {
	if d.ReturnedByRole == nil {
		return nil
	}
	return &Ref{Role: *d.ReturnedByRole, Community: d.CommunityID, UUID: orEmpty(d.ReturnedByUUID)}
}

// Out reports whether the document is neither returned nor lost.
func (d *Document) Out() bool { return d.ReturnedAt == nil && d.LostAt == nil }

// NewDocument returns a document that the actor takes now. The caller sets its id.
func NewDocument(a Actor, s *OrderSnapshot, kind DocumentKind, at time.Time) *Document {
	return &Document{CommunityID: s.CommunityID, OrderUUID: s.UUID, Kind: kind, TakenAt: at, TakenByRole: a.Role, TakenByUUID: uuidOrNil(a.UUID)}
}

// Return records that the document is back at the household, even if it was reported lost before. It fails with CONFLICT if it is back already.
func (d *Document) Return(a Actor, at time.Time) *Error {
	if d.ReturnedAt != nil {
		return Refuse(ReasonDocumentBack)
	}
	d.ReturnedAt, d.ReturnedByRole, d.ReturnedByUUID = &at, &a.Role, uuidOrNil(a.UUID)
	d.LostAt, d.IncidentUUID = nil, nil
	return nil
}

// Lose records that the document is lost; the caller sets its incident. It fails with CONFLICT if it is back or lost already.
func (d *Document) Lose(at time.Time) *Error {
	switch {
	case d.ReturnedAt != nil:
		return Refuse(ReasonDocumentBack)
	case d.LostAt != nil:
		return Refuse(ReasonDocumentLost)
	}
	d.LostAt = &at
	return nil
}

// The kinds of event of an errand. They carry the keys of the order, without its supplier's.
const (
	ErrandAnswered    EventKind = "ERRAND_ANSWERED"
	DocumentsTaken    EventKind = "DOCUMENTS_TAKEN"
	DocumentsReturned EventKind = "DOCUMENTS_RETURNED"
	DocumentsLost     EventKind = "DOCUMENTS_LOST"
)

var (
	_ = errandKind(ErrandAnswered)
	_ = errandKind(DocumentsTaken)
	_ = errandKind(DocumentsReturned)
	_ = errandKind(DocumentsLost)
)

func errandKind(kind EventKind) *eventSpec { //nolint:unparam // "var _ =" runs it
	return addKind(eventSpec{kind: kind, body: reflect.TypeFor[ErrandBody](), board: boardsThatSee, about: KindOrder, row: rowOf(errandRow)})
}

// ErrandBody is the body of the events of an errand.
type ErrandBody struct {
	Order     UUID `json:"errand,omitempty"`
	Documents int  `json:"documents,omitempty"` // how many were taken, returned or lost
}

func errandRow(b *ErrandBody) (UUID, []ActivityNumber) {
	return b.Order, []ActivityNumber{{"documents", b.Documents}}
}

func (s *OrderSnapshot) ofErrand(kind EventKind, a Actor, documents int, at time.Time) *Event {
	return NewEvent(kind, a, at, s.ofHousehold(), &ErrandBody{Order: s.UUID, Documents: documents})
}

// TookDocuments returns the event that documents of the errand were taken.
func (s *OrderSnapshot) TookDocuments(a Actor, n int, at time.Time) *Event {
	return s.ofErrand(DocumentsTaken, a, n, at)
}

// BroughtDocuments returns the event that documents of the errand were returned.
func (s *OrderSnapshot) BroughtDocuments(a Actor, n int, at time.Time) *Event {
	return s.ofErrand(DocumentsReturned, a, n, at)
}

// LostDocuments returns the event that documents of the errand were reported lost.
func (s *OrderSnapshot) LostDocuments(a Actor, n int, at time.Time) *Event {
	return s.ofErrand(DocumentsLost, a, n, at)
}

// NewDocumentLost returns the incident DOCUMENT_LOST of the order.
func (s *OrderSnapshot) NewDocumentLost() *Incident {
	i := NewIncident(IncidentDocumentLost, s.OrderID(), s.ofHousehold())
	i.Severity = SeverityHigh
	return i
}

// SeesErrand reports whether the sight shows the errands of orders: to the team, and to the household.
func (s Sight) SeesErrand() bool { return s.Team || s.Own == RoleResident }
