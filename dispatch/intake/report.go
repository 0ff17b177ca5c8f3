package intake

import (
	"context"
	"slices"
	"strconv"
	"strings"

	"baogong/db"
	"baogong/delivery"
	"baogong/reading/sheet"
)

// Columns of the sheet of the rows that wait or were refused, besides the file's own. Package orderfile passes over the last two.
var (
	columnRow    = delivery.Bilingual{Chinese: "原行号", English: "row"}
	columnText   = delivery.Bilingual{Chinese: "内容", English: "text"}
	columnReason = delivery.Bilingual{Chinese: "原因", English: "reason"}
)

func said(b delivery.Bilingual, l delivery.Locale) string {
	if l == delivery.Chinese {
		return b.Chinese
	}
	return b.English
}

func isSaid(b delivery.Bilingual, text string) bool { return text == b.Chinese || text == b.English }

// WaitingSheet is the sheet of the rows of an import that wait or were refused: with the file's own columns, the row and the reason, so that they
// can be corrected and sent again. What was placed is then UNCHANGED.
type WaitingSheet struct {
	verbs  *Verbs
	scope  delivery.Scope
	id     delivery.ID
	locale delivery.Locale
	own    []string // the columns of a file; a list has none
}

// WaitingSheet returns the sheet of an import, of the rows that the actor sees. It fails with NOT_FOUND for an import out of sight, and with
// FORBIDDEN for an actor who may not read its rows.
func (v *Verbs) WaitingSheet(ctx context.Context, a delivery.Actor, id delivery.ID, l delivery.Locale) (*WaitingSheet, error) {
	found, err := v.DB.ImportsByID(ctx, a.Scope(), []delivery.ID{id})
	switch {
	case err != nil:
		return nil, err
	case len(found) == 0:
		return nil, delivery.Refuse(delivery.ReasonNoSuch, delivery.KindImport.String())
	}
	if refusal := a.CanReadRows(found[0]); refusal != nil {
		return nil, refusal
	}
	from, err := v.DB.UnscopedImportSource(ctx, id)
	if err != nil {
		return nil, err
	}
	return &WaitingSheet{verbs: v, scope: a.Scope(), id: id, locale: l, own: ownColumns(from.Headers)}, nil
}

// ownColumns returns the columns of a file without those that an earlier sheet has added.
func ownColumns(headers []string) []string {
	if n := len(headers) - 2; n >= 0 && isSaid(columnRow, headers[n]) && isSaid(columnReason, headers[n+1]) {
		return headers[:n]
	}
	return headers
}

// Header returns the first row.
func (s *WaitingSheet) Header() []string { return header(s.own, s.locale) }

// Page reads a page of the import's rows, each of which has a row of the sheet for each row of the file. It returns the key of the last one, and
// whether more follow.
func (s *WaitingSheet) Page(ctx context.Context, p db.Range) (rows [][]string, last []string, more bool, err error) {
	filter := db.ImportRowFilter{Import: &s.id.UUID, Outcomes: []delivery.ImportOutcome{delivery.RowInReview, delivery.RowRefused}}
	read, err := s.verbs.DB.ImportRows(ctx, s.scope, s.id.Community, filter, p)
	if err != nil || len(read.Items) == 0 {
		return nil, nil, false, err
	}
	return cells(read.Items, s.own, s.locale), read.Keys[len(read.Keys)-1], read.More, nil
}

// Write writes the whole sheet.
func (s *WaitingSheet) Write(ctx context.Context, w sheet.Writer) error {
	if err := w.Write(s.Header()); err != nil {
		return err
	}
	for p := (db.Range{Limit: delivery.MaxPage}); ; {
		rows, last, more, err := s.Page(ctx, p)
		if err != nil {
			return err
		}
		for _, row := range rows {
			if err := w.Write(row); err != nil {
				return err
			}
		}
		if !more {
			return w.Flush()
		}
		p.After = last
	}
}

func header(own []string, l delivery.Locale) []string {
	if len(own) == 0 {
		own = []string{said(columnText, l)}
	}
	return append(slices.Clone(own), said(columnRow, l), said(columnReason, l))
}

// cells returns the rows of the sheet below columns of the file's own, none for a list.
func cells(rows []*delivery.ImportRow, own []string, l delivery.Locale) (out [][]string) {
	for _, r := range rows {
		texts := []string{r.Text}
		if len(own) > 0 {
			texts = strings.Split(r.Text, "\n")
		}
		for k, text := range texts {
			row := []string{text}
			if len(own) > 0 {
				row = append(strings.Split(text, "\t"), make([]string, len(own))...)[:len(own)]
			}
			number := ""
			if k < len(r.FileRows) {
				number = strconv.Itoa(r.FileRows[k])
			}
			out = append(out, append(row, number, Sentence(r.Reason, l)))
		}
	}
	return out
}

// WriteReport writes the rows of a dry run that would wait or be refused, as a WaitingSheet has them.
func (r *ImportReport) WriteReport(l delivery.Locale, w sheet.Writer) error {
	own := ownColumns(r.Headers)
	if err := w.Write(header(own, l)); err != nil {
		return err
	}
	waiting := slices.DeleteFunc(slices.Clone(r.Listed), func(row *delivery.ImportRow) bool {
		return row.Outcome != delivery.RowInReview && row.Outcome != delivery.RowRefused
	})
	for _, row := range cells(waiting, own, l) {
		if err := w.Write(row); err != nil {
			return err
		}
	}
	return w.Flush()
}
