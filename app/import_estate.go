package app

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"strings"
	"time"

	"github.com/jedib0t/go-pretty/v6/table"

	"baogong/delivery"
	"baogong/dispatch"
	"baogong/dispatch/estate"
	"baogong/dispatch/verbs"
	"baogong/dispatch/workbook"
	"baogong/reading/estatefile"
)

// Run imports an estate from its workbook. It says first what it would save, and saves that after a yes.
func (c *importEstateCommand) Run(ctx context.Context, p *program) (err error) {
	if c.Template != "" {
		return writeTemplate(p.out, c.Template)
	}
	w, err := readEstate(c.File)
	if err != nil {
		return err
	}
	if !c.CreateCommunity {
		if err := c.there(); err != nil {
			return err
		}
	}
	st, err := p.open(ctx, c.databaseSettings, toMaintain)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, st.close()) }()
	v := verbs.New(&dispatch.Engine{DB: st.DB, Now: time.Now, Machine: time.Now})
	admin := delivery.Actor{Name: "admin", Role: delivery.RoleAdmin}
	community, err := v.Workbook.Community(ctx, c.Community)
	missing := delivery.CodeOf(err) == delivery.CodeNotFound
	var report *workbook.EstateReport
	switch {
	case missing && c.CreateCommunity:
		report = workbook.Preview(w)
	case missing:
		return fmt.Errorf("no community has the code %q; add it with --create-community 没有该代码的小区，可用 --create-community 新建", c.Community)
	case err != nil:
		return err
	default:
		if report, err = v.Workbook.Import(ctx, admin, community, w, workbook.Options{}); err != nil {
			return err
		}
	}
	fmt.Fprint(p.out, summary(report))
	switch {
	case report.ErrorCount > 0 && !c.SkipErrors:
		return fmt.Errorf("nothing was saved, because of wrong cells (%d); correct them, or save the other rows with --skip-errors 有 %[1]d 处错误，未保存；请更正，或用 --skip-errors 只保存其余各行", report.ErrorCount)
	case report.Differs() == 0 && !missing:
		fmt.Fprintln(p.out, "There is nothing to save. 没有需要保存的内容。")
		return nil
	case c.DryRun || !c.Yes && !p.agreed(os.Stdin, isTerminal(os.Stdin)):
		fmt.Fprintln(p.out, "Nothing was saved. Save it with --yes. 未保存；加上 --yes 即可保存。")
		return nil
	}
	if missing {
		if community, err = c.create(ctx, v, admin); err != nil {
			return err
		}
	}
	bar := newProgressBar(p.out, p.terminal, "保存 saving")
	shown := report.ErrorCount
	report, err = v.Workbook.Import(ctx, admin, community, w, workbook.Options{Write: true, SkipErrors: c.SkipErrors, Progress: bar.set})
	bar.end(err)
	if err != nil {
		return fmt.Errorf("%w; what was saved until then stays, and the same command goes on 已保存的部分有效，重新运行即可继续", err)
	}
	fmt.Fprintf(p.out, "Saved %d rows in %s. 已保存 %[1]d 行。\n", report.Differs(), c.Community)
	if report.ErrorCount > shown {
		fmt.Fprint(p.out, errorLines(report.Errors, report.ErrorCount))
	}
	return nil
}

// writeTemplate writes the template to a new file.
func writeTemplate(out io.Writer, path string) (err error) {
	f, err := os.OpenFile(path, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o644)
	if err != nil {
		return fmt.Errorf("write the template: %w", asNewFile(err))
	}
	if err := errors.Join(estatefile.Template(f), f.Close()); err != nil {
		return fmt.Errorf("write the template: %w", err)
	}
	fmt.Fprintf(out, "Fill in %s, then: %s import estate %[1]s --community CODE 填写 %[1]s 后运行上述命令。\n", quoted(path), self())
	return nil
}

// asNewFile tells a person to name another file if one of this name exists.
func asNewFile(err error) error {
	if errors.Is(err, fs.ErrExist) {
		return fmt.Errorf("%w; name another file 文件已存在，请换一个文件名", err)
	}
	return err
}

