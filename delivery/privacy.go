package delivery

// AtPhoneDesk reports whether the actor answers the telephone: members and leads of the persuasion squad (劝导), who
// call those that no app reaches. They need a household's whole story, and only of the households they see.
func (a Actor) AtPhoneDesk() bool {
	return (a.Role == RoleLead || a.Role == RoleVolunteer) && a.Squad == SquadPersuasion
}

// SeesNeeds reports whether the needs of a household that the actor sees may be shown: to the household itself, the
// phone desk, the commander and an administrator. Everybody else of the team gets the instructions that follow from them;
// suppliers see no household at all.
func (a Actor) SeesNeeds() bool {
	return a.Role == RoleAdmin || a.Role == RoleCommander || a.Role == RoleResident || a.AtPhoneDesk()
}
