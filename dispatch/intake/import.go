package intake

import (
	"context"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"baogong/db"
	"baogong/delivery"
	"baogong/dispatch"
)

// The refusals of importing orders.
var (
	ReasonOneSource = delivery.NewReason("ONE_SOURCE", delivery.CodeBadUserInput,
		"Give either the pasted text or the id of a file.",
		"请提供粘贴的文字或文件编号，二者选一。")
	ReasonListIsText = delivery.NewReason("LIST_IS_TEXT", delivery.CodeBadUserInput,
		"A workbook cannot be pasted; upload it and give its id.",
		"表格文件不能粘贴，请先上传并提供其编号。")
)

// answerWithin is how long a call works on its import before the clock worker goes on with it, and answerBefore how long before the end of
// the request it stops.
const (
	answerWithin = 8 * time.Second
	answerBefore = 2 * time.Second
	cutOffAfter  = 15 * time.Second // after which the clock worker takes an import for cut off
)

// ImportOrders imports a file or a pasted list. It answers when every row has its outcome; of a long import the clock worker does the rest.
func (v *Verbs) ImportOrders(ctx context.Context, a delivery.Actor, in ImportOrdersInput) (*ImportOrdersPayload, error) {
	i, from, refusal := in.start(a)
	var report *ImportReport
	if refusal == nil {
		if refusal = a.CanImport(i.CommunityID, i.SupplierUUID); refusal != nil && refusal.Code() == delivery.CodeNotFound {
			refusal = refusal.At("communityId")
		}
	}
	if refusal == nil {
		var err error
		if refusal, err = v.check(ctx, a, i); err != nil {
			return nil, err
		}
	}
	if refusal == nil {
		var err error
		if report, err = v.prepare(ctx, a, i, &from, in.DryRun); err != nil {
			if refusal = delivery.AsError(err); refusal == nil {
				return nil, err
			}
		}
	}
	c := dispatch.Call{Actor: a, Mutation: "importOrders", Community: in.CommunityID.Community, ID: in.ClientMutationID, Input: in}
	out, err := dispatch.Run(ctx, v.Engine, c, func(t *db.Tx, at time.Time, out *ImportOrdersPayload) (bool, error) {
		if refusal != nil {
			return false, refusal
		}
		i := *i // the closure may be tried again
		community, err := t.LockCommunity(ctx, i.CommunityID, false)
		switch {
		case err != nil:
			return false, err
		case community.ArchivedAt != nil:
			return false, delivery.Refuse(dispatch.ReasonArchived)
		case community.Purged():
			return false, delivery.Refuse(dispatch.ReasonPurged)
		}
		if in.DryRun {
			out.Report = report
			return false, nil
		}
		i.StartedAt, i.Day = at, community.Day(at)
		if err := t.Decided(); err != nil {
			return false, err
		}
		retry := v.MachineTime().Add(cutOffAfter)
		i.UUID, i.RetryAt = dispatch.NewUUID(), &retry
		if i.FileUUID != nil {
			if err := v.keepFile(ctx, t, a, *i.FileUUID, i.CommunityID); err != nil {
				return false, err
			}
		}
		id := i.ID()
		out.ImportID = &id
		return true, t.InsertImport(ctx, &i, from)
	})
	if err != nil || out.ImportID == nil {
		return out, err
	}
	until := v.Machine().Add(answerWithin)
	if end, ok := ctx.Deadline(); ok {
		until = earlier(until, v.Machine().Add(time.Until(end)-answerBefore))
	}
	_, err = v.GoOn(ctx, *out.ImportID, until, v.Progress)
	return out, err
}

func earlier(a, b time.Time) time.Time {
	if b.Before(a) {
		return b
	}
	return a
}

