package dispatch_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"baogong/delivery"
	"baogong/dispatch/errand"
	"baogong/dispatch/order"
	"baogong/dispatch/round"
)

// answer answers an errand, or fails the test.
func (e *house) answer(id delivery.ID) {
	e.t.Helper()
	if refusal := e.answers(e.commander, id, "已办好"); refusal != nil {
		e.t.Fatal(refusal)
	}
}

// answers answers an errand and returns what refused it, if anything.
func (e *house) answers(a delivery.Actor, id delivery.ID, text string) *delivery.Error {
	e.t.Helper()
	if p := must(e.d.Errand.AnswerErrand(e.t.Context(), a, errand.AnswerErrandInput{OrderID: id, Answer: text})); len(p.UserErrors) > 0 {
		return p.UserErrors[0]
	}
	return nil
}

// takeDocuments takes documents for an errand, or fails the test.
func (e *house) takeDocuments(id delivery.ID, kinds ...delivery.DocumentKind) []delivery.ID {
	e.t.Helper()
	p := must(e.d.Errand.TakeDocuments(e.t.Context(), e.lead, errand.TakeDocumentsInput{OrderID: id, Kinds: kinds}))
	if len(p.UserErrors) > 0 {
		e.t.Fatal(p.UserErrors[0])
	}
	return p.DocumentIds
}

// bring returns documents, or reports them lost, and returns the first refusal, if any.
func (e *house) bring(a delivery.Actor, lost bool, ids ...delivery.ID) *delivery.Error {
	e.t.Helper()
	in := errand.ReturnDocumentsInput{}
	for _, id := range ids {
		in.Documents = append(in.Documents, &errand.ReturnDocumentInput{DocumentID: id, Lost: lost})
	}
	p := must(e.d.Errand.ReturnDocuments(e.t.Context(), a, in))
	for _, r := range p.Results {
		p.UserErrors = append(p.UserErrors, r.UserErrors...)
	}
	if len(p.UserErrors) > 0 {
		return p.UserErrors[0]
	}
	return nil
}

