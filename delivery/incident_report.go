package delivery

import "slices"

// reportable lists what people outside the team may report, by the kind of the subject: trouble that they can see themselves.
var reportable = map[Role]map[Kind][]IncidentKind{
	RoleResident: {
		KindOrder: {IncidentShort, IncidentDamaged, IncidentWrongPlace, IncidentNotReceived, IncidentMoney, IncidentDocumentLost, IncidentSafety,
			IncidentComplaint, IncidentOther},
		KindHousehold: {IncidentBadAddress, IncidentMoney, IncidentDocumentLost, IncidentSafety, IncidentComplaint, IncidentOther},
	},
	RoleSupplier: {
		KindOrder:   {IncidentMissing, IncidentShort, IncidentDamaged, IncidentWrongPlace, IncidentBadAddress, IncidentOther},
		KindArrival: {IncidentMissing, IncidentShort, IncidentDamaged, IncidentCountDiffers, IncidentOther},
	},
}

// The refusals of reporting incidents.
var (
	ReasonIncidentOpen = NewReason("INCIDENT_OPEN", CodeConflict,
		"An incident of this kind is already open about this subject.",
		"该对象已有同类异常尚未解决。")
	ReasonRaisedByItself = NewReason("RAISED_BY_ITSELF", CodeBadUserInput,
		"Incidents of this kind are opened by the clock, a change of the team or a count, not by hand.",
		"此类异常由系统计时、队员变动或清点自动产生，不能手动上报。")
	ReasonKindNotYours = NewReason("KIND_NOT_YOURS", CodeForbidden,
		"You may not report this kind of incident about this subject.",
		"您不能就该对象上报此类异常。")
)

// RaisedByItself reports whether incidents of the kind are opened only by the clock, the roster, a count or a failing delivery.
func (k IncidentKind) RaisedByItself() bool {
	return k == IncidentLate || k == IncidentNoShow || k == IncidentUncovered || k == IncidentStray || k == IncidentWebhook
}

// CanReport refuses an incident that the actor may not report. Members of the team may report every kind about subjects in sight. A
// resident and a supplier may report the kinds of reportable about their own subjects. It fails with NOT_FOUND for a subject out of sight.
func (a Actor) CanReport(kind IncidentKind, subject Kind, k Keys) *Error {
	switch {
	case !a.Scope().Sees(k):
		return Refuse(ReasonNoSuch, subject.String())
	case kind.RaisedByItself():
		return Refuse(ReasonRaisedByItself).At("kind")
	case !a.OfTeam() && !slices.Contains(reportable[a.Role][subject], kind):
		return Refuse(ReasonKindNotYours).At("kind")
	}
	return nil
}

// MayReport reports whether the actor may report incidents at all. Roles that only read may not.
func (a Actor) MayReport() bool { return a.OfTeam() || reportable[a.Role] != nil }

// OpenAlready returns the refusal of another incident of the same kind about the same subject.
func (i *Incident) OpenAlready() *Error { return Refuse(ReasonIncidentOpen).With(i.where()) }
