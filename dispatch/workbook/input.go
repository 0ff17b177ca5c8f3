package workbook

import (
	"context"
	"time"

	"baogong/db"
	"baogong/delivery"
	"baogong/dispatch"
	"baogong/reading/estatefile"
)

// ImportEstateInput is a workbook to import.
type ImportEstateInput struct {
	ClientMutationID *string
	CommunityID      delivery.ID
	FileID           delivery.ID
	Name             string
	DryRun           bool
	SkipErrors       bool
}

// ImportEstatePayload is the outcome of importing an estate.
type ImportEstatePayload struct {
	dispatch.Outcome
	Report *EstateReport `json:"report,omitempty"`

	fresh bool // no earlier try is stored
}

// ImportEstate imports an uploaded workbook as Import does: administrators and the commander. A retry gets the stored report.
func (v *Verbs) ImportEstate(ctx context.Context, a delivery.Actor, in ImportEstateInput) (*ImportEstatePayload, error) {
	c := dispatch.Call{Actor: a, Mutation: "importEstate", Community: in.CommunityID.Community, ID: in.ClientMutationID, Input: in}
	out, err := dispatch.Run(ctx, v.Engine, c, func(_ *db.Tx, _ time.Time, out *ImportEstatePayload) (bool, error) {
		out.fresh = true
		return false, v.admit(a, in.CommunityID)
	})
	if err != nil || !out.fresh {
		return out, err
	}
	report, err := v.importFile(ctx, a, in)
	if refusal := delivery.AsError(err); refusal != nil {
		out.Refuse(refusal)
		return out, nil
	}
	if err != nil {
		return nil, err
	}
	if out.Report = report; !report.Written {
		return out, nil
	}
	return dispatch.Run(ctx, v.Engine, c, func(t *db.Tx, _ time.Time, out *ImportEstatePayload) (bool, error) {
		out.Report = report
		return true, t.Decided()
	})
}

// importFile reads the file and imports it.
func (v *Verbs) importFile(ctx context.Context, a delivery.Actor, in ImportEstateInput) (*EstateReport, error) {
	w, err := v.open(ctx, a, in)
	if err != nil {
		return nil, err
	}
	return v.Import(ctx, a, in.CommunityID, w, Options{Write: !in.DryRun, SkipErrors: in.SkipErrors})
}

// open reads the sheet that the actor has sent. It fails with the refusal of a file that is not theirs, or that is no workbook.
func (v *Verbs) open(ctx context.Context, a delivery.Actor, in ImportEstateInput) (*estatefile.Workbook, error) {
	refused := func(refusal *delivery.Error) error { return refusal.At("fileId") }
	if refusal := dispatch.CheckID(in.FileID, delivery.KindFile, in.CommunityID.Community); refusal != nil {
		return nil, refused(refusal)
	}
	if refusal := delivery.CheckText(in.Name, delivery.MaxName, false); refusal != nil {
		return nil, refusal.At("name")
	}
	f, err := v.DB.UnscopedFile(ctx, in.FileID)
	if err != nil {
		return nil, dispatch.FileGone(err)
	}
	if refusal := f.Import(a, v.MachineTime()); refusal != nil { // the sheet is needed for this call only, so it is not kept longer
		return nil, refused(refusal)
	}
	release, err := v.Reading.Take(ctx, a.Ref().Key())
	if err != nil {
		return nil, err
	}
	defer release()
	s, err := estatefile.Open(in.Name, dispatch.NewFileReader(ctx, v.DB, f), int64(f.Bytes))
	var w *estatefile.Workbook
	if err == nil {
		defer s.Close()
		w, err = estatefile.ReadFile(s)
	}
	if refusal := delivery.AsError(err); refusal != nil && len(refusal.Field) == 0 {
		return nil, refused(refusal)
	}
	return w, err
}