func TestAnErrandEndsWithItsDocumentsBack(t *testing.T) {
	t.Parallel()
	e := newEstate(t)
	place := func(kind delivery.ErrandKind) delivery.ID {
		p := must(e.d.Order.PlaceOrder(t.Context(), e.taker, order.PlaceOrderInput{HouseholdID: e.homes[0], Channel: delivery.ChannelErrand, ErrandKind: &kind,
			Lines: []*order.LineInput{{Item: "取药", Quantity: 1000, Unit: "次"}}}))
		if len(p.UserErrors) > 0 {
			t.Fatal(p.UserErrors[0])
		}
		e.move(e.taker, *p.OrderID, delivery.Dispatched)
		return *p.OrderID
	}
	id := place(delivery.ErrandPaperwork)
	told := len(e.feed())
	docs := e.takeDocuments(id, delivery.DocumentIDCard, delivery.DocumentIDCard, delivery.DocumentBankBook)
	if refused := e.advance(e.taker, id, delivery.Cancelled, delivery.MoveHouseholdAsked); reasonAt(refused) != "DOCUMENTS_OUT at orders.0" {
		t.Errorf("cancelled with cards out: %v", refused)
	}
	if refused := e.advance(e.taker, id, delivery.Delivered); reasonAt(refused) != "DOCUMENTS_OUT at orders.0" {
		t.Errorf("ended with cards out: %v", refused)
	}
	if _, err := e.direct.ExecContext(t.Context(), "update orders set stage = 'DELIVERED', stage_since = now(), delivered_at = now(), holder_volunteer_id = null where id = $1", id.UUID); err == nil || !strings.Contains(err.Error(), "document is out") {
		t.Errorf("the previous release ends it: %v", err)
	}
	if refused := e.bring(e.taker, false, docs[0]); refused != nil {
		t.Fatal(refused)
	}
	if refused := e.bring(e.taker, false, docs[0]); reasonAt(refused) != "DOCUMENT_BACK at documents.0.documentId" {
		t.Errorf("returned twice: %v", refused)
	}
	if refused := e.bring(e.taker, true, docs[1], docs[2]); refused != nil {
		t.Fatal(refused)
	}
	if refused := e.bring(e.lead, true, docs[1]); reasonAt(refused) != "DOCUMENT_LOST at documents.0.documentId" {
		t.Errorf("lost twice: %v", refused)
	}
	lost := "select severity || ' ' || state from incidents where kind = 'DOCUMENT_LOST'"
	if got := e.column(lost); !slices.Equal(got, []string{"HIGH OPEN"}) {
		t.Errorf("got %v, want one incident for both", got)
	}
	if refused := e.advance(e.taker, id, delivery.Delivered); reasonAt(refused) != "ANSWER_NEEDED at orders.0" {
		t.Errorf("ended without an answer: %v", refused)
	}
	if refused := e.answers(e.taker, id, "存折已挂失"); refused != nil {
		t.Fatal(refused)
	}
	if refused := e.answers(e.taker, id, "存折已挂失"); refused != nil {
		t.Errorf("the same answer: %v", refused)
	}
	if got := e.since(told); !slices.Equal(got, []delivery.EventKind{delivery.DocumentsTaken, delivery.DocumentsReturned, delivery.DocumentsLost, delivery.IncidentOpened, delivery.ErrandAnswered}) {
		t.Errorf("got events %v", got)
	}
	e.move(e.taker, id, delivery.Delivered)
	if p := must(e.d.Errand.TakeDocuments(t.Context(), e.lead, errand.TakeDocumentsInput{OrderID: id, Kinds: []delivery.DocumentKind{"KEY"}})); reasonAt(p.UserErrors[0]) != "FINAL_STAGE at orderId" {
		t.Errorf("taken after the end: %v", p.UserErrors)
	}
	if refused := e.bring(e.lead, false, docs[1]); refused != nil || !slices.Equal(e.column(lost), []string{"HIGH OPEN"}) {
		t.Errorf("one is found: %v, %v", refused, e.column(lost))
	}
	if refused := e.bring(e.lead, false, docs[2]); refused != nil || !slices.Equal(e.column(lost), []string{"HIGH RESOLVED"}) {
		t.Errorf("both are found: %v, %v", refused, e.column(lost))
	}

	medicine := place(delivery.ErrandMedicine)
	if o := e.row(medicine); !o.Marks.Has(delivery.MarkMedicine) {
		t.Errorf("got marks %v", o.Marks)
	}
	e.takeDocuments(medicine, delivery.DocumentMedicalCard, delivery.DocumentPrescription)
	door := func(change func(*round.HandOverDoorInput)) string {
		d := &round.HandOverDoorInput{OrderIds: []delivery.ID{medicine}, Proof: delivery.ProofCode, Code: e.codeOf(medicine), Answer: "药已取", DocumentsReturned: true}
		change(d)
		p := must(e.d.Round.HandOver(t.Context(), e.taker, round.HandOverInput{Doors: []*round.HandOverDoorInput{d}}))
		if len(p.Results[0].UserErrors) > 0 {
			return reasonAt(p.Results[0].UserErrors[0])
		}
		return ""
	}
	for want, change := range map[string]func(*round.HandOverDoorInput){
		"ANSWER_NEEDED at doors.0.orderIds.0": func(d *round.HandOverDoorInput) { d.Answer = "" },
		"DOCUMENTS_OUT at doors.0.orderIds.0": func(d *round.HandOverDoorInput) { d.DocumentsReturned = false },
		"PROOF_NEEDED at doors.0.proof":       func(d *round.HandOverDoorInput) { d.Proof = delivery.ProofAttested },
		"WRONG_CODE at doors.0.code":          func(d *round.HandOverDoorInput) { d.Code = "x" },
	} {
		if got := door(change); got != want {
			t.Errorf("got %s, want %s", got, want)
		}
	}
	if got := e.column("select count(*)::text from documents where order_id = $1 and returned_at is null", medicine.UUID); got[0] != "2" {
		t.Errorf("refused doors returned documents: %v are out", got)
	}
	if got := door(func(*round.HandOverDoorInput) {}); got != "" {
		t.Fatal(got)
	}
	if got := e.column("select answer || ' ' || (select count(*) from documents d where d.order_id = e.id and d.returned_by_role = 'VOLUNTEER') from errands e where id = $1", medicine.UUID); got[0] != "药已取 2" {
		t.Errorf("got %v", got)
	}
	shelf := e.at(delivery.AtBuilding, delivery.ChannelApp)
	p := must(e.d.Round.HandOver(t.Context(), e.supply, round.HandOverInput{Doors: []*round.HandOverDoorInput{{OrderIds: []delivery.ID{shelf}, Proof: delivery.ProofAttested, Answer: "x"}}}))
	if got := reasonAt(p.Results[0].UserErrors[0]); got != "NOT_AN_ERRAND at doors.0.answer" {
		t.Errorf("an answer without an errand: %s", got)
	}
	e.checkEquations()
	e.checkNeverLost()
}

