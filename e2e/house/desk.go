package house

import "maps"

// Enquiry logs an enquiry as an actor, a question by telephone unless the input says otherwise. It returns the enquiry's id, or fails the test.
func (e *Estate) Enquiry(actor string, more obj) string {
	e.T.Helper()
	in := obj{"communityId": e.Community, "kind": "QUESTION", "way": "PHONE"}
	maps.Copy(in, more)
	var got struct {
		LogEnquiry struct {
			Enquiry    *struct{ ID string }
			UserErrors []UserError
		}
	}
	e.Must(actor, `mutation ($in: LogEnquiryInput!) { logEnquiry(input: $in) { enquiry { id } userErrors { `+RefusalFields+` } } }`, obj{"in": in}, &got)
	if got.LogEnquiry.Enquiry == nil {
		e.T.Fatalf("log an enquiry: %+v", got.LogEnquiry.UserErrors)
	}
	return got.LogEnquiry.Enquiry.ID
}
