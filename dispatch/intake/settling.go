package intake

import (
	"context"
	"fmt"
	"slices"
	"time"

	"baogong/db"
	"baogong/delivery"
	"baogong/dispatch"
	"baogong/reading/address"
)

// The refusals of deciding rows.
var (
	reasonNoDoor = delivery.NewReason("NO_DOOR", delivery.CodeBadUserInput,
		"Say which household this row means, or correct its address.",
		"请指明这一行是哪一户，或更正地址。")
	reasonNoRowLines = delivery.NewReason("NO_GOODS", delivery.CodeBadUserInput,
		"Say what this row orders.",
		"请填写这一行要的商品。")
	reasonOneDecision = delivery.NewReason("ONE_DECISION", delivery.CodeBadUserInput,
		"Take one decision about a row: name its household, correct its text, drop it, or cancel its order.",
		"每一行只能作一种处理：指明住户、更正文字、放弃，或取消订单。")
	reasonNothingToCancel = delivery.NewReason("NOTHING_TO_CANCEL", delivery.CodeConflict,
		"This row has no order to cancel.",
		"这一行没有要取消的订单。")
	reasonNoSuchRow = delivery.NewReason("NO_SUCH_ROW", delivery.CodeNotFound,
		"The import has no such row, or you may not see it.",
		"导入中没有这一行，或您无权查看。")
	reasonStillUnclear = delivery.NewReason("STILL_UNCLEAR", delivery.CodeConflict,
		"This row is still not clear, so it goes on waiting.",
		"这一行还不能下单，仍待处理。")
	reasonNotAName = delivery.NewReason("NOT_A_NAME", delivery.CodeBadUserInput,
		"This text has only numbers and words that every address has, so it cannot be remembered; please decide the row without remembering it.",
		"这段文字只有数字和所有地址都有的用语，不能记住；处理时请不要记住它。")
	reasonWordOfEstate = delivery.NewReason("WORD_OF_ESTATE", delivery.CodeConflict,
		"This is the name of the estate or of one of its places, so it cannot mean a building.",
		"这是小区本身或小区内地点的名称，不能用来指楼栋。")
	reasonRowSettled = delivery.NewReason("ROW_SETTLED", delivery.CodeConflict,
		"This row is decided already.",
		"该行已处理。")
)

// settling is rows of a locked import that a call decides.
type settling struct {
	actor delivery.Actor
	at    time.Time
	imp   *delivery.Import
	book  *HomeBook
	in    []*SettleRowInput
	batch *batch

	rows    map[int]*delivery.ImportRow
	homes   map[delivery.UUID]*delivery.Household // that the items name
	keys    []string                              // of the import's rows
	placing map[int]*judged
	words   []*delivery.AddressAlias
	cancels map[int]delivery.UUID
	changed map[int]delivery.ImportOutcome // rows that are saved, with their outcome before
	refused map[int]*delivery.Error
	waits   map[int]string // why a row still waits
}

func (s *settling) settle(ctx context.Context, t *db.Tx, out *SettleImportRowsPayload) (bool, error) {
	s.placing, s.cancels, s.changed, s.refused = map[int]*judged{}, map[int]delivery.UUID{}, map[int]delivery.ImportOutcome{}, map[int]*delivery.Error{}
	s.waits = map[int]string{}
	if err := s.read(ctx, t); err != nil {
		return false, err
	}
	for k, in := range s.in {
		if refusal := s.one(k, in); refusal != nil {
			s.refused[k] = refusal
		}
	}
	for k := range s.in {
		if x := s.placing[k]; x != nil {
			s.batch.items = append(s.batch.items, x)
		}
	}
	if len(s.batch.items) > 0 || len(s.cancels) > 0 {
		if err := s.judge(ctx, t); err != nil {
			return false, err
		}
	}
	cancelled, err := s.cancel(ctx, t)
	if err != nil {
		return false, err
	}
	for k := range s.in {
		if x := s.placing[k]; x != nil {
			s.placed(k, x)
		}
	}
	if settled := s.results(out); !settled {
		return false, nil
	}
	if err := t.Decided(); err != nil {
		return false, err
	}
	return true, s.save(ctx, t, cancelled)
}

