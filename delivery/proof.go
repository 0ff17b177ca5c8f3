package delivery

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/binary"
	"errors"
	"fmt"
	"reflect"
	"slices"
	"strings"
	"time"
)

// ProofKind is how a hand-over is proved.
type ProofKind string

// The kinds of proof.
const (
	ProofAttested  ProofKind = "ATTESTED"   // 队员确认: the word of the volunteer
	ProofPhoto     ProofKind = "PHOTO"      // 门口照片
	ProofCode      ProofKind = "CODE"       // 四位口令: the household says its code
	ProofUnitCount ProofKind = "UNIT_COUNT" // 单元清点: the unit counts its goods
	ProofResident  ProofKind = "RESIDENT"   // 住户确认
)

// ProofKinds lists every kind of proof.
var ProofKinds = ProofPolicy{ProofAttested, ProofPhoto, ProofCode, ProofUnitCount, ProofResident}

// medicineProofs are the kinds that prove more than a word does.
var medicineProofs = []ProofKind{ProofPhoto, ProofCode, ProofResident}

// ProofPolicy is the kinds of proof that a community accepts, in the order of ProofKinds.
type ProofPolicy []ProofKind

// NewProofPolicy returns the policy of the kinds.
func NewProofPolicy(kinds []ProofKind) ProofPolicy {
	return slices.DeleteFunc(slices.Clone(ProofKinds), func(k ProofKind) bool { return !slices.Contains(kinds, k) })
}

// Check refuses a policy without PHOTO and RESIDENT: medicine could not be handed over once its code is forgotten or was wrong too often.
func (p ProofPolicy) Check() *Error {
	if slices.Contains(p, ProofPhoto) || slices.Contains(p, ProofResident) {
		return nil
	}
	return Refuse(ReasonNoMedicineProof)
}

// Array is the PostgreSQL text[] literal.
func (p ProofPolicy) Array() string { return "{" + p.join(",") + "}" }

func (p ProofPolicy) join(sep string) string {
	words := make([]string, len(p))
	for i, k := range p {
		words[i] = string(k)
	}
	return strings.Join(words, sep)
}

// Scan reads a PostgreSQL text[] literal. Kinds are bare words, so no quoting occurs.
func (p *ProofPolicy) Scan(src any) error {
	var text string
	switch v := src.(type) {
	case []byte:
		text = string(v)
	case string:
		text = v
	default:
		return fmt.Errorf("scan a proof policy from %T", src)
	}
	*p = nil
	for word := range strings.SplitSeq(strings.Trim(text, "{}"), ",") {
		if word != "" {
			*p = append(*p, ProofKind(word))
		}
	}
	return nil
}

// Proof is one proof that an order was handed over (签收凭证).
type Proof struct {
	CommunityID int32      `db:"community_id"`
	OrderUUID   UUID       `db:"order_id"`
	Version     int64      `db:"version"` // of the order right after the move or the confirmation that the proof is of
	Kind        ProofKind  `db:"kind"`
	FileUUID    *UUID      `db:"file_id"` // of a PHOTO
	At          time.Time  `db:"at"`
	ByRole      Role       `db:"by_role"`
	ByUUID      *UUID      `db:"by_id"`
	VoidedAt    *time.Time `db:"voided_at"` // when the hand-over was taken back
}

// OrderID is the opaque id of the order.
func (p *Proof) OrderID() ID { return ID{KindOrder, p.CommunityID, p.OrderUUID} }

// By is the actor who gave the proof.
func (p *Proof) By() *Ref {
	return &Ref{Role: p.ByRole, Community: p.CommunityID, UUID: orEmpty(p.ByUUID)}
}

// NewProof returns the proof of the move or confirmation that the event is of.
func NewProof(e *Event, kind ProofKind) *Proof {
	return &Proof{CommunityID: e.CommunityID, OrderUUID: e.Order.UUID, Version: e.Order.Version, Kind: kind, At: e.At, ByRole: e.ByRole, ByUUID: e.ByUUID}
}

// AcceptedProofs are the kinds of proof that suffice for the order: those of the community's policy, but more than the word of the
// volunteer for medicine. A nil policy accepts every kind.
func (s *OrderSnapshot) AcceptedProofs(p ProofPolicy) []ProofKind {
	if p == nil {
		p = ProofKinds
	}
	if s.Marks.Has(MarkMedicine) {
		return slices.DeleteFunc(slices.Clone(p), func(k ProofKind) bool { return !slices.Contains(medicineProofs, k) })
	}
	return p
}

