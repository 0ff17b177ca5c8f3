package delivery

import "time"

// CallQueue is the queue of the phone desk: the enquiries that wait or are taken, as far as the viewer sees them, with counts.
type CallQueue struct {
	CommunityID int32
	Waiting     int        `db:"waiting"` // due now or later
	Due         int        `db:"due"`
	Urgent      int        `db:"urgent"` // of those that are due
	Taken       int        `db:"taken"`
	OldestDueAt *time.Time `db:"oldest_due_at"` // since when the one that has waited longest is due; nil if none is due
	Desks       int        `db:"desks"`         // members of the phone desk who are reachable
	Enquiries   []*Enquiry
}

// ChangesQueue reports whether the event may change the queue of the phone desk that is read with the scope. Changes of the team change how many
// members of the desk are reachable.
func (e *Event) ChangesQueue(s *Scope) bool {
	if BodyOf[EnquiryBody](e) != nil {
		return s.Sees(e.Keys()) || s.Squad == SquadPersuasion && e.HouseholdUUID == nil
	}
	return e.Kind == VolunteerSaved
}
