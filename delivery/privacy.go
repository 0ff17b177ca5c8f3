package delivery

// AtPhoneDesk reports whether the actor works at the phone desk: the members and leads of the persuasion squad (劝导), who
// call the households that no app reaches. They need all facts of a household, but only of households they see.
func (a Actor) AtPhoneDesk() bool {
	return (a.Role == RoleLead || a.Role == RoleVolunteer) && a.Squad == SquadPersuasion
}

// SeesNeeds reports whether the needs of a household that the actor sees may be shown: to the household itself, the phone
// desk, the commander and administrators. Other members of the team get the instructions that follow from them; suppliers
// see no household.
func (a Actor) SeesNeeds() bool {
	return a.Role == RoleAdmin || a.Role == RoleCommander || a.Role == RoleResident || a.AtPhoneDesk()
}

// SeesCode reports whether the actor may see the code of an order in its scope: the household of the order, and the phone desk. The
// volunteers who hand over never do.
func (a Actor) SeesCode(s *OrderSnapshot) bool {
	return a.AtPhoneDesk() || a.Role == RoleResident && s.HouseholdUUID == a.UUID
}