// The refusals of proofs.
var (
	ReasonProofNeeded = NewWordedReason("PROOF_NEEDED", CodeConflict,
		"The hand-over of this order needs one of these proofs: %s.",
		"签收此订单须提供以下凭证之一：%s。")
	ReasonNoMedicineProof = NewReason("NO_MEDICINE_PROOF", CodeBadUserInput,
		"Accept PHOTO or RESIDENT: medicine needs more than the volunteer's word, and not every household knows its code.",
		"照片和住户确认至少接受一种：药品不能只凭队员确认，且有的住户不知道口令。")
	ReasonNotConfirmable = NewWordedReason("NOT_CONFIRMABLE", CodeConflict,
		"This order is at %s; its household can confirm it once it is at the building.",
		"订单处于“%s”环节，到达楼栋后住户才能确认。")
)

// needsProof refuses a proof that does not suffice, and names those that do.
func (s *OrderSnapshot) needsProof(p ProofPolicy) *Error {
	return proofNeeded(s.AcceptedProofs(p))
}

func proofNeeded(kinds []ProofKind) *Error {
	return Refuse(ReasonProofNeeded, ProofPolicy(kinds).join(listed)).With(Details{AcceptedProofs: kinds})
}

// WithoutCode refuses another code after MaxCodeAttempts wrong ones.
func (s *OrderSnapshot) WithoutCode(p ProofPolicy) *Error {
	kinds := slices.DeleteFunc(slices.Clone(s.AcceptedProofs(p)), func(k ProofKind) bool { return k == ProofCode })
	return proofNeeded(kinds)
}

// CheckProof refuses a kind of proof that does not suffice for the order.
func (s *OrderSnapshot) CheckProof(kind ProofKind, p ProofPolicy) *Error {
	if !slices.Contains(s.AcceptedProofs(p), kind) {
		return s.needsProof(p)
	}
	return nil
}

// DoorCode is the four digits with which the household of the order proves that it was handed over. They are derived from the
// secret of the community, so they are the same at every reading.
func DoorCode(secret string, order UUID) string {
	mac := hmac.New(sha256.New, []byte(secret))
	mac.Write([]byte("door code " + order))
	return fmt.Sprintf("%04d", binary.BigEndian.Uint64(mac.Sum(nil))%10_000)
}

// OrderProved is the kind of event of an order whose hand-over is proved by more than the word of the volunteer. It comes right before the move to
// DELIVERED, so that the move stays the order's last event and can be taken back.
const OrderProved EventKind = "ORDER_PROVED"

var _ = addKind(eventSpec{kind: OrderProved, body: reflect.TypeFor[ProvedBody](), fold: foldProved, whole: true})

// ProvedBody is the body of ORDER_PROVED.
type ProvedBody struct {
	Proof ProofKind `json:"proof,omitempty"`
}

// Prove returns the event of a proof, to be recorded right before the move to DELIVERED. It returns nil for the word of the volunteer, which
// the move itself tells. The event raises the version, so the caller moves the order as the event leaves it.
func (s *OrderSnapshot) Prove(a Actor, kind ProofKind, at time.Time) *Event {
	if kind == ProofAttested {
		return nil
	}
	next := s.clone()
	next.Version++
	return newEvent(OrderProved, a, at, next, &ProvedBody{Proof: kind})
}

func foldProved(before *OrderSnapshot, e *Event) (*OrderSnapshot, error) {
	if before.Stage.Final() {
		return nil, errors.New("proved after the hand-over")
	}
	return before.after(e), nil
}

// Proof is how the hand-over is proved, nil for events other than ORDER_PROVED.
func (e *Event) Proof() *ProofKind {
	if proved := BodyOf[ProvedBody](e); proved != nil {
		return orNil(&proved.Proof)
	}
	return nil
}

// MaxCodeAttempts is how many wrong codes an order takes; after them another kind of proof is needed.
const MaxCodeAttempts = 5

// OrderConfirmed is the kind of event of an order whose household confirmed that it received it, or that it is at the door.
const OrderConfirmed EventKind = "ORDER_CONFIRMED"

var _ = addKind(eventSpec{kind: OrderConfirmed, fold: foldConfirmed, whole: true})

// Confirm returns the event of the household's confirmation, nil if it has confirmed already. It fails with CONFLICT before the
// order is at the building, and once it is cancelled or returned.
func (s *OrderSnapshot) Confirm(a Actor, at time.Time) (*Event, *Error) {
	switch {
	case s.Stage != Delivered && s.Stage != OutForDelivery && s.Stage != AtBuilding:
		return nil, Refuse(ReasonNotConfirmable, s.Stage).With(s.Where())
	case s.ConfirmedAt != nil:
		return nil, nil
	}
	next := s.clone()
	next.Version++
	if s.Stage == Delivered {
		next.ConfirmedAt = &at
	}
	return newEvent(OrderConfirmed, a, at, next, nil), nil
}

func foldConfirmed(before *OrderSnapshot, e *Event) (*OrderSnapshot, error) {
	if before.ConfirmedAt != nil {
		return nil, errors.New("confirmed twice")
	}
	next := before.after(e)
	if next.Stage == Delivered {
		next.ConfirmedAt = &e.At
	}
	return next, nil
}