// judge judges the items that name a door. In a window that takes no orders any more they are refused, and the others are decided all the same.
func (s *settling) judge(ctx context.Context, t *db.Tx) error {
	err := s.batch.judge(ctx, t)
	refusal := delivery.AsError(err)
	if refusal == nil || refusal.Reason != delivery.ReasonWindowClosed {
		return err
	}
	for k := range s.placing {
		s.refused[k] = delivery.Refuse(refusal.Reason).With(*refusal.Details).At("row")
	}
	clear(s.placing)
	if s.batch.items = nil; len(s.cancels) == 0 {
		return nil
	}
	return s.batch.judge(ctx, t)
}

// read reads the rows that the call names, their households, and the keys of the import.
func (s *settling) read(ctx context.Context, t *db.Tx) error {
	var named []int
	var homes []delivery.UUID
	for _, in := range s.in {
		named = append(named, in.Row)
		if in.HouseholdID != nil {
			homes = append(homes, in.HouseholdID.UUID)
		}
	}
	rows, err := t.ImportRowsOf(ctx, s.actor.Scope(), s.imp.CommunityID, s.imp.UUID, named)
	if err != nil {
		return err
	}
	s.rows = map[int]*delivery.ImportRow{}
	for _, r := range rows {
		s.rows[r.Row] = r
	}
	if s.keys, err = t.KeysOfImport(ctx, s.imp.CommunityID, s.imp.UUID); err != nil {
		return err
	}
	households, err := t.HouseholdsOf(ctx, s.imp.CommunityID, homes, nil)
	s.homes = dispatch.ByUUID(households)
	return err
}

// one judges an item by itself.
func (s *settling) one(k int, in *SettleRowInput) *delivery.Error {
	row := s.rows[in.Row]
	decisions := 0
	for _, d := range []bool{in.HouseholdID != nil || (in.Lines != nil && in.Text == nil), in.Text != nil, in.Drop != nil, in.Cancel} {
		if d {
			decisions++
		}
	}
	team := s.actor.CanSettle(s.imp.CommunityID)
	switch {
	case row == nil:
		return delivery.Refuse(reasonNoSuchRow).At("row")
	case row.Outcome != delivery.RowInReview:
		return delivery.Refuse(reasonRowSettled).At("row")
	case decisions > 1, decisions == 0 && row.HouseholdUUID == nil:
		return delivery.Refuse(reasonOneDecision).At("row")
	case !team && (in.HouseholdID != nil || in.Cancel || in.Remember || in.RememberBuilding != nil):
		return delivery.Refuse(delivery.ReasonNotYours).At("row")
	case in.Drop != nil:
		s.changed[in.Row] = row.Outcome
		row.Settle(s.actor, delivery.RowDropped, nil, delivery.Trimmed(*in.Drop), s.at)
		return nil
	case in.Cancel:
		if row.OrderUUID == nil || (row.Reason != reasonGone && row.Reason != reasonTakenBack) {
			return delivery.Refuse(reasonNothingToCancel).At("cancel")
		}
		s.cancels[k] = *row.OrderUUID
		return nil
	}
	return s.door(k, in, row)
}

