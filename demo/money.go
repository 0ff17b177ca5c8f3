package demo

import (
	"context"

	"baogong/db"
	"baogong/delivery"
	"baogong/dispatch/errand"
	"baogong/dispatch/money"
)

const note = 5000 // fen: households pay in notes of 50 yuan

// collect lets the taker of an order collect the household's money or its insurance card before setting out.
func (e *Simulation) collect(ctx context.Context, o *delivery.Order) error {
	key := new("collect " + string(o.UUID)) // a held order is looked at again
	if o.Channel == delivery.ChannelErrand {
		p, err := e.Verbs.Errand.TakeDocuments(ctx, e.taker(o), errand.TakeDocumentsInput{ClientMutationID: key, OrderID: o.ID(), Kinds: []delivery.DocumentKind{delivery.DocumentMedicalCard}})
		if err != nil {
			return err
		}
		e.report.Refused += len(p.UserErrors)
		return nil
	}
	return e.record(ctx, o, key, delivery.MoneyIn, delivery.PartyHousehold, (o.TotalFen+note-1)/note*note)
}

// pay lets the taker pay in the shop.
func (e *Simulation) pay(ctx context.Context, o *delivery.Order) error {
	if o.Channel == delivery.ChannelErrand {
		return nil
	}
	return e.record(ctx, o, new("pay "+string(o.UUID)), delivery.MoneySpent, delivery.PartyShop, o.TotalFen)
}

func (e *Simulation) record(ctx context.Context, o *delivery.Order, key *string, kind delivery.MoneyKind, party delivery.MoneyParty, fen int64) error {
	if fen == 0 { // the prices are not known
		return nil
	}
	p, err := e.Verbs.Money.RecordMoney(ctx, e.taker(o), money.RecordMoneyInput{ClientMutationID: key, OrderID: o.ID(), Entries: []*money.MoneyInput{{Kind: &kind, Party: &party, AmountFen: &fen}}})
	if err != nil {
		return err
	}
	e.report.Refused += len(p.UserErrors)
	for _, r := range p.Results {
		e.report.Refused += len(r.UserErrors)
	}
	return nil
}

// settleUp lets the takers of orders that have ended give back the rest of the money, and settles the purses.
func (e *Simulation) settleUp(ctx context.Context) error {
	rows, err := e.DB.Orders(ctx, e.commander.Scope(), e.community.Community, db.OrderFilter{Owing: &db.Owing{All: true}, Open: new(false)}, db.SortNumber, false, db.Range{Limit: 50})
	if err != nil || len(rows.Items) == 0 {
		return err
	}
	var ids []delivery.ID
	byOrder := map[delivery.UUID]*delivery.Order{}
	for _, o := range rows.Items {
		ids, byOrder[o.UUID] = append(ids, o.ID()), o
	}
	purses, err := e.DB.PursesOfOrders(ctx, e.commander.Scope(), ids)
	if err != nil {
		return err
	}
	for _, p := range purses {
		o := byOrder[p.OrderUUID]
		if err := e.record(ctx, o, nil, delivery.MoneyBack, delivery.PartyHousehold, p.InHandFen); err != nil {
			return err
		}
		settled, err := e.Verbs.Money.SettleMoney(ctx, e.taker(o), money.SettleMoneyInput{OrderIds: []delivery.ID{o.ID()}})
		if err != nil {
			return err
		}
		for _, r := range settled.Results {
			e.report.Refused += len(r.UserErrors)
		}
	}
	return nil
}
