package bench

import (
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/jedib0t/go-pretty/v6/table"
)

// Report is what a run measured, and where.
type Report struct {
	At       time.Time     `json:"at"`
	Revision string        `json:"revision"`
	Machine  Machine       `json:"machine"`
	Rounds   int           `json:"rounds"`
	Scale    float64       `json:"scale"`
	Took     time.Duration `json:"took"`
	Figures  []Figure      `json:"figures"`
}

// String is the table for people.
func (r *Report) String() string { return r.table().Render() + "\n" + r.about() }

// Where a page keeps the table.
const (
	tableBegins = "<!-- bench begins -->\n"
	tableEnds   = "<!-- bench ends -->\n"
)

// Page is a page with this table in the place of its last one, and at its end if it had none.
func (r *Report) Page(before []byte) ([]byte, error) {
	table := tableBegins + "\n" + r.table().RenderMarkdown() + "\n\n" + r.about() + "\n" + tableEnds
	head, rest, found := strings.Cut(string(before), tableBegins)
	_, foot, ended := strings.Cut(rest, tableEnds)
	if found && !ended {
		return nil, errors.New("the page does not say where its table ends")
	}
	if !found && head != "" {
		head += "\n"
	}
	return []byte(head + table + foot), nil
}

// JSON is the report for programs; what was in the file before does not matter.
func (r *Report) JSON([]byte) ([]byte, error) {
	text, err := json.MarshalIndent(r, "", "  ")
	return append(text, '\n'), err
}

func (r *Report) table() table.Writer {
	t := table.NewWriter()
	t.AppendHeader(table.Row{"指标 figure", "测得 got", "标尺 yardstick", "测得 got", "比 ratio", "要求 to reach", ""})
	for _, f := range r.Figures {
		row := table.Row{f.What, f.in(f.Value), "–", "", "", f.Goal.in(f.Unit), ""}
		if f.Yardstick != nil {
			row[2] = f.Yardstick.What
			if f.Yardstick.Value != 0 {
				row[3], row[4] = f.in(f.Yardstick.Value), number(f.Ratio)+"×"
			}
		}
		switch {
		case f.Reached == nil:
		case *f.Reached:
			row[6] = "✓"
		default:
			row[6] = "✗"
		}
		if f.Note != "" {
			row[0] = f.What + " (" + f.Note + ")"
		}
		t.AppendRow(row)
	}
	return t
}

func (f Figure) in(v float64) string { return strings.TrimSpace(number(v) + " " + f.Unit) }

// about says where and when the figures were measured.
func (r *Report) about() string {
	m := r.Machine
	s := fmt.Sprintf("%s, %s, %d cores, %s MiB, %s, %s, PostgreSQL %s", r.At.Format("2006-01-02 15:04 UTC"), m.CPU, m.Cores, grouped(int64(m.MemoryMiB)), m.System, m.Go, m.PostgreSQL)
	if r.Revision != "" {
		s += ", revision " + r.Revision
	}
	if r.Scale != 1 {
		s += fmt.Sprintf(", AT %s OF THE SCALE: not comparable", number(r.Scale))
	}
	return s + fmt.Sprintf(", medians of %d, in %s.\n", r.Rounds, r.Took)
}