// door finds the household that the item means, and what it orders.
func (s *settling) door(k int, in *SettleRowInput, row *delivery.ImportRow) *delivery.Error {
	fresh := *row
	switch {
	case in.Text != nil:
		read := s.book.Read(*in.Text, s.book.context(s.imp))
		fresh.HouseholdUUID, fresh.BuildingUUID, fresh.Guesses = nil, nil, nil
		(&judge{imp: s.imp, book: s.book}).place(&fresh, read)
		if read.Status != address.Match {
			return s.unclear(k, string(read.Why)).At("text")
		}
	case in.HouseholdID != nil:
		h := s.homes[in.HouseholdID.UUID]
		if h == nil {
			return delivery.Refuse(delivery.ReasonNoSuch, delivery.KindHousehold.String()).At("householdId")
		}
		fresh.HouseholdUUID, fresh.BuildingUUID = &h.UUID, &h.BuildingUUID
	case row.HouseholdUUID == nil:
		return delivery.Refuse(reasonNoDoor).At("householdId")
	}
	if s.actor.Role != delivery.RoleSupplier && !s.actor.Scope().Sees(delivery.Keys{Community: row.CommunityID, Building: *fresh.BuildingUUID, Household: *fresh.HouseholdUUID}) {
		return delivery.Refuse(delivery.ReasonNoSuch, delivery.KindHousehold.String()).At("householdId")
	}
	if refusal := s.checkWords(in, row); refusal != nil {
		return refusal
	}
	goods := row.Goods
	if in.Lines != nil {
		goods = nil
		for _, l := range in.Lines {
			goods = append(goods, delivery.ImportGood{Item: delivery.Trimmed(l.Item), Quantity: l.Quantity, Unit: delivery.Trimmed(l.Unit), UnitPriceFen: l.UnitPriceFen})
		}
	}
	said, whole := lines(row.CommunityID, goods)
	if !whole || len(said) == 0 {
		return delivery.Refuse(reasonNoRowLines).At("lines")
	}
	fresh.Outcome, fresh.Reason, fresh.OrderUUID = "", "", nil
	if fresh.Number == "" {
		fresh.Key = s.freeKey(rowKey(s.imp, *fresh.HouseholdUUID), row.Key)
	}
	s.placing[k] = &judged{row: &fresh, lines: said, note: row.Note}
	return nil
}

// checkWords refuses words that must not be remembered, because other addresses have them too.
func (s *settling) checkWords(in *SettleRowInput, row *delivery.ImportRow) *delivery.Error {
	if in.Remember && row.Place != "" && !address.HasName(row.Place) {
		return delivery.Refuse(reasonNotAName).At("remember")
	}
	switch {
	case in.RememberBuilding == nil:
	case !address.HasName(*in.RememberBuilding):
		return delivery.Refuse(reasonNotAName).At("rememberBuilding")
	case s.book.IsPlace(*in.RememberBuilding):
		return delivery.Refuse(reasonWordOfEstate).At("rememberBuilding")
	}
	return nil
}

// freeKey returns the key of a door that no other row of the import has.
func (s *settling) freeKey(key, own string) string {
	if own != "" && own == key {
		return own
	}
	for n := 1; ; n++ {
		if free := nthKey(key, n); !slices.Contains(s.keys, free) {
			s.keys = append(s.keys, free)
			return free
		}
	}
}

// placed notes the outcome of an item that names a door.
func (s *settling) placed(k int, x *judged) {
	row := s.rows[x.row.Row]
	if x.row.Outcome == delivery.RowInReview {
		s.refused[k] = s.unclear(k, x.row.Reason).At("row")
		return
	}
	if in := s.in[k]; in.Remember && row.Place != "" {
		s.word(delivery.AliasDoor, row.Place, nil, x.row.HouseholdUUID)
	}
	if in := s.in[k]; in.RememberBuilding != nil {
		s.word(delivery.AliasBuilding, *in.RememberBuilding, x.row.BuildingUUID, nil)
	}
	key := placeKey(row.Place)
	s.changed[row.Row] = row.Outcome
	*row = *x.row
	row.Remarks = nil
	row.Settle(s.actor, x.row.Outcome, x.row.OrderUUID, "", s.at)
	if in := s.in[k]; key != "" && s.imp.Kind == delivery.ImportJielong && (in.HouseholdID != nil || in.Text != nil) {
		row.PlaceKey = &key
	}
}

// unclear refuses a decision after which the row still waits, for the reason.
func (s *settling) unclear(k int, reason string) *delivery.Error {
	s.waits[k] = reason
	return delivery.Refuse(reasonStillUnclear)
}