func TestWhoRunsAnErrand(t *testing.T) {
	t.Parallel()
	e := newEstate(t)
	id, bought := e.at(delivery.Dispatched, delivery.ChannelErrand), e.at(delivery.Dispatched, delivery.ChannelBuyFor)
	key := e.takeDocuments(id, delivery.DocumentKey)[0]
	for name, c := range map[string]struct {
		a   delivery.Actor
		why string
	}{
		"the taker":          {e.taker, ""},
		"a lead":             {e.lead, ""},
		"the commander":      {e.commander, ""},
		"an administrator":   {e.admin, ""},
		"the building's":     {e.backup, "NOT_YOUR_ERRAND"},
		"the gate":           {e.duty, "NOT_YOUR_ERRAND"},
		"its household":      {e.resident, "NOT_YOUR_ERRAND"},
		"its supplier":       {e.shop, "NOT_YOUR_ERRAND"},
		"another building's": {e.elsewhere, "NO_SUCH"},
		"another household":  {e.neighbour, "NO_SUCH"},
	} {
		p := must(e.d.Errand.TakeDocuments(t.Context(), c.a, errand.TakeDocumentsInput{OrderID: id, Kinds: []delivery.DocumentKind{"KEY"}}))
		got := []string{"", reasonAt(e.answers(c.a, id, name))}
		if len(p.UserErrors) > 0 {
			got[0] = reasonAt(p.UserErrors[0])
		}
		for _, reason := range got {
			want := ""
			if c.why != "" {
				want = c.why + " at orderId"
			}
			if reason != want {
				t.Errorf("%s: got %q, want %q", name, reason, want)
			}
		}
		if c.why != "" {
			if got := reasonAt(e.bring(c.a, false, key)); got != c.why+" at documents.0.documentId" {
				t.Errorf("%s returns: got %q", name, got)
			}
		}
	}
	if got := reasonAt(e.answers(e.lead, bought, "x")); got != "NOT_AN_ERRAND at orderId" {
		t.Errorf("no errand: %s", got)
	}
	if got := reasonAt(e.answers(e.lead, id, " ")); got != "MISSING at answer" {
		t.Errorf("an empty answer: %s", got)
	}
	many := slices.Repeat([]delivery.DocumentKind{"KEY"}, delivery.MaxDocuments+1)
	if p := must(e.d.Errand.TakeDocuments(t.Context(), e.lead, errand.TakeDocumentsInput{OrderID: id, Kinds: many})); reasonAt(p.UserErrors[0]) != "TOO_MANY at kinds" {
		t.Errorf("too many: %v", p.UserErrors)
	}
	for refused := (*delivery.Error)(nil); refused == nil; {
		p := must(e.d.Errand.TakeDocuments(t.Context(), e.lead, errand.TakeDocumentsInput{OrderID: id, Kinds: many[1:]}))
		if refused = one(p.UserErrors); refused != nil && reasonAt(refused) != "MANY_DOCUMENTS at kinds" {
			t.Errorf("too many out: %v", p.UserErrors)
		}
	}
	p := must(e.d.Order.PlaceOrder(t.Context(), e.lead, order.PlaceOrderInput{HouseholdID: e.homes[0], Channel: delivery.ChannelBuyFor, ErrandKind: new(delivery.ErrandBill), Lines: []*order.LineInput{{Item: "米", Quantity: 1000, Unit: "袋"}}}))
	if got := reasonAt(p.UserErrors[0]); got != "NOT_AN_ERRAND at errandKind" {
		t.Errorf("a kind without an errand: %s", got)
	}
	e.checkEquations()
}

// TestDocumentsBesideTheEnd has the taker end errands while a lead takes documents: no errand ends with one out.
func TestDocumentsBesideTheEnd(t *testing.T) {
	t.Parallel()
	e := newEstate(t)
	ended := 0
	for i := range 10 {
		id := e.at(delivery.Dispatched, delivery.ChannelErrand)
		e.answer(id)
		var refused, taken *delivery.Error
		atOnce(func() {
			p := must(e.d.Order.AdvanceOrders(t.Context(), e.taker, advanceAll([]delivery.ID{id}, delivery.Delivered)))
			if len(p.Results[0].UserErrors) > 0 {
				refused = p.Results[0].UserErrors[0]
			}
		}, func() {
			p := must(e.d.Errand.TakeDocuments(t.Context(), e.lead, errand.TakeDocumentsInput{OrderID: id, Kinds: []delivery.DocumentKind{"KEY"}, ClientMutationID: new(fmt.Sprint(i))}))
			if len(p.UserErrors) > 0 {
				taken = p.UserErrors[0]
			}
		})
		if (refused == nil) == (taken == nil) {
			t.Errorf("ended: %v, taken: %v, want exactly one", refused, taken)
		}
		if refused == nil {
			ended++
		}
	}
	t.Logf("%d of 10 ended first", ended)
	e.checkEquations()
}
