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
	var book *HomeBook
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
		if report, book, err = v.prepare(ctx, a, i, &from, in.DryRun); err != nil {
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
		if err := v.chargeText(ctx, t, a, i.CommunityID, importBytes+len(from.Text)); err != nil {
			return false, err
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
	_, err = v.goOn(ctx, *out.ImportID, until, v.Progress, book)
	return out, err
}

// importBytes is what an import uses of QuotaText beside a pasted list.
const importBytes = 256

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
// every row as the import would, in looks of delivery.ImportChunk rows. It returns the address book that it has read, for the import itself.
func (v *Verbs) prepare(ctx context.Context, a delivery.Actor, i *delivery.Import, from *db.ImportSource, dry bool) (*ImportReport, *HomeBook, error) {
	if dry {
		report, err := v.look(ctx, a, i, *from)
		return report, nil, err
	}
	source, err := v.open(ctx, i, *from, nil, true)
	if err != nil {
		return nil, nil, err
	}
	defer source.Close()
	i.Total, i.PassedOver, from.Headers = source.Total, source.PassedOver, source.Headers
	return nil, source.book, nil
}

// look reports what an import would do.
func (v *Verbs) look(ctx context.Context, a delivery.Actor, i *delivery.Import, from db.ImportSource) (*ImportReport, error) {
	community, err := v.DB.CommunitiesByID(ctx, a.Scope(), []delivery.ID{{Kind: delivery.KindCommunity, Community: i.CommunityID}})
	if err != nil || len(community) == 0 {
		return nil, err
	}
	i.StartedAt, i.Day = v.BusinessTime(), community[0].Day(v.BusinessTime())
	source, err := v.open(ctx, i, from, nil, false)
	if err != nil {
		return nil, err
	}
	defer source.Close()
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
	if r.Of(row.Outcome) <= reported {
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

// pauseFor is how long an import waits whose account has used up a quota of the day.
const pauseFor = 10 * time.Minute
