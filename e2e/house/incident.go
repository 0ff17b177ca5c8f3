package house

// Report opens an incident as an actor and returns its id, or fails the test.
func (e *Estate) Report(actor string, in obj) string {
	e.T.Helper()
	var got struct {
		ReportIncidents struct {
			UserErrors []UserError
			Results    []struct {
				Incident   *struct{ ID string }
				UserErrors []UserError
			}
		}
	}
	e.Must(actor, `mutation ($in: ReportIncidentsInput!) { reportIncidents(input: $in) { userErrors { `+RefusalFields+` } results { incident { id } userErrors { `+RefusalFields+` } } } }`,
		obj{"in": obj{"incidents": []obj{in}}}, &got)
	if len(got.ReportIncidents.Results) != 1 || got.ReportIncidents.Results[0].Incident == nil {
		e.T.Fatalf("report: %+v", got.ReportIncidents)
	}
	return got.ReportIncidents.Results[0].Incident.ID
}

// Resolve resolves incidents as an actor, or fails the test.
func (e *Estate) Resolve(actor, resolution, note string, ids ...string) {
	e.T.Helper()
	var got struct {
		ResolveIncidents struct {
			UserErrors []UserError
			Results    []struct{ UserErrors []UserError }
		}
	}
	e.Must(actor, `mutation ($in: ResolveIncidentsInput!) { resolveIncidents(input: $in) { userErrors { `+RefusalFields+` } results { userErrors { `+RefusalFields+` } } } }`,
		obj{"in": obj{"ids": ids, "resolution": resolution, "note": note}}, &got)
	for _, r := range got.ResolveIncidents.Results {
		if len(r.UserErrors) > 0 {
			e.T.Fatalf("resolve: %v", r.UserErrors)
		}
	}
	if len(got.ResolveIncidents.UserErrors) > 0 {
		e.T.Fatalf("resolve: %v", got.ResolveIncidents.UserErrors)
	}
}
