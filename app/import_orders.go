package app

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/jedib0t/go-pretty/v6/table"

	"baogong/db"
	"baogong/delivery"
	"baogong/dispatch"
	"baogong/dispatch/intake"
	"baogong/dispatch/verbs"
	"baogong/reading/sheet"
)

// importOrdersCommand imports orders of a supplier.
type importOrdersCommand struct {
	databaseSettings
	File      string `arg:"" help:"The supplier's file (CSV, TSV, XLSX), or the list of a chat group as text (TXT); - reads a list from standard input."`
	Community string `help:"Code of the community." placeholder:"CODE" required:""`
	Supplier  string `help:"Code of the supplier whose orders these are." placeholder:"CODE" required:""`
	Window    string `help:"Id of the order window that the orders are for, as the query orderWindows gives it; without it they are in no window." placeholder:"ID"`
	Building  string `help:"Code of the building that a list's chat group belongs to; its entries need not name it." placeholder:"CODE"`
	DryRun    bool   `help:"Show how many orders would be placed or changed and how many rows would wait, and save nothing."`
	Report    string `help:"Write the rows that wait or were refused to a new CSV or XLSX file, to be corrected and imported again; with --dry-run at most 1,000 of each." placeholder:"FILE" type:"path"`
}

// errRowsWait ends a command that has placed what it could.
var errRowsWait = errors.New("some rows wait for a person or were refused; --report FILE lists them 部分行待处理或不可用，可用 --report FILE 导出")

// waits returns the error of rows that wait, with what to do about them.
func (c *importOrdersCommand) waits() error {
	if c.Report == "" {
		return errRowsWait
	}
	return fmt.Errorf("some rows wait for a person or were refused; correct them in %s and import it 部分行待处理或不可用，请在 %[1]s 中更正后再导入", quoted(c.Report))
}

// Run imports the orders of a file. It fails if rows wait or were refused, after it has placed the others.
func (c *importOrdersCommand) Run(ctx context.Context, p *program) (err error) {
	if err := c.there(); err != nil {
		return err
	}
	if c.Report != "" { // before orders are placed
		if _, err := os.Stat(c.Report); err == nil {
			return fmt.Errorf("write the report: %w", asNewFile(&fs.PathError{Op: "create", Path: c.Report, Err: fs.ErrExist}))
		}
	}
	st, err := p.open(ctx, c.databaseSettings, toMaintain)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, st.close()) }()
	v := verbs.New(&dispatch.Engine{DB: st.DB, Now: time.Now, Machine: time.Now})
	admin := delivery.Actor{Name: "admin", Role: delivery.RoleAdmin}
	in, err := c.input(ctx, v, admin)
	if err != nil {
		return bilingual(err)
	}
	bar := newProgressBar(p.out, p.terminal, "导入 importing")
	v.Intake.Progress = func(i *delivery.Import) { bar.set(i.Next, max(i.Total, 1)) }
	out, err := v.Intake.ImportOrders(ctx, admin, in)
	var done *delivery.Import
	for err == nil && out.ImportID != nil && (done == nil || !done.Finished()) {
		done, err = v.Intake.GoOn(ctx, *out.ImportID, time.Now().Add(time.Minute), v.Intake.Progress)
	}
	bar.end(err)
	switch {
	case err != nil:
		return fmt.Errorf("%w; what was placed stays, and the same command goes on 已下单的部分有效，重新运行即可继续", err)
	case len(out.UserErrors) > 0:
		return bilingual(out.UserErrors[0])
	}
	var tally delivery.ImportTally
	var passed int
	if out.Report != nil {
		tally, passed = out.Report.ImportTally, out.Report.PassedOver
	} else {
		tally, passed = done.ImportTally, done.PassedOver
	}
	fmt.Fprint(p.out, tallyTable(tally, passed))
	if done != nil && done.Stopped != "" {
		return fmt.Errorf("the import was given up: %s 导入已中止", done.Stopped)
	}
	if c.Report != "" {
		if err := c.report(ctx, v, admin, out); err != nil {
			return err
		}
	}
	if tally.InReview+tally.Refused > 0 {
		return c.waits()
	}
	return nil
}

