package intake

import (
	"context"
	"slices"
	"strconv"
	"time"

	"baogong/db"
	"baogong/delivery"
	"baogong/dispatch"
)

// SettleImportRows decides rows that wait, each by itself.
func (v *Verbs) SettleImportRows(ctx context.Context, a delivery.Actor, in SettleImportRowsInput) (*SettleImportRowsPayload, error) {
	refusal := in.check()
	var book *HomeBook
	if refusal == nil && slices.ContainsFunc(in.Rows, func(r *SettleRowInput) bool { return r.Text != nil || r.RememberBuilding != nil }) && a.Scope().SeesCommunity(in.ImportID.Community) {
		var err error
		if book, err = v.book(ctx, in.ImportID.Community); err != nil {
			return nil, err
		}
		by := a.Ref()
		v.guard(book, &by, false)
	}
	c := dispatch.Call{Actor: a, Mutation: "settleImportRows", Community: in.ImportID.Community, ID: in.ClientMutationID, Input: in}
	return dispatch.Run(ctx, v.Engine, c, func(t *db.Tx, at time.Time, out *SettleImportRowsPayload) (bool, error) {
		if refusal != nil {
			return false, refusal
		}
		i, err := t.LockImport(ctx, a.Scope(), in.ImportID.Community, in.ImportID.UUID)
		if err != nil {
			if refusal := delivery.AsError(err); refusal != nil {
				return false, refusal.At("importId")
			}
			return false, err
		}
		if !a.CanSettle(i.CommunityID) && a.CanImport(i.CommunityID, i.SupplierUUID) != nil {
			return false, delivery.Refuse(delivery.ReasonNotYours).At("importId")
		}
		s := &settling{actor: a, at: at, imp: i, book: book, in: in.Rows, batch: &batch{actor: a, imp: i, at: at, settled: true}}
		return s.settle(ctx, t, out)
	})
}

func (in *SettleImportRowsInput) check() *delivery.Error {
	if refusal := dispatch.CheckID(in.ImportID, delivery.KindImport, 0); refusal != nil {
		return refusal.At("importId")
	}
	if refusal := dispatch.CheckCount(len(in.Rows), "rows"); refusal != nil {
		return refusal
	}
	seen := map[int]bool{}
	for k, r := range in.Rows {
		at := func(field string, e *delivery.Error) *delivery.Error { return e.At("rows", strconv.Itoa(k), field) }
		if seen[r.Row] {
			return at("row", delivery.Refuse(dispatch.ReasonRepeated))
		}
		seen[r.Row] = true
		if r.HouseholdID != nil {
			if refusal := dispatch.CheckID(*r.HouseholdID, delivery.KindHousehold, in.ImportID.Community); refusal != nil {
				return at("householdId", refusal)
			}
		}
		if r.Drop != nil {
			if refusal := delivery.CheckText(*r.Drop, maxDrop, true); refusal != nil {
				return at("drop", refusal)
			}
		}
		if r.Text != nil {
			if refusal := delivery.CheckText(*r.Text, delivery.MaxNote, true); refusal != nil {
				return at("text", refusal)
			}
		}
		if r.RememberBuilding != nil {
			if refusal := delivery.CheckText(*r.RememberBuilding, delivery.MaxName, true); refusal != nil {
				return at("rememberBuilding", refusal)
			}
		}
		if n := len(r.Lines); n > delivery.MaxLines {
			return at("lines", delivery.Refuse(dispatch.ReasonTooMany, delivery.MaxLines, n).With(delivery.Details{Limit: delivery.MaxLines}))
		}
	}
	return nil
}

// maxDrop is the most characters of a reason for which a row is dropped.
const maxDrop = 200
