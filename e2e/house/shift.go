package house

import "time"

// Shift plans a shift of a squad that begins now, and returns its id.
func (e *Estate) Shift(squad string, lasts time.Duration, volunteers ...string) string {
	e.T.Helper()
	now := e.Clock.Now().UTC()
	var planned struct {
		PlanShifts struct {
			Results []struct {
				Shift      *struct{ ID string }
				UserErrors []struct{ Reason string }
			}
			UserErrors []struct{ Reason string }
		}
	}
	e.Must(e.As("C01"), `mutation ($in: PlanShiftsInput!) { planShifts(input: $in) { results { shift { id } userErrors { `+RefusalFields+` } } userErrors { `+RefusalFields+` } } }`,
		obj{"in": obj{"communityId": e.Community, "shifts": []obj{{"squad": squad, "station": "南门", "startsAt": now.Format(time.RFC3339Nano),
			"endsAt": now.Add(lasts).Format(time.RFC3339Nano), "volunteerIds": volunteers}}}}, &planned)
	if results := planned.PlanShifts.Results; len(results) == 1 && results[0].Shift != nil {
		return results[0].Shift.ID
	}
	e.T.Fatalf("plan a shift: %+v", planned.PlanShifts)
	return ""
}

// CheckIn brings a volunteer on duty.
func (e *Estate) CheckIn(shift, volunteer string) {
	e.T.Helper()
	e.Must(e.As("C01"), `mutation ($s: ID!, $v: ID!) { checkIn(input: { shiftId: $s, volunteerIds: [$v] }) { results { state userErrors { message } } } }`,
		obj{"s": shift, "v": volunteer}, &struct{}{})
}

// EndShift checks a volunteer out of a shift, or else cancels it.
func (e *Estate) EndShift(shift, volunteer string) {
	e.T.Helper()
	e.Must(e.As("C01"), `mutation ($s: ID!, $v: ID!, $c: ID!) {
		checkOut(input: { shiftId: $s, volunteerIds: [$v] }) { results { state } }
		planShifts(input: { communityId: $c, shifts: [{ id: $s, cancelled: true }] }) { results { userErrors { message } } }
	}`, obj{"s": shift, "v": volunteer, "c": e.Community}, &struct{}{})
}