// input looks the codes up, and reads or sends the source.
func (c *importOrdersCommand) input(ctx context.Context, v *verbs.All, a delivery.Actor) (in intake.ImportOrdersInput, err error) {
	if in.CommunityID, err = v.Workbook.Community(ctx, c.Community); err != nil {
		return in, err
	}
	in.DryRun, in.Name, in.Kind = c.DryRun, filepath.Base(c.File), delivery.ImportCSV
	suppliers, err := v.DB.Suppliers(ctx, a.Scope(), in.CommunityID.Community, false, db.Range{Limit: delivery.MaxBulk})
	if err != nil {
		return in, err
	}
	for _, s := range suppliers.Items {
		if delivery.Key(s.Code) == delivery.Key(c.Supplier) {
			in.SupplierID = s.ID()
		}
	}
	if in.SupplierID.UUID == "" {
		return in, fmt.Errorf("no supplier has the code %q 没有该代码的供货商", c.Supplier)
	}
	if c.Window != "" {
		id, err := delivery.ParseID(c.Window)
		if err != nil {
			return in, err
		}
		in.WindowID = &id
	}
	if c.Building != "" {
		buildings, err := v.DB.Buildings(ctx, a.Scope(), in.CommunityID.Community, false, db.Range{Limit: delivery.MaxBulk})
		if err != nil {
			return in, err
		}
		for _, b := range buildings.Items {
			if delivery.Key(b.Code) == delivery.Key(c.Building) {
				id := b.ID()
				in.BuildingID = &id
			}
		}
		if in.BuildingID == nil {
			return in, fmt.Errorf("no building has the code %q 没有该代码的楼栋", c.Building)
		}
	}
	return in, c.source(ctx, v, a, &in)
}

// source gives the input the text of a list, or the id of a file that it keeps in the database.
func (c *importOrdersCommand) source(ctx context.Context, v *verbs.All, a delivery.Actor, in *intake.ImportOrdersInput) error {
	extension := strings.ToLower(filepath.Ext(c.File))
	if c.File == "-" || extension == ".txt" {
		in.Kind = delivery.ImportJielong
		var text []byte
		var err error
		if c.File == "-" {
			text, err = io.ReadAll(io.LimitReader(os.Stdin, delivery.MaxSheetBytes))
		} else {
			text, err = os.ReadFile(c.File)
		}
		text = bytes.TrimPrefix(text, []byte("\ufeff"))
		if err == nil && !utf8.Valid(text) {
			err = errors.New("the list is not UTF-8; save it as UTF-8 and try again 名单不是 UTF-8 编码，请另存为 UTF-8 后再试")
		}
		in.Text = new(string(text))
		return err
	}
	kind := "text/csv"
	if extension == ".xlsx" {
		in.Kind, kind = delivery.ImportXLSX, "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
	}
	f, err := os.Open(c.File)
	if err != nil {
		return fmt.Errorf("open the file: %w", err)
	}
	defer f.Close()
	sent, err := v.File.Receive(ctx, a, in.CommunityID.Community, kind, f)
	if err != nil {
		return err
	}
	id := sent.ID()
	in.FileID = &id
	return nil
}

// report writes the rows that wait or were refused.
func (c *importOrdersCommand) report(ctx context.Context, v *verbs.All, a delivery.Actor, out *intake.ImportOrdersPayload) (err error) {
	f, err := os.OpenFile(c.Report, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
	if err != nil {
		return fmt.Errorf("write the report: %w", asNewFile(err))
	}
	defer func() { err = errors.Join(err, f.Close()) }()
	w := sheet.NewCSV(f)
	if strings.EqualFold(filepath.Ext(c.Report), ".xlsx") {
		if w, err = sheet.NewXLSX(f, "待处理"); err != nil {
			return err
		}
	}
	if out.Report != nil {
		err = out.Report.WriteReport(delivery.Chinese, w)
	} else {
		var waiting *intake.WaitingSheet
		if waiting, err = v.Intake.WaitingSheet(ctx, a, *out.ImportID, delivery.Chinese); err == nil {
			err = waiting.Write(ctx, w)
		}
	}
	return errors.Join(err, w.Close())
}

// tallyTable shows how many rows had each outcome.
func tallyTable(t delivery.ImportTally, passed int) string {
	w := table.NewWriter()
	w.AppendHeader(table.Row{"", "行 rows"})
	for _, line := range []struct {
		name string
		n    int
	}{{"已下单 placed", t.Placed}, {"已更改 changed", t.Changed}, {"未变 unchanged", t.Unchanged}, {"待处理 in review", t.InReview}, {"不可用 refused", t.Refused}, {"非订单行 not orders", passed}} {
		w.AppendRow(table.Row{line.name, line.n})
	}
	return w.Render() + "\n"
}