// start returns the import that the input asks for, and its source.
func (in *ImportOrdersInput) start(a delivery.Actor) (_ *delivery.Import, from db.ImportSource, _ *delivery.Error) {
	if refusal := dispatch.CheckID(in.CommunityID, delivery.KindCommunity, 0); refusal != nil {
		return nil, from, refusal.At("communityId")
	}
	i := &delivery.Import{CommunityID: in.CommunityID.Community, Kind: in.Kind, Name: delivery.Trimmed(in.Name), ByRole: a.Role, Version: 1}
	if a.UUID != "" {
		i.ByUUID = &a.UUID
	}
	if refusal := dispatch.CheckID(in.SupplierID, delivery.KindSupplier, i.CommunityID); refusal != nil {
		return nil, from, refusal.At("supplierId")
	}
	i.SupplierUUID = in.SupplierID.UUID
	if in.WindowID != nil {
		if refusal := dispatch.CheckID(*in.WindowID, delivery.KindWindow, i.CommunityID); refusal != nil {
			return nil, from, refusal.At("windowId")
		}
		i.WindowUUID = &in.WindowID.UUID
	}
	if in.BuildingID != nil {
		if refusal := dispatch.CheckID(*in.BuildingID, delivery.KindBuilding, i.CommunityID); refusal != nil {
			return nil, from, refusal.At("buildingId")
		}
		i.BuildingUUID = &in.BuildingID.UUID
	}
	if refusal := delivery.CheckText(i.Name, delivery.MaxName, false); refusal != nil {
		return nil, from, refusal.At("name")
	}
	if refusal := in.menu(&from); refusal != nil {
		return nil, from, refusal
	}
	if (in.Text == nil) == (in.FileID == nil) {
		return nil, from, delivery.Refuse(ReasonOneSource).At("text")
	}
	if in.FileID != nil {
		if refusal := dispatch.CheckID(*in.FileID, delivery.KindFile, i.CommunityID); refusal != nil {
			return nil, from, refusal.At("fileId")
		}
		i.FileUUID = &in.FileID.UUID
		return i, from, nil
	}
	switch text := *in.Text; {
	case in.Kind == delivery.ImportXLSX:
		return nil, from, delivery.Refuse(ReasonListIsText).At("text")
	case strings.TrimSpace(text) == "":
		return nil, from, delivery.Refuse(delivery.ReasonMissing).At("text")
	case !utf8.ValidString(text) || strings.ContainsRune(text, 0):
		return nil, from, delivery.Refuse(delivery.ReasonBadText).At("text")
	case utf8.RuneCountInString(text) > delivery.MaxImportText:
		return nil, from, delivery.Refuse(delivery.ReasonTooLong, delivery.MaxImportText, utf8.RuneCountInString(text)).At("text").With(delivery.Details{Limit: delivery.MaxImportText})
	default:
		from.Text = text
		return i, from, nil
	}
}

// menu takes the goods of a list.
func (in *ImportOrdersInput) menu(from *db.ImportSource) *delivery.Error {
	if n := len(in.Menu); n > delivery.MaxMenu {
		return delivery.Refuse(dispatch.ReasonTooMany, delivery.MaxMenu, n).At("menu").With(delivery.Details{Limit: delivery.MaxMenu})
	}
	for k, m := range in.Menu {
		item := delivery.MenuItem{Code: delivery.Trimmed(m.Code), Item: delivery.Trimmed(m.Item), Unit: delivery.Trimmed(m.Unit), UnitPriceFen: m.UnitPriceFen}
		refusal := dispatch.First(dispatch.Text("code", item.Code, delivery.MaxCode, false), dispatch.Text("item", item.Item, delivery.MaxName, true),
			dispatch.Text("unit", item.Unit, delivery.MaxUnitWord, false))
		if refusal == nil && (m.UnitPriceFen < 0 || m.UnitPriceFen > delivery.MaxPriceFen) {
			refusal = delivery.Refuse(dispatch.ReasonOutOfRange, 0, delivery.MaxPriceFen).At("unitPriceFen")
		}
		if refusal == nil && len(m.Aliases) > delivery.MaxMenu {
			refusal = delivery.Refuse(dispatch.ReasonTooMany, delivery.MaxMenu, len(m.Aliases)).At("aliases")
		}
		for _, name := range m.Aliases {
			if refusal == nil {
				refusal = delivery.CheckText(name, delivery.MaxName, true)
			}
			item.Aliases = append(item.Aliases, delivery.Trimmed(name))
		}
		if refusal != nil {
			return refusal.At("menu", strconv.Itoa(k))
		}
		from.Menu = append(from.Menu, item)
	}
	return nil
}

