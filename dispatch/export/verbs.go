// Package export writes tables of orders, households, volunteers, incidents, daily reports, the waiting rows of imports, the texts of notices and the
// numbers of the needs analysis, as far as the caller sees them, and records who downloaded them.
package export

import (
	"context"

	"baogong/db"
	"baogong/delivery"
	"baogong/dispatch"
)

// Verbs are what HTTP requests for exports do. The area has no mutation.
type Verbs struct {
	*dispatch.Engine

	// Waiting returns the sheet of an import's rows that wait or were refused, of those that the actor sees. It fails with a refusal if the actor
	// may not read them.
	Waiting func(ctx context.Context, a delivery.Actor, importID delivery.ID, l delivery.Locale) (SheetSource, error)
	// Hands returns the work of a day at each post, nothing if no orders are expected. The caller has checked that the actor may read it.
	Hands func(ctx context.Context, a delivery.Actor, c *delivery.Community, day string) ([]PostHands, error)
}

// PostHands is the work of a day at one post.
type PostHands struct {
	Day             string
	Post            delivery.Post // "": at the telephone, where the work for one order is not known
	Orders          int
	MinutesPerOrder *float64
	PersonHours     float64
	Assumed         bool // at least one of its times is assumed
}

// SheetSource is a table that another area reads.
type SheetSource interface {
	// Header returns the first row.
	Header() []string
	// Page reads a page, and returns the key of the last one and whether more follow.
	Page(ctx context.Context, p db.Range) (rows [][]string, last []string, more bool, err error)
}

// TableRequest is what a caller wants to export.
type TableRequest struct {
	Community string // its id; "": the caller's own
	Import    string // the id of the import, for delivery.ExportImportRows
	Notice    string // the id of the notice, for delivery.ExportNotice
	Noun      delivery.ExportNoun
	Format    delivery.ExportFormat
	Contacts  bool   // whole names and phones
	Reason    string // why, if Contacts is set
	From      string // the first day, for delivery.ExportDays, ExportDemand, ExportUnmet and ExportSoldOut; "": that of a month before the last
	Until     string // the last day; "": today
	Kind      string // what a row counts, for delivery.ExportDemand; "": the whole estate
	Day       string // for delivery.ExportForecast, ExportHands and ExportScores; "": tomorrow
	Window    string // the id of the order window, for delivery.ExportGap
	Share     string // of what is expected, kept in reserve there; "": a tenth
	Locale    delivery.Locale
}

// Download is an export that is recorded and can be written.
type Download struct {
	*delivery.Export
	Community *delivery.Community

	actor   delivery.Actor
	request TableRequest
	source  SheetSource // nil: the area's own
	notice  *delivery.Notice
	days    days // for delivery.ExportDays, ExportDemand, ExportUnmet and ExportSoldOut
	needs   needsRequest
}

