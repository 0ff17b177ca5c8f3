package intake

import (
	"context"
	"strconv"
	"strings"

	"baogong/db"
	"baogong/delivery"
	"baogong/reading/sheet"
)

// Columns of the sheet of the rows that wait or were refused, besides the file's own.
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

// WriteWaiting writes the rows of an import that wait or were refused and that the scope sees: with the file's own columns, the row and the reason,
// so that they can be corrected and sent again. What was placed is then UNCHANGED.
func (v *Verbs) WriteWaiting(ctx context.Context, s delivery.Scope, id delivery.ID, l delivery.Locale, w sheet.Writer) error {
	from, err := v.DB.UnscopedImportSource(ctx, id)
	if err != nil {
		return err
	}
	if err := writeHeaders(from.Headers, l, w); err != nil {
		return err
	}
	filter := db.ImportRowFilter{Import: &id.UUID, Outcomes: []delivery.ImportOutcome{delivery.RowInReview, delivery.RowRefused}}
	var after []string
	for {
		rows, err := v.DB.ImportRows(ctx, s, id.Community, filter, db.Range{Limit: delivery.MaxPage, After: after})
		if err != nil {
			return err
		}
		if err := WriteRows(rows.Items, len(from.Headers), l, w); err != nil {
			return err
		}
		if !rows.More {
			return w.Flush()
		}
		after = rows.Keys[len(rows.Keys)-1]
	}
}

func writeHeaders(own []string, l delivery.Locale, w sheet.Writer) error {
	if len(own) == 0 {
		own = []string{said(columnText, l)}
	}
	return w.Write(append(append([]string{}, own...), said(columnRow, l), said(columnReason, l)))
}

// WriteRows writes rows below headers of so many columns of the file's own, 0 for a list.
func WriteRows(rows []*delivery.ImportRow, own int, l delivery.Locale, w sheet.Writer) error {
	for _, r := range rows {
		texts := []string{r.Text}
		if own > 0 {
			texts = strings.Split(r.Text, "\n")
		}
		for k, text := range texts {
			cells := []string{text}
			if own > 0 {
				cells = append(strings.Split(text, "\t"), make([]string, own)...)[:own]
			}
			number := ""
			if k < len(r.FileRows) {
				number = strconv.Itoa(r.FileRows[k])
			}
			if err := w.Write(append(cells, number, Sentence(r.Reason, l))); err != nil {
				return err
			}
		}
	}
	return nil
}

// WriteReport writes the rows of a dry run that would wait or be refused, as WriteWaiting does.
func (r *ImportReport) WriteReport(l delivery.Locale, w sheet.Writer) error {
	if err := writeHeaders(r.Headers, l, w); err != nil {
		return err
	}
	var rows []*delivery.ImportRow
	for _, row := range r.Listed {
		if row.Outcome == delivery.RowInReview || row.Outcome == delivery.RowRefused {
			rows = append(rows, row)
		}
	}
	if err := WriteRows(rows, len(r.Headers), l, w); err != nil {
		return err
	}
	return w.Flush()
}