// check refuses suppliers, buildings and files that are not there.
func (v *Verbs) check(ctx context.Context, a delivery.Actor, i *delivery.Import) (*delivery.Error, error) {
	found, err := v.DB.SuppliersByID(ctx, a.Scope(), []delivery.ID{i.SupplierID()})
	switch {
	case err != nil:
		return nil, err
	case len(found) == 0:
		return delivery.Refuse(delivery.ReasonNoSuch, delivery.KindSupplier.String()).At("supplierId"), nil
	case found[0].Archived():
		return delivery.Refuse(dispatch.ReasonArchived).At("supplierId"), nil
	}
	if i.WindowUUID != nil {
		windows, err := v.DB.WindowsByID(ctx, a.WindowScope(), []delivery.ID{*i.WindowID()})
		switch {
		case err != nil:
			return nil, err
		case len(windows) == 0 || windows[0].SupplierUUID != i.SupplierUUID:
			return delivery.Refuse(delivery.ReasonNoSuch, delivery.KindWindow.String()).At("windowId"), nil
		}
		if refusal := windows[0].CheckOpen(v.BusinessTime()); refusal != nil {
			return refusal.At("windowId"), nil
		}
	}
	if i.FileUUID != nil {
		f, err := v.DB.UnscopedFile(ctx, delivery.ID{Kind: delivery.KindFile, Community: i.CommunityID, UUID: *i.FileUUID})
		if err != nil {
			refusal := delivery.AsError(dispatch.FileGone(err))
			if refusal != nil {
				err = nil
			}
			return refusal, err
		}
		if refusal := f.Import(a, v.MachineTime()); refusal != nil {
			return refusal.At("fileId"), nil
		}
	}
	if i.BuildingUUID == nil {
		return nil, nil //nolint:nilnil // nothing to refuse
	}
	buildings, err := v.DB.BuildingsByID(ctx, a.Scope(), []delivery.ID{*i.BuildingID()})
	switch {
	case err != nil:
		return nil, err
	case len(buildings) == 0:
		return delivery.Refuse(delivery.ReasonNoSuch, delivery.KindBuilding.String()).At("buildingId"), nil
	case buildings[0].Archived():
		return delivery.Refuse(dispatch.ReasonArchived).At("buildingId"), nil
	}
	return nil, nil //nolint:nilnil // nothing to refuse
}

// open reads the source of an import against the address book of the moment.
func (v *Verbs) open(ctx context.Context, i *delivery.Import, from db.ImportSource) (*Entries, error) {
	if i.FileUUID == nil {
		return v.openNow(ctx, i, from)
	}
	release, err := v.Reading.Take(ctx)
	if err != nil {
		return nil, err
	}
	e, err := v.openNow(ctx, i, from)
	if err != nil {
		release()
		return nil, err
	}
	closed := e.Close
	e.Close = func() {
		closed()
		release()
	}
	return e, nil
}

func (v *Verbs) openNow(ctx context.Context, i *delivery.Import, from db.ImportSource) (*Entries, error) {
	book, err := v.book(ctx, i.CommunityID)
	if err != nil {
		return nil, err
	}
	if i.WindowUUID != nil && len(from.Menu) == 0 {
		if from.Menu, err = v.menu(ctx, i); err != nil {
			return nil, err
		}
	}
	e, err := v.read(ctx, ToRead{Import: i, ImportSource: from, Book: book})
	if err != nil {
		return nil, err
	}
	if e.Close == nil {
		e.Close = func() {}
	}
	e.book = book
	return e, nil
}

