package delivery

import (
	"fmt"
	"maps"
	"strconv"
)

// IncidentKind is the kind of trouble (异常). The clock and the roster raise LATE, NO_SHOW and UNCOVERED, the sender
// WEBHOOK_FAILING; people and counts raise
// the others.
type IncidentKind string

// The kinds of incident.
const (
	IncidentMissing      IncidentKind = "MISSING"
	IncidentShort        IncidentKind = "SHORT"
	IncidentDamaged      IncidentKind = "DAMAGED"
	IncidentStray        IncidentKind = "STRAY"
	IncidentWrongPlace   IncidentKind = "WRONG_PLACE"
	IncidentCountDiffers IncidentKind = "COUNT_DIFFERS"
	IncidentNotReceived  IncidentKind = "NOT_RECEIVED"
	IncidentBadAddress   IncidentKind = "BAD_ADDRESS"
	IncidentLate         IncidentKind = "LATE"
	IncidentNoShow       IncidentKind = "NO_SHOW"
	IncidentUncovered    IncidentKind = "UNCOVERED"
	IncidentMoney        IncidentKind = "MONEY"
	IncidentDocumentLost IncidentKind = "DOCUMENT_LOST"
	IncidentSafety       IncidentKind = "SAFETY"
	IncidentComplaint    IncidentKind = "COMPLAINT"
	IncidentWebhook      IncidentKind = "WEBHOOK_FAILING"
	IncidentOther        IncidentKind = "OTHER"
)

// IncidentKinds lists every kind of incident.
var IncidentKinds = []IncidentKind{IncidentMissing, IncidentShort, IncidentDamaged, IncidentStray, IncidentWrongPlace, IncidentCountDiffers,
	IncidentNotReceived, IncidentBadAddress, IncidentLate, IncidentNoShow, IncidentUncovered, IncidentMoney, IncidentDocumentLost, IncidentSafety,
	IncidentComplaint, IncidentWebhook, IncidentOther}

var incidentKindWords = map[IncidentKind]Bilingual{
	IncidentMissing: {"未到", "Missing"}, IncidentShort: {"少件", "Bags missing"}, IncidentDamaged: {"破损变质", "Damaged or spoiled"},
	IncidentStray: {"无主件", "Bag without an order"}, IncidentWrongPlace: {"送错", "In the wrong place"}, IncidentCountDiffers: {"两次清点不符", "Counts differ"},
	IncidentNotReceived: {"住户未收到", "Not received"}, IncidentBadAddress: {"地址不清", "Address unclear"}, IncidentLate: {"超时", "Late"},
	IncidentNoShow: {"未到岗", "Did not turn up"}, IncidentUncovered: {"楼栋无队员", "Building uncovered"}, IncidentMoney: {"账目不平", "Money does not balance"},
	IncidentDocumentLost: {"证件遗失", "Document lost"}, IncidentSafety: {"安全", "Safety"}, IncidentComplaint: {"投诉", "Complaint"}, IncidentWebhook: {"推送失败", "Webhook failing"}, IncidentOther: {"其他", "Other"},
}

// Severity says how urgent an incident is (轻重). HIGH ones begin at the level LEAD.
type Severity string

// The severities.
const (
	SeverityLow    Severity = "LOW"
	SeverityNormal Severity = "NORMAL"
	SeverityHigh   Severity = "HIGH"
)

// Severities lists every severity, from the least.
var Severities = []Severity{SeverityLow, SeverityNormal, SeverityHigh}

var severityWords = map[Severity]Bilingual{SeverityLow: {"轻", "Minor"}, SeverityNormal: {"一般", "Normal"}, SeverityHigh: {"紧急", "Urgent"}}

// EscalationLevel says who must look at an incident now (层级). The clock raises it. SQL keeps its number.
type EscalationLevel string

// The levels: 1, 2 and 3 in SQL.
const (
	LevelVolunteer EscalationLevel = "VOLUNTEER"
	LevelLead      EscalationLevel = "LEAD"
	LevelCommand   EscalationLevel = "COMMAND"
)

