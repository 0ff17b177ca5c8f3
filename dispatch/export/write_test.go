package export

import (
	"io"
	"testing"

	"baogong/delivery"
	"baogong/reading/sheet"
)

func TestAWorkbookHasABound(t *testing.T) {
	t.Parallel()
	for format, want := range map[delivery.ExportFormat]delivery.Reason{delivery.ExportXLSX: ReasonExportTooLong, delivery.ExportCSV: {}} {
		w := &tableWriter{Download: &Download{Export: &delivery.Export{Format: format}}, out: sheet.NewCSV(io.Discard), rows: sheet.MaxRows - 2}
		if err := w.add("the last"); err != nil {
			t.Errorf("%s: the last row is refused: %v", format, err)
		}
		var got delivery.Reason
		if refusal := delivery.AsError(w.add("one more")); refusal != nil {
			got = refusal.Reason
		}
		if got != want {
			t.Errorf("%s: one row more: got %q, want %q", format, got, want)
		}
	}
}