// menu returns what is on offer in the window of an import.
func (v *Verbs) menu(ctx context.Context, i *delivery.Import) (menu []delivery.MenuItem, err error) {
	all := delivery.Scope{Class: delivery.SeesAll, Community: i.CommunityID}
	offers, err := v.DB.OffersOfWindows(ctx, all, []delivery.ID{*i.WindowID()})
	if err != nil {
		return nil, err
	}
	packages, err := v.DB.PackagesByID(ctx, all, dispatch.IDs(offers, (*delivery.Offer).PackageID))
	byID := dispatch.ByUUID(packages)
	for _, o := range offers {
		if p := byID[o.PackageUUID]; p != nil {
			menu = append(menu, delivery.MenuItem{Code: p.Code, Item: p.Name, Unit: p.Unit, UnitPriceFen: o.PriceFen})
		}
	}
	return menu, err
}

// prepare reads the source of an import once, so that one which cannot be read is refused before anything is stored. For a dry run it judges
// every row as the import would, in looks of delivery.ImportChunk rows.
func (v *Verbs) prepare(ctx context.Context, a delivery.Actor, i *delivery.Import, from *db.ImportSource, dry bool) (*ImportReport, error) {
	source, err := v.open(ctx, i, *from)
	if err != nil {
		return nil, err
	}
	defer source.Close()
	i.Total, i.PassedOver, from.Headers = source.Total, source.PassedOver, source.Headers
	if !dry {
		return nil, nil //nolint:nilnil // there is no report
	}
	community, err := v.DB.CommunitiesByID(ctx, a.Scope(), []delivery.ID{{Kind: delivery.KindCommunity, Community: i.CommunityID}})
	if err != nil || len(community) == 0 {
		return nil, err
	}
	i.StartedAt, i.Day = v.BusinessTime(), community[0].Day(v.BusinessTime())
	out, j := &ImportReport{PassedOver: source.PassedOver, Headers: source.Headers}, newJudge(a, i, source.book)
	var items []*judged
	look := func() error {
		b := &batch{actor: a, imp: i, at: i.StartedAt, items: items}
		items = nil
		if err := v.DB.InTx(ctx, func(t *db.Tx) error { return t.Look(func() error { return b.judge(ctx, t) }) }); err != nil {
			return err
		}
		for _, x := range b.items {
			out.add(x.row, b.knownOrder(x))
		}
		return nil
	}
	for e, err := range source.All {
		if err != nil {
			return nil, err
		}
		if items = append(items, j.judge(&e)); len(items) == delivery.ImportChunk {
			if err := look(); err != nil {
				return nil, err
			}
		}
	}
	return out, look()
}

// reported is the most rows of each outcome that the report of a dry run lists.
const reported = 1000

// add counts a row, and lists it.
func (r *ImportReport) add(row *delivery.ImportRow, known *delivery.UUID) {
	r.Add(row.Outcome)
	row.OrderUUID = known
	same := 0
	for _, x := range r.Listed {
		if x.Outcome == row.Outcome {
			same++
		}
	}
	if same < reported {
		r.Listed = append(r.Listed, row)
	}
}

// knownOrder returns the order that a row is about, nil for one that would be placed.
func (b *batch) knownOrder(x *judged) *delivery.UUID {
	if o := b.known[x]; o != nil {
		return &o.UUID
	}
	return nil
}