// EscalationLevels lists every level, from the lowest.
var EscalationLevels = []EscalationLevel{LevelVolunteer, LevelLead, LevelCommand}

var levelWords = map[EscalationLevel]Bilingual{LevelVolunteer: {"队员", "Volunteer"}, LevelLead: {"队长", "Squad lead"}, LevelCommand: {"指挥", "Command"}}

// Number is the level's number: 1, 2, 3; 0 for the empty one.
func (l EscalationLevel) Number() int {
	for i, level := range EscalationLevels {
		if level == l {
			return i + 1
		}
	}
	return 0
}

// Scan reads the level's number; 0 is the empty level.
func (l *EscalationLevel) Scan(src any) error {
	n, ok := src.(int64)
	if !ok || n < 0 || int(n) > len(EscalationLevels) {
		return fmt.Errorf("scan a level from %v", src)
	}
	if *l = ""; n > 0 {
		*l = EscalationLevels[n-1]
	}
	return nil
}

// Numbers returns the levels' numbers as texts, nil for nil.
func Numbers(levels []EscalationLevel) []string {
	if levels == nil {
		return nil
	}
	out := make([]string, len(levels))
	for i, l := range levels {
		out[i] = strconv.Itoa(l.Number())
	}
	return out
}

// IncidentState is how far an incident is: OPEN → TAKEN → RESOLVED. A resolved one is not opened again.
type IncidentState string

// The states of an incident.
const (
	IncidentOpen     IncidentState = "OPEN"
	IncidentTaken    IncidentState = "TAKEN"
	IncidentResolved IncidentState = "RESOLVED"
)

// IncidentStates lists every state in its order.
var IncidentStates = []IncidentState{IncidentOpen, IncidentTaken, IncidentResolved}

var incidentStateWords = map[IncidentState]Bilingual{IncidentOpen: {"待处理", "Open"}, IncidentTaken: {"处理中", "In hand"}, IncidentResolved: {"已解决", "Resolved"}}

// Resolution says how an incident ended (处理结果).
type Resolution string

// The resolutions.
const (
	ResolutionFound      Resolution = "FOUND"
	ResolutionReplaced   Resolution = "REPLACED"
	ResolutionRefunded   Resolution = "REFUNDED"
	ResolutionReturned   Resolution = "RETURNED"
	ResolutionDisposed   Resolution = "DISPOSED"
	ResolutionAnswered   Resolution = "ANSWERED"
	ResolutionMovedOn    Resolution = "MOVED_ON"
	ResolutionWrittenOff Resolution = "WRITTEN_OFF"
	ResolutionNoFault    Resolution = "NO_FAULT"
)

// Resolutions lists every resolution.
var Resolutions = []Resolution{ResolutionFound, ResolutionReplaced, ResolutionRefunded, ResolutionReturned, ResolutionDisposed, ResolutionAnswered,
	ResolutionMovedOn, ResolutionWrittenOff, ResolutionNoFault}

var resolutionWords = map[Resolution]Bilingual{ResolutionFound: {"已找到", "Found"}, ResolutionReplaced: {"已补发", "Replaced"}, ResolutionRefunded: {"已退款", "Refunded"},
	ResolutionReturned: {"已退回", "Returned"}, ResolutionDisposed: {"已处置", "Disposed of"}, ResolutionAnswered: {"已答复", "Answered"},
	ResolutionMovedOn: {"已推进", "Moved on"}, ResolutionWrittenOff: {"核销", "Written off"}, ResolutionNoFault: {"无误", "No fault found"}}

// IncidentWords returns the names of every kind, severity, level, state and resolution of an incident, by the value's own type.
func IncidentWords() (map[IncidentKind]Bilingual, map[Severity]Bilingual, map[EscalationLevel]Bilingual, map[IncidentState]Bilingual, map[Resolution]Bilingual) {
	return maps.Clone(incidentKindWords), maps.Clone(severityWords), maps.Clone(levelWords), maps.Clone(incidentStateWords), maps.Clone(resolutionWords)
}