// readEstate reads the workbook at a path.
func readEstate(path string) (*estatefile.Workbook, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, fmt.Errorf("open the workbook: %w", err)
	}
	defer f.Close()
	info, err := f.Stat()
	if err != nil {
		return nil, fmt.Errorf("open the workbook: %w", err)
	}
	opened, err := estatefile.Open(path, f, info.Size())
	if err != nil {
		return nil, bilingual(err)
	}
	defer opened.Close()
	w, err := estatefile.ReadFile(opened)
	return w, bilingual(err)
}

// bilingual returns a refusal with its sentences in both languages, and any other error as it is.
func bilingual(err error) error {
	if refusal := delivery.AsError(err); refusal != nil {
		return fmt.Errorf("%w %s", err, refusal.Message(delivery.Chinese))
	}
	return err
}

// agreed asks on a terminal whether to save. Without one it does not ask.
func (p *program) agreed(in io.Reader, terminal bool) bool {
	if !terminal {
		return false
	}
	fmt.Fprint(p.out, "Save this? Type yes. 是否保存？请输入 yes 或“是”：")
	line, _ := bufio.NewReader(in).ReadString('\n')
	answer := strings.ToLower(strings.TrimSpace(line))
	return answer == "yes" || answer == "是"
}

// create adds the community.
func (c *importEstateCommand) create(ctx context.Context, v *verbs.All, admin delivery.Actor) (delivery.ID, error) {
	p, err := v.Estate.CreateCommunities(ctx, admin, estate.CreateCommunitiesInput{Communities: []*estate.NewCommunityInput{{Code: c.Community, Name: c.named(), TimeZone: c.TimeZone}}})
	if err != nil {
		return delivery.ID{}, err
	}
	for _, item := range p.Items {
		for _, refusal := range item.UserErrors {
			return delivery.ID{}, fmt.Errorf("add the community: %w", bilingual(refusal))
		}
	}
	return *p.Items[0].ID, nil
}

// summary says what an import would save.
func summary(r *workbook.EstateReport) string {
	t := table.NewWriter()
	t.AppendHeader(table.Row{"工作表 sheet", "新增 new", "变更 changed", "不变 unchanged", "有误 wrong"})
	var missing strings.Builder
	for _, s := range r.Sheets {
		name := estatefile.SheetName(s.Kind)
		t.AppendRow(table.Row{name.Chinese + " " + name.English, s.New, s.Changed, s.Unchanged, s.Wrong})
		if s.Missing > 0 {
			fmt.Fprintf(&missing, "%s: %d in the community, but not in the file; unchanged. %s：现有 %[2]d 条不在文件中，保持不变。\n", name.English, s.Missing, name.Chinese)
		}
	}
	out := missing.String()
	if len(r.Sheets) > 0 {
		out = t.Render() + "\n" + out
	}
	if len(r.Remarks) > 0 {
		out += "Left out 已略过:\n" + cellLines(r.Remarks)
	}
	if r.ErrorCount > 0 {
		out += errorLines(r.Errors, r.ErrorCount)
	}
	return out
}

// errorLines lists what is wrong with cells.
func errorLines(errs []estatefile.CellError, count int) string {
	out := "Wrong 有误:\n" + cellLines(errs)
	if more := count - len(errs); more > 0 {
		out += fmt.Sprintf("  … and %d more 另有 %[1]d 处\n", more)
	}
	return out
}

// cellLines has a line for each cell, in both languages.
func cellLines(errs []estatefile.CellError) string {
	var b strings.Builder
	for _, e := range errs {
		place := strings.TrimSpace(e.Sheet + " " + e.Cell)
		if place != "" {
			place += ": "
		}
		fmt.Fprintf(&b, "  %s%s %s\n", place, e.Refusal.Message(delivery.Chinese), e.Refusal.Message(delivery.English))
	}
	return b.String()
}