// GoOn places the rows that an import still lacks, until machine time passes until or it is done. It tells progress of each transaction. The
// same import may be worked on by several callers: each row is placed once.
func (v *Verbs) GoOn(ctx context.Context, id delivery.ID, until time.Time, progress func(*delivery.Import)) (*delivery.Import, error) {
	i, err := v.DB.UnscopedImport(ctx, id)
	if err != nil || i.Finished() {
		return i, err
	}
	a, err := v.DB.UnscopedActor(ctx, delivery.Actor{Role: i.ByRole, Community: i.CommunityID, UUID: i.By().UUID}, v.BusinessTime())
	if delivery.CodeOf(err) == delivery.CodeNotFound {
		return v.giveUp(ctx, i, delivery.Refuse(delivery.ReasonNotYours))
	}
	if err != nil {
		return i, err
	}
	if refusal := a.CanImport(i.CommunityID, i.SupplierUUID); refusal != nil {
		return v.giveUp(ctx, i, refusal)
	}
	from, err := v.DB.UnscopedImportSource(ctx, id)
	if err != nil {
		return i, err
	}
	source, err := v.open(ctx, i, *from)
	if refusal := delivery.AsError(err); refusal != nil {
		return v.giveUp(ctx, i, refusal)
	} else if err != nil {
		return i, err
	}
	defer source.Close()
	w := &placement{verbs: v, actor: a, id: id, judge: newJudge(a, i, source.book), imp: i, until: until, progress: progress}
	i, err = w.all(ctx, source)
	if refusal := delivery.AsError(err); refusal != nil {
		if refusal.Code() == delivery.CodeRateLimited { // the quota of today is used up
			return v.pause(ctx, i, v.MachineTime().Add(pauseFor))
		}
		return v.giveUp(ctx, i, refusal)
	}
	return i, err
}

// pauseFor is how long an import waits whose account has used up a quota of the day.
const pauseFor = 10 * time.Minute

// placement is one run over the entries of an import.
type placement struct {
	verbs    *Verbs
	actor    delivery.Actor
	id       delivery.ID
	judge    *judge
	imp      *delivery.Import // as it was saved last
	until    time.Time
	progress func(*delivery.Import)

	first int // how many entries come before items
	items []*judged
}

func (w *placement) all(ctx context.Context, source *Entries) (*delivery.Import, error) {
	for e, err := range source.All {
		if err != nil {
			return w.imp, err
		}
		x := w.judge.judge(&e)
		if x.row.Row <= w.imp.Next { // placed already; the judge has to know it
			continue
		}
		if len(w.items) == 0 {
			w.first = x.row.Row - 1
		}
		if w.items = append(w.items, x); len(w.items) < delivery.ImportChunk {
			continue
		}
		if err := w.place(ctx); err != nil || w.imp.Finished() {
			return w.imp, err
		}
		if !w.verbs.Machine().Before(w.until) {
			return w.verbs.pause(ctx, w.imp, w.verbs.MachineTime())
		}
	}
	if err := w.place(ctx); err != nil || w.imp.Finished() {
		return w.imp, err
	}
	return w.finish(ctx)
}

// place places the items in one transaction.
func (w *placement) place(ctx context.Context) error {
	if len(w.items) == 0 {
		return nil
	}
	saved, err := dispatch.InTxLocked(ctx, w.verbs.Engine, func(t *db.Tx) (*delivery.Import, error) { return w.chunk(ctx, t) })
	if err != nil {
		return err
	}
	w.imp, w.items = saved, nil
	if w.progress != nil {
		w.progress(saved)
	}
	return nil
}

func (w *placement) chunk(ctx context.Context, t *db.Tx) (*delivery.Import, error) {
	i, err := t.LockImport(ctx, w.actor.Scope(), w.id.Community, w.id.UUID)
	if err != nil {
		return nil, err
	}
	skip := i.Next - w.first // another caller placed them meanwhile
	if i.Finished() || skip >= len(w.items) {
		return i, nil
	}
	v := w.verbs
	t.Writes(i.CommunityID, w.actor.Ref().Key(), delivery.AllowanceOf(w.actor.Role, v.Quota))
	b := &batch{actor: w.actor, imp: i, at: v.BusinessTime()}
	for _, x := range w.items[max(0, skip):] {
		b.items = append(b.items, x.clone())
	}
	if err := b.judge(ctx, t); err != nil {
		return nil, err
	}
	b.spend(t)
	events, err := b.save(ctx, t)
	if err != nil {
		return nil, err
	}
	rows := make([]*delivery.ImportRow, len(b.items))
	for k, x := range b.items {
		rows[k] = x.row
		i.Add(x.row.Outcome)
	}
	retry := v.MachineTime().Add(cutOffAfter)
	i.Next, i.RetryAt, i.Version = i.Next+len(rows), &retry, i.Version+1
	i.Total = max(i.Total, i.Next)
	if err := t.InsertImportRows(ctx, i.CommunityID, rows); err != nil {
		return nil, err
	}
	if err := t.SaveImport(ctx, i); err != nil || len(events) == 0 {
		return i, err
	}
	return i, dispatch.Record(ctx, t, i.CommunityID, events)
}

