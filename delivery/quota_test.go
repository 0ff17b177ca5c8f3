package delivery

import "testing"

// TestWritersHaveQuotas checks that every role that may write has a quota of events.
func TestWritersHaveQuotas(t *testing.T) {
	t.Parallel()
	for _, role := range Roles {
		if role == RoleCity || role == RoleLink { // which only read
			continue
		}
		if AllowanceOf(role, 1)[QuotaEvents] == 0 {
			t.Errorf("%s may write any number of events", role)
		}
	}
}
