package walk

import (
	"baogong/delivery"
	"baogong/dispatch/errand"
	"baogong/dispatch/money"
)

func (w *Walker) recordMoney() *Act {
	ids := w.orders(1)
	if len(ids) == 0 {
		return nil
	}
	by := w.by(choose(w, w.leads...), w.commander, choose(w, w.takers...))
	in := &money.RecordMoneyInput{OrderID: ids[0], Atomic: w.some(4)}
	for range 1 + w.rng.IntN(3) {
		if entries := w.all(delivery.KindMoneyEntry, "money where order_id = $1 order by id", string(ids[0].UUID)); len(entries) > 0 && w.some(3) {
			in.Entries = append(in.Entries, &money.MoneyInput{Reverses: new(choose(w, entries...))})
			continue
		}
		kind := choose(w, delivery.MoneyIn, delivery.MoneyIn, delivery.MoneySpent, delivery.MoneySpent, delivery.MoneyBack, delivery.MoneyRefund, delivery.MoneyWaived)
		e := &money.MoneyInput{Kind: &kind, Party: new(choose(w, delivery.MoneyParties[kind]...)), AmountFen: new(int64(choose(w, 1000, 2000, 3000)))}
		if w.some(6) {
			e.ReceiptPhotoID = w.photo(by)
		}
		in.Entries = append(in.Entries, e)
	}
	return &Act{By: by, Input: in}
}

// even returns the entries that make an order's purse even.
func (w *Walker) even(order delivery.ID) *Act {
	sum := func(column string) int64 {
		n, _ := w.number("select cast("+column+" as text) from purses where order_id = $1", string(order.UUID))
		return int64(n)
	}
	owes, advanced, fund := sum("owes_fen"), sum("volunteer_fen"), sum("fund_fen - waived_fen")
	in := &money.RecordMoneyInput{OrderID: order}
	for _, side := range []struct {
		fen   int64
		party delivery.MoneyParty
	}{{owes, delivery.PartyHousehold}, {-advanced, delivery.PartyVolunteer}, {-fund, delivery.PartyFund}} { // what it is to pay in
		if side.fen > 0 {
			in.Entries = append(in.Entries, &money.MoneyInput{Kind: new(delivery.MoneyIn), Party: new(side.party), AmountFen: new(side.fen)})
		}
	}
	for _, side := range []struct {
		fen   int64
		party delivery.MoneyParty
	}{{-owes, delivery.PartyHousehold}, {advanced, delivery.PartyVolunteer}, {fund, delivery.PartyFund}} { // what it gets back
		if side.fen > 0 {
			in.Entries = append(in.Entries, &money.MoneyInput{Kind: new(delivery.MoneyBack), Party: new(side.party), AmountFen: new(side.fen)})
		}
	}
	if len(in.Entries) == 0 {
		return nil
	}
	return &Act{By: w.by(choose(w, w.leads...), w.commander), Input: in}
}

func (w *Walker) settleMoney() *Act {
	open := w.ids(3, delivery.KindOrder, "(select order_id as id from purses where settled_at is null and purse_fen = 0 and owes_fen = 0) p order by id")
	if len(open) == 0 || w.some(5) {
		open = append(open, w.ids(1, delivery.KindOrder, "(select order_id as id from purses where purse_fen <> 0) p order by id")...)
	}
	if len(open) == 0 {
		return nil
	}
	return &Act{By: w.by(choose(w, w.leads...), w.commander), Input: &money.SettleMoneyInput{OrderIds: open, Atomic: w.some(4)}}
}

// money returns a call of recordMoney with drawn entries, sometimes with those that make a purse even.
func (w *Walker) money() *Act {
	if w.some(3) {
		if ids := w.ids(1, delivery.KindOrder, "(select order_id as id from purses where settled_at is null) p order by id"); len(ids) > 0 {
			if a := w.even(ids[0]); a != nil {
				return a
			}
		}
	}
	return w.recordMoney()
}

// errands returns up to most errands that have not ended.
func (w *Walker) errands(most int) []delivery.ID {
	return w.ids(most, delivery.KindOrder, "orders where channel = 'ERRAND' and stage not in ('DELIVERED', 'CANCELLED', 'RETURNED') order by number")
}

func (w *Walker) takeDocuments() *Act {
	ids := w.errands(1)
	if len(ids) == 0 {
		return nil
	}
	in := &errand.TakeDocumentsInput{OrderID: ids[0]}
	for range 1 + w.rng.IntN(2) {
		in.Kinds = append(in.Kinds, choose(w, delivery.DocumentKinds...))
	}
	return &Act{By: w.by(choose(w, w.leads...), w.commander, choose(w, w.takers...)), Input: in}
}

func (w *Walker) returnDocuments() *Act {
	in := &errand.ReturnDocumentsInput{Atomic: w.some(4)}
	for _, id := range w.ids(1+w.rng.IntN(3), delivery.KindDocument, "documents order by returned_at nulls first, id") {
		in.Documents = append(in.Documents, &errand.ReturnDocumentInput{DocumentID: id, Lost: w.some(4)})
	}
	if len(in.Documents) == 0 {
		return nil
	}
	return &Act{By: w.by(choose(w, w.leads...), w.commander, choose(w, w.takers...)), Input: in}
}

func (w *Walker) answerErrand() *Act {
	ids := w.errands(1)
	if len(ids) == 0 {
		return nil
	}
	return &Act{By: w.by(choose(w, w.leads...), w.commander, choose(w, w.takers...)), Input: &errand.AnswerErrandInput{OrderID: ids[0], Answer: choose(w, "已取药", "医院不开门，明天再去")}}
}