// Begin records an export. It fails with SIGN_IN, NOT_FOUND as a list does, NOT_YOURS for the rows of an import, CONTACTS_NOT_YOURS, PURGED, QUOTA, and
// MISSING or TOO_LONG for the reason, and BAD_VALUE, FUTURE_DAY or TOO_MANY_DAYS for days and other arguments.
func (v *Verbs) Begin(ctx context.Context, a delivery.Actor, r TableRequest) (*Download, error) {
	if !a.SignedIn() {
		return nil, delivery.Refuse(delivery.ReasonSignIn)
	}
	community := delivery.ID{Kind: delivery.KindCommunity, Community: a.Community}
	var source SheetSource
	var notice *delivery.Notice
	var asked needsRequest
	switch {
	case r.Noun == delivery.ExportNotice:
		var err error
		if notice, err = v.seeNotice(ctx, a, r.Notice); err != nil {
			return nil, err
		}
		community.Community = notice.CommunityID
	case r.Noun == delivery.ExportGap:
		var err error
		if asked.window, err = v.seeWindow(ctx, a, r.Window); err != nil {
			return nil, err
		}
		community.Community = asked.window.CommunityID
	case r.Noun == delivery.ExportImportRows:
		id, err := delivery.ParseID(r.Import)
		if err != nil {
			return nil, err
		}
		if id.Kind != delivery.KindImport {
			return nil, id.WrongKind(delivery.KindImport)
		}
		if source, err = v.Waiting(ctx, a, id, r.Locale); err != nil {
			return nil, err
		}
		community.Community = id.Community
	case r.Community != "":
		var err error
		if community, err = delivery.ParseID(r.Community); err != nil {
			return nil, delivery.AsError(err).At("communityId")
		}
		if community.Kind != delivery.KindCommunity {
			return nil, community.WrongKind(delivery.KindCommunity).At("communityId")
		}
	case a.Community == 0:
		return nil, delivery.Refuse(delivery.ReasonMissing).At("communityId")
	}
	if r.Reason = delivery.Trimmed(r.Reason); r.Contacts {
		if refusal := delivery.CheckText(r.Reason, delivery.MaxReason, true); refusal != nil {
			return nil, refusal.At("reason")
		}
	}
	if refusal := asked.read(r); refusal != nil {
		return nil, refusal
	}
	e, refusal := delivery.NewExport(a, community.Community, r.Noun, r.Format, r.Contacts, v.Now())
	if refusal != nil {
		return nil, refusal
	}
	e.UUID = dispatch.NewUUID()
	return dispatch.InTx(ctx, v.Engine, func(t *db.Tx) (*Download, error) {
		c, err := t.LockCommunity(ctx, community.Community, false)
		if err != nil {
			return nil, err
		}
		if c.Purged() && r.Contacts {
			return nil, delivery.Refuse(dispatch.ReasonPurged)
		}
		if most := delivery.AllowanceOf(a.Role, v.Quota)[delivery.QuotaFiles]; most > 0 {
			if err := t.Charge(ctx, e.CommunityID, a.Ref().Key(), delivery.QuotaFiles, 1, most); err != nil {
				if refusal := delivery.AsError(err); refusal != nil {
					return nil, v.DayEnds(ctx, t, e.CommunityID, refusal)
				}
				return nil, err
			}
		}
		asked := asked // the transaction may be tried again
		var span days
		var refusal *delivery.Error
		switch r.Noun {
		case delivery.ExportDays, delivery.ExportDemand, delivery.ExportUnmet, delivery.ExportSoldOut:
			span, refusal = spanOf(c, r.From, r.Until, e.At)
		case delivery.ExportForecast, delivery.ExportHands, delivery.ExportScores:
			asked.day, refusal = dayOf(c, r.Day, e.At)
		}
		if refusal != nil {
			return nil, refusal
		}
		return &Download{e, c, a, r, source, notice, span, asked}, t.InsertExport(ctx, e)
	})
}

// seeNotice returns the notice with the id, if the actor sees it.
func (v *Verbs) seeNotice(ctx context.Context, a delivery.Actor, text string) (*delivery.Notice, error) {
	id, err := delivery.ParseID(text)
	if err != nil {
		return nil, delivery.AsError(err).At("noticeId")
	}
	if id.Kind != delivery.KindNotice {
		return nil, id.WrongKind(delivery.KindNotice).At("noticeId")
	}
	rows, err := v.DB.NoticesByID(ctx, a.Scope(), []delivery.ID{id})
	if err != nil {
		return nil, err
	}
	if len(rows) == 0 {
		return nil, delivery.Refuse(delivery.ReasonNoSuch, delivery.KindNotice.String()).At("noticeId")
	}
	return rows[0], nil
}

// End records how many rows a download has sent. It is whole if ended is set.
func (v *Verbs) End(ctx context.Context, d *Download, rows int, ended bool) error {
	e := *d.Export
	if e.RowCount = rows; ended {
		e.EndedAt = new(v.Now())
		if e.EndedAt.Before(e.At) {
			e.EndedAt = &e.At // the clock was put back
		}
	}
	return v.InTx(ctx, func(t *db.Tx) error { return t.EndExport(ctx, &e) })
}

// List lists a community's newest downloads, at most delivery.MaxBulk. Administrators and the commander may call it. It fails with NOT_FOUND or
// FORBIDDEN for other actors.
func (v *Verbs) List(ctx context.Context, a delivery.Actor, community delivery.ID) ([]*delivery.Export, error) {
	if !a.Scope().SeesCommunity(community.Community) {
		return nil, delivery.Refuse(delivery.ReasonNoSuch, delivery.KindCommunity.String())
	}
	if !a.CanReadExports(community.Community) {
		return nil, delivery.Refuse(delivery.ReasonNotYours)
	}
	return v.DB.Exports(ctx, a.Scope(), community.Community, delivery.MaxBulk)
}