// word remembers what a text of the estate means.
func (s *settling) word(kind delivery.AliasKind, text string, building, household *delivery.UUID) {
	text = kept(delivery.Trimmed(text), delivery.MaxName)
	key := kept(address.Normal(text), delivery.MaxRowPlace)
	if key == "" || slices.ContainsFunc(s.words, func(w *delivery.AddressAlias) bool { return w.TextKey == key }) {
		return
	}
	w := &delivery.AddressAlias{CommunityID: s.imp.CommunityID, UUID: dispatch.NewUUID(), Kind: kind, Text: text, TextKey: key, BuildingUUID: building, HouseholdUUID: household,
		At: s.at, ByRole: s.actor.Role}
	if s.actor.UUID != "" {
		w.ByUUID = &s.actor.UUID
	}
	s.words = append(s.words, w)
}

// cancel judges the orders that the items take back, and returns the events.
func (s *settling) cancel(ctx context.Context, t *db.Tx) ([]*delivery.Event, error) {
	if len(s.cancels) == 0 {
		return nil, nil
	}
	var ids []delivery.UUID
	for _, id := range s.cancels {
		ids = append(ids, id)
	}
	slices.Sort(ids)
	orders, err := t.LockOrders(ctx, s.actor.Scope(), s.imp.CommunityID, slices.Compact(ids), nil)
	if err != nil {
		return nil, err
	}
	var snapshots []*delivery.OrderSnapshot
	for _, o := range orders {
		snapshots = append(snapshots, &o.OrderSnapshot)
	}
	around, err := dispatch.SurroundingsOf(ctx, t, s.imp.CommunityID, snapshots)
	if err != nil {
		return nil, err
	}
	byID := dispatch.ByUUID(orders)
	var events []*delivery.Event
	done := map[delivery.UUID]bool{}
	for k, in := range s.in {
		id, named := s.cancels[k]
		if !named {
			continue
		}
		o := byID[id]
		if o == nil {
			s.refused[k] = delivery.Refuse(delivery.ReasonNoSuch, delivery.KindOrder.String()).At("row")
			continue
		}
		if !done[id] && o.Stage != delivery.Cancelled {
			e, refusal := o.Advance(s.actor, delivery.Move{To: delivery.Cancelled, Reason: delivery.MoveHouseholdAsked}, s.at, around.HoldsOn(&o.OrderSnapshot), around.Roster)
			if refusal != nil {
				s.refused[k] = refusal.At("cancel")
				continue
			}
			events = append(events, e)
			done[id] = true
		}
		row := s.rows[in.Row]
		s.changed[in.Row] = row.Outcome
		row.Settle(s.actor, delivery.RowChanged, &id, "", s.at)
	}
	return events, nil
}

// results fills the payload. It reports whether a row was decided.
func (s *settling) results(out *SettleImportRowsPayload) bool {
	out.Results = nil
	decided := false
	for k, in := range s.in {
		r := &SettleRowResult{Row: in.Row, Reason: s.waits[k]}
		out.Results = append(out.Results, r)
		if refusal := s.refused[k]; refusal != nil {
			r.Refuse("rows", k, refusal)
			continue
		}
		row := s.rows[in.Row]
		outcome := row.Outcome
		r.Outcome, r.OrderID = &outcome, row.OrderID()
		decided = true
	}
	id := s.imp.ID()
	out.ImportID = &id
	return decided
}

// save writes the orders, the rows, what is remembered, and the events.
func (s *settling) save(ctx context.Context, t *db.Tx, events []*delivery.Event) error {
	s.batch.cancelled = len(events)
	s.batch.spend(t)
	placed, err := s.batch.save(ctx, t)
	if err != nil {
		return err
	}
	events = append(events, placed...)
	var rows []*delivery.ImportRow
	for _, in := range s.in {
		if before, changed := s.changed[in.Row]; changed {
			rows = append(rows, s.rows[in.Row])
			s.imp.Settle(before, s.rows[in.Row].Outcome)
		}
	}
	if err := t.SaveImportRows(ctx, s.imp.CommunityID, rows); err != nil {
		return fmt.Errorf("decide rows of import %s: %w", s.imp.UUID, err)
	}
	if err := t.SaveAliases(ctx, s.imp.CommunityID, s.words); err != nil {
		return err
	}
	s.imp.Version++
	if err := t.SaveImport(ctx, s.imp); err != nil {
		return err
	}
	return dispatch.Record(ctx, t, s.imp.CommunityID, events)
}