// finish ends an import whose entries all have their outcome. Entries of an earlier posting of the same list that it lacks become rows that a
// person decides.
func (w *placement) finish(ctx context.Context) (*delivery.Import, error) {
	saved, err := dispatch.InTxLocked(ctx, w.verbs.Engine, func(t *db.Tx) (*delivery.Import, error) {
		i, err := t.LockImport(ctx, w.actor.Scope(), w.id.Community, w.id.UUID)
		if err != nil || i.Finished() || i.Next < w.judge.row {
			return i, err
		}
		if i.Kind == delivery.ImportJielong {
			gone, err := t.GoneFrom(ctx, i)
			if err != nil {
				return nil, err
			}
			var rows []*delivery.ImportRow
			for k, g := range gone {
				rows = append(rows, &delivery.ImportRow{CommunityID: i.CommunityID, UUID: dispatch.NewUUID(), ImportUUID: i.UUID, Row: i.Next + k + 1, Key: g.Key,
					Outcome: delivery.RowInReview, Reason: reasonGone, BuildingUUID: &g.Building, HouseholdUUID: &g.Household, OrderUUID: &g.Order})
				i.Add(delivery.RowInReview)
			}
			if err := t.InsertImportRows(ctx, i.CommunityID, rows); err != nil {
				return nil, err
			}
		}
		return i, end(ctx, t, i, "", w.verbs.BusinessTime())
	})
	if err == nil && w.progress != nil {
		w.progress(saved)
	}
	return saved, err
}

// end saves that a locked import is done. stopped is the reason for which it was given up.
func end(ctx context.Context, t *db.Tx, i *delivery.Import, stopped string, at time.Time) error {
	if at.Before(i.StartedAt) {
		at = i.StartedAt
	}
	i.DoneAt, i.RetryAt, i.Stopped, i.Version = &at, nil, stopped, i.Version+1
	return t.SaveImport(ctx, i)
}

// giveUp ends an import that cannot go on.
func (v *Verbs) giveUp(ctx context.Context, i *delivery.Import, why *delivery.Error) (*delivery.Import, error) {
	return v.change(ctx, i, func(t *db.Tx, i *delivery.Import) error { return end(ctx, t, i, why.Reason.String(), v.BusinessTime()) })
}

// pause notes when the clock worker may go on with an import.
func (v *Verbs) pause(ctx context.Context, i *delivery.Import, until time.Time) (*delivery.Import, error) {
	return v.change(ctx, i, func(t *db.Tx, i *delivery.Import) error {
		i.RetryAt, i.Version = &until, i.Version+1
		return t.SaveImport(ctx, i)
	})
}

func (v *Verbs) change(ctx context.Context, i *delivery.Import, do func(*db.Tx, *delivery.Import) error) (*delivery.Import, error) {
	return dispatch.InTxLocked(ctx, v.Engine, func(t *db.Tx) (*delivery.Import, error) {
		now, err := t.LockImport(ctx, delivery.Scope{Class: delivery.SeesAll, Community: i.CommunityID}, i.CommunityID, i.UUID)
		if err != nil || now.Finished() {
			return now, err
		}
		return now, do(t, now)
	})
}

// keepFile keeps the file of an import until it is done.
func (v *Verbs) keepFile(ctx context.Context, t *db.Tx, a delivery.Actor, file delivery.UUID, community int32) error {
	files, err := t.LockFiles(ctx, community, []delivery.UUID{file})
	if err != nil {
		return err
	}
	if len(files) == 0 {
		return delivery.Refuse(delivery.ReasonFileGone).At("fileId")
	}
	if refusal := files[0].Import(a, v.MachineTime()); refusal != nil {
		return refusal.At("fileId")
	}
	return t.SaveFiles(ctx, community, files)
}
